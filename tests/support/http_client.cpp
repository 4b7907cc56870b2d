#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>

namespace evently::testing {

struct HttpClient::Connection {
  int socket = -1;
  std::string pending;

  Connection(std::uint16_t port, std::chrono::seconds timeout) {
    socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{timeout.count(), 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(socket);
      throw NotConnected("cannot connect to port " + std::to_string(port));
    }
  }
  ~Connection() { ::close(socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("connection lost while sending");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  bool read_more() {
    char buffer[16384];
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got < 0) throw std::runtime_error("no answer in time");
    pending.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  std::string take_until(std::string_view mark) {
    while (pending.find(mark) == std::string::npos) {
      if (!read_more()) throw std::runtime_error("connection closed before the answer");
    }
    const std::size_t end = pending.find(mark) + mark.size();
    std::string taken = pending.substr(0, end);
    pending.erase(0, end);
    return taken;
  }

  std::string take(std::size_t size) {
    while (pending.size() < size) {
      if (!read_more()) throw std::runtime_error("connection closed within the body");
    }
    std::string taken = pending.substr(0, size);
    pending.erase(0, size);
    return taken;
  }
};

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Answer parse_head(const std::string& head) {
  Answer answer;
  answer.status = std::stoi(head.substr(9, 3));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size() - 2) {
    const std::size_t end = head.find("\r\n", at);
    const std::string line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    const std::string name = lower(line.substr(0, colon));
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    const std::string text = value == std::string::npos ? "" : line.substr(value);
    auto [slot, fresh] = answer.headers.emplace(name, text);
    if (!fresh) slot->second += "\n" + text;
    at = end + 2;
  }
  return answer;
}

}  // namespace

boost::json::value Answer::json() const { return boost::json::parse(body); }

std::string Answer::text(std::string_view pointer) const {
  boost::system::error_code absent;
  const auto document = json();
  const auto* found = document.find_pointer(pointer, absent);
  if (found == nullptr || absent) return "";
  return found->is_string() ? std::string(found->as_string()) : boost::json::serialize(*found);
}

std::string Answer::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

namespace {

std::mutex left_out_mutex;
std::set<std::uint16_t> left_out;

bool is_left_out(std::uint16_t port) {
  const std::lock_guard lock(left_out_mutex);
  return left_out.contains(port);
}

/// Keeps an answer for tests/contract/check_exchanges.py, in the file that EVENTLY_EXCHANGES names.
void record(const std::string& method, const std::string& target, const Answer& answer) {
  static const char* const file = std::getenv("EVENTLY_EXCHANGES");
  if (file == nullptr) return;
  boost::json::object headers;
  for (const auto& [name, value] : answer.headers) headers[name] = value;
  const bool is_plain = answer.header("content-encoding").empty();
  const boost::json::object line{{"method", method},
                                 {"target", target},
                                 {"status", answer.status},
                                 {"headers", headers},
                                 {"body", is_plain ? answer.body : ""}};
  const std::string bytes = boost::json::serialize(line) + "\n";
  const int opened = ::open(file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const bool whole = ::write(opened, bytes.data(), bytes.size()) == ssize_t(bytes.size());
  ::close(opened);
  if (!whole) throw std::runtime_error(std::string("cannot write ") + file);
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port, std::chrono::seconds timeout)
    : port_(port), timeout_(timeout) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

void HttpClient::leave_out(std::uint16_t port) {
  const std::lock_guard lock(left_out_mutex);
  left_out.insert(port);
}

void HttpClient::take_in(std::uint16_t port) {
  const std::lock_guard lock(left_out_mutex);
  left_out.erase(port);
}

Answer HttpClient::get(const std::string& target, Headers headers) {
  return send("GET", target, "", std::move(headers));
}

Answer HttpClient::post(const std::string& target, const std::string& json_body, Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return send("POST", target, json_body, std::move(headers));
}

Answer HttpClient::send(const std::string& method, const std::string& target,
                        const std::string& body, Headers headers) {
  if (!connection_) connection_ = std::make_unique<Connection>(port_, timeout_);
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST" || method == "PATCH") {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n" + body;

  try {
    connection_->write(request);
    Answer answer = parse_head(connection_->take_until("\r\n\r\n"));
    const std::string length = answer.header("content-length");
    if (method != "HEAD" && !length.empty()) {
      answer.body = connection_->take(static_cast<std::size_t>(std::stoull(length)));
    }
    if (lower(answer.header("connection")) == "close") connection_.reset();
    if (!is_left_out(port_)) record(method, target, answer);
    return answer;
  } catch (...) {
    connection_.reset();
    throw;
  }
}

std::string HttpClient::raw(std::string_view bytes) {
  Connection once(port_, timeout_);
  once.write(bytes);
  ::shutdown(once.socket, SHUT_WR);
  while (once.read_more()) {
  }
  return once.pending;
}

SlowRequest::SlowRequest(std::uint16_t port)
    : connection_(std::make_unique<HttpClient::Connection>(port, std::chrono::seconds(20))) {
  connection_->write("GET /api/v1/health/live HTTP/1.1\r\nHo");
}
SlowRequest::~SlowRequest() = default;

int SlowRequest::finish() {
  connection_->write("st: 127.0.0.1\r\n\r\n");
  return parse_head(connection_->take_until("\r\n\r\n")).status;
}

Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

}  // namespace evently::testing
