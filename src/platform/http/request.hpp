#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.hpp"

namespace evently::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

std::string_view to_string(Method method);

/// Who calls, after the door has checked the credential against the database.
struct Principal {
  Uuid user_id;
  Uuid session_id;
  std::string role;  ///< live role, read from the database for this request
  std::string
      context;  ///< signed context for the database, see platform/postgres/signed_context.hpp
  bool by_key = false;  ///< an API key, and `session_id` its id
  /// Live role of the person behind; more than `role` where a key may act as less.
  std::string owner_role = role;
};

/// One HTTP request, complete and already within the limits of HttpConfig.
struct Request {
  Method method = Method::Get;
  std::string target;                                        ///< as sent: path and query
  std::string path;                                          ///< percent-decoded path without query
  std::vector<std::pair<std::string, std::string>> query;    ///< percent-decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case, in order
  std::string body;
  std::vector<std::pair<std::string, std::string>> path_parameters;  ///< filled by the router

  std::string request_id;      ///< X-Request-Id: the client's when well-formed, else ours
  std::string client_address;  ///< IP literal of the peer
  std::chrono::steady_clock::time_point deadline;
  std::optional<Principal> principal;  ///< set by the router when the route wants one

  /// First header of that lower-case name, or nullopt.
  std::optional<std::string_view> header(std::string_view lower_case_name) const;
  std::size_t header_count(std::string_view lower_case_name) const;
  /// First query parameter of that name, or nullopt.
  std::optional<std::string_view> query_value(std::string_view name) const;
  /// Throws std::out_of_range when the route has no such `{name}`.
  const std::string& path_parameter(std::string_view name) const;
};

}  // namespace evently::http
