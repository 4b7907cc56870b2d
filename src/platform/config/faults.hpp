#pragma once

#include <string>
#include <vector>

#include "platform/config/refusal.hpp"

namespace evently::config {

/// Collects what is wrong with a configuration, so that a person sees all of it at once.
///
///   ConfigFaults faults;
///   auto listen = faults.collect([&] { return parse_listen(options.listen); });
///   faults.refuse_when_any();
class ConfigFaults {
 public:
  void add(const std::string& line) { lines_.push_back(line); }

  /// The value, or a value-initialised one with the refusal noted.
  template <class Parse>
  auto collect(Parse parse) -> decltype(parse()) {
    try {
      return parse();
    } catch (const StartRefused& refusal) {
      add(refusal.what());
      return {};
    }
  }

  /// Throws StartRefused with every line, exit code 78.
  void refuse_when_any() const {
    if (lines_.empty()) return;
    if (lines_.size() == 1) throw StartRefused(lines_.front());
    std::string text = "the configuration has " + std::to_string(lines_.size()) + " faults:";
    for (const std::string& line : lines_) text += "\n  " + line;
    throw StartRefused(text);
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace evently::config
