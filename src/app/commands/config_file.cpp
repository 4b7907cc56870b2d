#include "app/commands/config_file.hpp"

#include "platform/config/faults.hpp"

namespace evently::app {
namespace {

/// The command whose section an item stands in; nullptr when there is none.
const CLI::App* command_of(const CLI::App& program, const CLI::ConfigItem& item) {
  const CLI::App* command = &program;
  for (const std::string& name : item.parents) {
    const auto known =
        command->get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
    if (known.empty()) return nullptr;
    command = known.front();
  }
  return command;
}

bool is_bracket_of_section(const CLI::ConfigItem& item) {
  return item.name == "++" || item.name == "--";
}

std::string section_of(const CLI::ConfigItem& item) {
  return "[" + CLI::detail::join(item.parents, ".") + "]";
}

}  // namespace

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::vector<CLI::ConfigItem> items = CLI::ConfigTOML::from_config(input);
  config::ConfigFaults faults;
  std::string unknown;
  for (const CLI::ConfigItem& item : items) {
    const CLI::App* command = command_of(program_, item);
    if (command == nullptr && section_of(item) != unknown) {
      unknown = section_of(item);
      faults.add("--config: no command has a section " + unknown);
    }
    if (command == nullptr || is_bracket_of_section(item)) continue;
    if (command->get_option_no_throw("--" + item.name) == nullptr) {
      faults.add("--config: no such option: " + item.fullname());
    }
  }
  faults.refuse_when_any();
  return items;
}

}  // namespace evently::app
