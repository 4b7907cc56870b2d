#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace evently::http {

/// `scheme://host[:port]` as a browser serialises it: lower case, no default port, nothing after.
/// "null" is none: every sandboxed page of every site calls itself so.
bool is_origin(std::string_view text);

/// Which pages of other origins may read our answers, with a token of their own and never with our
/// cookies. An origin is compared whole and only what the operator wrote is ever sent back. Throws
/// std::invalid_argument naming the entry that is no origin.
class CorsPolicy {
 public:
  CorsPolicy() = default;
  explicit CorsPolicy(std::vector<std::string> origins);

  bool empty() const { return origins_.empty(); }
  /// The entry of ours that equals the request's one Origin; "" otherwise. Lives as long as this.
  std::string_view allowed(const Request& request) const;

 private:
  std::vector<std::string> origins_;
};

/// Does a browser ask whether it may send the real request (Fetch standard, CORS-preflight)?
bool is_preflight(const Request& request);
/// 204 with what is allowed at a path whose 405 names its methods in Allow.
Response answer_preflight(const Problem& not_allowed);

}  // namespace evently::http
