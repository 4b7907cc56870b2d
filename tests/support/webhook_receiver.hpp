#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace evently::testing {

/// A scripted HTTP receiver on a free loopback port: answers each connection by the next line of
/// its script, and 204 when there is none left; "" is silence until it ends.
class WebhookReceiver {
 public:
  explicit WebhookReceiver(std::vector<std::string> script = {});
  ~WebhookReceiver();
  WebhookReceiver(const WebhookReceiver&) = delete;
  WebhookReceiver& operator=(const WebhookReceiver&) = delete;

  std::string url() const;
  /// As received, head and body.
  std::vector<std::string> requests() const;
  /// Waits until there are as many, 20 s at most.
  bool wait_for(std::size_t count) const;

 private:
  void run(const std::stop_token& stop);
  void answer(int client);

  const std::vector<std::string> script_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> silent_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

std::string header_of(const std::string& request, const std::string& name);
std::string body_of_request(const std::string& request);

}  // namespace evently::testing
