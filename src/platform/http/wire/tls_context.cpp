#include "platform/http/wire/tls_context.hpp"

#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace evently::http {
namespace {

namespace ssl = boost::asio::ssl;

/// ALPN: we speak HTTP/1.1 only; a client that offers a list without it is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, kOurs, sizeof kOurs - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void require_readable(const char* option, const std::string& path) {
  errno = 0;
  std::ifstream in(path);
  if (in.is_open() && in.peek() != std::ifstream::traits_type::eof()) return;
  const std::string why = errno != 0 ? std::strerror(errno) : "it is empty";
  throw std::invalid_argument(std::string(option) + " " + path + ": cannot be read: " + why);
}

}  // namespace

std::shared_ptr<ssl::context> make_tls(const std::string& certificate, const std::string& key) {
  require_readable("--tls-cert", certificate);
  require_readable("--tls-key", key);
  auto shared = std::make_shared<ssl::context>(ssl::context::tls_server);
  ssl::context& tls = *shared;
  tls.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                  ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION);
  // An encrypted key would ask on the terminal: a server has nobody to answer.
  tls.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; });
  boost::system::error_code failed;
  tls.use_certificate_chain_file(certificate, failed);
  if (failed) {
    throw std::invalid_argument("--tls-cert " + certificate +
                                ": is not a PEM certificate: " + failed.message());
  }
  tls.use_private_key_file(key, ssl::context::pem, failed);
  if (failed) {
    throw std::invalid_argument(
        "--tls-key " + key +
        ": is not the certificate's PEM key without a passphrase: " + failed.message());
  }
  // A key of another kind than the certificate's is taken by OpenSSL until somebody connects.
  if (SSL_CTX_check_private_key(tls.native_handle()) != 1) {
    throw std::invalid_argument("--tls-key " + key + ": is not the key of --tls-cert " +
                                certificate);
  }
  SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_protocol, nullptr);
  return shared;
}

}  // namespace evently::http
