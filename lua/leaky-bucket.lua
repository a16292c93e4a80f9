-- One leaky bucket for one credential of a platform: charged units leak out at a steady rate. Time is this server's.
-- A bucket that is not there starts full of assumed debt: what was spent before this server lost it is not known.
--
-- KEYS 1 {limit:BUCKET}       hash: level, at, assumed (the part of the level that is only feared), grown (last grant
--                             to the lane with a floor), emptied (last time the level was 0), blocked (until), seq
--      2 {limit:BUCKET}:open  sorted set: reservations that may still be given back, by time
-- ARGV 1 verb   2 burst, units   3 rate, units per ms   4 longest block, ms   then by verb
--
-- acquire 5 weight  6 ceiling: the level this lane may fill up to  7 start: charged level above which it holds back, or -1
--         8 floor: ms after its last grant from which it may fill up to the burst, or -1
--         answers {1, reservation} or {0, ms to wait}; a refusal charges nothing
-- peek    as acquire        answers {1, ms to wait}; changes nothing
-- refund  5 reservation     answers {1, ''}, or {0, ''} when unknown, older than a minute or given back before
-- block   5 ms from now     answers {1, ''}; never shortens a block
-- observe 5 level           answers {1, ''}; raises the level to this; replaces assumed debt
-- charge  5 weight          answers {1, ''}; adds what was spent elsewhere, beyond the burst if need be
local bucket, open = KEYS[1], KEYS[2]
local verb, burst, rate, longest_block = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local REFUNDABLE_MS, KEEP_MS = 60000, 2592000000

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local stored = redis.call('HMGET', bucket, 'level', 'at', 'assumed', 'grown', 'emptied', 'blocked')
local level, at = tonumber(stored[1] or burst), tonumber(stored[2] or now)
local assumed, grown = tonumber(stored[3] or burst), tonumber(stored[4] or now)
local emptied, blocked = tonumber(stored[5] or 0), tonumber(stored[6] or 0)

-- A clock set back leaks nothing, and may not prolong what was measured by the clock before.
local leaked = math.max(0, now - at) * rate
if leaked >= level then emptied = now end
level, assumed = math.max(0, level - leaked), math.max(0, assumed - leaked)
grown, blocked = math.min(grown, now), math.min(blocked, now + longest_block)

local function save()
  redis.call('HSET', bucket, 'level', level, 'at', now, 'assumed', assumed, 'grown', grown, 'emptied', emptied, 'blocked', blocked)
  redis.call('PEXPIRE', bucket, KEEP_MS)
end

local function wait_for(weight, ceiling, start, floor)
  local wait = math.max(0, (level + weight - ceiling) / rate)
  if start >= 0 then wait = math.max(wait, (level - assumed - start) / rate) end
  if floor >= 0 then wait = math.min(wait, math.max(grown + floor - now, (level + weight - burst) / rate)) end
  return math.max(wait, blocked - now)
end

if verb == 'peek' then
  local wait = wait_for(tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]))
  return { 1, math.max(0, math.ceil(wait)) }
end

if verb == 'acquire' then
  local weight, floor = tonumber(ARGV[5]), tonumber(ARGV[8])
  local wait = wait_for(weight, tonumber(ARGV[6]), tonumber(ARGV[7]), floor)
  if wait > 0 then
    save()
    return { 0, math.max(1, math.ceil(wait)) }
  end
  level = level + weight
  if floor >= 0 then grown = now end
  save()
  local reservation = string.format('%.0f-%.0f-%s', now, redis.call('HINCRBY', bucket, 'seq', 1), ARGV[5])
  redis.call('ZREMRANGEBYSCORE', open, '-inf', now - REFUNDABLE_MS)
  redis.call('ZADD', open, now, reservation)
  redis.call('PEXPIRE', open, REFUNDABLE_MS)
  return { 1, reservation }
end

if verb == 'refund' then
  local score = redis.call('ZSCORE', open, ARGV[5])
  if not score then return { 0, '' } end
  local reserved = tonumber(score)
  redis.call('ZREM', open, ARGV[5])
  -- Once the bucket ran empty the charge has leaked out: giving it back would take from later ones.
  if now - reserved <= REFUNDABLE_MS and emptied <= reserved then
    level = math.max(0, level - tonumber(string.match(ARGV[5], '^%d+%-%d+%-(.+)$')))
  end
elseif verb == 'block' then
  blocked = math.max(blocked, now + math.min(longest_block, tonumber(ARGV[5])))
elseif verb == 'observe' then
  level = math.max(level - assumed, tonumber(ARGV[5]))
  assumed = 0
elseif verb == 'charge' then
  level = level + tonumber(ARGV[5])
else
  return redis.error_reply('unknown verb ' .. verb)
end
save()
return { 1, '' }
