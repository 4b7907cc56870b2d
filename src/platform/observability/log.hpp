#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace evently::observability {

enum class Level { Debug, Info, Warning, Error };

struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

/// One JSON line on stderr: {"at":…,"level":…,"event":"room.verb_noun",…}. Queued without waiting;
/// when the queue is full the oldest line goes (log_dropped() counts). Never pass personal data,
/// bodies or parameters. Control characters are escaped, so a value cannot forge a line.
/// Fields may be cut: a value of more than 2,000 bytes ends with "…".
void log(Level level, std::string_view event, std::initializer_list<Field> fields = {});

/// Lines below this level are not written; Info until told otherwise.
void set_log_level(Level lowest);

/// Lines lost to a full queue since the start.
std::uint64_t log_dropped();
/// Waits until what is queued is written, 2 s at most.
void flush_log();

}  // namespace evently::observability
