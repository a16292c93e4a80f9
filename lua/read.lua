-- Reads an event's gate.
--
-- KEYS 1 event:{ID}:stock
--
-- Returns {1 usable or 0 loaded into another server (see take.lua), field, value, field, value ...}; {0} not loaded
local server = redis.call('HGET', KEYS[1], 'server')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
local reply = redis.call('HGETALL', KEYS[1])
table.insert(reply, 1, server == run .. ':' .. history .. ':channels' and 1 or 0)
return reply
