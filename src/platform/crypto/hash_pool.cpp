#include "platform/crypto/hash_pool.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace evently::crypto {
namespace {

namespace asio = boost::asio;

/// Nice value of hashing threads: they take what request threads leave.
constexpr int kNiceness = 5;

}  // namespace

std::size_t HashPool::default_threads() {
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}

HashPool::HashPool(std::size_t threads, std::size_t max_waiting) : max_waiting_(max_waiting) {
  for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i) {
    threads_.emplace_back([this] { serve(); });
  }
}

HashPool::~HashPool() { stop(); }

void HashPool::stop() {
  std::deque<Job> unserved;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    unserved.swap(jobs_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (const Job& job : unserved) job.finish(nullptr, false);
}

std::size_t HashPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void HashPool::serve() {
  const auto self = static_cast<id_t>(::syscall(SYS_gettid));
  ::setpriority(PRIO_PROCESS, self,
                ::getpriority(PRIO_PROCESS, self) + kNiceness);  // the kernel caps it at 19
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();

    execute(job);
  }
}

void HashPool::execute(const Job& job) {
  if (std::chrono::steady_clock::now() >= job.deadline) return job.finish(nullptr, false);
  std::exception_ptr fault;
  try {
    job.work();
  } catch (...) {  // carried to the coroutine that waits
    fault = std::current_exception();
  }
  job.finish(fault, true);
}

Task<bool> HashPool::run(std::function<void()> job,
                         std::chrono::steady_clock::time_point deadline) {
  auto enqueue = [this](auto handler, std::function<void()> work, auto limit) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto finish = [shared, guard = asio::make_work_guard(asio::get_associated_executor(*shared))](
                      std::exception_ptr fault, bool done) {
      asio::post(guard.get_executor(), [shared, fault, done] { std::move (*shared)(fault, done); });
    };
    {
      const std::lock_guard lock(mutex_);
      if (!stopping_ && jobs_.size() < max_waiting_) {
        jobs_.push_back(Job{std::move(work), finish, limit});
        wake_.notify_one();
        return;
      }
    }
    finish(nullptr, false);
  };
  const bool done =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, bool)>(
          enqueue, asio::use_awaitable, std::move(job), deadline);
  co_return done;
}

}  // namespace evently::crypto
