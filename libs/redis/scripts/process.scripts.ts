import { script } from './script.js';

/** Returns the places in the list of those that are refused, counted from 1. */
export const HEARTBEAT = script(`
local function isTaken(beat, row)
  local status = readRun(beat.run, 'status')
  -- A beat that comes after the end would stay for ever.
  if not status or ENDED[status] then return false end
  local known = redis.call('HGET', key('beats', beat.run), beat.id)
  if not known then return true end
  -- The attempt was begun by this very beat, whose answer was lost.
  if told.isRepeated and known == row then return true end
  local attempt, worker = string.match(known, '^(%d+)\\n[^\\n]*\\n(.*)$')
  if beat.begins or beat.attempt ~= attempt then return tonumber(beat.attempt) > tonumber(attempt) end
  return beat.worker == worker
end

local refused = {}
for index, beat in ipairs(told.beats) do
  local row = beat.attempt .. '\\n' .. beat['until'] .. '\\n' .. beat.worker
  if isTaken(beat, row) then
    redis.call('HSET', key('beats', beat.run), beat.id, row)
  else
    refused[#refused + 1] = index
  end
end
return refused
`);

/** Returns the server's time: seconds, and microseconds of the next one. Text: what is said of the process. */
export const ANNOUNCE = script(`
redis.call('HSET', store .. 'processes', told.owner, told['until'] .. '\\n' .. ARGV[2])
return redis.call('TIME')
`);

/** Returns what is said of the processes that live, and forgets the others. */
export const LIST_PROCESSES = script(`
local said, alive = redis.call('HGETALL', store .. 'processes'), {}
for index = 1, #said, 2 do
  local leaseEnd, record = string.match(said[index + 1], '^(%-?%d+)\\n(.*)$')
  if tonumber(leaseEnd) > tonumber(told.now) then
    alive[#alive + 1] = record
  else
    redis.call('HDEL', store .. 'processes', said[index])
  end
end
return alive
`);
