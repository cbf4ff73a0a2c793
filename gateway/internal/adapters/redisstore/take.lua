-- Decides requests that one client makes at the same moment against its bucket
-- and its windows: either all of them count a request, or none does, and a call
-- in which none passes writes nothing. The rules are those of domain.Standing,
-- number for number; one suite holds both.
--
-- Redis does this for every request, so it is written for speed: no tables,
-- numbers stored as they are rather than as digits, one string for an answer (a
-- list costs Redis a second buffer and a longer write), and a script for each
-- policy, whose limits are constants of it: lines before this one say
--
-- interval, depth  the bucket's interval (µs; 0 = none) and depth (µs)
-- limit1, span1 …  three times a window's count (0 = none) and span (ms)
-- keep             how long to remember the client (ms, as Redis takes it)
--
-- and where it says BUCKET, the name of the policy's bucket stands.
--
-- KEYS[1]  the client. Its value is 14 integers as doubles: for three windows
--          start (ms), count, previous, for five buckets the µs at which each is
--          full again.
-- ARGV[1]  how many requests
-- returns  seven integers: how many of them pass; of the first that does, limit (0
--          bucket, 1-3 window), remaining, reset (µs); of those that are denied,
--          limit, reset (µs), retry after (µs)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ms = math.floor(now / 1000)
local form, size = '<dddddddddddddd', 112
local struct = rawget(_G, 'struct')
if not struct then -- the in-process Redis writes digits
  form, size = string.rep('%016d', 14), 14 * 16
  struct = {pack = string.format, unpack = function(_, digits)
    local n = {}
    for at = 1, #digits, 16 do n[#n + 1] = tonumber(string.sub(digits, at, at + 15)) end
    return unpack(n)
  end}
end

local start1, count1, previous1, start2, count2, previous2, start3, count3, previous3 = 0, 0, 0, 0, 0, 0, 0, 0, 0
local bucket1, bucket2, bucket3, bucket4, bucket5 = 0, 0, 0, 0, 0
local packed = redis.call('GET', KEYS[1])
if packed and #packed == size then -- else absent, or written by another version
  start1, count1, previous1, start2, count2, previous2, start3, count3, previous3,
    bucket1, bucket2, bucket3, bucket4, bucket5 = struct.unpack(form, packed)
end

local passes = tonumber(ARGV[1])
local which, room, reset = 0, math.huge, 0 -- the limit with the least room

-- window gives one as it stands now, and sees how many requests it has room for.
local function window(n, limit, span, start, count, previous)
  local age = ms - start
  if age < 0 then
    start = ms
  elseif age >= 2 * span then
    start, count, previous = ms, 0, 0
  elseif age >= span then
    previous = count -- one by one: the in-process Redis assigns in turn
    start, count = start + span, 0
  end
  local ends = span - (ms - start)
  local fit = math.floor((limit * span - previous * ends - count * span) / span)
  if fit < passes then passes = fit end
  if fit < room then
    which, room, reset = n, fit, ends * 1000
  end
  return start, count, previous
end

if limit1 > 0 then start1, count1, previous1 = window(1, limit1, span1, start1, count1, previous1) end
if limit2 > 0 then start2, count2, previous2 = window(2, limit2, span2, start2, count2, previous2) end
if limit3 > 0 then start3, count3, previous3 = window(3, limit3, span3, start3, count3, previous3) end

local full = BUCKET
if interval > 0 then
  full = math.max(full, now)
  local fit = math.floor((depth - (full - now)) / interval)
  if fit < passes then passes = fit end
  if which == 0 then room, reset = fit, full + interval - now end
elseif which == 0 then -- nothing limits
  room = 1
end

if passes > 0 then
  if interval > 0 then BUCKET = full + passes * interval end
  if limit1 > 0 then count1 = count1 + passes end
  if limit2 > 0 then count2 = count2 + passes end
  if limit3 > 0 then count3 = count3 + passes end
  redis.call('SET', KEYS[1], struct.pack(form, start1, count1, previous1, start2, count2, previous2,
    start3, count3, previous3, bucket1, bucket2, bucket3, bucket4, bucket5), 'PX', keep)
else
  passes = 0
end
if passes == tonumber(ARGV[1]) then
  return string.format('%d %d %d %d 0 0 0', passes, which, room - 1, reset)
end

local denier, over, retry = 0, 0, 0 -- the limit that denies longest
local wait = BUCKET + interval - now - depth
if interval > 0 and wait > 0 then
  over, retry = BUCKET - now, wait
end

-- deny sees how long a window has no room for one more.
local function deny(n, limit, span, start, count, previous)
  local ends = span - (ms - start)
  if limit * span - previous * ends - count * span >= span then return end
  local wait
  if limit - count - 1 >= 0 then
    wait = math.max(1, ends - math.floor((limit - count - 1) * span / previous))
  else
    wait = ends + span - math.floor((limit - 1) * span / count)
  end
  if wait * 1000 > retry then
    denier, over, retry = n, ends * 1000, wait * 1000
  end
end

if limit1 > 0 then deny(1, limit1, span1, start1, count1, previous1) end
if limit2 > 0 then deny(2, limit2, span2, start2, count2, previous2) end
if limit3 > 0 then deny(3, limit3, span3, start3, count3, previous3) end
return string.format('%d %d %d %d %d %d %d', passes, which, room - 1, reset, denier, over, retry)
