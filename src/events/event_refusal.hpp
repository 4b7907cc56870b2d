#pragma once

#include <cstdint>

#include "base/unreachable.hpp"
#include "platform/http/idempotency_key.hpp"
#include "platform/http/problem.hpp"

namespace evently::events {

/// Why a change of an event was refused, with the number the answer names.
struct EventRefusal {
  enum class Kind { NotFound, VersionMismatch, CapacityBelowBooked, IdempotencyMismatch };
  Kind kind;
  std::int64_t number = 0;  ///< the current version, or the seats booked
};

inline http::Problem to_problem(const EventRefusal& refusal) {
  switch (refusal.kind) {
    case EventRefusal::Kind::NotFound:
      return http::not_found();
    case EventRefusal::Kind::VersionMismatch:
      return http::Problem{412, "version_mismatch", "The event changed meanwhile", {}, {}, {}}.with(
          "version", refusal.number);
    case EventRefusal::Kind::CapacityBelowBooked:
      return http::Problem{409, "capacity_below_booked", "More seats are booked than that", {}, {},
                           {}}
          .with("booked", refusal.number);
    case EventRefusal::Kind::IdempotencyMismatch:
      return http::idempotency_mismatch();
  }
  unreachable("EventRefusal");
}

}  // namespace evently::events
