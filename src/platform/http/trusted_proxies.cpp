#include "platform/http/trusted_proxies.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace evently::http {
namespace {

constexpr std::size_t kMaxHops = 32;

/// 4 or 16 bytes; an IPv4-mapped IPv6 address counts as IPv4.
std::optional<std::string> address_bytes(std::string_view text) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(std::string(text), failed);
  if (failed) return std::nullopt;
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return std::string(bytes.begin(), bytes.end());
  }
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) {
    const auto bytes = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_bytes();
    return std::string(bytes.begin(), bytes.end());
  }
  const auto bytes = v6.to_bytes();
  return std::string(bytes.begin(), bytes.end());
}

bool same_prefix(const std::string& left, const std::string& right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (left.compare(0, whole, right, 0, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned shift = 8 - bits % 8;
  return static_cast<unsigned char>(left[whole]) >> shift ==
         static_cast<unsigned char>(right[whole]) >> shift;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& cidrs) {
  for (const std::string& cidr : cidrs) {
    const std::size_t slash = cidr.find('/');
    const auto bytes = address_bytes(std::string_view(cidr).substr(0, slash));
    if (!bytes) throw std::invalid_argument("not an address or CIDR: " + cidr);

    unsigned bits = static_cast<unsigned>(bytes->size() * 8);
    if (slash != std::string::npos) {
      const char* begin = cidr.data() + slash + 1;
      const char* end = cidr.data() + cidr.size();
      unsigned wanted = 0;
      const auto parsed = std::from_chars(begin, end, wanted);
      if (parsed.ec != std::errc() || parsed.ptr != end || begin == end || wanted > bits) {
        throw std::invalid_argument("not an address or CIDR: " + cidr);
      }
      bits = wanted;
    }
    networks_.push_back(Network{*bytes, bits});
  }
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto bytes = address_bytes(address);
  if (!bytes) return false;
  for (const Network& network : networks_) {
    if (network.address_bytes.size() == bytes->size() &&
        same_prefix(network.address_bytes, *bytes, network.prefix_bits)) {
      return true;
    }
  }
  return false;
}

std::string TrustedProxies::client_address(
    std::string_view peer, const std::vector<std::pair<std::string, std::string>>& headers) const {
  std::string client(peer);
  if (networks_.empty() || !contains(peer)) return client;

  std::size_t hops = 0;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->first != "x-forwarded-for") continue;
    std::string_view rest = header->second;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const std::string_view hop =
          trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      if (++hops > kMaxHops || !address_bytes(hop)) return client;
      client = hop;
      if (!contains(hop)) return client;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace evently::http
