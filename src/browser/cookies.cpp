#include "browser/cookies.hpp"

#include <algorithm>

namespace evently::browser {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Calls `see(name, value)` for each `name=value` of all Cookie headers, without the white space
/// around it; a name without a sign has no value.
template <class See>
void each_cookie(const http::Request& request, See see) {
  for (const auto& [field, value] : request.headers) {
    if (field != "cookie") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t sign = std::min(pair.find('='), pair.size());
      see(trimmed(pair.substr(0, sign)), pair.substr(std::min(sign + 1, pair.size())));
    }
  }
}

}  // namespace

std::string set_cookie(std::string_view name, std::string_view value, std::chrono::seconds life) {
  return std::string(name) + "=" + std::string(value) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life.count());
}

Cookies read_cookies(const http::Request& request) {
  Cookies found;
  int sessions = 0;
  int pres = 0;
  each_cookie(request, [&](std::string_view name, std::string_view value) {
    if (name == kSessionCookie && ++sessions == 1) found.session = value;
    if (name == kPreCookie && ++pres == 1) found.pre = value;
  });
  found.any = request.header_count("cookie") > 0;
  found.has_session = sessions > 0;
  found.doubled = sessions > 1 || pres > 1;
  return found;
}

std::optional<std::string_view> find_cookie(const http::Request& request, std::string_view name) {
  std::optional<std::string_view> found;
  each_cookie(request, [&](std::string_view its_name, std::string_view value) {
    if (!found && its_name == name) found = value;
  });
  return found;
}

}  // namespace evently::browser
