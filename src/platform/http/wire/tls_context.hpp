#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace evently::http {

/// TLS 1.2 and 1.3, HTTP/1.1 by ALPN. Throws std::invalid_argument with one line that names the
/// file which cannot be used.
std::shared_ptr<boost::asio::ssl::context> make_tls(const std::string& certificate,
                                                    const std::string& key);

}  // namespace evently::http
