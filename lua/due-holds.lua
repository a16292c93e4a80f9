-- Leases expired holds of one event. A hold is returned again after the lease ends, unless it is removed: the process
-- that leased it may have crashed.
--
-- KEYS 1 event:{ID}:holds  sorted set: hold id, by expiry (ms)
-- ARGV 1 lease, ms   2 limit
--
-- Returns the ids, longest overdue first
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), id) end
return due
