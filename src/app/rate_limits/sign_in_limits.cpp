#include "app/rate_limits/sign_in_limits.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/rate_limits/rate_answer.hpp"
#include "platform/crypto/hmac.hpp"
#include "security/security_routes.hpp"

namespace evently::app {
namespace {

using limits::Tier;

/// Five people of one network who sign in at the same moment hold all its places for the time of
/// five hashes; the sixth waits for them rather than being turned away.
constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kLookAgain{25};

}  // namespace

std::string OpenTries::name(const limits::Use& use) {
  return std::string(1, static_cast<char>(use.tier)) + (use.is_site ? "s" : "-") + use.subject;
}

void OpenTries::open(const limits::Uses& uses) {
  const std::lock_guard lock(mutex_);
  for (const limits::Use& use : uses) ++counts_[name(use)];
}

void OpenTries::close(const limits::Uses& uses) {
  const std::lock_guard lock(mutex_);
  for (const limits::Use& use : uses) {
    const auto found = counts_.find(name(use));
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }
}

bool OpenTries::any(const limits::Use& use) const {
  const std::lock_guard lock(mutex_);
  return counts_.contains(name(use));
}

class SignInLimits::Try final : public accounts::SignInTry {
 public:
  Try(SignInLimits& owner, limits::Uses uses, const Count& count, bool is_known_device)
      : owner_(owner), uses_(std::move(uses)), count_(count), is_known_device_(is_known_device) {
    owner_.open_.open(uses_);
  }
  ~Try() override {
    if (has_succeeded_ && is_known_device_) {
      owner_.limits_.clear(uses_);
      if (owner_.store_ != nullptr) owner_.store_->clear(uses_);
    } else if (!has_failed_) {
      if (count_.here) owner_.limits_.give_back(uses_, *count_.here);
      if (count_.in_store) owner_.store_->give_back(uses_, count_.verdict);
    }
    owner_.open_.close(uses_);
  }
  Try(const Try&) = delete;
  Try& operator=(const Try&) = delete;
  void failed() override { has_failed_ = true; }
  void succeeded() override { has_succeeded_ = true; }
  bool is_known_device() const override { return is_known_device_; }

 private:
  SignInLimits& owner_;
  const limits::Uses uses_;
  const Count count_;
  const bool is_known_device_;
  bool has_failed_ = false;
  bool has_succeeded_ = false;
};

std::optional<std::string> SignInLimits::device_of(const http::Request& request,
                                                   const std::string& account) const {
  const auto mark = find_device_cookie(request);
  return mark ? devices_.known_id(*mark, account) : std::nullopt;
}

limits::Uses SignInLimits::uses_of(const http::Request& request, const std::string& account,
                                   const std::optional<std::string>& device) const {
  limits::Uses uses;
  if (device) {
    limits_.use(uses, Tier::Device, *device);
    return uses;
  }
  const limits::Network network = limits::network_of(request.client_address);
  limits_.use_net(uses, Tier::Auth, network);
  limits_.use(uses, Tier::LoginPair, account + network.net);
  return uses;
}

std::optional<http::Problem> SignInLimits::blocked(const http::Request& request,
                                                   bool is_known_device) const {
  const auto wait =
      blocks_.list.look(request.client_address, !is_known_device, blocks_.clock.now());
  if (!wait || blocks_.proxies.contains(request.client_address)) return std::nullopt;
  return security::address_blocked(*wait);
}

http::Problem SignInLimits::refuse(const http::Request& request, const std::string& account,
                                   const limits::Uses& uses, const limits::Verdict& verdict) {
  metrics_.count("evently_limits_refused_total");
  observability::SecurityEvent event;
  event.type = observability::SecurityEventType::SignInBlocked;
  event.client_address = request.client_address;
  event.account = crypto::to_hex(account);
  event.request_id = request.request_id;
  event.detail = limits::rule_of(uses[verdict.refused_by].tier).name;
  security_.observe(std::move(event));
  return rate_limited(limits_, uses, verdict);
}

Task<Result<std::unique_ptr<accounts::SignInTry>, http::Problem>> SignInLimits::admit(
    const http::Request& request, std::string account) {
  const auto device = device_of(request, account);
  const limits::Uses uses = uses_of(request, account, device);
  auto kept_out = blocked(request, device.has_value());
  if (kept_out) co_return std::move(*kept_out);
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    const Count counted = co_await count(uses);
    const limits::Verdict& verdict = counted.verdict;
    if (verdict.granted) {
      co_return std::make_unique<Try>(*this, uses, counted, device.has_value());
    }
    if (!open_.any(uses[verdict.refused_by])) co_return refuse(request, account, uses, verdict);
    if (std::chrono::steady_clock::now() >= patience) {
      co_return http::temporarily_unavailable(kPatience);
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer pause(executor, kLookAgain);
    boost::system::error_code ignored;
    co_await pause.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }
}

/// What the store grants is noted here too, so that this node knows it when the store goes away.
/// Then fewer failures are left than with it: no node knows those of the others.
Task<SignInLimits::Count> SignInLimits::count(limits::Uses uses) {
  Count counted;
  if (uses.empty()) co_return counted;
  if (store_ != nullptr) {
    const auto shared = co_await store_->spend(uses, 1);
    if (shared) {
      counted.verdict = *shared;
      counted.in_store = true;
      if (!shared->granted) co_return counted;
    }
  }
  const limits::Verdict here = limits_.spend(uses, store_ != nullptr && !counted.in_store);
  if (here.granted) counted.here = here;
  if (!counted.in_store) counted.verdict = here;
  co_return counted;
}

std::string SignInLimits::device_cookie(const http::Request& request, const std::string& account) {
  if (device_of(request, account)) return "";
  return devices_.new_cookie(account);
}

}  // namespace evently::app
