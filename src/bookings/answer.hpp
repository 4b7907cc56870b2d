#pragma once

#include <exception>

namespace evently::bookings {

/// What one wish got: a verdict, or the fault that hit it.
template <class Verdict>
struct Answer {
  Verdict verdict{};
  std::exception_ptr fault;
};

}  // namespace evently::bookings
