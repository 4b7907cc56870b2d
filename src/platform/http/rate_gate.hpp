#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "base/uuid.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/route.hpp"

namespace evently::http {

/// What a gate says of one request.
struct RateVerdict {
  std::optional<Problem> refusal;                            ///< 429
  std::vector<std::pair<std::string, std::string>> headers;  ///< for the answer, whatever it is
  /// When the caller's use of the tier was granted, by this node's clock and by the shared store's;
  /// 0: not there.
  std::array<std::int64_t, 2> granted_at{};
};

/// Holds callers to their limits. The app implements it; http only asks. A refused request spends
/// nothing; per request decide() or decide_now() spends once.
class RateGate {
 public:
  virtual ~RateGate() = default;

  /// Before the door and before the body is looked at: the refusal when the caller's network has
  /// nothing left. Spends nothing.
  virtual std::optional<Problem> refuse_early(const Request& request, std::string_view tier) = 0;

  /// Spends in all limits of the request at once, by its principal when it has one. Nothing when
  /// the answer must be waited for: then decide().
  virtual std::optional<RateVerdict> decide_now(const Request& request, std::string_view tier) = 0;
  virtual Task<RateVerdict> decide(const Request& request, std::string_view tier) = 0;

  /// The answer repeats an earlier one: gives back what the caller spent of a tier that counts
  /// people. His network's share is spent.
  virtual void take_back(const Uuid& caller, std::string_view tier, const RateVerdict& spent) = 0;
};

/// Lets everybody through: the operations port, and tests of other things.
class NoRateGate final : public RateGate {
 public:
  std::optional<Problem> refuse_early(const Request&, std::string_view) override { return {}; }
  std::optional<RateVerdict> decide_now(const Request&, std::string_view) override {
    return RateVerdict();
  }
  Task<RateVerdict> decide(const Request&, std::string_view) override { co_return RateVerdict(); }
  void take_back(const Uuid&, std::string_view, const RateVerdict&) override {}
};

}  // namespace evently::http
