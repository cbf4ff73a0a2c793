-- Decides requests that one client makes at the same moment against its bucket
-- and its windows: either all of them count a request, or none does, and a call
-- in which none passes writes nothing. The rules are those of domain.Standing,
-- number for number; one suite holds both.
--
-- Redis does this for every request, so it is written for speed: no tables, few
-- calls, no digits where a number will do, one string for an answer (a list costs
-- Redis a second buffer and a longer write), and a script for each policy, whose
-- limits are constants of it: lines before this one say
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
-- returns  seven integers as doubles: how many of them pass; of the first that does, limit (0
--          bucket, 1-3 window), remaining, reset (µs); of those that are denied,
--          limit, reset (µs), retry after (µs)
local call, key, asked = redis.call, KEYS[1], ARGV[1] + 0
local time = call('TIME')
local now = time[1] * 1000000 + time[2]
local ms = (now - now % 1000) / 1000

local form, size, told = '<dddddddddddddd', 112, '<ddddddd'
local struct = rawget(_G, 'struct')
if not struct then -- the in-process Redis writes digits
  form, size, told = string.rep('%016d', 14), 14 * 16, string.rep('%016d', 7)
  struct = {pack = string.format, unpack = function(_, digits)
    local n = {}
    for at = 1, #digits, 16 do n[#n + 1] = tonumber(string.sub(digits, at, at + 15)) end
    return unpack(n)
  end}
end

local start1, count1, previous1, start2, count2, previous2, start3, count3, previous3 = 0, 0, 0, 0, 0, 0, 0, 0, 0
local bucket1, bucket2, bucket3, bucket4, bucket5 = 0, 0, 0, 0, 0
local packed = call('GET', key)
if packed and #packed == size then -- else absent, or written by another version
  start1, count1, previous1, start2, count2, previous2, start3, count3, previous3,
    bucket1, bucket2, bucket3, bucket4, bucket5 = struct.unpack(form, packed)
end

-- window gives one as it stands now, when it ends and how many requests it has room for.
local function window(ms, limit, span, start, count, previous)
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
  local left = limit * span - previous * ends - count * span
  return start, count, previous, ends, (left - left % span) / span
end

local passes, which, room, reset = asked, 0, nil, 0 -- the limit with the least room
local ends, fit
if limit1 > 0 then
  start1, count1, previous1, ends, fit = window(ms, limit1, span1, start1, count1, previous1)
  which, room, reset = 1, fit, ends
end
if limit2 > 0 then
  start2, count2, previous2, ends, fit = window(ms, limit2, span2, start2, count2, previous2)
  if not room or fit < room then which, room, reset = 2, fit, ends end
end
if limit3 > 0 then
  start3, count3, previous3, ends, fit = window(ms, limit3, span3, start3, count3, previous3)
  if not room or fit < room then which, room, reset = 3, fit, ends end
end
reset = reset * 1000
if room and room < passes then passes = room end

local full = BUCKET
if interval > 0 then
  if full < now then full = now end
  local left = depth - (full - now)
  fit = (left - left % interval) / interval
  if fit < passes then passes = fit end
  if not room then room, reset = fit, full + interval - now end
end
room = room or 1 -- nothing limits

if passes > 0 then
  if interval > 0 then BUCKET = full + passes * interval end
  if limit1 > 0 then count1 = count1 + passes end
  if limit2 > 0 then count2 = count2 + passes end
  if limit3 > 0 then count3 = count3 + passes end
  call('SET', key, struct.pack(form, start1, count1, previous1, start2, count2, previous2,
    start3, count3, previous3, bucket1, bucket2, bucket3, bucket4, bucket5), 'PX', keep)
else
  passes = 0
end
if passes == asked then
  return struct.pack(told, passes, which, room - 1, reset, 0, 0, 0)
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
return struct.pack(told, passes, which, room - 1, reset, denier, over, retry)
