-- Operations that the ledger has not confirmed for some time, oldest first, by the clock of this server.
--
-- KEYS 1 event:{ID}:pending
-- ARGV 1 minimum age, ms   2 limit
--
-- Returns {operation id, operation id ...}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.ceil(tonumber(time[2]) / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], 0, now - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
