-- Loads an event's balances from the ledger, unless the same or a newer epoch is already loaded. They are valid for this
-- run of this server only (see take.lua).
--
-- KEYS 1 event:{ID}:stock   2 event:{ID}:pending
-- ARGV 1 epoch, then account, units, account, units ...
--
-- Returns 1 installed, 0 not newer
local loaded = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '-1')
if loaded >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', '0', 'server', run .. ':' .. history .. ':channels', unpack(ARGV, 2))
return 1
