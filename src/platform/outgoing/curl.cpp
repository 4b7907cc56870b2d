#include "platform/outgoing/curl.hpp"

namespace evently::outgoing {
namespace {

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

std::optional<UrlParts> parse_url(const std::string& url, unsigned flags) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> owned(curl_url(), curl_url_cleanup);
  CURLU* parsed = owned.get();
  if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), flags) != CURLUE_OK) return std::nullopt;
  return UrlParts{part_of(parsed, CURLUPART_SCHEME), part_of(parsed, CURLUPART_USER),
                  part_of(parsed, CURLUPART_PASSWORD), part_of(parsed, CURLUPART_HOST),
                  part_of(parsed, CURLUPART_PATH)};
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

Transfer open_transfer(const std::string& url, const char* protocols,
                       std::chrono::milliseconds timeout) {
  Transfer transfer(curl_easy_init(), curl_easy_cleanup);
  if (!transfer) return transfer;
  curl_easy_setopt(transfer.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(transfer.get(), CURLOPT_PROTOCOLS_STR, protocols);
  curl_easy_setopt(transfer.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(transfer.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(transfer.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  return transfer;
}

}  // namespace evently::outgoing
