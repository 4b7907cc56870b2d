#pragma once

#include <string>
#include <string_view>

namespace evently::observability {

/// Appends `text` as a JSON string with quotes: `"`, `\` and all control characters escaped.
/// Text must be UTF-8; everything else goes through byte for byte.
void append_json_string(std::string& out, std::string_view text);

/// For logs, where the text may be anything: also escapes C1 controls and line separators, and
/// writes U+FFFD for each byte that is not UTF-8, so every line is one valid JSON text.
void append_log_string(std::string& out, std::string_view text);

}  // namespace evently::observability
