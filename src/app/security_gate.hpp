#pragma once

#include "app/rate_limits/rate_gate.hpp"
#include "app/shared_parts.hpp"
#include "platform/http/authenticator.hpp"

namespace evently::app {

/// Stands before the rate limits: counts requests by network, knows the decoy paths, and turns
/// blocked networks away. Uses only what is thread-safe; one per worker.
class SecurityGate final : public http::RateGate {
 public:
  SecurityGate(SharedParts& shared, http::RateGate& limits) : shared_(shared), limits_(limits) {}

  std::optional<http::Problem> refuse_early(const http::Request& request,
                                            std::string_view tier) override;
  std::optional<http::RateVerdict> decide_now(const http::Request& request,
                                              std::string_view tier) override;
  Task<http::RateVerdict> decide(const http::Request& request, std::string_view tier) override;
  void take_back(const Uuid& caller, std::string_view tier,
                 const http::RateVerdict& spent) override {
    limits_.take_back(caller, tier, spent);
  }

 private:
  std::optional<http::Problem> blocked(const http::Request& request, std::string_view tier) const;
  void look_at(const http::Request& request);

  SharedParts& shared_;
  http::RateGate& limits_;
};

/// Stands before the door, which reports what it refuses: reports who touched the decoy key, what
/// administrators do, and sessions that are used from more than one network.
class WatchedDoor final : public http::Authenticator {
 public:
  WatchedDoor(SharedParts& shared, http::Authenticator& door) : shared_(shared), door_(door) {}
  std::optional<http::Problem> screen(const http::Request& request,
                                      const http::Access& access) override {
    return door_.screen(request, access);
  }
  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access access) override;

 private:
  void refused(const http::Request& request, const http::Problem& problem);
  void admitted(const http::Request& request, http::Access access, const http::Principal& who);

  SharedParts& shared_;
  http::Authenticator& door_;
};

}  // namespace evently::app
