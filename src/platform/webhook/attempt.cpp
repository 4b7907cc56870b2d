#include "platform/webhook/attempt.hpp"

#include <memory>
#include <stdexcept>

#include "platform/outgoing/curl.hpp"
#include "platform/webhook/webhook.hpp"

namespace evently::webhook {
namespace {

using outgoing::Attempt;
using outgoing::List;

constexpr std::size_t kLongestAnswer = 64 * 1024;  // what a receiver says is not kept

/// Counts the answer's bytes; one too many ends the transfer.
std::size_t swallow(char*, std::size_t size, std::size_t count, void* total) {
  auto& seen = *static_cast<std::size_t*>(total);
  seen += size * count;
  return seen > kLongestAnswer ? 0 : size * count;
}

int stop_when_asked(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

List headers_of(const std::string& signature) {
  List list(nullptr, curl_slist_free_all);
  for (const std::string& line :
       {std::string("Content-Type: application/json"), std::string("User-Agent: evently"),
        std::string("Expect:"), "Evently-Signature: " + signature}) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());  // `longer` begins with it
    list.reset(longer);
  }
  return list;
}

Attempt judge(CURLcode code, long status) {
  if (status >= 200 && status < 300) return {};
  if (status == 0) return {curl_easy_strerror(code), false};
  const bool may_pass = status == 408 || status == 425 || status == 429 || status >= 500;
  return {"the receiver answered " + std::to_string(status), !may_pass && status >= 300};
}

}  // namespace

void check_url(const std::string& url) {
  const auto parts = outgoing::parse_url(url);
  if (!parts) throw std::invalid_argument("is not https://host[:port]/path");
  const bool is_here = outgoing::is_loopback(parts->host);
  if (parts->scheme != "https" && !(parts->scheme == "http" && is_here)) {
    throw std::invalid_argument("must be https://, or http:// to this machine");
  }
  if (!parts->user.empty() || !parts->password.empty()) {
    throw std::invalid_argument("must have no user or password");
  }
}

Attempt attempt(const std::string& url, const std::string& signature, const std::string& body,
                std::chrono::milliseconds timeout, const std::stop_token& stop) {
  const auto transfer = outgoing::open_transfer(url, "http,https", timeout);
  if (!transfer) return {"libcurl has no memory", false};
  CURL* const easy = transfer.get();
  const List headers = headers_of(signature);
  std::size_t answered = 0;
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a slow name server holds up no shutdown
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answered);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, stop_when_asked);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &stop);
  const CURLcode code = curl_easy_perform(easy);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return judge(code, status);
}

}  // namespace evently::webhook
