#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/request.hpp"

namespace evently::http {

/// A to Z in lower case; every other byte as it is.
std::string ascii_lower(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// RFC 1952 at zlib's level 6.
std::string gzip_compress(std::string_view body);
/// Does Accept-Encoding name gzip (or *) with a quality above 0?
bool accepts_gzip(const Request& request);

/// %XX decoded once; nullopt for a broken escape, NUL, or bytes that are not UTF-8.
/// In a query `+` is a space.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
bool is_utf8(std::string_view text);

/// "a=1&b=2" in order; nullopt as percent_decode.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view text);

/// Every byte but RFC 3986's unreserved ones as %XX.
std::string url_encode(std::string_view text);

/// The request's target with another `cursor`: what a list's Link header names.
std::string target_with_cursor(const Request& request, const std::string& cursor);

/// Does an If-None-Match header name this ETag (weak comparison, RFC 9110 §8.8.3.2)?
bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace evently::http
