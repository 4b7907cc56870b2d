#include "factors/totp_repository.hpp"

namespace evently::factors {
namespace {

using postgres::Statement;

constexpr Statement kFind{"totp.find", "SELECT secret, confirmed FROM sec.find_totp($1)"};
constexpr Statement kUse{"totp.use", "SELECT sec.use_totp($1, $2) AS done"};
constexpr Statement kUseRecovery{"totp.use_recovery",
                                 "SELECT sec.use_recovery_code($1, $2) AS done"};
constexpr Statement kStart{"totp.start", "SELECT sec.start_totp($1) AS outcome"};
constexpr Statement kConfirm{"totp.confirm",
                             "SELECT sec.confirm_totp($1, $2, $3::bytea[]) AS outcome"};
constexpr Statement kRemove{"totp.remove", "SELECT sec.remove_totp() AS done"};
constexpr Statement kHas{"totp.has", "SELECT sec.has_second_factor($1) AS done"};

}  // namespace

Task<std::optional<StoredTotp>> TotpRepository::find(postgres::TransactionOptions options,
                                                     Uuid user_id) {
  auto values = postgres::parameters(user_id);
  const auto rows = co_await auth_.run(std::move(options), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return StoredTotp{rows[0].get<std::string>("secret"), rows[0].get<bool>("confirmed")};
}

Task<bool> TotpRepository::use_step(postgres::TransactionOptions options, Uuid user_id,
                                    std::int64_t step) {
  auto values = postgres::parameters(user_id, step);
  const auto rows = co_await auth_.run(std::move(options), kUse, std::move(values));
  co_return rows[0].get<bool>("done");
}

Task<bool> TotpRepository::use_recovery_code(postgres::TransactionOptions options, Uuid user_id,
                                             std::string hash) {
  auto values = postgres::parameters(user_id, postgres::encode_bytes(hash));
  const auto rows = co_await auth_.run(std::move(options), kUseRecovery, std::move(values));
  co_return rows[0].get<bool>("done");
}

Task<std::string> TotpRepository::start(postgres::TransactionOptions options,
                                        std::string sealed_secret) {
  auto values = postgres::parameters(sealed_secret);
  const auto rows = co_await auth_.run(std::move(options), kStart, std::move(values));
  co_return rows[0].get<std::string>("outcome");
}

Task<std::string> TotpRepository::confirm(postgres::TransactionOptions options,
                                          std::string sealed_secret, std::int64_t step,
                                          std::vector<std::string> code_hashes) {
  std::vector<std::optional<std::string>> hashes;
  hashes.reserve(code_hashes.size());
  for (const std::string& hash : code_hashes) hashes.emplace_back(postgres::encode_bytes(hash));
  auto values = postgres::parameters(sealed_secret, step, postgres::encode_array(hashes));
  const auto rows = co_await auth_.run(std::move(options), kConfirm, std::move(values));
  co_return rows[0].get<std::string>("outcome");
}

Task<bool> TotpRepository::remove(postgres::TransactionOptions options) {
  const postgres::Parameters none;
  const auto rows = co_await auth_.run(std::move(options), kRemove, none);
  co_return rows[0].get<bool>("done");
}

Task<bool> TotpRepository::has_confirmed(postgres::TransactionOptions options,
                                         std::string context) {
  auto values = postgres::parameters(context);
  const auto rows = co_await auth_.run(std::move(options), kHas, std::move(values));
  co_return rows[0].get<bool>("done");
}

}  // namespace evently::factors
