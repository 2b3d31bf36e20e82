-- All that happens to the members of a channel.
--
-- KEYS  members (hash), leases (sorted set)
-- ARGV  1 what to do: enter, leave, renew or list
--       2 topic   3 how to publish there
--       4 lease in ms
--       5 "1": remove those whose leases have ended
--       6 … as each of the four says below
--
-- members  "" -> version; id -> "session since over taken node profile", or "- taken" for one that left
-- leases   id -> when its lease ends, Unix ms
--
-- The version is 0 where there is nothing, and grows with every change, to the time in µs at least: it is never used
-- twice, also where keys or a master have been lost. Each change is published as "before after\n" (the versions) and its
-- lines: "+id since node profile" for one that is new or has changed, "-id" for one that left.
--
-- `session` is "~" once it was released. `over` is 1 if a session took the member over from another: that one's node may
-- not know it yet. When the member leaves, "-" stays in its place for the time of a lease, or that node would find it
-- missing and enter it again.
-- `taken` is when the session took the member over, or entered it: like a version, and never the same for two. A failover may
-- bring back the session before: then the one that took over is not void but missing, and enters again. Whoever took it
-- later counts.
-- Numbers reach 2^53 and are written with %.0f: Lua's own way rounds from 1e14 on.
local members, leases = KEYS[1], KEYS[2]
local lease = tonumber(ARGV[4])
local call, format, match = redis.call, string.format, string.match

local clock = call('TIME')
local micros = clock[1] * 1000000 + clock[2]
local now = math.floor(micros / 1000)
local before = tonumber(call('HGET', members, '') or 0)
local changes, removed = {}, false

local function parse(value)
  local session, since, over, taken, node, profile = match(value or '', '^(%S+) (%d+) ([01]) (%d+) (%S*) (.*)$')
  if not session then return nil end
  return { session = session, since = since, over = over, taken = taken, node = node, profile = profile }
end

-- When the last session took it, also one that left; 0: nobody knows of any.
local function lastTaken(value)
  return tonumber(match(value or '', '^%S+ %d+ [01] (%d+) ') or match(value or '', '^%- (%d+)$') or 0)
end

local function store(id, member)
  call('HSET', members, id, table.concat({ member.session, member.since, member.over, member.taken, member.node, member.profile }, ' '))
end

local function keep(id, ms)
  call('ZADD', leases, format('%.0f', now + ms), id)
  -- Longer than anything in them, so that what all nodes have forgotten does not stay for ever.
  for _, key in ipairs(KEYS) do
    if call('PTTL', key) < ms + lease then call('PEXPIRE', key, ms + 3 * lease) end
  end
end

local function remove(id, member)
  if member and member.over == '1' then
    call('HSET', members, id, '- ' .. member.taken)
    keep(id, lease)
  else
    call('HDEL', members, id)
    call('ZREM', leases, id)
    removed = true
  end
  if member then changes[#changes + 1] = '-' .. id end
end

local function prune()
  if ARGV[5] ~= '1' then return end
  -- A bound to what waits behind it; the next call goes on.
  for _, id in ipairs(call('ZRANGEBYSCORE', leases, '-inf', format('%.0f', now), 'LIMIT', 0, 1000)) do
    remove(id, parse(call('HGET', members, id)))
  end
end

-- Answers the version.
local function finish()
  local version = before
  if #changes > 0 then version = math.max(before + 1, micros) end
  if removed and call('ZCARD', leases) == 0 then
    version = 0
    call('DEL', members, leases)
  elseif #changes > 0 then
    call('HSET', members, '', format('%.0f', version))
  end
  if #changes > 0 then
    call(ARGV[3], ARGV[2], format('%.0f %.0f\n', before, version) .. table.concat(changes, '\n'))
  end
  return format('%.0f', version)
end

local act = {}

-- 6 id   7 session   8 node   9 profile   10 most members   11 12 since when, and taken when, to enter again what the store
-- has lost
-- Answers since when it is a member and when it was taken, "full" or, when it is entered again, "void": another session has
-- taken it over since.
function act.enter()
  local id, since, again = ARGV[6], ARGV[11], tonumber(ARGV[12])
  local value = call('HGET', members, id)
  local known = parse(value)
  if again and lastTaken(value) > again then
    -- The session itself has entered once more meanwhile.
    if known and known.session == ARGV[7] then return known.since .. ' ' .. known.taken end
    return 'void'
  end
  if not value and call('ZCARD', leases) >= tonumber(ARGV[10]) then
    prune()
    if call('ZCARD', leases) >= tonumber(ARGV[10]) then
      finish()
      return 'full'
    end
  end
  local member = { session = ARGV[7], over = '0', node = ARGV[8], profile = ARGV[9] }
  member.taken = format('%.0f', again or math.max(micros, before + 1, lastTaken(value) + 1))
  member.since = known and known.since or since ~= '' and since or format('%.0f', now)
  if value and not known or known and (known.over == '1' or known.session ~= member.session) then member.over = '1' end
  store(id, member)
  keep(id, lease)
  if not known or known.node ~= member.node or known.profile ~= member.profile then
    changes[#changes + 1] = table.concat({ '+' .. id, member.since, member.node, member.profile }, ' ')
  end
  finish()
  return member.since .. ' ' .. member.taken
end

-- 6 id   7 session   8 grace time in ms; 0: at once
function act.leave()
  local id, grace = ARGV[6], tonumber(ARGV[8])
  local known = parse(call('HGET', members, id))
  if not known or known.session ~= ARGV[7] then return end
  if grace > 0 then
    known.session = '~'
    store(id, known)
    keep(id, grace)
  else
    remove(id, known)
    finish()
  end
end

-- 6 … id, session and taken when of each
-- Answers the version and, for each, 1: it is there, 0: it is missing, or is as it was before, 2: another session has taken it
-- over since.
function act.renew()
  local answer = { '' }
  for i = 6, #ARGV, 3 do
    local value = call('HGET', members, ARGV[i])
    local known = parse(value)
    local taken, last = tonumber(ARGV[i + 2]), lastTaken(value)
    if known and known.session == ARGV[i + 1] and last >= taken then
      keep(ARGV[i], lease)
      answer[#answer + 1] = 1
    else
      answer[#answer + 1] = last > taken and 2 or 0
    end
  end
  prune()
  answer[1] = finish()
  return answer
end

-- Answers the version, the server's replication id, and all that the members' key holds.
function act.list()
  prune()
  local version = finish()
  local lineage = match(call('INFO', 'replication'), 'master_replid:(%x+)') or ''
  return { version, lineage, call('HGETALL', members) }
end

return act[ARGV[1]]()
