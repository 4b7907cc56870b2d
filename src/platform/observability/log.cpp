#include "platform/observability/log.hpp"

#include <spdlog/async.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "platform/observability/json_text.hpp"

namespace evently::observability {
namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr std::size_t kMaxBatchBytes = 64 * 1024;
constexpr std::size_t kMaxValueBytes = 2000;
constexpr std::chrono::seconds kFlushPatience{2};
/// Between two writes: under load one for dozens of requests, and none of these wakes the writer.
constexpr std::chrono::milliseconds kWritePause{5};

/// Standard error: a line is written at once unless the last write was just now; lines that wait
/// together are written together. Brings the news that a flush got through the queue.
class StandardError final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit StandardError(std::function<bool()> is_queue_empty)
      : is_queue_empty_(std::move(is_queue_empty)) {}
  ~StandardError() override { write(); }

  /// Runs `ask_to_flush`, then waits for a flush that began after it.
  template <class Ask>
  void await_flush(Ask ask_to_flush) {
    std::unique_lock lock(flush_mutex_);
    const std::uint64_t before = flushes_;
    lock.unlock();
    ask_to_flush();
    lock.lock();
    flushed_.wait_for(lock, kFlushPatience, [&] { return flushes_ > before; });
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.append(message.payload.data(), message.payload.size());
    lines_ += '\n';
    if (lines_.size() >= kMaxBatchBytes) return write();
    if (!is_queue_empty_()) return;
    write();
    std::this_thread::sleep_for(kWritePause);
  }
  void flush_() override {
    write();
    const std::lock_guard lock(flush_mutex_);
    ++flushes_;
    flushed_.notify_all();
  }
  void write() {
    std::fwrite(lines_.data(), 1, lines_.size(), stderr);
    std::fflush(stderr);
    lines_.clear();
  }

  std::function<bool()> is_queue_empty_;
  std::string lines_;  ///< of the one thread that writes
  std::mutex flush_mutex_;
  std::condition_variable flushed_;
  std::uint64_t flushes_ = 0;
};

struct Sink {
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
  std::shared_ptr<StandardError> output =
      std::make_shared<StandardError>([queue = pool.get()] { return queue->queue_size() == 0; });
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "evently", output, pool, spdlog::async_overflow_policy::overrun_oldest);
  std::atomic<Level> lowest{Level::Info};

  ~Sink() {
    logger.reset();
    pool.reset();  // writes what still waits, to `output`
  }
};

Sink& sink() {
  static Sink instance;
  return instance;
}

std::string_view name(Level level) {
  switch (level) {
    case Level::Debug:
      return "debug";
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    case Level::Error:
      return "error";
  }
  return "error";
}

void append_value(std::string& line, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (text->size() <= kMaxValueBytes) return append_log_string(line, *text);
    std::size_t end = kMaxValueBytes;  // not within a character
    while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0) == 0x80) --end;
    return append_log_string(line, std::string(text->substr(0, end)) + "…");
  }
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) line += std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&field.value)) line += *flag ? "true" : "false";
  if (const auto* real = std::get_if<double>(&field.value)) {
    line += std::isfinite(*real) ? fmt::format("{:.6g}", *real) : "null";  // JSON has no NaN
  }
}

}  // namespace

void log(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (level < sink().lowest.load(std::memory_order_relaxed)) return;
  std::string line = R"({"at":")" + to_rfc3339(SystemClock().now()) + R"(","level":")";
  line += name(level);
  line += R"(","event":)";
  append_log_string(line, event);
  for (const Field& field : fields) {
    line += ',';
    append_log_string(line, field.key);
    line += ':';
    append_value(line, field);
  }
  line += '}';
  sink().logger->info(spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t log_dropped() { return sink().pool->overrun_counter(); }

void set_log_level(Level lowest) { sink().lowest.store(lowest); }

void flush_log() {
  sink().output->await_flush([] { sink().logger->flush(); });
}

}  // namespace evently::observability
