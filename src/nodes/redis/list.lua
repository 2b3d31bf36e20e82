-- The nodes whose lease has not run out, as announce.lua writes them: node, entry, node, entry, …
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local entries = redis.call('HGETALL', KEYS[1])
local live = {}
for i = 1, #entries, 2 do
  local expires, entry = string.match(entries[i + 1], '^(%d+) (.*)$')
  expires = tonumber(expires)
  if expires and expires > now and expires <= now + 60000 then
    live[#live + 1] = entries[i]
    live[#live + 1] = entry
  end
end
return live
