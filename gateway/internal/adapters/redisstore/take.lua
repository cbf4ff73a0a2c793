-- Decides one request of one client against its bucket and its windows: either
-- all of them count it, or none does, and then nothing is written. The rules
-- are those of domain.Standing, number for number; one suite holds both.
--
-- KEYS[1]  the client. Its value is 14 integers: for five buckets the µs at
--          which each is full again, for three windows start (ms), count, previous.
-- ARGV     1 which bucket, 2 its interval (µs; 0 = none), 3 its depth (µs),
--          4-9 three times a window's count (0 = none) and span (ms),
--          10 how long to remember the client (ms)
-- returns  allowed, limit (0 bucket, 1-3 window), remaining, reset (µs), retry after (µs)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local ms = math.floor(now / 1000)

local s, n = {}, 0
local held = redis.call('GET', KEYS[1])
if held then
  for number in string.gmatch(held, '%d+') do
    n = n + 1
    s[n] = tonumber(number)
  end
end
if n ~= 14 then -- absent, or written by another version
  s = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
end

local free, left, reset = 0, 0, 0       -- the limit with the least left
local denier, over, retry = 0, 0, 0     -- the limit that denies longest

local slot, interval, depth = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if interval > 0 then
  local full = math.max(s[slot], now) + interval
  local wait = full - now - depth
  if wait > 0 then
    over, retry = s[slot] - now, wait
  else
    s[slot] = full
    left, reset = math.floor((depth - (full - now)) / interval), full - now
  end
end

local windows = 0
for i = 1, 3 do
  local limit, span = tonumber(ARGV[2 + 2 * i]), tonumber(ARGV[3 + 2 * i])
  if limit > 0 then
    local at = 3 + 3 * i
    local start, count, previous = s[at], s[at + 1], s[at + 2]
    local age = ms - start
    if age < 0 then
      start = ms
    elseif age >= 2 * span then
      start, count, previous = ms, 0, 0
    elseif age >= span then
      previous = count -- one by one: the in-process Redis assigns in turn
      start, count = start + span, 0
    end
    local elapsed = ms - start
    local room = limit * span - previous * (span - elapsed) - count * span
    if room < span then
      local wait
      if limit - count - 1 >= 0 then
        wait = math.max(1, span - math.floor((limit - count - 1) * span / previous) - elapsed)
      else
        wait = span - elapsed + span - math.floor((limit - 1) * span / count)
      end
      if wait * 1000 > retry then
        denier, over, retry = i, (span - elapsed) * 1000, wait * 1000
      end
    else
      count = count + 1
      windows = windows + 1
      local remaining = math.floor((room - span) / span)
      if windows == 1 or remaining < left then
        free, left, reset = i, remaining, (span - elapsed) * 1000
      end
    end
    s[at], s[at + 1], s[at + 2] = start, count, previous
  end
end

if retry > 0 then
  return {0, denier, 0, over, retry}
end
redis.call('SET', KEYS[1], string.format(
  '%.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f', unpack(s)), 'PX', ARGV[10])
return {1, free, left, reset, 0}
