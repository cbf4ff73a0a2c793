-- Decides requests of one client, one after the other, against its bucket and
-- its windows: either all of them count a request, or none does, and a call in
-- which none passes writes nothing. The rules are those of domain.Standing,
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
-- returns  for each request, up to the first that is denied, five integers:
--          allowed, limit (0 bucket, 1-3 window), remaining, reset (µs), retry after (µs)
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

-- Of the request at hand: the window with the least left, and the limit that denies longest.
local free, left, reset
local denier, over, retry

-- window judges one, and gives it as it stands now; it counts the request once
-- that has passed all.
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
  local room = limit * span - previous * ends - count * span
  if room >= span then
    local remaining = math.floor((room - span) / span)
    if not left or remaining < left then
      free, left, reset = n, remaining, ends * 1000
    end
    return start, count, previous
  end
  local wait
  if limit - count - 1 >= 0 then
    wait = math.max(1, ends - math.floor((limit - count - 1) * span / previous))
  else
    wait = ends + span - math.floor((limit - 1) * span / count)
  end
  if wait * 1000 > retry then
    denier, over, retry = n, ends * 1000, wait * 1000
  end
  return start, count, previous
end

local verdicts, passed = '', false
for _ = 1, tonumber(ARGV[1]) do
  free, left, reset = 0, nil, 0
  denier, over, retry = 0, 0, 0
  local full = math.max(BUCKET, now) + interval
  if interval > 0 and full - now > depth then
    over, retry = BUCKET - now, full - now - depth
  end
  if limit1 > 0 then start1, count1, previous1 = window(1, limit1, span1, start1, count1, previous1) end
  if limit2 > 0 then start2, count2, previous2 = window(2, limit2, span2, start2, count2, previous2) end
  if limit3 > 0 then start3, count3, previous3 = window(3, limit3, span3, start3, count3, previous3) end

  if retry > 0 then -- and so is whatever asks the same at the same moment
    verdicts = verdicts .. string.format('0 %d 0 %d %d ', denier, over, retry)
    break
  end
  if not left and interval > 0 then
    left, reset = math.floor((depth - (full - now)) / interval), full - now
  end
  if interval > 0 then BUCKET = full end
  if limit1 > 0 then count1 = count1 + 1 end
  if limit2 > 0 then count2 = count2 + 1 end
  if limit3 > 0 then count3 = count3 + 1 end
  passed = true
  verdicts = verdicts .. string.format('1 %d %d %d 0 ', free, left or 0, reset)
end
if passed then
  redis.call('SET', KEYS[1], struct.pack(form, start1, count1, previous1, start2, count2, previous2,
    start3, count3, previous3, bucket1, bucket2, bucket3, bucket4, bucket5), 'PX', keep)
end
return verdicts
