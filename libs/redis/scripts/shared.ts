import { TIME_LENGTH } from '../position.js';

/** The fields of a run's hash, in the order in which scripts return them. */
export const RUN_FIELDS = ['head', 'body', 'status', 'sequence', 'fence', 'recovery', 'owner', 'at'] as const;

/**
 * What the scripts have in common.
 *
 * A run is the hash `run:<id>`: `head` and `body` are JSON that no script reads, `at` is the end of the lease if there
 * is an `owner`, and otherwise when somebody must look at the run. Rows of lines, such as messages, end with JSON.
 */
export const SHARED = `
local store = KEYS[1]
local told = cjson.decode(ARGV[1])

local ENDED = { completed = true, failed = true, cancelled = true, continued_as_new = true }
local FOR_A_PERSON = { blocked = true, paused = true }
local FROM_A_PERSON = { ['workflow.resumed'] = true, ['workflow.cancel_requested'] = true }

local function key(kind, run)
  return store .. kind .. ':' .. run
end

local function readRun(run, ...)
  return unpack(redis.call('HMGET', key('run', run), ...))
end

local function wholeRun(run)
  return redis.call('HMGET', key('run', run), '${RUN_FIELDS.join("', '")}')
end

local function runOfPlace(place)
  return string.sub(place, ${TIME_LENGTH + 1})
end

-- Lua passes a few thousand values to a command at most.
local function inParts(command, target, values, first)
  for from = first, #values, 1000 do
    redis.call(command, target, unpack(values, from, math.min(from + 999, #values)))
  end
end

-- The leases are one index and the alarms of runs that nobody holds another: only the latter are told ahead.
local function setLease(run, owner, at)
  local row = key('run', run)
  if at then redis.call('HSET', row, 'at', at) else redis.call('HDEL', row, 'at') end
  if owner then
    redis.call('HSET', row, 'owner', owner)
    redis.call('ZADD', store .. 'leases', at, run)
    redis.call('ZREM', store .. 'alarms', run)
  else
    redis.call('HDEL', row, 'owner')
    redis.call('ZREM', store .. 'leases', run)
    if at then redis.call('ZADD', store .. 'alarms', at, run) else redis.call('ZREM', store .. 'alarms', run) end
  end
end

local function setStatus(run, created, before, after)
  if before == after then return end
  redis.call('HSET', key('run', run), 'status', after)
  if before then redis.call('ZREM', key('status', before), created .. run) end
  redis.call('ZADD', key('status', after), 0, created .. run)
end

local function isHeldBy(run, owner, fence)
  local holder, current = readRun(run, 'owner', 'fence')
  return holder == owner and current == fence
end

-- A run that waits for a person is woken by a person only.
local function wakes(messageType, status)
  return not FOR_A_PERSON[status] or FROM_A_PERSON[messageType] == true
end

local function readMessage(row)
  return string.match(row, '^%d+\\n%-?%d+\\n([^\\n]*)\\n([^\\n]*)\\n')
end

local function hasWaking(run, status)
  if not FOR_A_PERSON[status] then return redis.call('EXISTS', key('inbox', run)) == 1 end
  for _, row in ipairs(redis.call('HVALS', key('inbox', run))) do
    if wakes(readMessage(row), status) then return true end
  end
  return false
end

-- Messages are numbered by the keys that their run has ever had.
local function receive(run, messageKey, receivedAt, messageType, ref, content)
  local status, owner = readRun(run, 'status', 'owner')
  local number = redis.call('SCARD', key('keys', run))
  redis.call('SADD', key('keys', run), messageKey)
  redis.call('HSET', key('inbox', run), messageKey, table.concat({ number, receivedAt, messageType, ref, content }, '\\n'))
  if not owner and wakes(messageType, status) then
    redis.call('ZADD', store .. 'alarms', 'LT', receivedAt, run)
  end
end

local function readHook(run, id)
  local row = redis.call('HGET', key('hooks', run), id)
  if not row then return nil end
  local number, status, multiple, delivery, details = string.match(row, '^(%d+)\\n(%a+)\\n(%d)\\n([^\\n]*)\\n(.*)$')
  return { number = number, status = status, isMultiple = multiple == '1', delivery = delivery, details = details }
end

local function writeHook(run, id, hook)
  local multiple = hook.isMultiple and '1' or '0'
  local row = table.concat({ hook.number, hook.status, multiple, hook.delivery, hook.details }, '\\n')
  redis.call('HSET', key('hooks', run), id, row)
end

-- Whose the latest hook with a token is: run and id.
local function holderOf(token)
  local holder = redis.call('HGET', store .. 'tokens', token)
  if not holder then return nil end
  return string.match(holder, '^([^\\n]*)\\n(.*)$')
end
`;
