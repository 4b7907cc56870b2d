#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "accounts/late_work.hpp"
#include "base/task.hpp"
#include "platform/mail/mailer.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/postgres/pool.hpp"
#include "platform/postgres/signed_context.hpp"

namespace evently::credentials {

/// How many codes go to one mailbox. nullopt: any number.
struct MailRule {
  std::optional<std::int32_t> most = 3;
  std::int32_t seconds = 3600;
};

/// Carries out what sign-ins and forgotten passwords leave to be done after their answer; has a
/// thread and a connection of its own.
///
/// In memory and bounded. A wish is lost, counted (evently_late_wishes_lost_total) and logged when
/// there is no room, when the database stayed away for 30 s, or when the program ends first; people
/// ask again.
class LateDesk final : public accounts::LateWork {
 public:
  static constexpr std::size_t kDefaultMaxWaiting = 1'000;  ///< ~1 s of work, ~200 KB

  /// `conninfo`: of application_auth.
  LateDesk(const std::string& conninfo, const postgres::ContextSigner& signer, mail::Mailer& mailer,
           observability::Metrics& metrics, MailRule resets = {}, MailRule sign_ins = {},
           std::size_t max_waiting = kDefaultMaxWaiting);
  ~LateDesk() override;
  LateDesk(const LateDesk&) = delete;
  LateDesk& operator=(const LateDesk&) = delete;

  void post(accounts::LateWish wish) override;
  /// Wishes not carried out yet, the one under way included.
  std::size_t waiting() const;
  /// Takes no more and finishes what waits, for half a second at most. May be called again.
  void stop();

 private:
  struct Waiting {
    accounts::LateWish wish;
    std::chrono::steady_clock::time_point deadline;
  };
  Task<void> serve();
  /// The next one, or none and serve() ends.
  std::optional<Waiting> take();
  /// Why not; empty when it is done.
  Task<std::string> carry_out(Waiting waiting);
  Task<std::string> try_once(const accounts::LateWish& wish);
  Task<void> mail_code(const accounts::LateWish& wish, postgres::TransactionOptions options);
  Task<void> rest();
  void lose(std::string_view why, std::size_t count);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  const postgres::ContextSigner& signer_;
  mail::Mailer& mailer_;
  observability::Metrics& metrics_;
  const MailRule resets_, sign_ins_;
  const std::size_t max_waiting_;
  postgres::Pool pool_;
  mutable std::mutex mutex_;  // guards the next four
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;
  bool busy_ = false;  ///< serve() is under way and will see what is queued now
  bool stopping_ = false;
  std::thread thread_;  ///< last: it uses the others
};

}  // namespace evently::credentials
