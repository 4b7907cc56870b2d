#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently::json {

/// Keyset cursors nobody can make or change: base64url of the parts and a MAC. `purpose` names the
/// list and its filters, so a cursor of one list is refused by another. Thread-safe.
class CursorCodec {
 public:
  explicit CursorCodec(std::string key_32_bytes) : key_(std::move(key_32_bytes)) {}

  /// Parts may hold any bytes; throws std::length_error for one of more than 65,535.
  std::string encode(std::string_view purpose, const std::vector<std::string>& parts) const;
  std::optional<std::vector<std::string>> decode(std::string_view purpose,
                                                 std::string_view cursor) const;

 private:
  std::string mac(std::string_view purpose, std::string_view payload) const;
  std::string key_;
};

}  // namespace evently::json
