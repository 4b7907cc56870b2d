#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace evently::http {

// PROXY protocol, version 2: what a proxy says of a connection before the connection's own bytes.
// source: https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt §2.2

/// Signature, version, command, family, length.
inline constexpr std::size_t kProxyPrefixBytes = 16;
/// Addresses and extensions. The standard allows 65,535; with what proxies send it is below 512.
inline constexpr std::size_t kMostProxyBytes = 1024;

struct ProxyHeader {
  /// IP literal of the client; empty when the proxy speaks for itself or does not know.
  std::string source;
};

/// How many bytes follow the first kProxyPrefixBytes; nullopt when those are no header that we
/// take: version 1, a command, family or transport we have no use for (datagrams, local sockets), a
/// length that does not fit.
std::optional<std::size_t> proxy_body_size(std::string_view prefix);

/// `prefix` as accepted above, and the body it announces. nullopt when the extensions do not fill
/// it exactly, or its checksum (type 3) is wrong.
std::optional<ProxyHeader> read_proxy_header(std::string_view prefix, std::string_view body);

}  // namespace evently::http
