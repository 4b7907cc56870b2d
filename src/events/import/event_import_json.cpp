#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "events/import/event_import.hpp"
#include "platform/json/json_body.hpp"

namespace evently::events {

std::vector<ImportLine> read_ndjson(std::istream& in) {
  std::vector<ImportLine> lines;
  std::string text;
  for (std::int64_t number = 1; std::getline(in, text); ++number) {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty()) continue;
    ImportLine line;
    line.number = number;
    try {
      const boost::json::value value = json::parse_strict(text);
      if (!value.is_object()) {
        line.fault = "not a JSON object";
      } else {
        for (const auto& [key, member] : value.get_object()) {
          if (member.is_null()) continue;
          if (is_import_column(std::string_view(key)) && member.is_structured()) {
            line.fault = std::string(key) + " must be a text, a number, true or false";
          }
          line.columns[std::string(key)] = member.is_string() ? std::string(member.get_string())
                                                              : boost::json::serialize(member);
        }
      }
    } catch (const http::BadRequest& bad) {
      line.fault = bad.problem.details.at(0).message;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace evently::events
