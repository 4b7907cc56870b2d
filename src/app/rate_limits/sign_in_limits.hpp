#pragma once

#include <map>
#include <mutex>
#include <string>

#include "accounts/sign_in_guard.hpp"
#include "app/rate_limits/device_cookie.hpp"
#include "platform/http/trusted_proxies.hpp"
#include "platform/limits/shared_store.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/observability/security_event.hpp"
#include "security/block_list.hpp"

namespace evently::app {

/// How many tries are under way by subject. Thread-safe; as many entries as sign-ins run at once.
class OpenTries {
 public:
  void open(const limits::Uses& uses);
  void close(const limits::Uses& uses);
  /// Whether the count of a use may yet shrink: a try it holds has not ended.
  bool any(const limits::Use& use) const;

 private:
  static std::string name(const limits::Use& use);

  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

/// Counts failed sign-ins: by network, by account and network; those of a browser that signed in to
/// the account before apart from all others. Those of an account are counted by PostgreSQL. A try
/// takes its place in every count before the password is looked at and gives it back unless it
/// fails, so that no number of simultaneous tries gets more failures than there are.
class SignInLimits final : public accounts::SignInGuard {
 public:
  /// Who is kept out, devices that are known excepted.
  struct Blocks {
    const security::BlockList& list;
    const Clock& clock;
    const http::TrustedProxies& proxies;
  };
  /// Without a store this process counts alone.
  SignInLimits(limits::LimitSet& limits, OpenTries& open, const DeviceMarks& devices,
               observability::Metrics& metrics, observability::SecuritySink& security,
               const Blocks& blocks, limits::SharedStore* store)
      : limits_(limits),
        open_(open),
        devices_(devices),
        metrics_(metrics),
        security_(security),
        blocks_(blocks),
        store_(store) {}

  Task<Result<std::unique_ptr<accounts::SignInTry>, http::Problem>> admit(
      const http::Request& request, std::string account) override;
  std::string device_cookie(const http::Request& request, const std::string& account) override;

 private:
  class Try;
  /// A decision, here or in the store, and what is to be taken back of it.
  struct Count {
    limits::Verdict verdict;
    std::optional<limits::Verdict> here;
    bool in_store = false;
  };
  Task<Count> count(limits::Uses uses);
  /// The id of the browser when it has signed in to `account` before.
  std::optional<std::string> device_of(const http::Request& request,
                                       const std::string& account) const;
  limits::Uses uses_of(const http::Request& request, const std::string& account,
                       const std::optional<std::string>& device) const;
  std::optional<http::Problem> blocked(const http::Request& request, bool is_known_device) const;
  http::Problem refuse(const http::Request& request, const std::string& account,
                       const limits::Uses& uses, const limits::Verdict& verdict);

  limits::LimitSet& limits_;
  OpenTries& open_;
  const DeviceMarks& devices_;
  observability::Metrics& metrics_;
  observability::SecuritySink& security_;
  const Blocks blocks_;
  limits::SharedStore* store_;
};

}  // namespace evently::app
