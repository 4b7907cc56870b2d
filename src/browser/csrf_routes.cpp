#include "browser/csrf_routes.hpp"

#include "platform/json/json_writer.hpp"

namespace evently::browser {
namespace {

/// As long as a session; a form left open longer asks again.
constexpr std::chrono::hours kPreLife{24};

}  // namespace

std::vector<http::Route> CsrfRoutes::table() {
  return {{http::Method::Get, "/api/v1/auth/csrf", http::anyone(), "",
           [this](http::Request r) { return give_token(std::move(r)); }}};
}

/// 200 csrf_token, bound to the session, or to a cookie that is set now when there is neither.
Task<http::Response> CsrfRoutes::give_token(http::Request request) {
  std::string binding = guard_.binding_of(read_cookies(request));
  const bool is_new = binding.empty();
  if (is_new) binding = make_pre_cookie();
  json::JsonWriter out;
  out.begin_object().member("csrf_token", csrf_.issue(binding)).end_object();
  http::Response response = http::json(200, out.take());
  response.compressible = false;
  if (is_new)
    response.headers.emplace_back("Set-Cookie", set_cookie(kPreCookie, binding, kPreLife));
  co_return response;
}

}  // namespace evently::browser
