import { script } from './script.js';

/** Returns how it ended, and the owner or the status. Text: the content of the message. */
export const APPEND = script(`
local status, owner = readRun(told.run, 'status', 'owner')
if not status then return { 'unknown' } end
if ENDED[status] then return { 'ended', status } end
if redis.call('SISMEMBER', key('keys', told.run), told.key) == 1 then return { 'duplicate', owner } end
receive(told.run, told.key, told.receivedAt, told.type, told.ref, ARGV[2])
return { 'appended', owner }
`);

/** Returns how it ended, run, hook and owner. Text: the content of the message. */
export const DELIVER_HOOK = script(`
local REFUSALS = { received = 'used', expired = 'expired', closed = 'closed' }
local run, id = holderOf(told.token)
local hook = run and readHook(run, id)
if not hook then return { 'unknown' } end
if told.unlessDefined and cjson.decode(hook.details).defined then return { 'defined', run, id } end

local messageKey = hook.isMultiple and 'hook:' .. id .. ':' .. told.delivery or 'hook:' .. id
local isRepeated = hook.delivery == '=' .. told.delivery
if hook.isMultiple then isRepeated = redis.call('SISMEMBER', key('keys', run), messageKey) == 1 end
local owner = readRun(run, 'owner')
if isRepeated then return { 'duplicate', run, id, owner } end
if hook.status ~= 'open' then return { REFUSALS[hook.status], run, id } end

if not hook.isMultiple then
  hook.status, hook.delivery = 'received', '=' .. told.delivery
  writeHook(run, id, hook)
end
receive(run, messageKey, told.receivedAt, 'hook.received', '=' .. id, ARGV[2])
return { 'delivered', run, id, owner }
`);
