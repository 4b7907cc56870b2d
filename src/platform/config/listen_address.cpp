#include "platform/config/listen_address.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "platform/config/refusal.hpp"

namespace evently::config {

ListenAddress parse_listen(const std::string& text, const std::string& option) {
  const std::size_t colon = text.rfind(':');
  const std::string fault = option + " wants ADDRESS:PORT, like 127.0.0.1:8080, not " + text;
  if (colon == std::string::npos) throw StartRefused(fault);
  std::string host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);

  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(host, failed);
  std::uint16_t port = 0;
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, port);
  const bool is_port = begin != end && parsed.ec == std::errc() && parsed.ptr == end;
  // "::1:80" could be read in two ways, so IPv6 goes in brackets, and only IPv6.
  if (failed || !is_port || address.is_v6() != bracketed) throw StartRefused(fault);
  return {address.to_string(), port, address.is_loopback()};
}

std::string to_string(const ListenAddress& listen) {
  const bool v6 = listen.address.find(':') != std::string::npos;
  return (v6 ? "[" + listen.address + "]" : listen.address) + ":" + std::to_string(listen.port);
}

}  // namespace evently::config
