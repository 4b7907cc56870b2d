#include "factors/totp_service.hpp"

#include <algorithm>
#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"
#include "platform/crypto/sealed_box.hpp"
#include "platform/crypto/totp.hpp"
#include "platform/http/encoding.hpp"

namespace evently::factors {
namespace {

constexpr int kRecoveryCodes = 10;
constexpr std::size_t kRecoveryBytes = 10;  // 80 bits: 16 characters

std::string place_of(const Uuid& user_id) { return "sec.totp|secret|" + to_string(user_id); }

std::string hash_of(const Uuid& user_id, const std::string& recovery_code) {
  return crypto::sha256("recovery|" + to_string(user_id) + "|" + recovery_code);
}

/// As people type it: with blanks and dashes, in small letters.
std::string tidied(std::string_view typed) {
  std::string code;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    code += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return code;
}

std::string grouped(const std::string& code) {
  std::string text;
  for (std::size_t i = 0; i < code.size(); i += 4) {
    text += (i == 0 ? "" : "-") + code.substr(i, 4);
  }
  return text;
}

bool is_totp(const std::string& code) {
  return code.size() == 6 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

/// Throws when the cell was changed, moved, or sealed under a key we do not have: never silent.
std::string TotpService::open(const StoredTotp& stored, const Uuid& user_id) const {
  const auto sealed = crypto::base64url_decode(stored.sealed_secret);
  const auto secret =
      sealed ? crypto::open_sealed(keys_, place_of(user_id), *sealed, clock_.now()) : std::nullopt;
  if (!secret) throw std::runtime_error("a TOTP secret does not open");
  return *secret;
}

Task<bool> TotpService::is_used_up(postgres::TransactionOptions options, Uuid user_id,
                                   StoredTotp stored, std::string code) {
  const std::string tidy = tidied(code);
  if (!is_totp(tidy)) {
    std::string hash = hash_of(user_id, tidy);
    const bool known =
        co_await repository_.use_recovery_code(std::move(options), user_id, std::move(hash));
    co_return known;
  }
  const auto step = crypto::totp_match(open(stored, user_id), tidy, clock_.now());
  if (!step) co_return false;
  const bool fresh = co_await repository_.use_step(std::move(options), user_id, *step);
  co_return fresh;
}

Task<bool> TotpService::passes(postgres::TransactionOptions anonymous, Uuid user_id,
                               bool password_is_right, std::string code) {
  postgres::TransactionOptions again = anonymous;
  const auto stored = co_await repository_.find(std::move(anonymous), user_id);
  if (!password_is_right) co_return false;
  if (!stored || !stored->confirmed) co_return true;
  if (code.empty()) co_return false;
  const bool passed = co_await is_used_up(std::move(again), user_id, *stored, code);
  co_return passed;
}

Task<Result<Enrolment, TotpRefusal>> TotpService::start(postgres::TransactionOptions mine,
                                                        Uuid user_id, std::string account_name) {
  const std::string secret = crypto::random_bytes(crypto::kTotpSecretBytes);
  const crypto::RingKey& key = crypto::current_key(keys_, clock_.now());
  std::string sealed = crypto::base64url_encode(crypto::seal(key, place_of(user_id), secret));
  const std::string outcome = co_await repository_.start(std::move(mine), std::move(sealed));
  if (outcome == "signed_out") co_return TotpRefusal::SignedOut;
  if (outcome != "started") co_return TotpRefusal::Enabled;
  const std::string typed = crypto::base32_encode(secret);
  co_return Enrolment{typed, "otpauth://totp/Evently:" + http::url_encode(account_name) +
                                 "?secret=" + typed + "&issuer=Evently"};
}

Task<Result<std::vector<std::string>, TotpRefusal>> TotpService::confirm(
    postgres::TransactionOptions mine, Uuid user_id, std::string code) {
  postgres::TransactionOptions reading = mine;
  const auto stored = co_await repository_.find(std::move(reading), user_id);
  if (!stored) co_return TotpRefusal::NotStarted;
  if (stored->confirmed) co_return TotpRefusal::Enabled;
  const auto step = crypto::totp_match(open(*stored, user_id), tidied(code), clock_.now());
  if (!step) co_return TotpRefusal::WrongCode;

  std::vector<std::string> codes;
  std::vector<std::string> hashes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const std::string made = crypto::base32_encode(crypto::random_bytes(kRecoveryBytes));
    hashes.push_back(hash_of(user_id, made));
    codes.push_back(grouped(made));
  }
  const std::string outcome = co_await repository_.confirm(std::move(mine), stored->sealed_secret,
                                                           *step, std::move(hashes));
  if (outcome == "signed_out") co_return TotpRefusal::SignedOut;
  if (outcome != "confirmed") co_return TotpRefusal::NotStarted;
  co_return codes;
}

Task<bool> TotpService::remove(postgres::TransactionOptions mine) {
  const bool removed = co_await repository_.remove(std::move(mine));
  co_return removed;
}

Task<bool> TotpService::exists(postgres::TransactionOptions mine, Uuid user_id) {
  const auto stored = co_await repository_.find(std::move(mine), user_id);
  co_return stored.has_value();
}

Task<bool> TotpService::has_confirmed(postgres::TransactionOptions options, std::string context) {
  const bool has = co_await repository_.has_confirmed(std::move(options), std::move(context));
  co_return has;
}

}  // namespace evently::factors
