-- One counter of wrong passwords: domain.GuessCount, by the server's clock.
-- ARGV: what to do, free, delay in ms, most, window in ms. Answers the verdict.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local what, free, delay, most, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local wrong = tonumber(redis.call('HGET', KEYS[1], 'wrong') or '0')
local till = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')

local function miss()
    wrong = wrong + 1
    redis.call('HSET', KEYS[1], 'wrong', wrong)
    if wrong == 1 then
        redis.call('PEXPIRE', KEYS[1], window)
    end
    if wrong >= free then
        redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + math.min(delay, 1000 * 2 ^ math.min(wrong - free, 30))))
    end
end

if what == 'try' then
    if now < till or wrong >= most then
        return 0
    end
    if wrong < free then
        return 1
    end
    miss()
    return 2
end
if what == 'missed' then
    miss()
elseif what == 'hit' then
    if wrong > 1 then
        redis.call('HSET', KEYS[1], 'wrong', wrong - 1, 'until', 0)
    else
        redis.call('DEL', KEYS[1])
    end
elseif what == 'moot' then
    redis.call('DEL', KEYS[1])
end
return 1
