#include "platform/http/idempotency_key.hpp"

#include <algorithm>

namespace evently::http {
namespace {

constexpr char kReplayed[] = "Idempotent-Replayed";

}  // namespace

std::string idempotency_key(const Request& request) {
  const std::size_t count = request.header_count("idempotency-key");
  if (count == 0) return "";
  const std::string key(*request.header("idempotency-key"));
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (count > 1 || key.empty() || key.size() > 255 || !visible) {
    throw BadRequest(
        validation_failed({{"Idempotency-Key", "", "invalid_header",
                            "must be one value of 1 to 255 visible ASCII characters"}}));
  }
  return key;
}

void mark_replayed(Response& response) { response.headers.emplace_back(kReplayed, "true"); }

bool is_replay(const Response& response) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [](const auto& header) { return header.first == kReplayed; });
}

Problem idempotency_mismatch() {
  return {422, "idempotency_mismatch", "This Idempotency-Key was used with another body", {}, {},
          {}};
}

}  // namespace evently::http
