#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "base/uuid.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::idempotency {

/// What a request made, as it was answered the first time.
struct Made {
  Uuid id;
  std::string body;
  bool replayed = false;
};

/// Requests of one administrator's route that are carried out once a key: the answer is kept in the
/// transaction that carries it out (core.idempotency, 24 h). The booking desk keeps its own, see
/// core.book. The pool is application_admin's.
class KeptAnswers {
 public:
  /// `route`: the name its keys are kept under, as "events.create".
  KeptAnswers(postgres::Pool& pool, std::string route) : pool_(pool), route_(std::move(route)) {}

  struct Wish {
    Uuid caller;
    std::string context;
    postgres::Deadline deadline;
    std::string key;   ///< empty: nothing is kept
    std::string body;  ///< of the request: the same key with another one is refused
  };
  /// Carries it out, in one transaction with `calls`, which keep the answer.
  using Make = std::function<Task<std::vector<postgres::Rows>>(std::vector<postgres::Call> calls)>;

  /// `made` is what the first time answers. nullopt: the key came with another body before.
  Task<std::optional<Made>> once(Wish wish, Made made, Make make);

 private:
  struct First {
    std::string fingerprint;  ///< hexadecimal
    Made answer;
  };
  Task<std::optional<First>> find(std::string context, postgres::Deadline deadline,
                                  std::string key);

  postgres::Pool& pool_;
  std::string route_;
};

}  // namespace evently::idempotency
