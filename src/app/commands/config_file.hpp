#pragma once

#include <CLI/CLI.hpp>

namespace evently::app {

/// Reads the TOML of --config for `program` and its commands. Refuses the start (78) for every
/// option and section that none of them has, as CLI11 passes over them and a misspelt setting would
/// protect nobody. Each command's section may stand in one file.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  explicit ConfigFile(const CLI::App& program) : program_(program) {}
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  const CLI::App& program_;
};

}  // namespace evently::app
