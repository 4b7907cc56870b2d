#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "platform/mail/carrier.hpp"
#include "platform/outgoing/curl.hpp"

namespace evently::mail {
namespace {

constexpr long kConnectMs = 5'000;
constexpr std::chrono::seconds kTotal{15};

struct Reading {
  const std::string& message;
  std::size_t at = 0;
};

std::size_t read_some(char* to, std::size_t size, std::size_t count, void* from) {
  auto& reading = *static_cast<Reading*>(from);
  const std::size_t n = std::min(size * count, reading.message.size() - reading.at);
  reading.message.copy(to, n, reading.at);
  reading.at += n;
  return n;
}

class SmtpCarrier final : public Carrier {
 public:
  SmtpCarrier(const std::string& url, const std::filesystem::path& authorities)
      : url_(url), authorities_(authorities) {
    const auto parts = outgoing::parse_url(url, CURLU_NON_SUPPORT_SCHEME);
    if (!parts || (parts->scheme != "smtp" && parts->scheme != "smtps") || parts->host.empty() ||
        (parts->path != "/" && !parts->path.empty())) {
      throw std::invalid_argument("is not smtp[s]://[user:password@]host[:port]");
    }
    if (!authorities_.empty() && !std::ifstream(authorities_)) {
      throw std::invalid_argument("its certificate authorities cannot be read");
    }
    is_local_ = outgoing::is_loopback(parts->host);
  }

  std::string carry(const std::string&, const std::string& from, const std::string& to,
                    const std::string& message) override {
    const auto transfer = outgoing::open_transfer(url_, "smtp,smtps", kTotal);
    if (!transfer) return "libcurl has no memory";
    CURL* const easy = transfer.get();
    const outgoing::List recipients(curl_slist_append(nullptr, ("<" + to + ">").c_str()),
                                    curl_slist_free_all);
    Reading reading{message};
    const std::string sender = "<" + from + ">";
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     static_cast<long>(is_local_ ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (!authorities_.empty()) {
      curl_easy_setopt(easy, CURLOPT_CAINFO, authorities_.c_str());
      curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // these and no others
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_some);
    curl_easy_setopt(easy, CURLOPT_READDATA, &reading);
    const CURLcode code = curl_easy_perform(easy);
    if (code == CURLE_OK) return "";
    // Not the server's words, which often repeat the recipient.
    return curl_easy_strerror(code);
  }

 private:
  std::string url_;
  std::filesystem::path authorities_;
  bool is_local_ = false;
};

}  // namespace

std::unique_ptr<Carrier> make_smtp_carrier(const std::string& url,
                                           const std::filesystem::path& authorities) {
  return std::make_unique<SmtpCarrier>(url, authorities);
}

}  // namespace evently::mail
