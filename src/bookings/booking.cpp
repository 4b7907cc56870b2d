#include "bookings/booking.hpp"

#include "platform/crypto/random.hpp"

namespace evently::bookings {
namespace {

constexpr std::string_view kAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
static_assert(kAlphabet.size() == 32);
constexpr std::size_t kSymbols = 10;

/// Luhn mod N over the symbols from the right, every second one doubled.
char check_symbol(std::string_view symbols) {
  std::size_t sum = 0;
  bool doubled = true;
  for (auto symbol = symbols.rbegin(); symbol != symbols.rend(); ++symbol, doubled = !doubled) {
    const std::size_t value = kAlphabet.find(*symbol) * (doubled ? 2 : 1);
    sum += value / kAlphabet.size() + value % kAlphabet.size();
  }
  return kAlphabet[(kAlphabet.size() - sum % kAlphabet.size()) % kAlphabet.size()];
}

}  // namespace

std::string make_reference() {
  std::string symbols;
  for (const char byte : crypto::random_bytes(kSymbols)) {
    symbols += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
  }
  return "EV-" + symbols.substr(0, 5) + "-" + symbols.substr(5) + check_symbol(symbols);
}

bool is_reference(std::string_view text) {
  if (text.size() != 15 || !text.starts_with("EV-") || text[8] != '-') return false;
  const std::string symbols = std::string(text.substr(3, 5)) + std::string(text.substr(9, 5));
  if (symbols.find_first_not_of(kAlphabet) != std::string::npos) return false;
  return text[14] == check_symbol(symbols);
}

}  // namespace evently::bookings
