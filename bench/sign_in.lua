-- wrk: sign-ins with a wrong password, each of which costs a hash.
wrk.method = "POST"
wrk.path = "/api/v1/auth/token"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"email":"nobody@example.org","password":"not the right password"}'

-- 64 connections, one each 128 ms: 500 a second, ten times what the machine can hash.
function delay()
  return 128
end
