#pragma once

#include <atomic>
#include <string>

#include "app/store.hpp"
#include "base/clock.hpp"
#include "bookings/booking_desk.hpp"
#include "events/event_snapshot.hpp"
#include "platform/crypto/hash_pool.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/json/cursor.hpp"
#include "platform/observability/error_ring.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/postgres/signed_context.hpp"

namespace evently::app {

/// What all workers share; every member is thread-safe. Built once, in this order, before the first
/// worker, and gone after the last.
struct SharedParts {
  explicit SharedParts(const Store& store);

  SystemClock clock;
  observability::Metrics metrics;
  observability::ErrorRing errors;
  crypto::PasswordHasher hasher;
  crypto::HashPool hash_pool;
  crypto::TokenKeys tokens;
  postgres::ContextSigner signer;
  std::string lookup_key;
  json::CursorCodec cursors;
  events::EventSnapshot snapshot;
  bookings::BookingDesk desk;
  std::atomic<bool> database_up{false};
  std::atomic<bool> draining{false};
};

}  // namespace evently::app
