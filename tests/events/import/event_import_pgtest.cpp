// `evently import`: what of a file ends up in the database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "events/import/event_import.hpp"
#include "platform/json/json_writer.hpp"
#include "support/migrated_database.hpp"

namespace evently::testing {
namespace {

using events::ImportFormat;
using events::ImportReport;
using events::ImportSettings;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class EventImport : public ::testing::Test {
 protected:
  EventImport() { settings.now = *parse_rfc3339("2026-11-24T12:00:00Z"); }

  ImportReport import(const std::string& text, ImportFormat format = ImportFormat::Ndjson) {
    std::istringstream in(text);
    return events::import_events(operator_, events::read_lines(in, format), settings,
                                 [this](std::size_t done) { progress.push_back(done); });
  }
  std::string cell(const postgres::Statement& statement) {
    const auto rows = operator_.run(statement);
    return rows.empty() ? "no row" : rows[0].find<std::string>("v").value_or("null");
  }
  std::int64_t events_stored() {
    return operator_
        .run(
            {"test.count",
             "SELECT count(*) AS n FROM core.events JOIN core.event_inventory ON event_id = id"})[0]
        .get<std::int64_t>("n");
  }
  std::multiset<std::string> stored_names() {
    const auto rows = operator_.run({"test.names", "SELECT name FROM core.events"});
    std::multiset<std::string> names;
    for (int i = 0; i < rows.size(); ++i) names.insert(rows[i].get<std::string>("name"));
    return names;
  }
  /// Imports a file twice and holds every name against it.
  void expect_whole(const std::string& text, std::size_t lines);

  MigratedDatabase database;
  postgres::SyncConnection operator_{database.conninfo("application_operator")};
  ImportSettings settings;
  std::vector<std::size_t> progress;
};

/// 500 lines with names that break careless programs.
std::string nasty_file() {
  const std::vector<std::string> names{"O'Reilly ‹Programming›",
                                       "One & All",
                                       "We ❤️ Speed",
                                       "\"Quoted\"",
                                       "{curly},\\slash\\",
                                       "NULL",
                                       "null",
                                       "'; DROP TABLE core.events;--",
                                       "<script>alert(1)</script>",
                                       " leading and trailing ",
                                       "Ünïcödé 東京 العربية",
                                       "a,b;c|d",
                                       "%_\\",
                                       "\u202Ebidi\u202C",
                                       "🏳️‍🌈 👩‍👩‍👧",
                                       "$1 $2",
                                       "e\u0301 decomposed",
                                       "\u00e9 composed",
                                       "x\u200by"};
  std::string text;
  for (int i = 0; i < 500; ++i) {
    json::JsonWriter line;
    const std::string day = std::to_string(10 + i % 19);
    line.begin_object()
        .member("name", names[static_cast<std::size_t>(i) % names.size()] +
                            (i < 19 ? "" : std::to_string(i)))
        .member("startDate", "2027-03-" + day)
        .member("endDate", "2027-03-" + day)
        .member("url", "https://example.org/" + std::to_string(i))
        .member("topic", "general");
    if (i % 3 != 0) line.member("city", "City " + std::to_string(i % 7));
    line.end_object();
    text += line.take() + "\n";
  }
  return text;
}

void EventImport::expect_whole(const std::string& text, std::size_t lines) {
  std::istringstream in(text);
  std::multiset<std::string> wanted;
  for (const auto& line : events::read_lines(in, ImportFormat::Ndjson))
    wanted.insert(line.columns.at("name"));

  const ImportReport first = import(text);
  EXPECT_THAT(first.faults, IsEmpty());
  EXPECT_EQ(first.imported, static_cast<std::int64_t>(lines));
  EXPECT_EQ(events_stored(), static_cast<std::int64_t>(lines));
  EXPECT_EQ(stored_names(), wanted);
  EXPECT_EQ(progress.back(), lines);

  const ImportReport again = import(text);
  EXPECT_EQ(again.imported, 0);
  EXPECT_EQ(again.already_there, static_cast<std::int64_t>(lines));
}

TEST_F(EventImport, KeepsNastyNamesByteForByte) { expect_whole(nasty_file(), 500); }

TEST_F(EventImport, TakesTheWholeConferencesFile) {
  const char* path = std::getenv("EVENTLY_CONFERENCES");
  if (path == nullptr) GTEST_SKIP() << "EVENTLY_CONFERENCES names no file";
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  expect_whole(text.str(), 6007);
  EXPECT_EQ(cell({"test.past",
                  "SELECT count(*) AS v FROM core.events WHERE (status = 'completed') <> (ends_at "
                  "< '2026-11-24T12:00:00Z')"}),
            "0");
}

TEST_F(EventImport, TakesTheProjectsOwnSamples) {
  std::ifstream in(EVENTLY_SOURCE_DIR "/samples/events.ndjson", std::ios::binary);
  const auto report =
      events::import_events(operator_, events::read_ndjson(in), settings, [](std::size_t) {});
  EXPECT_THAT(report.faults, IsEmpty());
  EXPECT_THAT(report.unknown_columns, IsEmpty());
  EXPECT_GE(report.imported, 40);
  EXPECT_EQ(cell({"test.open", "SELECT count(*) AS v FROM core.events WHERE status <> 'active'"}),
            "0");
  EXPECT_EQ(cell({"test.two", "SELECT count(*) AS v FROM core.event_inventory WHERE capacity = 2"}),
            "1");
}

TEST_F(EventImport, FillsInWhatALineLeavesOut) {
  settings.capacity = 77;
  settings.price = {4900};
  settings.currency = "CHF";
  import(R"({"name":"Bare","startDate":"2027-03-10"})");
  EXPECT_EQ(cell({"test.row",
                  "SELECT concat_ws('|', venue, online, event_date AT TIME ZONE 'UTC', ends_at AT "
                  "TIME ZONE 'UTC', price, currency,"
                  " capacity, available, status, coalesce(city, '-')) AS v FROM core.events JOIN "
                  "core.event_inventory ON event_id = id"}),
            "To be announced|f|2027-03-10 00:00:00|2027-03-10 23:59:59|49.00|CHF|77|77|active|-");
}

TEST_F(EventImport, TakesEveryColumnItKnows) {
  import(
      R"({"name":"Full","startDate":"2027-03-10T18:30:00+01:00","endDate":"2027-03-11","city":"Bern","country":"CH","topic":"x",)"
      R"("url":"https://example.org","online":true,"venue":"Hall","description":"**x**","capacity":3,"price":"1.50","currency":"CHF"})");
  EXPECT_EQ(cell({"test.row",
                  "SELECT concat_ws('|', venue, online, event_date AT TIME ZONE 'UTC', ends_at AT "
                  "TIME ZONE 'UTC', price, currency, capacity,"
                  " city, country, topic, url, description) AS v FROM core.events JOIN "
                  "core.event_inventory ON event_id = id"}),
            "Hall|t|2027-03-10 17:30:00|2027-03-11 "
            "23:59:59|1.50|CHF|3|Bern|CH|x|https://example.org|**x**");
}

TEST_F(EventImport, CountsDaysFromToday) {
  import(R"({"name":"Soon","inDays":7,"online":true})");
  EXPECT_EQ(cell({"test.row",
                  "SELECT venue || '|' || (event_date AT TIME ZONE 'UTC') AS v FROM core.events"}),
            "Online|2026-12-01 18:00:00");
}

TEST_F(EventImport, CompletesWhatIsOver) {
  import(
      "{\"name\":\"Yesterday\",\"startDate\":\"2026-11-23\"}\n{\"name\":\"Today\",\"startDate\":"
      "\"2026-11-24\"}\n");
  EXPECT_EQ(cell({"test.past", "SELECT status AS v FROM core.events WHERE name = 'Yesterday'"}),
            "completed");
  EXPECT_EQ(cell({"test.today", "SELECT status AS v FROM core.events WHERE name = 'Today'"}),
            "active");
}

TEST_F(EventImport, TellsBadLinesByNumberAndTakesTheRest) {
  const ImportReport report = import(
      "{\"name\":\"Good\",\"startDate\":\"2027-03-10\"}\n"
      "{\"name\":\"No date\"}\n"
      "not json\n"
      "{\"name\":\"Bad date\",\"startDate\":\"2027-02-30\"}\n"
      "{\"name\":\"Backwards\",\"startDate\":\"2027-03-10\",\"endDate\":\"2027-03-09\"}\n"
      "{\"name\":\" \",\"startDate\":\"2027-03-10\"}\n"
      "{\"name\":\"Script\",\"startDate\":\"2027-03-10\",\"url\":\"javascript:alert(1)\"}\n"
      "{\"name\":\"Bell\\u0007\",\"startDate\":\"2027-03-10\"}\n"
      "{\"name\":\"Seats\",\"startDate\":\"2027-03-10\",\"capacity\":0}\n"
      "{\"name\":\"Money\",\"startDate\":\"2027-03-10\",\"currency\":\"euro\"}\n"
      "{\"name\":\"Price\",\"startDate\":\"2027-03-10\",\"price\":\"-1\"}\n"
      "{\"name\":\"Online\",\"startDate\":\"2027-03-10\",\"online\":\"perhaps\"}\n"
      "{\"name\":\"Also good\",\"startDate\":\"2027-03-10\"}\n");
  EXPECT_EQ(report.imported, 2);
  std::vector<std::int64_t> numbers;
  for (const auto& [number, why] : report.faults) numbers.push_back(number);
  EXPECT_THAT(numbers, ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_EQ(report.faults[0].second, "startDate is required");
}

TEST_F(EventImport, TakesNothingWhenStrictAndOneLineIsBad) {
  settings.strict = true;
  const ImportReport report = import("{\"name\":\"Good\",\"startDate\":\"2027-03-10\"}\n{}\n");
  EXPECT_EQ(report.imported, 0);
  EXPECT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(events_stored(), 0);
}

TEST_F(EventImport, CountsColumnsItDoesNotKnow) {
  const ImportReport report = import(
      "{\"name\":\"A\",\"startDate\":\"2027-03-10\",\"cfpUrl\":\"x\",\"tags\":[1]}\n{\"name\":"
      "\"B\",\"startDate\":\"2027-03-10\",\"cfpUrl\":\"y\"}\n");
  EXPECT_THAT(report.unknown_columns, ElementsAre(Pair("cfpUrl", 2), Pair("tags", 1)));
  EXPECT_EQ(report.imported, 2);
}

TEST_F(EventImport, TakesOneOfTwoEqualLines) {
  const ImportReport report = import(
      "{\"name\":\"A\",\"startDate\":\"2027-03-10\"}\n{\"name\":\"A\",\"startDate\":\"2027-03-10\"}"
      "\n"
      "{\"name\":\"A\",\"startDate\":\"2027-03-10\",\"city\":\"Bonn\"}\n");
  EXPECT_EQ(report.imported, 2);
  EXPECT_EQ(report.already_there, 1);
}

TEST_F(EventImport, ReadsCsvTheSame) {
  const ImportReport report = import(
      "name,startDate,city,price,cfp\r\n\"O'Reilly, "
      "\"\"C++\"\"\",2027-03-10,Zürich,12.50,x\r\nBad,2027-99-99,,,\r\n",
      ImportFormat::Csv);
  EXPECT_EQ(report.imported, 1);
  EXPECT_THAT(report.faults, ElementsAre(Pair(3, HasSubstr("startDate"))));
  EXPECT_THAT(report.unknown_columns, ElementsAre(Pair("cfp", 1)));
  EXPECT_EQ(cell({"test.row", "SELECT name || '|' || city || '|' || price AS v FROM core.events"}),
            "O'Reilly, \"C++\"|Zürich|12.50");
}

TEST_F(EventImport, ReadsTrueAsSpreadsheetsWriteIt) {
  const ImportReport report = import(
      "name,startDate,online\nA,2027-03-10,TRUE\nB,2027-03-10,False\nC,2027-03-10,\n"
      "D,2027-03-10,yes\n",
      ImportFormat::Csv);
  EXPECT_EQ(report.imported, 3);
  EXPECT_THAT(report.faults, ElementsAre(Pair(5, HasSubstr("online must be true or false"))));
  EXPECT_EQ(cell({"test.row", "SELECT string_agg(name, '') AS v FROM core.events WHERE online"}),
            "A");
}

TEST_F(EventImport, LeavesAnAuditRowForEach) {
  import(R"({"name":"A","startDate":"2027-03-10"})");
  postgres::SyncConnection superuser(database.superuser_conninfo());
  const auto rows = superuser.run(
      {"test.audit", "SELECT count(*) AS n FROM aud.event WHERE action = 'core.events.insert'"});
  EXPECT_EQ(rows[0].get<std::int64_t>("n"), 1);
}

}  // namespace
}  // namespace evently::testing
