#include "support/webhook_receiver.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace evently::testing {
namespace {

constexpr char kFine[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

/// Head and as many bytes as it announces.
std::string read_request(int client) {
  std::string request;
  std::string text(4096, '\0');
  while (true) {
    const std::size_t head = request.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::string length = header_of(request, "Content-Length");
      if (length.empty() || request.size() >= head + 4 + std::stoul(length)) return request;
    }
    const auto got = ::recv(client, text.data(), text.size(), 0);
    if (got <= 0) return request;
    request.append(text, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace

WebhookReceiver::WebhookReceiver(std::vector<std::string> script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, plain, &size) != 0) {
    throw std::runtime_error("no port for the receiver");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

WebhookReceiver::~WebhookReceiver() {
  thread_.request_stop();
  thread_.join();
  for (const int open : silent_) ::close(open);
  ::close(listener_);
}

std::string WebhookReceiver::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/hook";
}

std::vector<std::string> WebhookReceiver::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool WebhookReceiver::wait_for(std::size_t count) const {
  using Time = std::chrono::steady_clock;
  for (const auto limit = Time::now() + std::chrono::seconds(20); Time::now() < limit;
       ::poll(nullptr, 0, 5)) {
    if (requests().size() >= count) return true;
  }
  return false;
}

void WebhookReceiver::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) > 0) answer(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
  }
}

void WebhookReceiver::answer(int client) {
  std::string request = read_request(client);
  std::string reply = kFine;
  {
    const std::lock_guard lock(mutex_);
    if (requests_.size() < script_.size()) reply = script_[requests_.size()];
    requests_.push_back(std::move(request));
  }
  if (reply.empty()) {
    silent_.push_back(client);
    return;
  }
  ::send(client, reply.data(), reply.size(), MSG_NOSIGNAL);
  ::close(client);
}

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return request.substr(from, request.find("\r\n", from) - from);
}

std::string body_of_request(const std::string& request) {
  const std::size_t head = request.find("\r\n\r\n");
  return head == std::string::npos ? "" : request.substr(head + 4);
}

}  // namespace evently::testing
