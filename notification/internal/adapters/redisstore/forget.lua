-- Removes fields of a hash (KEYS[1]) that still hold what was seen: ARGV is
-- field, value, field, value … One that was written again since stays.
local removed = 0
for i = 1, #ARGV, 2 do
	if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
		removed = removed + redis.call('HDEL', KEYS[1], ARGV[i])
	end
end
return removed
