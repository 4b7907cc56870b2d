// Requirement C5: no context outlives its transaction, however people share two connections.
#include <gtest/gtest.h>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/pool.hpp"
#include "platform/postgres/signed_context.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"
#include "support/run_task.hpp"

namespace evently::postgres {
namespace {

constexpr int kPeople = 100;
constexpr int kCallsEach = 40;

constexpr Statement kWhoAmI{"test.who_am_i", "SELECT id FROM core.users"};

struct Tally {
  int own = 0;
  int foreign = 0;
  int nobody = 0;
  int aborted = 0;
};

/// Asks again and again who it is; every 61st time it gives up before it can be answered.
Task<bool> ask_often(Pool& pool, const ContextSigner& signer, Uuid user, Uuid session, int turn,
                     Tally& tally) {
  for (int n = 0; n < kCallsEach; ++n) {
    const bool gives_up = (n + turn) % 61 == 0;
    const bool is_anonymous = (n + turn) % 11 == 0;
    TransactionOptions options;
    options.read_only = true;
    options.context = is_anonymous ? "" : signer.sign({user, session, "request-1", "127.0.0.1"});
    options.deadline = std::chrono::steady_clock::now() +
                       (gives_up ? std::chrono::seconds(0) : std::chrono::seconds(20));
    try {
      const auto rows = co_await pool.run(std::move(options), kWhoAmI, {});
      if (rows.empty() && is_anonymous) ++tally.nobody;
      for (int i = 0; i < rows.size(); ++i) {
        const bool is_own = !is_anonymous && rows[i].get<Uuid>("id") == user;
        is_own ? ++tally.own : ++tally.foreign;
      }
    } catch (const PoolExhausted&) {
      ++tally.aborted;
    } catch (const ConnectionLost&) {
      ++tally.aborted;
    } catch (const QueryError&) {
      ++tally.aborted;
    }
  }
  co_return true;
}

TEST(ContextLeakage, NobodySeesAnothersRows) {
  testing::MigratedDatabase database;
  SyncConnection superuser(database.superuser_conninfo());
  superuser.script(
      "test.arrange",
      "INSERT INTO core.users (id, email, email_lookup, name) SELECT gen_random_uuid(),"
      " n || '@example.org', sha256(n::text::bytea), n::text FROM generate_series(1, "
      "100) n; INSERT INTO sec.sessions (id, user_id, expires_at) SELECT "
      "gen_random_uuid(), id, now() + interval '1 day' FROM core.users");
  const auto people = superuser.run({"test.people", "SELECT id, user_id FROM sec.sessions"});
  ASSERT_EQ(people.size(), kPeople);

  boost::asio::io_context io;
  SystemClock clock;
  const ContextSigner signer(1, testing::MigratedDatabase::context_key(), clock);
  Pool pool(io, {"application_user", database.conninfo("application_user"), 2, 512});
  Tally tally;
  std::vector<Task<bool>> all;
  for (int i = 0; i < people.size(); ++i) {
    all.push_back(ask_often(pool, signer, people[i].get<Uuid>("user_id"), people[i].get<Uuid>("id"),
                            i, tally));
  }
  testing::run_together(io, std::move(all));

  EXPECT_EQ(tally.foreign, 0);
  EXPECT_EQ(tally.own + tally.nobody + tally.aborted, kPeople * kCallsEach);
  EXPECT_GT(tally.own, 3000);
  EXPECT_GT(tally.nobody, 200);
  EXPECT_GT(tally.aborted, 20);
}

}  // namespace
}  // namespace evently::postgres
