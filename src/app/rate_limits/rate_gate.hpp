#pragma once

#include <boost/asio/io_context.hpp>

#include "app/rate_limits/lease_book.hpp"
#include "app/rate_limits/sign_in_limits.hpp"
#include "platform/http/rate_gate.hpp"
#include "platform/limits/shared_store.hpp"

namespace evently::app {

struct RateParts {
  limits::LimitSet& limits;
  const OpenTries& open_tries;
  observability::Metrics& metrics;
  observability::SecuritySink& security;
  limits::SharedStore* store;  ///< nullptr: this process counts alone
};

/// Holds requests to the tiers of docs/limits.md. Uses only what is thread-safe; one per worker.
class RateGate final : public http::RateGate {
 public:
  RateGate(boost::asio::io_context& io, RateParts parts)
      : io_(io),
        limits_(parts.limits),
        open_tries_(parts.open_tries),
        metrics_(parts.metrics),
        security_(parts.security),
        store_(parts.store),
        leases_(parts.limits) {}

  /// Throws std::logic_error for a route whose tier there is not.
  static void check_tiers(const std::vector<http::Route>& routes);

  std::optional<http::Problem> refuse_early(const http::Request& request,
                                            std::string_view tier) override;
  std::optional<http::RateVerdict> decide_now(const http::Request& request,
                                              std::string_view tier) override;
  Task<http::RateVerdict> decide(const http::Request& request, std::string_view tier) override;
  void take_back(const Uuid& caller, std::string_view tier,
                 const http::RateVerdict& spent) override;

 private:
  http::Problem refuse(const http::Request& request, const limits::Uses& uses,
                       const limits::Verdict& verdict);
  limits::Uses uses_of(const http::Request& request, std::optional<limits::Tier> tier) const;
  std::optional<http::Problem> refuse_failures(const http::Request& request);

  http::RateVerdict count_here(const http::Request& request, const limits::Uses& uses);
  http::RateVerdict settle(const limits::Uses& uses, const limits::Verdict* strict);
  Task<std::optional<limits::Verdict>> lease(limits::Uses uses);
  Task<void> renew(limits::Uses uses);

  boost::asio::io_context& io_;
  limits::LimitSet& limits_;
  const OpenTries& open_tries_;
  observability::Metrics& metrics_;
  observability::SecuritySink& security_;
  limits::SharedStore* store_;
  LeaseBook leases_;
};

}  // namespace evently::app
