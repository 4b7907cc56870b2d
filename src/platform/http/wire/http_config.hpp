#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "platform/http/cors.hpp"
#include "platform/http/trusted_proxies.hpp"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): theirs
}

namespace evently::http {

/// How a server listens and how much it lets one client ask for. Never changes after start.
struct HttpConfig {
  std::string address = "127.0.0.1";  ///< IP literal
  std::uint16_t port = 8080;          ///< 0: any free one
  /// Refuse a port on which another program already listens. Servers share a port silently, so the
  /// first server of a process asks for this and the others do not.
  bool refuse_shared_port = false;
  /// Made by make_tls(), shared by all servers, so that a session resumes on any; null: plain HTTP.
  std::shared_ptr<boost::asio::ssl::context> tls;
  TrustedProxies proxies;
  /// Every connection must come from one of `proxies` and begin with a PROXY protocol header.
  bool proxy_protocol = false;
  CorsPolicy cors;  ///< empty: no page of another origin reads anything

  std::chrono::seconds request_deadline{5};  ///< from the last byte of the request to the answer
  std::chrono::seconds header_timeout{10};   ///< first byte of a request to its last header
  std::chrono::seconds body_timeout{20};
  std::chrono::seconds write_timeout{30};
  std::chrono::seconds idle_timeout{75};     ///< between requests of a connection
  std::size_t max_target_bytes = 8 * 1024;   ///< 414
  std::size_t max_header_bytes = 16 * 1024;  ///< 431
  std::size_t max_fields = 100;              ///< 431
  std::size_t max_body_bytes = 64 * 1024;    ///< 413
  std::size_t max_connections = 20'000;

  bool https_in_front() const { return tls || !proxies.empty(); }
};

}  // namespace evently::http
