#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>
#include <vector>

#include "base/task.hpp"

namespace evently::testing {

/// Runs a coroutine on `io` until it ends; gives its result or throws what it threw.
template <class T>
T run_task(boost::asio::io_context& io, Task<T> task) {
  auto answer = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
  io.restart();
  io.run();
  return answer.get();
}

/// Runs several at once; results in order.
template <class T>
std::vector<T> run_together(boost::asio::io_context& io, std::vector<Task<T>> tasks) {
  std::vector<std::future<T>> answers;
  for (auto& task : tasks) {
    answers.push_back(boost::asio::co_spawn(io, std::move(task), boost::asio::use_future));
  }
  io.restart();
  io.run();
  std::vector<T> results;
  for (auto& answer : answers) results.push_back(answer.get());
  return results;
}

}  // namespace evently::testing
