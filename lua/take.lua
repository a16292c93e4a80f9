-- Moves units between the accounts of one event: all postings of the operation, or none.
--
-- KEYS 1 event:{ID}:stock    hash: account -> units, epoch, seq, server (its run and replication history, and how accounts
--                            are named: by channel)
--      2 event:{ID}:op:OP    result of this operation, returned again for duplicates
--      3 event:{ID}:pending  sorted set: operations not yet acknowledged by the ledger, by time (ms)
-- ARGV 1 operation id   2 TTL of the result, ms
--      then per posting: quantity, to, overflow account or '', repay account or '', number of sources, the sources in order
--
-- Returns {1, 'epoch seq from to quantity [from to quantity ...]'} applied, now or by an earlier call of this operation
--         {0, ''}   insufficient units: nothing changed
--         {-1, ''}  not loaded, or loaded into another server: data that was copied, replicated or restored from a file
--                   may be older than results that were already returned
local stock, operation, pending = KEYS[1], KEYS[2], KEYS[3]
local loaded = redis.call('HMGET', stock, 'epoch', 'server')
local epoch = loaded[1]
if not epoch then return { -1, '' } end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
if loaded[2] ~= run .. ':' .. history .. ':channels' then return { -1, '' } end

local earlier = redis.call('GET', operation)
if earlier and string.match(earlier, '^%S+') == epoch then return { 1, earlier } end

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
    local repaid = 0
    if repay ~= '' then
      repaid = math.min(part, -units(repay))
      move(source, repay, repaid)
    end
    move(source, to, part - repaid)
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
local result = epoch .. ' ' .. seq .. ' ' .. table.concat(moved, ' ')
local time = redis.call('TIME')
redis.call('SET', operation, result, 'PX', ARGV[2])
redis.call('ZADD', pending, time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
return { 1, result }
