#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "platform/mail/mailer.hpp"

namespace evently::testing {

/// Keeps every mail it is given, from whichever thread.
class RememberingMailer final : public mail::Mailer {
 public:
  bool post(mail::Mail mail) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(mail));
    came_.notify_all();
    return true;
  }
  std::vector<mail::Mail> posted() const {
    const std::lock_guard lock(mutex_);
    return posted_;
  }
  /// What is there once there are `count`, or after 20 s.
  std::vector<mail::Mail> wait_for(std::size_t count) const {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(20), [&] { return posted_.size() >= count; });
    return posted_;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable came_;
  std::vector<mail::Mail> posted_;
};

}  // namespace evently::testing
