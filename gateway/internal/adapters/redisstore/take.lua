-- Decides requests of one client, one after the other, against its bucket and
-- its windows: either all of them count a request, or none does, and a call in
-- which none passes writes nothing. The rules are those of domain.Standing,
-- number for number; one suite holds both.
--
-- Redis does this for every request, so it is written for speed: no table but
-- one, formats that are constants, only those numbers read that count, one
-- string for an answer (a list costs Redis a second buffer and a longer write),
-- and a script for each policy, whose limits are constants of it: lines before
-- this one say
--
-- slot, interval, depth  which bucket, its interval (µs; 0 = none) and depth (µs)
-- limit1, span1 …        three times a window's count (0 = none) and span (ms)
-- keep                   how long to remember the client (ms)
--
-- KEYS[1]  the client. Its value is 14 integers: for five buckets the µs at
--          which each is full again, for three windows start (ms), count, previous.
-- ARGV[1]  how many requests
-- returns  for each request, up to the first that is denied, five integers:
--          allowed, limit (0 bucket, 1-3 window), remaining, reset (µs), retry after (µs)
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ms = math.floor(now / 1000)

local s
local packed = redis.call('GET', KEYS[1])
if packed then
  s = {string.match(packed, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')}
end
if not packed or not s[1] then -- absent, or written by another version
  s = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
end

local bucket = tonumber(s[slot])

-- Of the request at hand: the window with the least left, and the limit that denies longest.
local free, left, reset
local denier, over, retry

-- window judges one; it counts the request once that has passed all.
local function window(n, limit, span)
  local at = 3 + 3 * n
  local start, count, previous = tonumber(s[at]), tonumber(s[at + 1]), tonumber(s[at + 2])
  local age = ms - start
  if age < 0 then
    start = ms
  elseif age >= 2 * span then
    start, count, previous = ms, 0, 0
  elseif age >= span then
    previous = count -- one by one: the in-process Redis assigns in turn
    start, count = start + span, 0
  end
  s[at], s[at + 1], s[at + 2] = start, count, previous
  local ends = span - (ms - start)
  local room = limit * span - previous * ends - count * span
  if room >= span then
    local remaining = math.floor((room - span) / span)
    if not left or remaining < left then
      free, left, reset = n, remaining, ends * 1000
    end
    return
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
end

local verdicts, passed = '', false
for _ = 1, tonumber(ARGV[1]) do
  free, left, reset = 0, nil, 0
  denier, over, retry = 0, 0, 0
  local full = math.max(bucket, now) + interval
  if interval > 0 and full - now > depth then
    over, retry = bucket - now, full - now - depth
  end
  if limit1 > 0 then window(1, limit1, span1) end
  if limit2 > 0 then window(2, limit2, span2) end
  if limit3 > 0 then window(3, limit3, span3) end

  if retry > 0 then -- and so is whatever asks the same at the same moment
    verdicts = verdicts .. string.format('0 %d 0 %d %d ', denier, over, retry)
    break
  end
  if not left and interval > 0 then
    left, reset = math.floor((depth - (full - now)) / interval), full - now
  end
  if interval > 0 then bucket = full end
  if limit1 > 0 then s[7] = s[7] + 1 end
  if limit2 > 0 then s[10] = s[10] + 1 end
  if limit3 > 0 then s[13] = s[13] + 1 end
  passed = true
  verdicts = verdicts .. string.format('1 %d %d %d 0 ', free, left or 0, reset)
end
if passed then
  s[slot] = bucket
  redis.call('SET', KEYS[1], string.format('%d %d %d %d %d %d %d %d %d %d %d %d %d %d', unpack(s)), 'PX', keep)
end
return verdicts
