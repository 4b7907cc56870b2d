#include "support/forged_tokens.hpp"

#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"

namespace evently::testing {
namespace {

using crypto::base64url_encode;
using std::chrono::hours;

struct Parts {
  explicit Parts(const std::string& token)
      : header(token.substr(0, token.find('.'))),
        payload(token.substr(header.size() + 1, token.rfind('.') - header.size() - 1)),
        mac(token.substr(token.rfind('.') + 1)) {}
  std::string header, payload, mac;
};

std::string signed_with(const std::string& key, const std::string& header,
                        const std::string& payload) {
  const std::string part = header + "." + payload;
  return part + "." + base64url_encode(crypto::hmac_sha256(key, part));
}

std::string issued(const std::string& key, int kid, const crypto::Claims& claims) {
  return crypto::TokenKeys(crypto::KeyRing{{kid, key, {}, {}}}).issue(claims);
}

constexpr const char* kHeaders[] = {
    R"({"alg":"none","typ":"JWT","kid":"1"})",
    R"({"alg":"None"})",
    R"({"alg":"NONE"})",
    R"({"alg":"nOnE","typ":"JWT","kid":"1"})",
    R"({"alg":"","typ":"JWT","kid":"1"})",
    R"({"alg":"HS384","typ":"JWT","kid":"1"})",
    R"({"alg":"HS512","typ":"JWT","kid":"1"})",
    R"({"alg":"RS256","typ":"JWT","kid":"1"})",
    R"({"alg":"PS256","typ":"JWT","kid":"1"})",
    R"({"alg":"ES256","typ":"JWT","kid":"1"})",
    R"({"alg":"EdDSA","typ":"JWT","kid":"1"})",
    R"({"alg":"hs256","typ":"JWT","kid":"1"})",
    R"({"alg":["HS256"],"typ":"JWT","kid":"1"})",
    R"({"alg":"A256KW","enc":"A256GCM","kid":"1"})",
    R"({"typ":"JWT","alg":"HS256","kid":"1"})",
    R"({"alg":"HS256","kid":"1"})",
    R"({"alg":"HS256","typ":"JWT"})",
    R"({"alg":"HS256","typ":"JWT","kid":1})",
    R"({"alg":"HS256","typ":"JWT","kid":""})",
    R"({"alg":"HS256","typ":"JWT","kid":"9"})",
    R"({"alg":"HS256","typ":"JWT","kid":"01"})",
    R"({"alg":"HS256","typ":"JWT","kid":"02"})",
    R"({"alg":"HS256","typ":"JWT","kid":"2\u0000"})",
    R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1' UNION SELECT 'x"})",
    R"({"alg":"HS256","typ":"JWT","kid":"2' OR 1=1--"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","kid":"1"})",
    R"({"alg":"HS256","alg":"none","typ":"JWT","kid":"1"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","jku":"https://evil.example/k"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","x5u":"https://evil.example/x"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","jwk":{"kty":"oct","k":"YQ"}})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","crit":["exp"]})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","crit":["b64"],"b64":false})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","b64":false,"crit":["b64"]})",
    R"({"alg":"HS256","typ":"at+jwt","kid":"1"})",
    R"({"alg":"HS256","typ":"jwt","kid":"1"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1","zip":"DEF"})",
    R"( {"alg":"HS256","typ":"JWT","kid":"1"})",
    R"({ "alg":"HS256","typ":"JWT","kid":"1"})",
    R"({"alg":"HS256","typ":"JWT","kid":"1"} )",
    "null",
    "[]",
    "{}",
    ""};

/// Ways to write a token that is right but for its spelling.
std::vector<std::string> spellings(const std::string& good, const Parts& parts) {
  std::string spare = parts.mac;  // the spare bits of the last character, or a bit of the MAC
  spare.back() = spare.back() == 'A' ? 'B' : 'A';
  return {"",
          ".",
          "..",
          "...",
          "abc",
          parts.header + "." + parts.payload,
          parts.header + "." + parts.payload + ".",
          parts.header + "." + parts.payload + "." + spare,
          parts.header + "." + parts.payload + "." + std::string(43, 'A'),
          parts.header + "." + parts.payload + "." + parts.mac.substr(0, 22),
          parts.payload + "." + parts.header + "." + parts.mac,
          good + "=",
          good + "A",
          " " + good,
          good + " ",
          parts.header + "=." + parts.payload + "." + parts.mac,
          parts.header + "." + parts.payload + "=." + parts.mac,
          good + "." + parts.mac,
          good + ".." + parts.mac,
          good + std::string(2000, 'A')};
}

}  // namespace

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("nothing to replace: " + from);
  return text.replace(at, from.size(), to);
}

std::vector<std::string> forged_headers(const std::string& kid) {
  const std::string ours = R"("kid":"1")";
  std::vector<std::string> headers;
  for (std::string header : kHeaders) {
    for (std::size_t at = header.find(ours); at != std::string::npos; at = header.find(ours, at)) {
      header.replace(at, ours.size(), R"("kid":")" + kid + "\"");
      at += ours.size();
    }
    headers.push_back(std::move(header));
  }
  return headers;
}

std::vector<std::string> forged_tokens(const std::string& good, const crypto::Claims& claims,
                                       const std::string& key, TimePoint now) {
  const Parts parts(good);
  std::vector<std::string> forged = spellings(good, parts);
  for (const std::string& header : forged_headers("1")) {
    forged.push_back(signed_with(key, base64url_encode(header), parts.payload));
  }
  const std::string none = base64url_encode(R"({"alg":"none","typ":"JWT","kid":"1"})");
  forged.push_back(none + "." + parts.payload + ".");
  forged.push_back(signed_with("", parts.header, parts.payload));
  forged.push_back(signed_with(std::string(32, '\0'), parts.header, parts.payload));
  forged.push_back(issued(std::string(32, 'x'), 1, claims));
  forged.push_back(issued(key, 2, claims));

  const std::string payload = crypto::base64url_decode(parts.payload).value();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {R"("role":"user")", R"("role":"user","role":"admin")"},
           {R"("role":"user")", R"("role":"us\u0065r")"},
           {"evently-clients", "other-clients"},
           {"evently-api", "another-issuer"},
           {"}", R"(,"nbf":0})"},
           {"{", "{ "}}) {
    forged.push_back(signed_with(key, parts.header, base64url_encode(replaced(payload, from, to))));
  }
  crypto::Claims expired = claims;
  expired.issued_at = now - hours(25);
  expired.expires_at = now - hours(1);
  crypto::Claims early = claims;
  early.issued_at = now + hours(1);
  crypto::Claims no_session = claims;
  no_session.jti = make_uuid_v7();
  crypto::Claims not_theirs = claims;
  not_theirs.user_id = make_uuid_v7();
  for (const auto& changed : {expired, early, no_session, not_theirs}) {
    forged.push_back(issued(key, 1, changed));
  }
  return forged;
}

}  // namespace evently::testing
