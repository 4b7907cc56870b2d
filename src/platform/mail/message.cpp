#include "platform/mail/message.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <ctime>
#include <stdexcept>

namespace evently::mail {
namespace {

constexpr std::size_t kMaxAddressBytes = 254;
constexpr std::size_t kLineBytes = 57;         // 76 characters of base64, RFC 2045 §6.8
constexpr std::size_t kEncodedWordBytes = 42;  // with its frame below the 75 of RFC 2047 §2
constexpr std::size_t kMaxPlainSubject = 60;   // with its name below 78, RFC 5322 §2.1.1

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// Never inside a UTF-8 sequence: each encoded word is decoded by itself.
std::size_t piece_of(std::string_view text) {
  std::size_t end = std::min(text.size(), kEncodedWordBytes);
  while (end < text.size() && end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return end;
}

std::string encoded_subject(std::string_view subject) {
  const bool plain =
      subject.size() <= kMaxPlainSubject && subject.find("=?") == std::string_view::npos &&
      std::all_of(subject.begin(), subject.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) return std::string(subject);
  std::string out;
  while (!subject.empty()) {
    const std::size_t size = piece_of(subject);
    out +=
        (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(subject.substr(0, size)) + "?=";
    subject.remove_prefix(size);
  }
  return out;
}

std::string base64_lines(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t size = std::min(body.size(), kLineBytes);
    out += base64(body.substr(0, size)) + "\r\n";
    body.remove_prefix(size);
  }
  return out;
}

/// RFC 5322 §3.3, in UTC; names in English whatever the locale.
std::string date_of(TimePoint now) {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(
          std::chrono::time_point_cast<std::chrono::seconds>(now).time_since_epoch())
          .count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char rest[32];
  std::strftime(rest, sizeof rest, "%Y %H:%M:%S +0000", &utc);
  return std::string(kDays[utc.tm_wday]) + ", " + std::to_string(utc.tm_mday) + " " +
         kMonths[utc.tm_mon] + " " + rest;
}

}  // namespace

bool is_plain_address(std::string_view address) {
  constexpr std::string_view kRefused = " <>,;:\"()[]\\";
  const std::size_t at = address.rfind('@');
  if (address.size() > kMaxAddressBytes || at == 0 || at == std::string_view::npos ||
      at + 1 == address.size()) {
    return false;
  }
  return std::none_of(address.begin(), address.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || kRefused.find(c) != std::string_view::npos;
  });
}

std::string compose(const Mail& mail, std::string_view from, std::string_view message_id,
                    TimePoint now) {
  if (!is_plain_address(mail.to) || !is_plain_address(from)) {
    throw std::invalid_argument("a mail's address is not plain");
  }
  std::string out = "Date: " + date_of(now) + "\r\n";
  out += "From: Evently <" + std::string(from) + ">\r\n";
  out += "To: <" + mail.to + ">\r\n";
  out += "Subject: " + encoded_subject(mail.subject) + "\r\n";
  out += "Message-ID: <" + std::string(message_id) + ">\r\n";
  out +=
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
      "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n";
  return out + base64_lines(mail.body);
}

}  // namespace evently::mail
