#pragma once

#include <boost/json/value.hpp>
#include <string_view>
#include <vector>

#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace evently::json {

/// A JSON text (RFC 8259), and where it is not I-JSON (RFC 7493) all the same: duplicate members
/// (the last counts), U+0000, numbers beyond 64 bits; 32 faults at most.
struct Parsed {
  boost::json::value value;
  std::vector<http::FieldFault> faults;
};

/// Throws http::BadRequest (400 validation_failed) where there is no value to go on with: not one
/// JSON text in UTF-8, or nested deeper than 32 levels.
Parsed parse_lenient(std::string_view text);

/// Strict JSON: as parse_lenient(), but any fault of it is thrown too, all at once.
boost::json::value parse_strict(std::string_view text);

/// A request's body. Whoever reads it by ObjectReader throws these faults with those found there.
struct Body {
  boost::json::object object;
  std::vector<http::FieldFault> faults;
};

/// Throws BadRequest: 415 unless the media type is application/json, 400 unless it is one object.
Body parse_body(const http::Request& request);

}  // namespace evently::json
