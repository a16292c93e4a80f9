-- Schedules the expiry of holds of one event, by the clock of Redis.
--
-- KEYS 1 event:{ID}:holds  sorted set: hold id, by expiry (ms)
-- ARGV 1 TTL of the set, ms   then per hold: id, time left, ms
--
-- Returns the number of holds
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV, 2 do redis.call('ZADD', KEYS[1], now + tonumber(ARGV[i + 1]), ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return (#ARGV - 1) / 2
