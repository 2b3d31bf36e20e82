-- Appends runs to a channel as one batch: all of it or nothing.
--
-- KEYS  log (stream), meta (hash), producers (hash)
-- ARGV  1 topic
--       2 runs: "producer sequence count" one after the other, separated by spaces
--       3 number of messages in all runs   4 the messages, encoded
--       5 6 epoch and next offset that the calling node has seen last, 0 0 if none
--       7 8 9 retention: messages, bytes, age in ms; 0 for no limit
--       10 PUBLISH, or SPUBLISH in a Cluster
--       11 1 if a WAIT or WAITAOF follows on this connection, otherwise 0
--
-- Answers {epoch, first offset} if every run was plainly new. Otherwise nothing is stored and the answer is {0, the
-- record of each run's producer, "" where the channel has none}: the node judges what is new and calls again.
--
-- What the records speak of may be stored and not replicated yet. WAIT waits for the last write of its connection, and
-- this connection may have written nothing: so that WAIT covers them, something is written, to no effect.
--
-- log        <first offset>-0 -> h "epoch count storedAt total", r runs, m messages
-- meta       head     "next epoch storedAt total batches": next offset, current epoch, time of the last batch, bytes of
--                     all batches ever appended, entries in the log
--            oldest   "first end total bytes storedAt" of the first entry: its offsets, `total` at its end, its bytes
--            epochs   "epoch first", oldest first, the last 16
--            lineage  the server's replication id when the epoch was opened
--            touched  when the keys' expiry was set last
-- producers  producer -> "sequence offset epoch" of its last message
--
-- Redis may do a part of this twice. A file that a crash tore off inside our transaction keeps, in Redis 7.0 and many
-- others, its first commands: left out when Redis starts, carried out when it starts again, with whatever was written in
-- between. So the first commands of a transaction must mean nothing without the last: `head` is written after all that it
-- speaks of, what lies beyond it does not count, and an epoch opens by removing what stands there, by commands that are
-- in the file whether or not there is anything (see `clear`).
-- Numbers reach 2^53 and are written with %.0f: Lua's own way rounds from 1e14 on.
local log, meta, producers = KEYS[1], KEYS[2], KEYS[3]
local runs, messages = ARGV[2], ARGV[4]
local call, format, match = redis.call, string.format, string.match

local function numbers(text, pattern)
  local a, b, c, d, e = match(text, pattern)
  if a then return tonumber(a), tonumber(b), tonumber(c), tonumber(d or 0), tonumber(e or 0) end
end
local five = '^(%d+) (%d+) (%d+) (%d+) (%d+)$'

local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lineage = match(call('INFO', 'replication'), 'master_replid:(%x+)') or ''
local stored = call('HMGET', meta, 'head', 'oldest', 'lineage', 'touched')
local first, epoch, storedAt, total, batches = 1, 0, 0, 0, 0
if stored[1] then
  first, epoch, storedAt, total, batches = numbers(stored[1], five)
  if not first then return redis.error_reply('WRONGTYPE the field head of the meta key is not understood') end
end

-- Is every run plainly new?
local names, sequences, counts = {}, {}, {}
for name, sequence, count in string.gmatch(runs, '(%S+) (%d+) (%d+)') do
  local i = #names + 1
  names[i], sequences[i], counts[i] = name, tonumber(sequence), tonumber(count)
end
local records = stored[1] and call('HMGET', producers, unpack(names)) or {}
-- "" unless it speaks of what is in the log: its place lies before the head, and before the epoch that followed its own.
local epochs
local function believed(record)
  local _, offset, of = match(record or '', '^(%d+) (%d+) (%d+)$')
  offset, of = tonumber(offset), tonumber(of)
  if not offset or offset >= first then return '' end
  if of == epoch then return record end
  epochs = epochs or call('HGET', meta, 'epochs') or ''
  for later, start in string.gmatch(epochs, '(%d+) (%d+)') do
    if tonumber(later) > of then return offset < tonumber(start) and record or '' end
  end
  return ''
end
for i = 1, #names do records[i] = believed(records[i]) end
local last, ends = {}, {}
local next = first
for i, name in ipairs(names) do
  local known = last[name] or tonumber(match(records[i], '^%d+')) or 0
  if sequences[i] ~= known + 1 then
    if stored[1] and ARGV[11] == '1' then
      local marked = redis.pcall('HSET', meta, 'touched', stored[4] or '0')
      if type(marked) == 'table' then
        -- These two would say that nothing is stored.
        local unsaid = string.find(marked.err, 'OOM', 1, true) or string.find(marked.err, 'MISCONF', 1, true)
        return unsaid and redis.error_reply('TRYAGAIN ' .. marked.err) or marked
      end
    end
    local answer = { 0 }
    for j = 1, #names do answer[j + 1] = records[j] end
    return answer
  end
  next = next + counts[i]
  last[name], ends[name] = known + counts[i], next - 1
end

-- Does the log provably continue what this node and others have seen?
local seenEpoch, seenNext = tonumber(ARGV[5]), tonumber(ARGV[6])
local opened = not stored[1] or stored[3] ~= lineage or seenEpoch > epoch or (seenEpoch == epoch and seenNext > first)

storedAt = math.max(storedAt, now)
total = total + #messages
local function add(...) return redis.pcall('XADD', log, format('%.0f-0', first), ...) end
local function is_taken(added)
  return type(added) == 'table'
    and (string.find(added.err, 'equal or smaller', 1, true) or string.find(added.err, 'last possible ID', 1, true))
end
local function add_batch()
  return add('h', format('%.0f %s %.0f %.0f', epoch, ARGV[3], storedAt, total), 'r', runs, 'm', messages)
end

-- Makes the log end before `first`. Something was just added there, or stood there.
local function clear()
  -- Without meta there is no channel, and what bears its other keys is the remains of one.
  if not stored[1] then return call('DEL', log, producers) end
  local from = format('%.0f-0', first)
  local beyond
  repeat
    beyond = call('XRANGE', log, from, '+', 'COUNT', 100)
    for _, entry in ipairs(beyond) do call('XDEL', log, entry[1]) end
  until #beyond == 0
  local before = format('%.0f-0', first - 1)
  -- Redis 7 refuses an id below the ids of deleted entries unless told to forget them; Redis 6 does not know how.
  local set = redis.pcall('XSETID', log, before, 'ENTRIESADDED', format('%.0f', batches), 'MAXDELETEDID', '0-0')
  if set.err then call('XSETID', log, before) end
end

-- A key of another program is not cleared.
if not stored[1] then call('HLEN', producers) end
-- Before an epoch opens something is put in the place of its first batch, so that `clear` has something to remove.
-- Otherwise it is done only where somebody else wrote: readers may have seen that, hence a new epoch.
local added
if opened then added = add('c', '') else added = add_batch() end
if opened or is_taken(added) then
  if type(added) == 'table' and added.err and not is_taken(added) then return added end
  clear()
  epoch = math.max(epoch + 1, seenEpoch + 1, now)
  opened = true
  added = add_batch()
end
if type(added) == 'table' then return added end
batches = batches + 1

local touched = tonumber(stored[4] or 0)
local chores = opened or now - touched >= 1000 or now < touched

-- Retention. The first entry's measures stand in `oldest`, so that the log is not read while there is nothing to drop;
-- and only when a limit is exceeded by a sixteenth is anything dropped (by age: once a second at most).
local maxMessages, maxBytes, maxAge = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local mine = format('%.0f %.0f %.0f %.0f %.0f', first, next, total, #messages, storedAt)
local oldest = stored[2] or mine
local start, stop, totalAtStop, bytes, at = numbers(oldest, five)
local function droppable(stop, totalAtStop, at)
  return (maxMessages > 0 and next - stop >= maxMessages) or (maxBytes > 0 and total - totalAtStop >= maxBytes)
    or (maxAge > 0 and at < now - maxAge)
end
local exceeded = (maxMessages > 0 and next - start > maxMessages * 17 / 16)
  or (maxBytes > 0 and total - totalAtStop + bytes > maxBytes * 17 / 16)
  or (chores and maxAge > 0 and at < now - maxAge)
if exceeded and droppable(stop, totalAtStop, at) then
  -- Along the log droppable entries come first. All below `low` are, the one at `high` is the first known to stay.
  -- The border is looked for where it should be, then beside that, then by halves.
  local low, high = stop, first
  local excess = math.max(0, maxMessages > 0 and next - maxMessages - low or 0,
    maxBytes > 0 and (total - maxBytes - totalAtStop) / (total - totalAtStop) * (next - low) or 0)
  local probe = math.min(low + math.floor(excess), high - 1)
  local beside = true
  oldest = mine
  while low < high do
    local bound, found, count = format('%.0f-0', probe), nil, nil
    repeat
      found = call('XREVRANGE', log, bound, format('%.0f-0', low), 'COUNT', 1)[1]
      if found then
        bound = '(' .. found[1] -- for the next turn, if this entry is not one of ours
        count, at, totalAtStop = numbers(found[2][2], '^%d+ (%d+) (%d+) (%d+)$')
      end
    until count or not found
    start = found and tonumber(match(found[1], '^%d+')) or probe
    stop = start + (count or 1)
    local drop = not found or droppable(stop, totalAtStop, at)
    if drop then
      low = stop
    else
      high = start
      oldest = format('%.0f %.0f %.0f %.0f %.0f', start, stop, totalAtStop, #(found[2][6] or ''), at)
    end
    probe = beside and (drop and low or high - 1) or math.floor((low + high) / 2)
    beside = false
  end
  call('XTRIM', log, 'MINID', format('%.0f-0', high))
  batches = call('XLEN', log)
end

local fields = { 'head', format('%.0f %.0f %.0f %.0f %.0f', next, epoch, storedAt, total, batches) }
local function set(field, value)
  fields[#fields + 1] = field
  fields[#fields + 1] = value
end
if opened or oldest ~= stored[2] then set('oldest', oldest) end
if chores then set('touched', format('%.0f', now)) end
if opened then
  -- Keeps the last 16, this one included.
  local all = {}
  for entry in string.gmatch(stored[1] and call('HGET', meta, 'epochs') or '', '%d+ %d+') do all[#all + 1] = entry end
  all[#all + 1] = format('%.0f %.0f', epoch, first)
  set('epochs', table.concat(all, ' ', math.max(1, #all - 15)))
  set('lineage', lineage)
end

local records = {}
for name, sequence in pairs(last) do
  records[#records + 1] = name
  records[#records + 1] = format('%.0f %.0f %.0f', sequence, ends[name], epoch)
end
if call('HSET', producers, unpack(records)) > 0 and call('HLEN', producers) > 10000 then
  -- Forgets those that appended longest ago, down to 5,000. Nobody is served meanwhile: so it sorts numbers, not records.
  local all = call('HGETALL', producers)
  local order, sorted = {}, {}
  for i = 2, #all, 2 do
    local ended = tonumber(match(all[i], '^%d+ (%d+)')) or 0
    order[i / 2], sorted[i / 2] = ended, ended
  end
  table.sort(sorted)
  local forgotten = sorted[#sorted - 5000]
  local old = {}
  for i = 1, #order do
    if order[i] <= forgotten then old[#old + 1] = all[2 * i - 1] end
  end
  for i = 1, #old, 1000 do call('HDEL', producers, unpack(old, i, math.min(i + 999, #old))) end
end

call('HSET', meta, unpack(fields))

if chores then
  -- A second more than the age, since the expiry is not set anew by every append.
  for _, key in ipairs(KEYS) do
    if maxAge > 0 then call('PEXPIRE', key, maxAge + 1000) else call('PERSIST', key) end
  end
end

call(ARGV[10], ARGV[1], format('%.0f %.0f %s %.0f\n', epoch, first, ARGV[3], storedAt) .. messages)
return { epoch, first }
