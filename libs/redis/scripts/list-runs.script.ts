import { script } from './script.js';

/**
 * Reads on in the lists of one group, the smallest, and returns the runs that stand in a list of each other group too.
 * For each list: the last place it has looked at, whether nothing follows, and the runs with their places.
 */
export const LIST_RUNS = script(`
local function sizeOf(group)
  local size = 0
  for _, list in ipairs(group) do size = size + redis.call('ZCARD', store .. list) end
  return size
end

local smallest, others = nil, {}
for _, group in ipairs(told.groups) do
  group.size = sizeOf(group)
  if not smallest or group.size < smallest.size then group, smallest = smallest, group end
  others[#others + 1] = group
end

local function standsIn(group, place)
  for _, list in ipairs(group) do
    if redis.call('ZSCORE', store .. list, place) then return true end
  end
  return false
end

local function fits(place)
  for _, group in ipairs(others) do
    if not standsIn(group, place) then return false end
  end
  return true
end

local function readOn(list)
  local places = redis.call('ZRANGE', store .. list, told.upper, told.lower, 'BYLEX', 'REV', 'LIMIT', 0, told.most)
  local found = {}
  for index, place in ipairs(places) do
    if fits(place) then found[#found + 1] = { place, wholeRun(runOfPlace(place)) } end
    if #found == told.wanted then return { place, 0, found } end
  end
  return { places[#places] or '', #places < told.most and 1 or 0, found }
end

local answer = {}
for _, list in ipairs(smallest) do answer[#answer + 1] = readOn(list) end
return answer
`);
