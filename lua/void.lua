-- Gives back what an operation took that the ledger does not have.
--
-- KEYS 1 event:{ID}:stock   2 event:{ID}:op:OP   3 event:{ID}:pending
-- ARGV 1 operation id   2 epoch   3 seq of the take that is to be undone
--
-- Answers 1 given back, 0 nothing to give back (another epoch, another take, or done before)
local answered = redis.call('GET', KEYS[2])
local epoch, seq, movements = string.match(answered or '', '^(%S+) (%S+)%s?(.*)$')
if epoch ~= ARGV[2] or seq ~= ARGV[3] or epoch ~= redis.call('HGET', KEYS[1], 'epoch') then return 0 end
for from, to, quantity in string.gmatch(movements, '(%S+) (%S+) (%S+)') do
  redis.call('HINCRBY', KEYS[1], from, quantity)
  redis.call('HINCRBY', KEYS[1], to, -quantity)
end
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
