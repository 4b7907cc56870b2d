-- wrk: books one seat per request, each time as the next of the people in TOKENS, on the next of the events in EVENTS.
-- Prints one line at the end: bookings per second that were confirmed, and how many answers were a refusal or a fault.
-- Environment: TOKENS (lines "USER_ID TOKEN"), EVENTS (a line per id), PACE (ms between a connection's requests; 0),
-- NETWORKS (how many client networks a proxy tells of; none). Threads start far apart, so they rarely share a person.
-- The load shares the machine with what is measured, so it is light: a request is glued from ready parts, and the
-- answers are wrk's own count of statuses (a response() here would make it hand every header to Lua).

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function read_lines(path, pattern)
  local found = {}
  for line in io.lines(path) do
    table.insert(found, line:match(pattern))
  end
  return found
end

function init()
  turn = number * 7919
  networks = tonumber(os.getenv("NETWORKS") or 0)
  heads, tails = {}, {}
  for i, token in ipairs(read_lines(os.getenv("TOKENS"), "^%S+ (%S+)$")) do
    heads[i] = "POST /api/v1/bookings HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\nAuthorization: Bearer " .. token
  end
  for i, event in ipairs(read_lines(os.getenv("EVENTS"), "^(%S+)$")) do
    local body = '{"event_id":"' .. event .. '","quantity":1}'
    tails[i] = "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
  end
end

local pace = tonumber(os.getenv("PACE") or 0)
if pace > 0 then
  function delay()
    return pace
  end
end

function request()
  turn = turn + 1
  local network = networks > 0 and "\r\nX-Forwarded-For: 198.51.100." .. turn % networks or ""
  return heads[turn % #heads + 1] .. network .. tails[turn % #tails + 1]
end

function done(summary)
  local errors = summary.errors
  print(string.format("confirmed_per_second %.1f not_confirmed %d socket_errors %d",
    (summary.requests - errors.status) / (summary.duration / 1e6), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
