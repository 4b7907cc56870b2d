#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <string_view>

#include "base/uuid.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace evently::http {

/// One answered request, for the access log and the metrics.
struct AccessRecord {
  std::string_view method;
  std::string_view route;  ///< pattern of the table; "unmatched" when there is none
  int status;
  std::chrono::steady_clock::duration took;
  std::size_t body_bytes;
  std::string_view request_id;
  std::string_view client;  ///< as Request::client_address; the peer when there was no request
  std::string_view peer;    ///< address of the other end: the client's, or a proxy's
};

/// What the app wants to know of a server. Called on the worker's thread; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void finished(const AccessRecord& record) = 0;
  /// A connection closed without a word: it began with no right PROXY protocol header.
  virtual void turned_away(std::string_view peer) = 0;
  /// A handler threw: decides the answer, and keeps the fault under `error_id`. `request` is an
  /// outline (method, path, request_id, client_address, who was admitted), not its headers or body.
  virtual Problem failed(const std::exception_ptr& fault, const Request& request,
                         std::string_view route, const Uuid& error_id) = 0;
};

}  // namespace evently::http
