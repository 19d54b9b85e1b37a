import { script } from './script.js';

/** Returns `committed` and whether the lease was given up, or why the commit is refused. Texts: body, head, events. */
export const COMMIT = script(`
local FIRST_EVENT = 4
local run, events = told.run, key('events', told.run)
local status, fence, owner, sequence, created = readRun(run, 'status', 'fence', 'owner', 'sequence', 'created')

local function isCurrent()
  return status and not ENDED[status] and fence == told.fence and owner == told.owner and sequence == told.base
end

local givenUp, consumed = {}, {}
for _, id in ipairs(told.expires) do givenUp[id] = true end
for _, id in ipairs(told.closes) do givenUp[id] = true end
for _, messageKey in ipairs(told.consumes) do consumed[messageKey] = true end

local function isFree(token)
  local holder, id = holderOf(token)
  if not holder or (holder == run and givenUp[id]) then return true end
  local hook = readHook(holder, id)
  return not hook or hook.status ~= 'open'
end

-- A hook of many payloads stays open when it accepts one, and must not expire before that is read.
local function hasUnread(id)
  local inbox = redis.call('HGETALL', key('inbox', run))
  for index = 1, #inbox, 2 do
    local messageType, ref = readMessage(inbox[index + 1])
    if messageType == 'hook.received' and ref == '=' .. id and not consumed[inbox[index]] then return true end
  end
  return false
end

local function refusalOfHooks()
  local tokens = {}
  for _, hook in ipairs(told.opens) do
    if hook.status == 'open' then
      if tokens[hook.token] or not isFree(hook.token) then return { 'token_taken', hook.id } end
      tokens[hook.token] = true
    end
  end
  for _, id in ipairs(told.expires) do
    local hook = readHook(run, id)
    if not hook or hook.status ~= 'open' or hasUnread(id) then return { 'hook_settled', id } end
  end
end

local function refusal()
  if not told.create then
    if not isCurrent() then return { 'fenced' } end
  else
    local start = told.create.start
    local taken = status and run or (start and redis.call('HGET', store .. 'starts', start))
    if taken then return { 'duplicate', taken, (readRun(taken, 'head')) } end
  end
  return refusalOfHooks()
end

-- Events are the proof of a commit whose answer was lost. Without events, the lease that it gave up is.
local function isWritten()
  if #ARGV < FIRST_EVENT then
    return told.releases and fence == told.fence and not owner and sequence == told.base
  end
  local written = redis.call('LRANGE', events, told.base, told.base + #ARGV - FIRST_EVENT)
  for index = FIRST_EVENT, #ARGV do
    if written[index - FIRST_EVENT + 1] ~= ARGV[index] then return false end
  end
  return true
end

local refused = refusal()
if refused then
  if not told.isRepeated or not isWritten() then return refused end
  return { 'committed', (fence ~= told.fence or owner ~= told.owner) and 1 or 0 }
end

local row = key('run', run)
redis.call('HSET', row, 'body', ARGV[2], 'sequence', told.head, 'recovery', told.recovery)
if told.create then
  created = told.create.created
  redis.call('HSET', row, 'head', ARGV[3], 'created', created, 'fence', '1')
  redis.call('ZADD', store .. 'runs', 0, created .. run)
  redis.call('ZADD', key('workflow', told.create.workflow), 0, created .. run)
  for _, tag in ipairs(told.create.tags) do redis.call('ZADD', key('tag', tag), 0, created .. run) end
  if told.create.start then redis.call('HSET', store .. 'starts', told.create.start, run) end
end
setStatus(run, created, status, told.status)
for _, compacted in ipairs(told.compacts) do
  local sequence = compacted.from
  while sequence < compacted.through do
    -- What was compacted before is passed over: its places lead to the last of them, and that leads on.
    local earlier = tonumber(redis.call('LINDEX', events, sequence - 1))
    redis.call('LSET', events, sequence - 1, compacted.through)
    sequence = earlier or sequence + 1
  end
  redis.call('LSET', events, compacted.through - 1, compacted.row)
end
inParts('RPUSH', events, ARGV, FIRST_EVENT)
inParts('HDEL', key('inbox', run), told.consumes, 1)
inParts('SREM', key('keys', run), told.forgets, 1)

local function settle(id, after)
  local hook = readHook(run, id)
  if not hook or hook.status ~= 'open' then return end
  hook.status = after
  writeHook(run, id, hook)
end

for _, id in ipairs(told.expires) do settle(id, 'expired') end
for _, id in ipairs(told.closes) do settle(id, 'closed') end
local number = redis.call('HLEN', key('hooks', run))
for index, hook in ipairs(told.opens) do
  if isFree(hook.token) then redis.call('HSET', store .. 'tokens', hook.token, run .. '\\n' .. hook.id) end
  hook.number, hook.delivery = number + index, ''
  writeHook(run, hook.id, hook)
end

local isReleased = true
if ENDED[told.status] then
  for _, id in ipairs(redis.call('HKEYS', key('hooks', run))) do settle(id, 'closed') end
  redis.call('DEL', key('inbox', run), key('keys', run), key('beats', run))
  setLease(run, nil, nil)
elseif told.releases and not hasWaking(run, told.status) then
  setLease(run, nil, told.wakeAt)
else
  isReleased = false
  setLease(run, told.owner, told.leaseEnd)
end
return { 'committed', isReleased and 1 or 0 }
`);
