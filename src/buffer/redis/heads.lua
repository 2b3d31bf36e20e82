-- The heads of the channels whose meta keys are KEYS, as append.lua writes them: "" for a channel that does not exist,
-- "?" for a key of another program.
local heads = {}
for i, key in ipairs(KEYS) do
  local head = redis.pcall('HGET', key, 'head')
  heads[i] = type(head) == 'table' and '?' or head or ''
end
return heads
