#include "platform/http/wire/message_parser.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "platform/http/encoding.hpp"

namespace evently::http {
namespace {

namespace beast_http = boost::beast::http;

/// What stands around the target in a request line, generously.
constexpr std::size_t kMethodAndVersionBytes = 32;

Method method_of(beast_http::verb verb) {
  if (verb == beast_http::verb::get) return Method::Get;
  if (verb == beast_http::verb::head) return Method::Head;
  if (verb == beast_http::verb::post) return Method::Post;
  if (verb == beast_http::verb::put) return Method::Put;
  if (verb == beast_http::verb::patch) return Method::Patch;
  if (verb == beast_http::verb::delete_) return Method::Delete;
  if (verb == beast_http::verb::options) return Method::Options;
  return Method::Other;
}

/// A line ended by LF alone, a NUL, or a line that continues the one before.
bool has_loose_framing(std::string_view header, std::size_t from = 0) {
  for (std::size_t i = from; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '\0') return true;
    if (c == '\n' && (i == 0 || header[i - 1] != '\r')) return true;
    if (c == '\r' && i + 1 < header.size() && header[i + 1] != '\n') return true;
    if (c == '\n' && i + 1 < header.size() && (header[i + 1] == ' ' || header[i + 1] == '\t'))
      return true;
  }
  return false;
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// RFC 3986 host and port, or nothing: no space, slash, comma or user.
bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
  });
}

/// "0\r\n\r\n" is the shortest end of a chunked body. Beast wants no second look at less of it.
bool may_be_cut_last_chunk(std::string_view body) {
  return body.size() < 5 && body.starts_with('0');
}

}  // namespace

struct MessageParser::Beast {
  beast_http::request_parser<beast_http::string_body> parser;
};

MessageParser::MessageParser(const HttpConfig& config)
    : config_(&config), beast_(std::make_unique<Beast>()) {
  beast_->parser.header_limit(
      static_cast<std::uint32_t>(config.max_header_bytes + config.max_target_bytes));
  beast_->parser.body_limit(config.max_body_bytes);
}

MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

MessageParser::State MessageParser::refuse(int status, const char* code, const char* title) {
  refusal_ = Problem{status, code, title, {}, {}, {}};
  return state_ = State::Refused;
}

MessageParser::State MessageParser::refuse_malformed() {
  return refuse(400, "malformed_request", "Malformed request");
}

MessageParser::State MessageParser::feed(std::string& buffer) {
  if (state_ == State::NeedsHeader) return parse_header(buffer);
  if (state_ == State::NeedsBody) return parse_body(buffer);
  return state_;
}

void MessageParser::continue_sent() { state_ = State::NeedsBody; }

MessageParser::State MessageParser::parse_header(std::string& buffer) {
  std::size_t empty_lines = 0;  // RFC 9112 §2.2: ignored before a request
  while (buffer.compare(empty_lines, 2, "\r\n") == 0) empty_lines += 2;
  if (empty_lines > 0) buffer.erase(0, empty_lines);
  // TLS on a plain port, or noise: no need to wait for the end of its header.
  if (!buffer.empty() && buffer[0] != '\r' && !is_letter(buffer[0])) return refuse_malformed();

  const std::size_t line_end = buffer.find("\r\n");
  const std::size_t first_line = std::min(line_end, buffer.size());
  if (first_line > config_->max_target_bytes + kMethodAndVersionBytes) {
    return refuse(414, "uri_too_long", "URI too long");
  }
  // What an earlier call has seen is not searched again, but for a mark that it may have cut.
  const std::size_t unseen_from = scanned_ < 4 ? 0 : scanned_ - 4;
  const std::size_t end = buffer.find("\r\n\r\n", unseen_from);
  if (end == std::string::npos) {
    if (buffer.size() > first_line + config_->max_header_bytes) {
      return refuse(431, "header_too_large", "Request header too large");
    }
    // After a lone LF we would wait for a CRLF that never comes.
    const bool is_loose = has_loose_framing(buffer, unseen_from);
    scanned_ = buffer.size();
    return is_loose ? refuse_malformed() : state_;
  }
  const std::string_view header(buffer.data(), end + 4);
  if (header.size() - first_line > config_->max_header_bytes) {
    return refuse(431, "header_too_large", "Request header too large");
  }
  if (has_loose_framing(header)) return refuse_malformed();
  if (refuse_by_header(header) == State::Refused) return state_;
  buffer.erase(0, header.size());

  auto& parser = beast_->parser;
  if (parser.is_done()) return state_ = State::Complete;
  const auto expect = parser.get().find(beast_http::field::expect);
  if (expect != parser.get().end() && parser.get().version() >= 11) {
    if (!equal_ignoring_case(expect->value(), "100-continue")) {
      return refuse(417, "expectation_failed", "Expectation failed");
    }
    if (buffer.empty()) return state_ = State::NeedsContinue;
  }
  state_ = State::NeedsBody;
  return parse_body(buffer);
}

MessageParser::State MessageParser::refuse_by_header(std::string_view header) {
  auto& parser = beast_->parser;
  boost::system::error_code failed;
  parser.put(boost::asio::buffer(header.data(), header.size()), failed);
  if (failed == beast_http::error::body_limit) {
    keep_header();
    return refuse(413, "body_too_large", "Body too large");
  }
  if (failed == beast_http::error::bad_version) {
    return refuse(505, "version_not_supported", "HTTP version not supported");
  }
  if (failed && failed != beast_http::error::need_more) return refuse_malformed();
  if (!parser.is_header_done()) return refuse_malformed();
  keep_header();

  if (request_.headers.size() > config_->max_fields) {
    return refuse(431, "too_many_headers", "Too many header fields");
  }
  if (is_ambiguous()) return refuse_malformed();
  const auto coding = request_.header("transfer-encoding");
  if (coding && !equal_ignoring_case(*coding, "chunked")) {
    return refuse(501, "coding_not_supported", "Transfer coding not supported");
  }
  return state_;
}

/// Could two readers disagree about whom this is for, or where it ends?
bool MessageParser::is_ambiguous() const {
  const bool modern = beast_->parser.get().version() >= 11;
  const std::size_t hosts = request_.header_count("host");
  const std::size_t codings = request_.header_count("transfer-encoding");
  const std::size_t lengths = request_.header_count("content-length");
  if (hosts > 1 || (hosts == 0 && modern)) return true;
  if (hosts == 1 && !is_host(*request_.header("host"))) return true;
  if (lengths > 1 || codings > 1 || codings + lengths > 1) return true;
  if (codings == 1 && !modern) return true;
  return lengths == 1 && !is_digits(*request_.header("content-length"));
}

/// Taken before the body: what a chunked body has after it (trailers) is no part of the header.
void MessageParser::keep_header() {
  const auto& message = beast_->parser.get();
  request_.method = method_of(message.method());
  request_.target = std::string(message.target());
  request_.headers.reserve(16);
  for (const auto& field : message) {
    request_.headers.emplace_back(ascii_lower(field.name_string()), field.value());
  }
  // HTTP/1.0 keeps a connection only when asked and told so; we do not.
  keep_alive_ = message.version() >= 11 && message.keep_alive();
}

MessageParser::State MessageParser::parse_body(std::string& buffer) {
  auto& parser = beast_->parser;
  while (!buffer.empty() && !parser.is_done()) {
    if (parser.get().chunked() && may_be_cut_last_chunk(buffer)) return state_;
    boost::system::error_code failed;
    const std::size_t used = parser.put(boost::asio::buffer(buffer), failed);
    // What ended the message, if it was chunked: the last chunk's line and the trailers. Beast
    // would unfold a folded one.
    const bool is_loose = parser.is_done() && parser.get().chunked() &&
                          has_loose_framing(std::string_view(buffer).substr(0, used));
    buffer.erase(0, used);
    if (is_loose) return refuse_malformed();
    if (failed == beast_http::error::body_limit)
      return refuse(413, "body_too_large", "Body too large");
    if (failed == beast_http::error::need_more) return state_;
    if (failed) return refuse_malformed();
    if (used == 0) break;
  }
  if (parser.is_done()) state_ = State::Complete;
  return state_;
}

const Problem& MessageParser::refusal() const { return refusal_; }

Request MessageParser::take_request() {
  if (state_ == State::Complete) request_.body = std::move(beast_->parser.get().body());
  return std::move(request_);
}

}  // namespace evently::http
