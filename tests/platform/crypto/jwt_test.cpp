#include "platform/crypto/jwt.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "support/forged_tokens.hpp"

namespace evently::crypto {
namespace {

using std::chrono::seconds;
using testing::replaced;

const std::string kKey(32, 'a');
const std::string kOldKey(32, 'b');
const TokenKeys kKeys(KeyRing{{1, kOldKey, {}, {}}, {2, kKey, {}, {}}});
const TimePoint kNow = *parse_rfc3339("2026-11-24T18:00:00Z");
const std::string kHeader = R"({"alg":"HS256","typ":"JWT","kid":"2"})";
const std::string kPayload =
    R"({"iss":"evently-api","aud":"evently-clients","user_id":"01900000-0000-7000-8000-00000000000a",)"
    R"("role":"user","iat":1795543200,"exp":1795629600,"jti":"01900000-0000-7000-8000-00000000000b"})";

Claims claims() {
  return {*parse_uuid("01900000-0000-7000-8000-00000000000a"), "user", kNow, kNow + seconds(86'400),
          *parse_uuid("01900000-0000-7000-8000-00000000000b")};
}

/// A token with any header and payload, signed with our own key: what an attacker cannot do, so
/// that each test shows its own check and not only the MAC's.
std::string signed_by_us(std::string_view header, std::string_view payload,
                         const std::string& key = kKey) {
  const std::string part = base64url_encode(header) + "." + base64url_encode(payload);
  return part + "." + base64url_encode(hmac_sha256(key, part));
}

TEST(TokenKeys, GiveBackTheirClaims) {
  const auto read = kKeys.verify(kKeys.issue(claims()), kNow);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user_id, claims().user_id);
  EXPECT_EQ(read->role, "user");
  EXPECT_EQ(read->issued_at, kNow);
  EXPECT_EQ(read->expires_at, kNow + seconds(86'400));
  EXPECT_EQ(read->jti, claims().jti);
}

TEST(TokenKeys, WriteTheOneSpelling) {
  EXPECT_EQ(kKeys.issue(claims()), signed_by_us(kHeader, kPayload));
}

TEST(TokenKeys, TakeTokensOfTheOlderKey) {
  const TokenKeys before(ring_of(kOldKey));
  EXPECT_TRUE(kKeys.verify(before.issue(claims()), kNow));
  EXPECT_FALSE(before.verify(kKeys.issue(claims()), kNow));
}

TEST(TokenKeys, SignWithAnAnnouncedKeyOnlyWhenEveryNodeKnowsIt) {
  TokenKeys keys(ring_of(kOldKey));
  const TokenKeys other_node(ring_of(kOldKey));
  keys.replace(KeyRing{{1, kOldKey, {}, {}}, {2, kKey, kNow, {}}});
  Claims made = claims();
  made.issued_at = kNow + kAnnounced - seconds(1);
  EXPECT_TRUE(other_node.verify(keys.issue(made), made.issued_at));
  made.issued_at = kNow + kAnnounced;
  EXPECT_FALSE(other_node.verify(keys.issue(made), made.issued_at));
  EXPECT_TRUE(keys.verify(keys.issue(made), made.issued_at));
}

TEST(TokenKeys, RefuseTokensOfARetiredKey) {
  const TokenKeys before(ring_of(kOldKey));
  const TokenKeys after(KeyRing{{1, kOldKey, {}, kNow + seconds(60)}, {2, kKey, {}, {}}});
  const std::string token = before.issue(claims());
  EXPECT_TRUE(after.verify(token, kNow + seconds(59)));
  EXPECT_FALSE(after.verify(token, kNow + seconds(60)));
}

TEST(TokenKeys, HoldToTheTimesWithThirtySecondsOfLeeway) {
  const std::string token = kKeys.issue(claims());
  EXPECT_FALSE(kKeys.verify(token, kNow - seconds(31)));
  EXPECT_TRUE(kKeys.verify(token, kNow - seconds(30)));
  EXPECT_TRUE(kKeys.verify(token, kNow + seconds(86'400 + 29)));
  EXPECT_FALSE(kKeys.verify(token, kNow + seconds(86'400 + 30)));
}

TEST(TokenKeys, RefuseOtherHeaders) {
  for (const std::string& header : testing::forged_headers("2")) {
    EXPECT_FALSE(kKeys.verify(signed_by_us(header, kPayload), kNow)) << header;
  }
  const std::string other_key = R"({"alg":"HS256","typ":"JWT","kid":"1"})";
  EXPECT_FALSE(kKeys.verify(signed_by_us(other_key, kPayload), kNow));
}

TEST(TokenKeys, RefuseOtherPayloads) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"evently-api", "evently"},
      {"evently-api", "evently-api2"},
      {"evently-clients", "other-clients"},
      {R"("aud":"evently-clients")", R"("aud":["evently-clients"])"},
      {R"("iss":"evently-api",)", ""},
      {R"("aud":"evently-clients",)", ""},
      {R"("role":"user",)", ""},
      {R"("iat":1795543200,)", ""},
      {R"("exp":1795629600,)", ""},
      {R"(,"jti":"01900000-0000-7000-8000-00000000000b")", ""},
      {R"("role":"user")", R"("role":"user","role":"admin")"},
      {R"("role":"user")", R"("role":"us\u0065r")"},
      {R"("role":"user")", R"("role":null)"},
      {"1795629600", "\"1795629600\""},
      {"1795629600", "1795629600.5"},
      {"1795629600", "01795629600"},
      {"1795629600", "1.795629600e9"},
      {"1795629600", "9999999999999999999"},
      {"1795629600", "9223372036854775807"},
      {"1795629600", "null"},
      {"1795543200", "-1795543200"},
      {"1795543200", "+1795543200"},
      {"01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000A"},
      {"01900000-0000-7000-8000-00000000000a", "0190000000007000800000000000000a"},
      {"01900000-0000-7000-8000-00000000000a", ""},
      {"01900000-0000-7000-8000-00000000000b", "1"},
      {"{", "{ "},
      {"}", "} "},
      {"}", R"(,"nbf":1795543200})"},
      {"}", R"(,"admin":true})"},
      {"}", ""},
  };
  for (const auto& [from, to] : changes) {
    EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, replaced(kPayload, from, to)), kNow))
        << from << " -> " << to;
  }
  for (const char* payload : {"", "{}", "[]", "null", "\"\""}) {
    EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, payload), kNow)) << payload;
  }
}

TEST(TokenKeys, RefuseOtherKeys) {
  EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, kPayload, kOldKey), kNow));  // key 1 under kid 2
  EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, kPayload, ""), kNow));
  EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, kPayload, std::string(32, '\0')), kNow));
  EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, kPayload, "secret"), kNow));
}

TEST(TokenKeys, RefuseOtherShapes) {
  const std::string token = kKeys.issue(claims());
  const std::size_t last = token.rfind('.');
  const std::string unsigned_part = token.substr(0, last);
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("..."),
                                  unsigned_part,
                                  unsigned_part + ".",
                                  token + ".",
                                  "." + token,
                                  token + "=",
                                  token + "==",
                                  token + " ",
                                  " " + token,
                                  token + "\n",
                                  token + std::string(1, '\0'),
                                  "Bearer " + token,
                                  token + "." + token,
                                  token.substr(1),
                                  replaced(token, ".", ".."),
                                  replaced(token, ".", "%2E"),
                                  unsigned_part + "." + std::string(43, 'A'),
                                  token.substr(0, token.size() - 1),
                                  token + "A",
                                  std::string(1025, 'A'),
                                  token + std::string(1024, ' ')}) {
    EXPECT_FALSE(kKeys.verify(text, kNow)) << text;
  }
}

TEST(TokenKeys, RefuseATruncatedMac) {
  const std::string part = base64url_encode(kHeader) + "." + base64url_encode(kPayload);
  const std::string mac = hmac_sha256(kKey, part);
  for (std::size_t size = 0; size < mac.size(); ++size) {
    EXPECT_FALSE(kKeys.verify(part + "." + base64url_encode(mac.substr(0, size)), kNow));
  }
}

TEST(TokenKeys, RefuseEveryChangedCharacter) {
  const std::string token = kKeys.issue(claims());
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const char c : {'A', 'B', '-', '_', '=', '.', '+', '/', '"'}) {
      if (token[at] == c) continue;
      std::string forged = token;
      forged[at] = c;
      EXPECT_FALSE(kKeys.verify(forged, kNow)) << at;
    }
  }
}

TEST(TokenKeys, RefuseTokensOverOneKibibyte) {
  Claims long_role = claims();
  long_role.role = std::string(64, 'r');
  EXPECT_LE(kKeys.issue(long_role).size(), 1024U);
  const std::string padded = replaced(kPayload, "user\"", std::string(1'000, 'r') + "\"");
  EXPECT_FALSE(kKeys.verify(signed_by_us(kHeader, padded), kNow));
}

TEST(TokenKeys, WantWholeKeysAndPlainRoles) {
  EXPECT_THROW(TokenKeys{ring_of("short")}, std::invalid_argument);
  EXPECT_THROW(TokenKeys{KeyRing()}, std::invalid_argument);
  Claims forged = claims();
  forged.role = R"(user","x":")";
  EXPECT_THROW(kKeys.issue(forged), std::invalid_argument);
}

}  // namespace
}  // namespace evently::crypto
