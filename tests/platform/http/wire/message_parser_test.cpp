#include "platform/http/wire/message_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace evently::http {
namespace {

using State = MessageParser::State;

/// What the parser says once it has seen all of it, a byte at a time, each looked at twice.
State state_after(MessageParser& parser, std::string_view bytes) {
  std::string buffer;
  State state = State::NeedsHeader;
  for (const char byte : bytes) {
    buffer += byte;
    parser.feed(buffer);
    state = parser.feed(buffer);
  }
  return state;
}

TEST(MessageParser, ReadsAnEmptyChunkedBodyInWhateverPiecesItComes) {
  for (const std::string_view body : {"0\r\n\r\n", "0;a\r\n\r\n", "00\r\nT: a\r\n\r\n"}) {
    const HttpConfig config;
    MessageParser parser(config);
    const std::string message =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(body);
    EXPECT_EQ(state_after(parser, message), State::Complete) << body;
    EXPECT_EQ(parser.take_request().body, "");
  }
}

TEST(MessageParser, ReadsChunksThatBeginWithAZero) {
  const HttpConfig config;
  MessageParser parser(config);
  EXPECT_EQ(state_after(parser,
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "02\r\n00\r\n1\r\n0\r\n0\r\n\r\n"),
            State::Complete);
  EXPECT_EQ(parser.take_request().body, "000");
}

}  // namespace
}  // namespace evently::http
