-- Reverses the movements of an operation that the ledger has not recorded.
--
-- KEYS 1 event:{ID}:stock   2 event:{ID}:op:OP   3 event:{ID}:pending
-- ARGV 1 operation id   2 epoch   3 seq of the operation
--
-- Returns 1 reversed, 0 nothing to reverse (another epoch, another seq, or already reversed)
local result = redis.call('GET', KEYS[2])
local epoch, seq, movements = string.match(result or '', '^(%S+) (%S+)%s?(.*)$')
if epoch ~= ARGV[2] or seq ~= ARGV[3] or epoch ~= redis.call('HGET', KEYS[1], 'epoch') then return 0 end
for from, to, quantity in string.gmatch(movements, '(%S+) (%S+) (%S+)') do
  redis.call('HINCRBY', KEYS[1], from, quantity)
  redis.call('HINCRBY', KEYS[1], to, -quantity)
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
