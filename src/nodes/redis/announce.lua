-- Enters a node, or replaces its entry, and removes those whose lease has run out.
--
-- KEYS  nodes (hash): node -> "expiresAt entry", Unix ms by this server's clock
-- ARGV  1 node   2 lease in ms   3 entry
--
-- A field that is written otherwise is not ours and stays. What would last longer than any lease does was written before
-- the clock was set back. The key itself goes with its last lease.
local nodes = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease = tonumber(ARGV[2])
local entries = redis.call('HGETALL', nodes)
for i = 1, #entries, 2 do
  local expires = tonumber(string.match(entries[i + 1], '^(%d+) '))
  if expires and (expires <= now or expires > now + 60000) then redis.call('HDEL', nodes, entries[i]) end
end
redis.call('HSET', nodes, ARGV[1], string.format('%.0f %s', now + lease, ARGV[3]))
redis.call('PEXPIRE', nodes, lease)
return 1
