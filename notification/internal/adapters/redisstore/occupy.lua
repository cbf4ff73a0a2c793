-- Notes that instance ARGV[1] has somebody in a room (KEYS[1], a sorted set of
-- instances by when their time is over) for ARGV[2] ms. Redis has the clock, so
-- that instances need not agree on one. Those whose time is over go.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], 'GT', now + ARGV[2], ARGV[1])
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
