#pragma once

#include <string>
#include <vector>

#include "api_keys/api_key.hpp"
#include "platform/http/request.hpp"

namespace evently::api_keys {

/// Throws http::BadRequest naming every fault.
NewApiKey parse_new_key(const http::Request& request);
/// `text` is the whole key, shown this once.
std::string created_json(const ApiKey& key, const std::string& text);
std::string list_json(const std::vector<ApiKey>& keys);

}  // namespace evently::api_keys
