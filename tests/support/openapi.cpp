#include "support/openapi.hpp"

#include <boost/json.hpp>
#include <filesystem>

#include "support/scratch_folder.hpp"

namespace evently::testing {
namespace {

std::string text_of(const boost::json::object& operation, std::string_view name) {
  const auto* found = operation.if_contains(name);
  return found == nullptr ? "" : std::string(found->as_string());
}

}  // namespace

std::vector<Operation> documented_operations() {
  // The build turns the YAML into JSON, for the docs page.
  const auto file = std::filesystem::path(EVENTLY_BINARY).parent_path() / "openapi.json";
  const auto document = boost::json::parse(read_text(file));
  std::vector<Operation> operations;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const char* method : {"get", "post", "put", "patch", "delete"}) {
      const auto* found = item.as_object().if_contains(method);
      if (found == nullptr) continue;
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      const auto& operation = found->as_object();
      operations.push_back({upper, std::string(path), text_of(operation, "x-permission"),
                            text_of(operation, "x-rate-tier"), text_of(operation, "x-step-up")});
    }
  }
  return operations;
}

}  // namespace evently::testing
