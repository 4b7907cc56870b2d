#include "support/telling_apart.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

namespace evently::testing {
namespace {

constexpr int kRounds = 3;
constexpr double kLeast = 0.45;
constexpr double kMost = 0.55;

double seconds_of(const std::function<void()>& act) {
  const auto begin = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

double area_under_curve(const std::vector<double>& a, const std::vector<double>& b) {
  double wins = 0;
  for (const double x : a) {
    for (const double y : b) wins += x > y ? 1 : (x == y ? 0.5 : 0);
  }
  return wins / (static_cast<double>(a.size()) * static_cast<double>(b.size()));
}

::testing::AssertionResult take_equally_long(int samples, const std::function<void()>& one,
                                             const std::function<void()>& other,
                                             const std::function<void()>& between) {
  std::minstd_rand random(1);
  auto failure = ::testing::AssertionFailure() << "areas under the curve:";
  for (int round = 0; round < kRounds; ++round) {
    std::vector<bool> order(static_cast<std::size_t>(samples) * 2, false);
    std::fill(order.begin(), order.begin() + samples, true);
    std::shuffle(order.begin(), order.end(), random);
    std::array<std::vector<double>, 2> times;
    for (const bool is_one : order) {
      times[is_one ? 0 : 1].push_back(seconds_of(is_one ? one : other));
      between();
    }
    const double area = area_under_curve(times[0], times[1]);
    if (kLeast <= area && area <= kMost) return ::testing::AssertionSuccess();
    failure << " " << area;
  }
  return failure;
}

}  // namespace evently::testing
