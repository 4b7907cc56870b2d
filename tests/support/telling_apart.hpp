#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace evently::testing {

/// The chance that one of `a` is greater than one of `b`, equal ones counting half: the area under
/// the curve of whoever tells them apart by size. 0.5: cannot.
double area_under_curve(const std::vector<double>& a, const std::vector<double>& b);

/// How long two kinds of acts take, `samples` of each a round in random order, so that load on the
/// machine and what the act before left behind meet both alike. They must not be told apart: an
/// area within 0.45 and 0.55. The area's own standard error is sqrt(1 / (6 samples)), 0.026 for
/// 250, so a round may miss by chance; three in a row do not. `between` is not timed.
::testing::AssertionResult take_equally_long(
    int samples, const std::function<void()>& one, const std::function<void()>& other,
    const std::function<void()>& between = [] {});

}  // namespace evently::testing
