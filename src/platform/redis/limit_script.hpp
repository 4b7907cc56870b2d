#pragma once

namespace evently::redis {

/// All limits of a request in one call: all spend, or none does. Every key expires by itself.
/// KEYS[i]: one per policy. ARGV: cost, then per policy kind, a, b: "g", interval in us, burst; or
/// "r", quota, window in us. Reply: refused (0 or 1), the index whose wait is longest, that wait in
/// us, then per policy the time it was recorded at, what remains and us until all is back.
/// Redis' clock is the clock of all nodes; a time ahead of it owes one bucket or window at most.
/// `cost` counts for "g" only (a lease takes many at once).
inline constexpr char kSpend[] = R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local cost = tonumber(ARGV[1])
local n = #KEYS
local kind, a, b, state, at = {}, {}, {}, {}, {}
local wait, by = 0, 0
for i = 1, n do
  kind[i], a[i], b[i] = ARGV[3 * i - 1], tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  at[i] = now
  local late = 0
  if kind[i] == 'g' then
    local full = a[i] * b[i]
    local debt = tonumber(redis.call('GET', KEYS[i]) or '0') - now
    if debt > full then debt = full end
    if debt < 0 then debt = 0 end
    state[i] = debt
    late = debt + a[i] * cost - full
  else
    local log = redis.call('LRANGE', KEYS[i], 0, a[i] - 1)
    if log[1] and tonumber(log[1]) > now + b[i] then
      redis.call('DEL', KEYS[i])
      log = {}
    elseif log[1] and tonumber(log[1]) > now then
      at[i] = tonumber(log[1])
    end
    local live = 0
    while log[live + 1] and tonumber(log[live + 1]) > at[i] - b[i] do live = live + 1 end
    state[i] = live
    if live >= a[i] then late = tonumber(log[a[i]]) + b[i] - at[i] end
  end
  if late > wait then wait, by = late, i end
end
local out = {wait > 0 and 1 or 0, by, math.ceil(wait)}
for i = 1, n do
  local left, back = 0, 0
  if kind[i] == 'g' then
    if wait == 0 then
      state[i] = state[i] + a[i] * cost
      redis.call('SET', KEYS[i], string.format('%.0f', now + state[i]), 'PX', math.ceil(state[i] / 1000) + 1000)
    end
    left, back = math.floor((a[i] * b[i] - state[i]) / a[i]), state[i]
  else
    if wait == 0 then
      redis.call('LPUSH', KEYS[i], string.format('%.0f', at[i]))
      redis.call('LTRIM', KEYS[i], 0, a[i] - 1)
      redis.call('PEXPIRE', KEYS[i], math.ceil(b[i] / 1000) + 1000)
      state[i] = state[i] + 1
    end
    left, back = a[i] - state[i], state[i] > 0 and b[i] or 0
  end
  out[#out + 1], out[#out + 2], out[#out + 3] = at[i], left, math.ceil(back)
end
return out
)lua";

/// Takes back what kSpend recorded. KEYS[i]; ARGV per policy: kind, interval (or 0), recorded at.
inline constexpr char kGiveBack[] = R"lua(
for i = 1, #KEYS do
  local kind, interval, at = ARGV[3 * i - 2], tonumber(ARGV[3 * i - 1]), ARGV[3 * i]
  if kind == 'r' then
    redis.call('LREM', KEYS[i], 1, at)
  else
    local left = redis.call('PTTL', KEYS[i])
    local arrival = redis.call('GET', KEYS[i])
    if arrival and left > 0 then
      redis.call('SET', KEYS[i], string.format('%.0f', tonumber(arrival) - interval), 'PX', left)
    end
  end
end
return 0
)lua";

}  // namespace evently::redis
