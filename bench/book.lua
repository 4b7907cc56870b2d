-- wrk: books one seat per request, each time as the next of the people in TOKENS, on the next of the events in EVENTS.
-- Prints one line at the end: bookings per second that were confirmed (201), and how many answers were anything else.
-- Environment: TOKENS (lines "USER_ID TOKEN"), EVENTS (a line per id), PACE (ms between a connection's requests; 0),
-- NETWORKS (how many client networks a proxy tells of; none). Threads start far apart, so they rarely share a person.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local function read_lines(path, pattern)
  local found = {}
  for line in io.lines(path) do
    table.insert(found, line:match(pattern))
  end
  return found
end

function init()
  tokens = read_lines(os.getenv("TOKENS"), "^%S+ (%S+)$")
  events = read_lines(os.getenv("EVENTS"), "^(%S+)$")
  turn = number * 7919
  networks = tonumber(os.getenv("NETWORKS") or 0)
  confirmed, refused = 0, 0
end

local pace = tonumber(os.getenv("PACE") or 0)
if pace > 0 then
  function delay()
    return pace
  end
end

function request()
  turn = turn + 1
  local headers = {
    ["Authorization"] = "Bearer " .. tokens[turn % #tokens + 1],
    ["Content-Type"] = "application/json",
  }
  if networks > 0 then
    headers["X-Forwarded-For"] = "198.51.100." .. turn % networks
  end
  local body = '{"event_id":"' .. events[turn % #events + 1] .. '","quantity":1}'
  return wrk.format("POST", "/api/v1/bookings", headers, body)
end

function response(status)
  if status == 201 then
    confirmed = confirmed + 1
  else
    refused = refused + 1
  end
end

function done(summary)
  local yes, no = 0, 0
  for _, thread in ipairs(threads) do
    yes = yes + thread:get("confirmed")
    no = no + thread:get("refused")
  end
  local errors = summary.errors
  print(string.format("confirmed_per_second %.1f not_confirmed %d socket_errors %d", yes / (summary.duration / 1e6), no,
    errors.connect + errors.read + errors.write + errors.timeout))
end
