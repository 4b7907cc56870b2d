#include "platform/postgres/signed_context.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/hmac.hpp"

namespace evently::postgres {
namespace {

const std::string kKey(32, 'k');

class FixedClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::milliseconds(1'000'000'999)); }
};

Actor ada() {
  return {*parse_uuid("0192a3b4-c5d6-7e8f-9012-3456789abcde"),
          *parse_uuid("0192a3b4-c5d6-7e8f-9012-3456789abcdf"), "request-1", "127.0.0.1"};
}

TEST(ContextSigner, WritesTheFieldsAndTheirMac) {
  const FixedClock clock;
  const std::string context = ContextSigner(7, kKey, clock).sign(ada());
  const std::string fields =
      "1|7|0192a3b4-c5d6-7e8f-9012-3456789abcde|0192a3b4-c5d6-7e8f-9012-3456789abcdf|"
      "request-1|1000030|127.0.0.1";
  EXPECT_EQ(context, fields + "|" + crypto::to_hex(crypto::hmac_sha256(kKey, fields)));
}

TEST(ContextSigner, LeavesNilIdsEmpty) {
  const FixedClock clock;
  const Actor nobody{{}, {}, "request-1", "::1"};
  const std::string context = ContextSigner(1, kKey, clock).sign(nobody, std::chrono::seconds(5));
  EXPECT_TRUE(context.starts_with("1|1|||request-1|1000005|::1|")) << context;
}

TEST(ContextSigner, RefusesAKeyOfAnotherLength) {
  const FixedClock clock;
  EXPECT_THROW(ContextSigner(1, "short", clock), std::invalid_argument);
}

}  // namespace
}  // namespace evently::postgres
