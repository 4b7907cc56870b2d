#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"

namespace evently::json {

/// Writes one JSON document by appending: `w.begin_object().member("id", id)…end_object()`.
class JsonWriter {
 public:
  JsonWriter() = default;
  explicit JsonWriter(std::size_t expected_bytes) { out_.reserve(expected_bytes); }

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::int32_t number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(const Uuid& id);
  JsonWriter& value(TimePoint time);
  JsonWriter& value(Money amount);
  JsonWriter& null();
  /// A finished JSON text.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }

  std::string take() { return std::move(out_); }

 private:
  void separate();
  std::string out_;
};

}  // namespace evently::json
