import { script } from './script.js';

/** Returns the run and its inbox, or nothing if it cannot be taken. */
export const CLAIM = script(`
local run = told.run
local status, owner, at, fence, created = readRun(run, 'status', 'owner', 'at', 'fence', 'created')
if not status or ENDED[status] then return false end
local isOthers = owner and owner ~= told.owner
if isOthers and tonumber(at) > tonumber(told.now) then return false end

redis.call('HINCRBY', key('run', run), 'fence', 1)
if isOthers and status == 'running' then redis.call('HINCRBY', key('run', run), 'recovery', 1) end
setStatus(run, created, status, FOR_A_PERSON[status] and status or 'running')
setLease(run, told.owner, told.leaseEnd)
return { wholeRun(run), redis.call('HGETALL', key('inbox', run)) }
`);

/** Returns the places in the list of those that are held still, counted from 1. */
export const RELEASE = script(`
local held = {}
for index, lease in ipairs(told.leases) do
  if isHeldBy(lease.run, lease.owner, lease.fence) then
    if hasWaking(lease.run, (readRun(lease.run, 'status'))) then
      held[#held + 1] = index
    else
      setLease(lease.run, nil, lease.wakeAt)
    end
  end
end
return held
`);

/** Returns the places in the list of those that are held no longer, counted from 1. */
export const RENEW = script(`
local lost = {}
for index, lease in ipairs(told.leases) do
  if isHeldBy(lease.run, lease.owner, lease.fence) then
    setLease(lease.run, lease.owner, told.leaseEnd)
  else
    lost[#lost + 1] = index
  end
end
return lost
`);

export const EXPIRE_LEASES = script(`
for _, run in ipairs(redis.call('ZRANGE', store .. 'leases', 0, -1)) do
  setLease(run, (readRun(run, 'owner')), told.now)
end
`);

/** Returns alarms and then leases, runs with their times, and last the leases' runs that are running. */
export const FIND_DUE = script(`
local function upTo(index, time)
  return redis.call('ZRANGE', store .. index, '-inf', time, 'BYSCORE', 'LIMIT', 0, told.limit, 'WITHSCORES')
end
local leases, suspects = upTo('leases', told.now), {}
for index = 1, #leases, 2 do
  if readRun(leases[index], 'status') == 'running' then suspects[#suspects + 1] = leases[index] end
end
return { upTo('alarms', told.ahead), leases, suspects }
`);
