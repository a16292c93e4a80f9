-- Moves units between the accounts of one event: all postings of the operation, or nothing.
--
-- KEYS 1 event:{ID}:stock    hash: account -> units, epoch, seq, server
--      2 event:{ID}:op:OP    what this operation was answered, for repeats
--      3 event:{ID}:pending  sorted set: operations not yet acknowledged by the ledger, by time (ms)
-- ARGV 1 operation id   2 how long a repeat gets the same answer, ms
--      then per posting: quantity, to, overflow account or '', repay account or '', number of sources, the sources in order
--
-- Answers {1, 'epoch seq from to quantity [from to quantity ...]'} taken, now or by an earlier call of this operation
--         {0, ''}   too little: nothing changed
--         {-1, ''}  not loaded, or loaded into another server than this: what was copied, replicated or read back from
--                   a file may be older than what was answered
local stock, operation, pending = KEYS[1], KEYS[2], KEYS[3]
local loaded = redis.call('HMGET', stock, 'epoch', 'server')
local epoch = loaded[1]
if not epoch then return { -1, '' } end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if loaded[2] ~= run .. ':' .. history then return { -1, '' } end

local answered = redis.call('GET', operation)
if answered and string.match(answered, '^%S+') == epoch then return { 1, answered } end

local balance, moved = {}, {}
local function units(account)
  if not balance[account] then balance[account] = tonumber(redis.call('HGET', stock, account) or '0') end
  return balance[account]
end
local function move(from, to, quantity)
  if quantity <= 0 then return end
  balance[from] = units(from) - quantity
  balance[to] = units(to) + quantity
  moved[#moved + 1] = from .. ' ' .. to .. ' ' .. string.format('%d', quantity)
end

local at = 3
while at <= #ARGV do
  local missing, to, overflow, repay = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local sources = tonumber(ARGV[at + 4])
  for i = at + 5, at + 4 + sources do
    local source = ARGV[i]
    local part = math.min(missing, math.max(0, units(source)))
    local owed = 0
    if repay ~= '' then
      owed = math.min(part, -units(repay))
      move(source, repay, owed)
    end
    move(source, to, part - owed)
    missing = missing - part
  end
  if missing > 0 then
    if overflow == '' then return { 0, '' } end
    move(overflow, to, missing)
  end
  at = at + 5 + sources
end

local seq = redis.call('HINCRBY', stock, 'seq', 1)
for account, amount in pairs(balance) do redis.call('HSET', stock, account, string.format('%d', amount)) end
local answer = epoch .. ' ' .. seq .. ' ' .. table.concat(moved, ' ')
local time = redis.call('TIME')
redis.call('SET', operation, answer, 'PX', ARGV[2])
redis.call('ZADD', pending, time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
return { 1, answer }
