#include "platform/http/message_parser.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace evently::http {
namespace {

namespace beast_http = boost::beast::http;

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
bool has_loose_framing(std::string_view header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '\0') return true;
    if (c == '\n' && (i == 0 || header[i - 1] != '\r')) return true;
    if (c == '\r' && (i + 1 == header.size() || header[i + 1] != '\n')) return true;
    if (c == '\n' && i + 1 < header.size() && (header[i + 1] == ' ' || header[i + 1] == '\t')) return true;
  }
  return false;
}

std::string lower(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && lower(left) == lower(right);
}

}  // namespace

struct MessageParser::Beast {
  beast_http::request_parser<beast_http::string_body> parser;
};

MessageParser::MessageParser(const HttpConfig& config)
    : config_(&config), beast_(std::make_unique<Beast>()) {
  beast_->parser.header_limit(static_cast<std::uint32_t>(config.max_header_bytes + config.max_target_bytes));
  beast_->parser.body_limit(config.max_body_bytes);
}

MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

MessageParser::State MessageParser::refuse(int status, const char* code, const char* title) {
  refusal_ = Problem{status, code, title, {}, {}, {}};
  return state_ = State::Refused;
}

MessageParser::State MessageParser::feed(std::string& buffer) {
  if (state_ == State::NeedsHeader) return parse_header(buffer);
  if (state_ == State::NeedsBody) return parse_body(buffer);
  return state_;
}

void MessageParser::continue_sent() { state_ = State::NeedsBody; }

MessageParser::State MessageParser::parse_header(std::string& buffer) {
  while (buffer.starts_with("\r\n")) buffer.erase(0, 2);  // RFC 9112 §2.2: an empty line before
  const std::size_t line_end = buffer.find("\r\n");
  const std::size_t first_line = std::min(line_end, buffer.size());
  if (first_line > config_->max_target_bytes + 32) return refuse(414, "uri_too_long", "URI too long");

  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (buffer.size() > config_->max_header_bytes + config_->max_target_bytes) {
      return refuse(431, "header_too_large", "Request header too large");
    }
    // A lone LF would make us wait for a CRLF that never comes.
    if (has_loose_framing(std::string_view(buffer).substr(0, line_end == std::string::npos ? 0 : line_end + 2)) ||
        buffer.find("\n\n") != std::string::npos) {
      return refuse(400, "malformed_request", "Malformed request");
    }
    return state_;
  }
  const std::string_view header(buffer.data(), end + 4);
  if (header.size() - first_line > config_->max_header_bytes) {
    return refuse(431, "header_too_large", "Request header too large");
  }
  if (has_loose_framing(header)) return refuse(400, "malformed_request", "Malformed request");
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
  if (failed == beast_http::error::body_limit) return refuse(413, "body_too_large", "Body too large");
  if (failed == beast_http::error::bad_version) {
    return refuse(505, "version_not_supported", "HTTP version not supported");
  }
  if (failed && failed != beast_http::error::need_more) {
    return refuse(400, "malformed_request", "Malformed request");
  }
  if (!parser.is_header_done()) return refuse(400, "malformed_request", "Malformed request");

  const auto& message = parser.get();
  const auto count = [&](beast_http::field name) {
    const auto range = message.equal_range(name);
    return std::distance(range.first, range.second);
  };
  const auto fields = std::distance(message.begin(), message.end());
  if (static_cast<std::size_t>(fields) > config_->max_fields) {
    return refuse(431, "too_many_headers", "Too many header fields");
  }
  const auto hosts = count(beast_http::field::host);
  const auto codings = count(beast_http::field::transfer_encoding);
  const auto lengths = count(beast_http::field::content_length);
  const bool ambiguous = hosts > 1 || (hosts == 0 && message.version() >= 11) || lengths > 1 ||
                         codings > 1 || (codings == 1 && lengths == 1) ||
                         (codings == 1 && message.version() < 11);
  if (ambiguous) return refuse(400, "malformed_request", "Malformed request");
  if (codings == 1 &&
      !equal_ignoring_case(message[beast_http::field::transfer_encoding], "chunked")) {
    return refuse(501, "coding_not_supported", "Transfer coding not supported");
  }
  if (count(beast_http::field::upgrade) > 0 && message.method() == beast_http::verb::connect) {
    return refuse(400, "malformed_request", "Malformed request");
  }
  return state_;
}

MessageParser::State MessageParser::parse_body(std::string& buffer) {
  auto& parser = beast_->parser;
  while (!buffer.empty() && !parser.is_done()) {
    boost::system::error_code failed;
    const std::size_t used = parser.put(boost::asio::buffer(buffer), failed);
    buffer.erase(0, used);
    if (failed == beast_http::error::body_limit) return refuse(413, "body_too_large", "Body too large");
    if (failed == beast_http::error::need_more) return state_;
    if (failed) return refuse(400, "malformed_request", "Malformed request");
    if (used == 0) break;
  }
  if (parser.is_done()) state_ = State::Complete;
  return state_;
}

bool MessageParser::keep_alive() const { return beast_->parser.get().keep_alive(); }

const Problem& MessageParser::refusal() const { return refusal_; }

Request MessageParser::take_request() {
  auto& message = beast_->parser.get();
  Request request;
  request.method = method_of(message.method());
  request.target = std::string(message.target());
  request.headers.reserve(16);
  for (const auto& field : message) {
    request.headers.emplace_back(lower(field.name_string()), field.value());
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace evently::http
