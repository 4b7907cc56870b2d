#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evently::testing {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; repeated ones joined by \n
  std::string body;

  boost::json::value json() const;
  /// Member at an RFC 6901 pointer as text; "" when absent.
  std::string text(std::string_view pointer) const;
  std::string header(const std::string& lower_case_name) const;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Nobody listens there: nothing was sent.
struct NotConnected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A blocking HTTP/1.1 client over one kept connection. Throws std::runtime_error when the server
/// cannot be reached, closes early, or does not answer within the timeout.
class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, std::chrono::seconds timeout = std::chrono::seconds(20));
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Answers of this port are not held against the contract (operations).
  static void leave_out(std::uint16_t port);
  /// They are again: the operations port of a server that is gone may be the next one's own.
  static void take_in(std::uint16_t port);

  Answer get(const std::string& target, Headers headers = {});
  Answer post(const std::string& target, const std::string& json_body, Headers headers = {});
  Answer send(const std::string& method, const std::string& target, const std::string& body,
              Headers headers);
  /// Bytes as they are, then everything until the server closes or the timeout ends.
  std::string raw(std::string_view bytes);

 private:
  friend class SlowRequest;
  struct Connection;
  std::unique_ptr<Connection> connection_;
  std::uint16_t port_;
  std::chrono::seconds timeout_;
};

/// The first half of a request for the liveness page; finish() sends the rest and tells the status.
class SlowRequest {
 public:
  explicit SlowRequest(std::uint16_t port);
  ~SlowRequest();
  SlowRequest(const SlowRequest&) = delete;
  SlowRequest& operator=(const SlowRequest&) = delete;
  int finish();

 private:
  std::unique_ptr<HttpClient::Connection> connection_;
};

Headers bearer(const std::string& token);

}  // namespace evently::testing
