// Cookie headers, one a line: what is ours is found as a plain reading finds it, over how many
// headers it ever comes; nothing in them changes something or signs anybody in.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "accounts/credential.hpp"
#include "browser/guard.hpp"

namespace {

using namespace evently;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string without_blanks(std::string text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.erase(0, 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

/// All values of `name`.
std::vector<std::string> plainly(const std::string& header, const std::string& name) {
  std::vector<std::string> values;
  for (const std::string& untrimmed : split(header, ';')) {
    const std::string pair = without_blanks(untrimmed);
    const std::vector<std::string> sides = split(pair, '=');
    if (without_blanks(sides[0]) != name) continue;
    values.push_back(sides.size() == 1 ? "" : pair.substr(sides[0].size() + 1));
  }
  return values;
}

void check_reading(const http::Request& request, const std::string& joined) {
  const browser::Cookies found = browser::read_cookies(request);
  const auto sessions = plainly(joined, browser::kSessionCookie);
  const auto pres = plainly(joined, browser::kPreCookie);
  if (found.has_session != !sessions.empty()) abort();
  if (found.session != (sessions.empty() ? "" : sessions[0])) abort();
  if (found.pre != (pres.empty() ? "" : pres[0])) abort();
  if (found.doubled != (sessions.size() > 1 || pres.size() > 1)) abort();
  const auto other = browser::find_cookie(request, "a");
  const auto others = plainly(joined, "a");
  if (other.has_value() != !others.empty() || (other && *other != others[0])) abort();

  const accounts::Credential credential = accounts::read_credential(request);
  if (credential.any != found.has_session || credential.ambiguous != found.doubled) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::TokenKeys tokens(crypto::ring_of(std::string(32, 't')));
  static const browser::CsrfTokens csrf(std::string(32, 'c'));
  static const browser::OwnOrigins origins;
  static const SystemClock clock;
  static const browser::Guard guard(tokens, csrf, origins, clock);

  http::Request request;
  request.method = http::Method::Post;
  request.headers = {{"content-type", "application/json"}, {"sec-fetch-site", "same-origin"}};
  std::string joined;
  for (std::string& line : split({reinterpret_cast<const char*>(data), size}, '\n')) {
    joined += (joined.empty() ? "" : ";") + line;
    request.headers.emplace_back("cookie", std::move(line));
  }
  check_reading(request, joined);
  // Signing in needs a token bound to the cookies, and this request has none.
  if (!guard.check(request, http::anyone(http::Access::Screen::Browsers))) abort();
  return 0;
}
