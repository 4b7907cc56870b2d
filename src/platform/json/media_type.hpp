#pragma once

#include <string_view>

namespace evently::json {

/// application/json, with no parameter but charset=utf-8 (RFC 9110 §8.3.1; names in either case).
bool is_json(std::string_view content_type);

}  // namespace evently::json
