-- Leaky bucket for one credential of a platform: charged units leak out at a constant rate, by the clock of this server.
-- Rejected calls are queued: within a lane they are served in order, so that light calls cannot starve a heavy one. A
-- waiter that does not retry in time loses its position.
-- A missing bucket starts full of assumed usage: what was spent before this server lost it is unknown. Processes that knew
-- the lost bucket report its level; once all have had time to do so, the highest report replaces the assumption. What
-- a report itself only assumes (the bucket before was lost, too) stays assumed: such a report replaces nothing.
-- What a process has spent without this server and did not live to report is assumed, too: no report of others replaces it.
-- A bucket older than a caller has seen it was set back with this server, by a failover or a restored copy: what was spent
-- in between is missing in it, so it counts as lost.
--
-- KEYS 1 {limit:BUCKET}          hash: level, at, assumed (the part of the level that is only assumed), grown and bulk
--                                (last grant to these lanes: they have a floor), emptied (last time the level was 0), blocked (until), seq,
--                                born (creation time: distinguishes the bucket from a lost one), reported (0 or 1; -1: what
--                                the processes report is not all),
--                                version (number of changes)
--      2 {limit:BUCKET}:open     sorted set: reservations that can still be refunded, by time
--      3 {limit:BUCKET}:waiting  hash: waiter -> rank, order, weight, expiry
-- ARGV 1 verb   2 burst, units   3 rate, units per ms   4 longest block, ms
--      5 born: the bucket of the caller's last call, 0: none   6 known: the level it would have now, or -1
--      7 the part of that which is only assumed   8 its version   then by verb
--
-- acquire 9 weight  10 ceiling: the level this lane may fill up to  11 start: charged level above which it waits, or -1
--         12 floor: ms after the last grant to its lane from which its first call has priority, or -1: one of the second
--         lane may fill up to the burst; one of the third is served before the second, up to its ceiling
--         13 rank: lower ones are served first; 3n to 3n + 2 are one lane  14 waiter: stable over retries of a call
--         result 1, reservation; or 0, ms to wait: a rejected call is not charged and is queued
-- peek    as acquire        result 1, ms to wait; charges nothing and queues nothing
-- refund  9 reservation     result 1, or 0 if unknown, older than a minute or already refunded
-- block   9 ms from now     never shortens a block
-- observe 9 level           raises the level to this; replaces assumed usage
-- charge  9 weight          adds units spent elsewhere, beyond the burst if necessary; they are part of what was assumed
--         10 whether that is all: 0: another process may have spent the rest, which is assumed
-- Returns {result, value, level, born, assumed, version, ms until a block ends}
local bucket, open, waiting = KEYS[1], KEYS[2], KEYS[3]
local verb, burst, rate, longest_block = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known_born, known, known_assumed = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local known_version = tonumber(ARGV[8])
local REFUNDABLE_MS, KEEP_MS, REPORT_MS, LATE_MS, MAX_WAITERS = 60000, 2592000000, 3000, 5000, 500
local FIRST_GROW_RANK, FIRST_BULK_RANK, DUE_BULK_RANK = 3, 6, 2.5

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local stored = redis.call('HMGET', bucket, 'level', 'at', 'assumed', 'grown', 'emptied', 'blocked', 'born', 'reported',
  'bulk', 'version')
local level, at = tonumber(stored[1] or burst), tonumber(stored[2] or now)
local assumed, grown = tonumber(stored[3] or burst), tonumber(stored[4] or now)
local emptied, blocked = tonumber(stored[5] or 0), tonumber(stored[6] or 0)
local born, reported, bulk = tonumber(stored[7] or now), tonumber(stored[8] or 0), tonumber(stored[9] or now)
local version = tonumber(stored[10] or 0)

if known >= 0 and known_born == born and known_version > version then
  level, at, assumed, born, reported = burst, now, burst, now, 0
end

-- A clock that was set back leaks nothing, and must not extend times measured before.
local leaked = math.max(0, now - at) * rate
if leaked >= level then emptied = now end
level, assumed = math.max(0, level - leaked), math.max(0, assumed - leaked)
grown, blocked = math.min(grown, now), math.min(blocked, now + longest_block)
born, bulk = math.min(born, now), math.min(bulk, now)

if known >= 0 and known_born ~= born then
  local certain = math.max(level - assumed, known - known_assumed)
  assumed = math.max(0, math.min(assumed, burst - certain))
  level = certain + assumed
  if known_assumed == 0 and reported == 0 then reported = 1 end
end
if reported == 1 and now - born >= REPORT_MS then level, assumed = level - assumed, 0 end

local function save()
  redis.call('HSET', bucket, 'level', level, 'at', now, 'assumed', assumed, 'grown', grown, 'emptied', emptied,
    'blocked', blocked, 'born', born, 'reported', reported, 'bulk', bulk, 'version', version)
  redis.call('PEXPIRE', bucket, KEEP_MS)
end

local function reply(result, value)
  return { result, value, string.format('%.3f', level), string.format('%.0f', born), string.format('%.3f', assumed),
    version, math.max(0, blocked - now) }
end

local function is_bulk(rank)
  return rank == DUE_BULK_RANK or rank >= FIRST_BULK_RANK
end

local function lane_of(rank)
  return is_bulk(rank) and 2 or math.floor(rank / 3)
end

-- Queued weight ahead of this call: in total, in the same lane, and ahead of the whole second lane.
local function ahead_of(id, rank)
  local all, lane, before_grow, count, lines = 0, 0, 0, 0, {}
  local fields = redis.call('HGETALL', waiting)
  for i = 1, #fields, 2 do
    local r, order, weight, expiry = string.match(fields[i + 1], '^(%S+) (%S+) (%S+) (%S+)$')
    if tonumber(expiry) < now then
      redis.call('HDEL', waiting, fields[i])
    else
      lines[fields[i]] = { rank = tonumber(r), order = tonumber(order), weight = tonumber(weight) }
      count = count + 1
    end
  end
  local own = lines[id]
  local order = own and own.order or math.huge
  for other, line in pairs(lines) do
    if other ~= id and (line.rank < rank or (line.rank == rank and line.order < order)) then
      all = all + line.weight
      if lane_of(line.rank) == lane_of(rank) then lane = lane + line.weight end
      if line.rank < FIRST_GROW_RANK then before_grow = before_grow + line.weight end
    end
  end
  return all, lane, before_grow, count, own and own.order
end

local function wait_for(weight, ceiling, start, floor, rank, all, lane, before_grow)
  local function fill(ignored)
    local wait = math.max(0, (level - ignored + all + weight - ceiling) / rate)
    if start >= 0 then wait = math.max(wait, (level - assumed - start) / rate) end
    -- Only for the first call of its lane: otherwise light calls could overtake a heavy one.
    if floor >= 0 and lane == 0 then
      local due = math.max(grown + floor - now, (level - ignored + weight - burst) / rate)
      if is_bulk(rank) then
        due = math.max(bulk + floor - now, (level - ignored + before_grow + weight - ceiling) / rate)
      end
      wait = math.min(wait, due)
    end
    return wait
  end
  local wait = fill(0)
  if reported == 1 and assumed > 0 then wait = math.min(wait, math.max(born + REPORT_MS - now, fill(assumed))) end
  return math.max(wait, blocked - now)
end

if verb == 'peek' or verb == 'acquire' then
  local weight, floor = tonumber(ARGV[9]), tonumber(ARGV[12])
  local rank, waiter = tonumber(ARGV[13]), ARGV[14]
  local all, lane, before_grow, count, order = ahead_of(waiter, rank)
  local ceiling, start = tonumber(ARGV[10]), tonumber(ARGV[11])
  local wait = math.ceil(wait_for(weight, ceiling, start, floor, rank, all, lane, before_grow))
  if verb == 'peek' then
    save()
    return reply(1, math.max(0, wait))
  end
  if wait > 0 then
    if order or count < MAX_WAITERS then
      order = order or redis.call('HINCRBY', bucket, 'seq', 1)
      local due = is_bulk(rank) and floor >= 0 and now >= bulk + floor and lane == 0
      local line = string.format('%s %.0f %s %.0f', due and DUE_BULK_RANK or rank, order, ARGV[9], now + wait + LATE_MS)
      redis.call('HSET', waiting, waiter, line)
      redis.call('PEXPIRE', waiting, wait + 2 * LATE_MS + longest_block)
    end
    save()
    return reply(0, wait)
  end
  redis.call('HDEL', waiting, waiter)
  level, version = level + weight, version + 1
  if is_bulk(rank) then bulk = now elseif floor >= 0 then grown = now end
  save()
  local reservation = string.format('%.0f-%.0f-%s', now, redis.call('HINCRBY', bucket, 'seq', 1), ARGV[9])
  redis.call('ZREMRANGEBYSCORE', open, '-inf', now - REFUNDABLE_MS)
  redis.call('ZADD', open, now, reservation)
  redis.call('PEXPIRE', open, REFUNDABLE_MS)
  return reply(1, reservation)
end

if verb == 'refund' then
  local score = redis.call('ZSCORE', open, ARGV[9])
  if not score then return reply(0, '') end
  local reserved = tonumber(score)
  redis.call('ZREM', open, ARGV[9])
  -- If the bucket has been empty since, the charge has leaked out: a refund would reduce later charges.
  if now - reserved <= REFUNDABLE_MS and emptied <= reserved then
    level = math.max(0, level - tonumber(string.match(ARGV[9], '^%d+%-%d+%-(.+)$')))
  end
elseif verb == 'block' then
  blocked = math.max(blocked, now + math.min(longest_block, tonumber(ARGV[9])))
elseif verb == 'observe' then
  level = math.max(level - assumed, tonumber(ARGV[9]))
  assumed = 0
elseif verb == 'charge' then
  local certain = level - assumed + tonumber(ARGV[9])
  local rest = math.max(0, burst - certain)
  if ARGV[10] == '0' then assumed, reported = rest, -1 else assumed = math.min(assumed, rest) end
  level = certain + assumed
else
  return redis.error_reply('unknown verb ' .. verb)
end
version = version + 1
save()
return reply(1, '')
