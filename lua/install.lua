-- Loads an event's balances as the ledger has them, unless the same or a newer epoch is already here. They are good for
-- this run of this server only (see take.lua).
--
-- KEYS 1 event:{ID}:stock   2 event:{ID}:pending
-- ARGV 1 epoch, then account, units, account, units ...
--
-- Answers 1 installed, 0 not newer
local present = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '-1')
if present >= tonumber(ARGV[1]) then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', '0', 'server', run .. ':' .. history, unpack(ARGV, 2))
return 1
