#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <set>

#include "platform/json/json_reader.hpp"
#include "platform/json/json_text_rules.hpp"

namespace evently::json {
namespace {

constexpr std::size_t kMaxDepth = 32;

[[noreturn]] void refuse(const std::string& pointer, const char* code, std::string message) {
  throw http::BadRequest(http::validation_failed({{"", pointer, code, std::move(message)}}));
}

/// Follows the parser and stops it where RFC 7493 is stricter than RFC 8259.
class Watcher {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Code = boost::json::error_code;
  using Text = boost::json::string_view;

  /// Throws what made it stop the parser, if it did.
  void rethrow() const {
    if (fault_ != nullptr) refuse(pointer_, fault_, message_);
  }

  /// Numbers the parser itself gives up on: an exponent of more digits than it counts.
  void refuse_number_too_large() {
    Code ignored;
    stop_at_number(ignored);
    rethrow();
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return begin(true); }
  bool on_object_end(std::size_t, Code&) { return end(); }
  bool on_array_begin(Code&) { return begin(false); }
  bool on_array_end(std::size_t, Code&) { return end(); }

  bool on_key_part(Text part, std::size_t, Code& failed) {
    Level& level = levels_.back();
    if (level.key_done) level.key.clear();
    level.key_done = false;
    level.key += part;
    if (part.find('\0') == Text::npos) return true;
    level.key.clear();
    return stop("invalid_text", "a name must not contain U+0000", failed);
  }
  bool on_key(Text part, std::size_t size, Code& failed) {
    if (!on_key_part(part, size, failed)) return false;
    Level& level = levels_.back();
    level.key_done = true;
    if (level.names.insert(level.key).second) return true;
    return stop("duplicate_member", "must stand once", failed);
  }

  bool on_string_part(Text part, std::size_t, Code& failed) {
    if (part.find('\0') == Text::npos) return true;
    return stop("invalid_text", "must not contain U+0000", failed);
  }
  bool on_string(Text part, std::size_t size, Code& failed) {
    return on_string_part(part, size, failed) && value_done();
  }

  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code&) { return value_done(); }
  bool on_uint64(std::uint64_t, Text, Code& failed) { return stop_at_number(failed); }
  bool on_double(double number, Text text, Code& failed) {
    // Boost.JSON makes a double of an integer with more than 19 digits.
    const bool is_integer = text.find_first_of(".eE") == Text::npos;
    if (is_integer || !std::isfinite(number)) return stop_at_number(failed);
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
  bool stop_at_number(Code& failed) {
    return stop("out_of_range", "must be a number that fits 64 bits", failed);
  }
  bool stop(const char* code, const char* message, Code& failed) {
    for (const Level& level : levels_) {
      if (level.is_object && level.key.empty() && !level.key_done) continue;
      append_pointer(pointer_, level.is_object ? level.key : std::to_string(level.index));
    }
    fault_ = code;
    message_ = message;
    failed = boost::json::error::syntax;
    return false;
  }

  std::vector<Level> levels_;
  std::string pointer_;
  const char* fault_ = nullptr;
  const char* message_ = nullptr;
};

}  // namespace

boost::json::value parse_strict(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Watcher> parser(options);
  boost::json::error_code failed;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failed);
  parser.handler().rethrow();
  if (failed == boost::json::error::too_deep) {
    refuse("", "too_deep", "nested deeper than 32 levels");
  }
  if (failed == boost::json::error::exponent_overflow) {
    parser.handler().refuse_number_too_large();
  }
  if (failed || used != text.size()) {
    refuse("", "invalid_json", "not one valid JSON text in UTF-8");
  }

  boost::json::value value = boost::json::parse(text, failed, {}, options);
  if (failed) refuse("", "invalid_json", "not one valid JSON text in UTF-8");
  return value;
}

}  // namespace evently::json
