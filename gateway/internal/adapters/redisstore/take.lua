-- Decides requests of one client, one after the other, against its bucket and
-- its windows: either all of them count a request, or none does, and a call in
-- which none passes writes nothing. The rules are those of domain.Standing,
-- number for number; one suite holds both.
--
-- KEYS[1]  the client. Its value is 14 integers: for five buckets the µs at
--          which each is full again, for three windows start (ms), count, previous.
-- ARGV     1 which bucket, 2 its interval (µs; 0 = none), 3 its depth (µs),
--          4-9 three times a window's count (0 = none) and span (ms),
--          10 how long to remember the client (ms), 11 how many requests
-- returns  for each request, up to the first that is denied:
--          allowed, limit (0 bucket, 1-3 window), remaining, reset (µs), retry after (µs)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local ms = math.floor(now / 1000)

local s = {string.match(redis.call('GET', KEYS[1]) or '', '^' .. string.rep('(%d+) ', 13) .. '(%d+)$')}
for i = 1, #s do
  s[i] = tonumber(s[i])
end
if #s == 0 then -- absent, or written by another version
  s = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
end

local slot, interval, depth = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

-- decide gives the verdict of one request, and s as it is after it.
local function decide()
  local free, left, reset = 0, 0, 0       -- the limit with the least left
  local denier, over, retry = 0, 0, 0     -- the limit that denies longest
  local after = {unpack(s)}

  if interval > 0 then
    local full = math.max(s[slot], now) + interval
    local wait = full - now - depth
    if wait > 0 then
      over, retry = s[slot] - now, wait
    else
      after[slot] = full
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
        windows = windows + 1
        local remaining = math.floor((room - span) / span)
        if windows == 1 or remaining < left then
          free, left, reset = i, remaining, (span - elapsed) * 1000
        end
        after[at], after[at + 1], after[at + 2] = start, count + 1, previous
      end
    end
  end

  if retry > 0 then
    return s, 0, denier, 0, over, retry
  end
  return after, 1, free, left, reset, 0
end

local verdicts, passed = {}, 0
for at = 1, 5 * tonumber(ARGV[11]), 5 do
  s, verdicts[at], verdicts[at + 1], verdicts[at + 2], verdicts[at + 3], verdicts[at + 4] = decide()
  if verdicts[at] == 0 then
    break -- and so is whatever asks the same at the same moment
  end
  passed = passed + 1
end
if passed > 0 then
  redis.call('SET', KEYS[1], string.format(string.rep('%d ', 13) .. '%d', unpack(s)), 'PX', ARGV[10])
end
return verdicts
