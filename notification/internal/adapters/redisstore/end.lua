-- Gives a lease (KEYS[1]) up while it is of epoch ARGV[1].
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0
