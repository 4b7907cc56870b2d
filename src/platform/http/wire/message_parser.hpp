#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"
#include "platform/http/wire/http_config.hpp"

namespace evently::http {

/// Turns the bytes of a connection into requests, strictly (RFC 9112). Does no I/O: feed it bytes,
/// it says what it needs next. What is ambiguous (two lengths, a length beside chunks, a bare LF, a
/// folded header) is refused, never guessed: guessing is how requests are smuggled past a proxy.
class MessageParser {
 public:
  explicit MessageParser(const HttpConfig& config);
  ~MessageParser();
  MessageParser(MessageParser&&) noexcept;
  MessageParser& operator=(MessageParser&&) noexcept;

  enum class State { NeedsHeader, NeedsContinue, NeedsBody, Complete, Refused };

  /// Consumes from `buffer` what belongs to this message; what follows stays (pipelining).
  State feed(std::string& buffer);

  /// After NeedsContinue was answered with "100 Continue".
  void continue_sent();
  bool is_refused() const { return state_ == State::Refused; }
  /// After Complete, once. After Refused: what was read of it (method and headers, or nothing).
  Request take_request();
  bool keep_alive() const { return keep_alive_; }
  /// After Refused: the answer, after which the connection is closed.
  const Problem& refusal() const;

 private:
  struct Beast;
  State refuse(int status, const char* code, const char* title);
  State refuse_malformed();
  State refuse_by_header(std::string_view header);
  bool is_ambiguous() const;
  void keep_header();
  State parse_header(std::string& buffer);
  State parse_body(std::string& buffer);

  const HttpConfig* config_;
  std::unique_ptr<Beast> beast_;
  State state_ = State::NeedsHeader;
  Problem refusal_;
  Request request_;
  bool keep_alive_ = false;
  std::size_t scanned_ = 0;  ///< bytes of an unfinished header that were looked at
};

}  // namespace evently::http
