// A PROXY protocol header names an address or nobody, and takes exactly the bytes it announces.
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <cstdlib>

#include "platform/http/wire/proxy_header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view prefix = bytes.substr(0, kProxyPrefixBytes);
  const auto announced = proxy_body_size(prefix);
  if (!announced) {
    if (read_proxy_header(prefix, bytes.substr(prefix.size()))) abort();
    return 0;
  }
  if (*announced > kMostProxyBytes) abort();
  const std::string_view rest = bytes.substr(kProxyPrefixBytes);
  const auto header = read_proxy_header(prefix, rest);
  if (header && rest.size() != *announced) abort();
  const auto cut = read_proxy_header(prefix, rest.substr(0, *announced));
  if (cut && rest.size() < *announced) abort();
  if (cut && !cut->source.empty()) boost::asio::ip::make_address(cut->source);  // or it throws
  return 0;
}
