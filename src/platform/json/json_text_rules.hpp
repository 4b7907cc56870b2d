#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evently::json {

/// Unicode code points of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

/// C0 controls and DEL; `multiline` lets \n and \t pass.
bool has_control(std::string_view text, bool multiline);

/// Nothing to see: empty, or only Unicode white space and zero-width characters.
bool is_blank(std::string_view utf8);

/// A name a client made up, at most 64 characters of it, cut between characters: answers may name
/// what was wrong, but must not become a mirror for whole bodies.
std::string_view shorten_name(std::string_view utf8);

/// Appends "/name" as one JSON Pointer step (RFC 6901 §3), shortened.
void append_pointer(std::string& pointer, std::string_view name);

/// The dotted name of what a pointer points at: "items.3.n" of "/items/3/n".
std::string field_of(std::string_view pointer);

}  // namespace evently::json
