-- Notes that instance ARGV[1] has ARGV[2] sockets from an origin (KEYS[1], a hash
-- from instance to "sockets:until") for ARGV[3] ms, and gives the sum over all
-- whose time is not over; the others go. Redis has the clock.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if tonumber(ARGV[2]) > 0 then
	redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. string.format('%d', now + ARGV[3]))
else
	redis.call('HDEL', KEYS[1], ARGV[1])
end
local total = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
	local sockets, till = string.match(all[i + 1], '^(%d+):(%d+)$')
	if till and tonumber(till) > now then
		total = total + tonumber(sockets)
	else
		redis.call('HDEL', KEYS[1], all[i])
	end
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return total
