-- Removes the batches of a channel that lie before an offset. What the keys hold: append.lua.
--
-- KEYS  log (stream), meta (hash)
-- ARGV  1 topic   2 the first offset to be kept   3 PUBLISH, or SPUBLISH in a Cluster
--
-- Answers 0 for a channel that does not exist, otherwise 1. A retry finds nothing left to remove.
local log, meta = KEYS[1], KEYS[2]
local call, format, match = redis.call, string.format, string.match

local stored = call('HMGET', meta, 'head', 'oldest')
-- A slot of a Cluster that is on its way somewhere: then this refuses, and it is asked there.
call('EXISTS', log, meta)
if not stored[1] then return 0 end
local next, epoch, storedAt, total = match(stored[1], '^(%d+) (%d+) (%d+) (%d+) %d+$')
if not next then return redis.error_reply('WRONGTYPE the field head of the meta key is not understood') end
local before = math.min(tonumber(ARGV[2]), tonumber(next))

-- The batch that holds the offset stays whole. Entries that are not ours are passed over.
local function ours(entry)
  return match(entry[2][2] or '', '^%d+ (%d+) (%d+) (%d+)$')
end
local high = before
local bound = format('%.0f-0', before)
while true do
  local entry = call('XREVRANGE', log, bound, '-', 'COUNT', 1)[1]
  if not entry then break end
  local count = ours(entry)
  if count then
    local first = tonumber(match(entry[1], '^%d+'))
    if first + tonumber(count) > before then high = first end
    break
  end
  bound = '(' .. entry[1]
end

call('XTRIM', log, 'MINID', format('%.0f-0', high))
-- Of an empty log: an entry of nothing, where the next one will stand.
local oldest = format('%s %s %s 0 %s', next, next, total, storedAt)
bound = '-'
while true do
  local entry = call('XRANGE', log, bound, '+', 'COUNT', 1)[1]
  if not entry then break end
  local count, at, totalAtEnd = ours(entry)
  if count then
    local first = tonumber(match(entry[1], '^%d+'))
    oldest = format('%.0f %.0f %s %.0f %s', first, first + tonumber(count), totalAtEnd, #(entry[2][6] or ''), at)
    break
  end
  bound = '(' .. entry[1]
end
call('HSET', meta, 'head', format('%s %s %s %s %.0f', next, epoch, storedAt, total, call('XLEN', log)), 'oldest', oldest)
call(ARGV[3], ARGV[1], 'trimmed')
return 1
