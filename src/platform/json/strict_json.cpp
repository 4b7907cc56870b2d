#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <set>

#include "platform/json/json_body.hpp"
#include "platform/json/json_text_rules.hpp"

namespace evently::json {
namespace {

constexpr std::size_t kMaxDepth = 32;
/// As in ObjectReader: more help nobody.
constexpr std::size_t kMaxFaults = 32;

[[noreturn]] void refuse(const char* code, const char* message) {
  throw http::BadRequest(http::validation_failed({{"", "", code, message}}));
}

/// Follows the parser and notes where RFC 7493 is stricter than RFC 8259.
class Watcher {
 public:
  // NOLINTBEGIN(readability-identifier-naming): the parser asks for these names
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  // NOLINTEND(readability-identifier-naming)
  using Code = boost::json::error_code;
  using Text = boost::json::string_view;

  std::vector<http::FieldFault> take_faults() { return std::move(faults_); }

  /// Noted for where the parser stands.
  bool number_too_large() {
    note("out_of_range", "must be a number that fits 64 bits");
    return value_done();
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return begin(true); }
  bool on_object_end(std::size_t, Code&) { return end(); }
  bool on_array_begin(Code&) { return begin(false); }
  bool on_array_end(std::size_t, Code&) { return end(); }

  bool on_key_part(Text part, std::size_t, Code&) {
    Level& level = levels_.back();
    if (level.key_done) level.key.clear();
    level.key_done = false;
    level.key += part;
    if (part.find('\0') == Text::npos) return true;
    level.key.clear();
    return note("invalid_text", "a name must not contain U+0000");
  }
  bool on_key(Text part, std::size_t size, Code& failed) {
    on_key_part(part, size, failed);
    Level& level = levels_.back();
    level.key_done = true;
    if (level.names.insert(level.key).second) return true;
    return note("duplicate_member", "must stand once");
  }

  bool on_string_part(Text part, std::size_t, Code&) {
    if (part.find('\0') == Text::npos) return true;
    return note("invalid_text", "must not contain U+0000");
  }
  bool on_string(Text part, std::size_t size, Code& failed) {
    on_string_part(part, size, failed);
    return value_done();
  }

  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code&) { return value_done(); }
  bool on_uint64(std::uint64_t, Text, Code&) { return number_too_large(); }
  bool on_double(double number, Text text, Code&) {
    // Boost.JSON makes a double of an integer with more than 19 digits.
    const bool is_integer = text.find_first_of(".eE") == Text::npos;
    if (is_integer || !std::isfinite(number)) return number_too_large();
    return value_done();
  }
  bool on_bool(bool, Code&) { return value_done(); }
  bool on_null(Code&) { return value_done(); }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

 private:
  /// An object or array that is open.
  struct Level {
    bool is_object;
    std::set<std::string> names = {};
    std::string key = {};
    bool key_done = false;
    std::size_t index = 0;
  };

  bool begin(bool is_object) {
    levels_.push_back(Level{is_object});
    return true;
  }
  bool end() {
    levels_.pop_back();
    return value_done();
  }
  bool value_done() {
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }
  /// True, so that the parser goes on: all faults are told at once.
  bool note(const char* code, const char* message) {
    std::string pointer;
    for (const Level& level : levels_) {
      if (level.is_object && level.key.empty() && !level.key_done) continue;
      append_pointer(pointer, level.is_object ? level.key : std::to_string(level.index));
    }
    const bool is_known = !faults_.empty() && faults_.back().pointer == pointer;
    if (is_known || faults_.size() >= kMaxFaults) return true;
    faults_.push_back({field_of(pointer), pointer, code, message});
    return true;
  }

  std::vector<Level> levels_;
  std::vector<http::FieldFault> faults_;
};

}  // namespace

Parsed parse_lenient(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Watcher> parser(options);
  boost::json::error_code failed;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failed);
  if (failed == boost::json::error::too_deep) {
    refuse("too_deep", "nested deeper than 32 levels");
  }
  if (failed == boost::json::error::exponent_overflow) {  // more digits than it counts
    parser.handler().number_too_large();
    throw http::BadRequest(http::validation_failed(parser.handler().take_faults()));
  }
  if (failed || used != text.size()) {
    refuse("invalid_json", "not one valid JSON text in UTF-8");
  }

  Parsed parsed{boost::json::parse(text, failed, {}, options), parser.handler().take_faults()};
  if (failed) refuse("invalid_json", "not one valid JSON text in UTF-8");
  return parsed;
}

boost::json::value parse_strict(std::string_view text) {
  Parsed parsed = parse_lenient(text);
  if (parsed.faults.empty()) return std::move(parsed.value);
  throw http::BadRequest(http::validation_failed(std::move(parsed.faults)));
}

}  // namespace evently::json
