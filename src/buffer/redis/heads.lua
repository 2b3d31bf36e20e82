-- The heads of the channels whose meta keys are ARGV, as append.lua writes them: "" for a channel that does not exist,
-- "?" for what cannot be told here: a key of another program, or one whose slot a Cluster serves elsewhere or moves.
-- The keys are no KEYS, since these would have to be of one slot.
local heads = {}
for i, key in ipairs(ARGV) do
  local head = redis.pcall('HGET', key, 'head')
  heads[i] = type(head) == 'table' and '?' or head or ''
end
return heads
