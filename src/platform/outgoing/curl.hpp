#pragma once

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace evently::outgoing {

using Transfer = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// Parts that are not there are empty.
struct UrlParts {
  std::string scheme, user, password, host, path;
};

/// nullopt for what is no URL. `flags`: CURLU_…
std::optional<UrlParts> parse_url(const std::string& url, unsigned flags = 0);

/// This machine by one of its three usual names.
bool is_loopback(const std::string& host);

/// Aimed at `url`, by these protocols only ("http,https") and through no proxy that the environment
/// names. Null without memory.
Transfer open_transfer(const std::string& url, const char* protocols,
                       std::chrono::milliseconds timeout);

}  // namespace evently::outgoing
