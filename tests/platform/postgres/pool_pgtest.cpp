#include <gmock/gmock.h>

#include "platform/postgres/pool.hpp"
#include "support/pool_fixture.hpp"

namespace evently::postgres {
namespace {

using testing::PoolPgTest;

constexpr Statement kMark{"test.mark", "INSERT INTO marks (id, size) VALUES ($1, $2)"};
constexpr Statement kFollow{"test.follow", "INSERT INTO marks (id, after) VALUES ($1, $2)"};
constexpr Statement kContext{"test.context",
                             "SELECT coalesce(current_setting('app.ctx', true), '') AS ctx"};
constexpr Statement kLeak{"test.leak", "SELECT set_config('app.ctx', 'stolen', false)"};
constexpr Statement kDivide{"test.divide", "SELECT 1 / $1::integer AS ratio"};

TransactionOptions with_context(const std::string& context) {
  TransactionOptions options;
  options.context = context;
  return options;
}

TransactionOptions read_only() {
  TransactionOptions options;
  options.read_only = true;
  return options;
}

TEST_F(PoolPgTest, GivesBackEveryTypeItTakes) {
  constexpr Statement kEcho{
      "test.echo",
      "SELECT $1::text AS text, $2::boolean AS flag, $3::integer AS small, $4::bigint AS large, "
      "$5::uuid AS id, $6::timestamptz AS at, $7::numeric(12, 2) AS price, $8::text AS nothing"};
  const Uuid id = make_uuid_v7();
  const TimePoint at = *parse_rfc3339("2026-11-24T09:30:00.000001Z");
  const std::string text = "Grüße, \"Welt\" \\ '; DROP TABLE marks; --";
  const Rows rows = run(kEcho, parameters(text, true, -7, std::int64_t{1} << 60, id, at,
                                          Money{9990}, std::optional<Money>{}));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].get<std::string>("text"), text);
  EXPECT_TRUE(rows[0].get<bool>("flag"));
  EXPECT_EQ(rows[0].get<std::int32_t>("small"), -7);
  EXPECT_EQ(rows[0].get<std::int64_t>("large"), std::int64_t{1} << 60);
  EXPECT_EQ(rows[0].get<Uuid>("id"), id);
  EXPECT_EQ(rows[0].get<TimePoint>("at"), at);
  EXPECT_EQ(rows[0].get<Money>("price"), Money{9990});
  EXPECT_EQ(rows[0].find<Money>("nothing"), std::nullopt);
}

TEST_F(PoolPgTest, TakesArraysAndBytes) {
  constexpr Statement kPick{"test.pick",
                            "SELECT ($1::text[])[2] AS second, ($1::text[])[3] IS NULL AS gap, "
                            "length($2::bytea) AS bytes, encode($2::bytea, 'hex') AS hex"};
  const std::string array = encode_array({"a", R"({"b\c,})", std::nullopt});
  const Rows rows = run(kPick, Parameters{array, encode_bytes(std::string_view("\0\xff", 2))});
  EXPECT_EQ(rows[0].get<std::string>("second"), R"({"b\c,})");
  EXPECT_TRUE(rows[0].get<bool>("gap"));
  EXPECT_EQ(rows[0].get<std::int32_t>("bytes"), 2);
  EXPECT_EQ(rows[0].get<std::string>("hex"), "00ff");
}

TEST_F(PoolPgTest, SaysWhatIsWrongWithAColumn) {
  const Rows rows = run(kDivide, parameters(1));
  EXPECT_THROW(rows[0].get<std::int32_t>("unknown"), DecodeError);
  EXPECT_THROW(rows[0].get<bool>("ratio"), DecodeError);
  const Rows null_row = run(kDivide, Parameters{std::nullopt});
  EXPECT_THROW(null_row[0].get<std::int32_t>("ratio"), DecodeError);
}

TEST_F(PoolPgTest, CountsTheRowsAStatementWrote) {
  EXPECT_EQ(run(kMark, parameters(1, 1)).affected(), 1);
}

TEST_F(PoolPgTest, AnswersEachCallOfATransactionInOrder) {
  const auto rows = run_all({{kDivide, parameters(1)}, {kMark, parameters(1, 1)}, {kContext, {}}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0][0].get<std::int32_t>("ratio"), 1);
  EXPECT_EQ(rows[1].affected(), 1);
  EXPECT_EQ(rows[2].size(), 1);
}

TEST_F(PoolPgTest, NamesStatementStateAndConstraintOfAnError) {
  run(kMark, parameters(1, 1));
  const QueryError twice = query_error_of([&] { run(kMark, parameters(1, 1)); });
  EXPECT_EQ(twice.statement, "test.mark");
  EXPECT_EQ(twice.state, "23505");
  EXPECT_EQ(twice.constraint, "marks_are_unique");
  const QueryError empty = query_error_of([&] { run(kMark, parameters(2, 0)); });
  EXPECT_EQ(empty.state, "23514");
  EXPECT_EQ(empty.constraint, "marks_have_a_size");
}

TEST_F(PoolPgTest, RollsBackTheWholeTransactionWhenACallFails) {
  const QueryError error = query_error_of([&] {
    run_all({{kMark, parameters(1, 1)}, {kDivide, parameters(0)}, {kMark, parameters(2, 1)}});
  });
  EXPECT_EQ(error.statement, "test.divide");
  EXPECT_EQ(error.state, "22012");
  EXPECT_EQ(marks(), 0);
}

TEST_F(PoolPgTest, ReportsWhatOnlyTheCommitRefuses) {
  const QueryError error = query_error_of([&] { run(kFollow, parameters(2, 1)); });
  EXPECT_EQ(error.state, "23503");
  EXPECT_EQ(error.constraint, "marks_follow_a_mark");
  EXPECT_EQ(marks(), 0);
  EXPECT_EQ(run(kDivide, parameters(1)).size(), 1);
}

TEST_F(PoolPgTest, ServesOnOverTheSameConnectionAfterAnError) {
  const int before = backend();
  query_error_of([&] { run(kDivide, parameters(0)); });
  EXPECT_EQ(backend(), before);
}

TEST_F(PoolPgTest, ContextIsSeenByEveryCallOfItsTransactionOnly) {
  const auto rows =
      run_all({{kContext, {}}, {kMark, parameters(1, 1)}, {kContext, {}}}, with_context("1|ada"));
  EXPECT_EQ(rows[0][0].get<std::string>("ctx"), "1|ada");
  EXPECT_EQ(rows[2][0].get<std::string>("ctx"), "1|ada");
  EXPECT_EQ(run(kContext)[0].get<std::string>("ctx"), "");
}

TEST_F(PoolPgTest, ContextEndsWithARolledBackTransactionToo) {
  query_error_of([&] { run(kDivide, parameters(0), with_context("1|ada")); });
  EXPECT_EQ(run(kContext)[0].get<std::string>("ctx"), "");
}

TEST_F(PoolPgTest, DropsAConnectionWhoseContextOutlivedItsTransaction) {
  const int before = backend();
  run(kLeak);
  EXPECT_THROW(run(kContext), std::logic_error);
  EXPECT_EQ(run(kContext)[0].get<std::string>("ctx"), "");
  EXPECT_NE(backend(), before);
}

TEST_F(PoolPgTest, ReadOnlyRefusesWritesAndLastsOneTransaction) {
  const QueryError error = query_error_of([&] { run(kMark, parameters(1, 1), read_only()); });
  EXPECT_EQ(error.state, "25006");
  EXPECT_EQ(run(kDivide, parameters(1), read_only()).size(), 1);
  EXPECT_EQ(run(kMark, parameters(1, 1)).affected(), 1);
}

TEST_F(PoolPgTest, ReadOnlyCannotBeUndoneFromWithin) {
  constexpr Statement kUndo{"test.undo", "SELECT set_config('transaction_read_only', 'off', true)"};
  const QueryError error =
      query_error_of([&] { run_all({{kUndo, {}}, {kMark, parameters(1, 1)}}, read_only()); });
  EXPECT_EQ(error.state, "25001");
  EXPECT_EQ(marks(), 0);
}

TEST_F(PoolPgTest, PreparesAStatementOnceAConnection) {
  constexpr Statement kPrepared{"test.prepared",
                                "SELECT count(*)::integer AS n FROM pg_prepared_statements "
                                "WHERE statement LIKE 'SELECT 1 / %'"};
  run_all({{kDivide, parameters(1)}, {kDivide, parameters(2)}});
  run(kDivide, parameters(3));
  EXPECT_EQ(run(kPrepared)[0].get<std::int32_t>("n"), 1);
}

TEST_F(PoolPgTest, PreparesAnewWhatAnErrorKeptFromBeingPrepared) {
  query_error_of([&] { run_all({{kDivide, parameters(0)}, {kMark, parameters(1, 1)}}); });
  EXPECT_EQ(run(kMark, parameters(1, 1)).affected(), 1);
}

TEST_F(PoolPgTest, KeepsWhatWasPreparedBeforeARollback) {
  query_error_of([&] { run_all({{kMark, parameters(1, 1)}, {kDivide, parameters(0)}}); });
  EXPECT_EQ(run(kMark, parameters(1, 1)).affected(), 1);
}

TEST_F(PoolPgTest, RefusesAMisspeltStatementEveryTime) {
  constexpr Statement kMisspelt{"test.misspelt", "SELEKT 1"};
  EXPECT_EQ(query_error_of([&] { run(kMisspelt); }).state, "42601");
  EXPECT_EQ(query_error_of([&] { run(kMisspelt); }).state, "42601");
}

TEST_F(PoolPgTest, RecoversFromAPreparedStatementWhoseTableChanged) {
  constexpr Statement kAll{"test.all", "SELECT * FROM marks"};
  run(kAll);
  outside_.script("test.alter", "ALTER TABLE marks ADD COLUMN colour text");
  EXPECT_EQ(query_error_of([&] { run(kAll); }).state, "0A000");
  EXPECT_EQ(run(kAll).size(), 0);
}

TEST_F(PoolPgTest, RefusesAValueWithANulRatherThanCuttingIt) {
  const int before = backend();
  const Parameters values = parameters(std::string("1\0 OR 2", 7));
  EXPECT_EQ(query_error_of([&] { run(kDivide, values); }).state, "22021");
  EXPECT_EQ(backend(), before);
}

TEST_F(PoolPgTest, ReadsTimesInUtcWhateverTheServerPrefers) {
  constexpr Statement kEpoch{"test.epoch", "SELECT to_timestamp(0) AS at"};
  outside_.script("test.prefer",
                  "ALTER ROLE evently_superuser SET timezone = 'America/New_York'; "
                  "ALTER ROLE evently_superuser SET datestyle = 'German'");
  Pool fresh(io_, options());
  const Rows rows = run(fresh, kEpoch);
  outside_.script("test.prefer_not", "ALTER ROLE evently_superuser RESET ALL");
  EXPECT_EQ(rows[0].get<TimePoint>("at"), TimePoint{});
}

TEST_F(PoolPgTest, KeepsTheServersWarningsOffStderr) {
  constexpr Statement kWarn{"test.warn", "DO $$ BEGIN RAISE WARNING 'loud'; END $$"};
  ::testing::internal::CaptureStderr();
  run(kWarn);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace evently::postgres
