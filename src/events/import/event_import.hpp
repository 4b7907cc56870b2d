#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::events {

enum class ImportFormat { Ndjson, Csv };

/// One line of a file: its columns by name.
struct ImportLine {
  std::int64_t number = 0;  ///< from 1
  std::map<std::string, std::string> columns;
  std::string fault;  ///< why it cannot be read; empty when it can
};

struct ImportSettings {
  std::int32_t capacity = 200;
  Money price;
  std::string currency = "EUR";
  bool strict = false;  ///< nothing is imported when any line is bad
  TimePoint now;
};

struct ImportReport {
  std::int64_t imported = 0;
  std::int64_t already_there = 0;                            ///< same name, start and city
  std::vector<std::pair<std::int64_t, std::string>> faults;  ///< line number, why
  std::map<std::string, std::int64_t> unknown_columns;
};

/// Is it a column that import_events() reads?
bool is_import_column(std::string_view name);

/// A file may be read in part only: what is wrong with a line stands in it.
std::vector<ImportLine> read_lines(std::istream& in, ImportFormat format);
/// RFC 4180 with a header line.
std::vector<ImportLine> read_csv(std::istream& in);
std::vector<ImportLine> read_ndjson(std::istream& in);

/// Imports as application_operator. Columns: name, startDate (or inDays: days from today), endDate,
/// city, country, topic, url, online, venue, description, capacity, price, currency. Texts are
/// stored byte for byte. A date lasts until 23:59:59 UTC, an inDays event from 18:00 to 21:00 UTC.
/// Past events become `completed`. What has the name, start and city of a stored event is skipped,
/// so importing a file again imports nothing new. One transaction; `progress` gets events done.
/// Throws as SyncConnection; nothing is imported then.
ImportReport import_events(postgres::SyncConnection& connection, std::vector<ImportLine> lines,
                           const ImportSettings& settings,
                           const std::function<void(std::size_t)>& progress);

}  // namespace evently::events
