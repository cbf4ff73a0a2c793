-- Remembers a user unless a newer version is remembered already.
-- ARGV: role, active (1 or 0), version, life in ms.
local kept = redis.call('HGET', KEYS[1], 'version')
if kept and tonumber(kept) > tonumber(ARGV[3]) then
    return 0
end
redis.call('HSET', KEYS[1], 'role', ARGV[1], 'active', ARGV[2], 'version', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
