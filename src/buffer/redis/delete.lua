-- Removes a channel. What the keys hold: append.lua.
--
-- KEYS  log (stream), meta (hash), producers (hash)
-- ARGV  1 the epoch that is to go; one that began later stays
--
-- Answers whether it existed: 1 or 0. A channel that is created again begins with an epoch that is the time of then: until
-- the clock has passed the last epoch of this one, nobody could tell the two apart.
local head = redis.call('HGET', KEYS[2], 'head')
local epoch = tonumber(string.match(head or '', '^%d+ (%d+)') or 0)
if epoch > tonumber(ARGV[1]) then return 0 end
local clock = redis.call('TIME')
if epoch >= clock[1] * 1000 + math.floor(clock[2] / 1000) then
  return redis.error_reply('TRYAGAIN the clock of Redis is behind the last epoch of the channel')
end
return redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3]) > 0 and 1 or 0
