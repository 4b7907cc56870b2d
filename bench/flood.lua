-- wrk: one address that sends bookings long after its share is spent. Prints how many were refused by its limit (429).
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  refused, other = 0, 0
end

-- 64 connections, one each 12 ms: about 5000 a second.
function delay()
  return 12
end

function request()
  local headers = {
    ["Authorization"] = "Bearer of.bad.news",
    ["Content-Type"] = "application/json",
    ["X-Forwarded-For"] = "203.0.113.9",
  }
  return wrk.format("POST", "/api/v1/bookings", headers, '{"event_id":"00000000-0000-7000-8000-000000000000","quantity":1}')
end

function response(status)
  if status == 429 then
    refused = refused + 1
  else
    other = other + 1
  end
end

function done()
  local all_refused, all_other = 0, 0
  for _, thread in ipairs(threads) do
    all_refused = all_refused + thread:get("refused")
    all_other = all_other + thread:get("other")
  end
  print(string.format("refused %d other %d", all_refused, all_other))
end
