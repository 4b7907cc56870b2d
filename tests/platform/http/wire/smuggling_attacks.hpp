#pragma once

#include <ostream>

namespace evently::http {

/// A request whose end two readers could see in different places, then a canary that must not run.
struct Attack {
  const char* name;
  const char* bytes;
  int status;
};

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

#define CANARY "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST_ECHO "POST /echo HTTP/1.1\r\nHost: a\r\n"

inline constexpr Attack kAttacks[] = {
    {"length and chunks",
     POST_ECHO "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"chunks and length",
     POST_ECHO "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"two lengths", POST_ECHO "Content-Length: 0\r\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"two like lengths", POST_ECHO "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" CANARY, 400},
    {"list of lengths", POST_ECHO "Content-Length: 0, 0\r\n\r\n" CANARY, 400},
    {"signed length", POST_ECHO "Content-Length: +0\r\n\r\n" CANARY, 400},
    {"negative length", POST_ECHO "Content-Length: -1\r\n\r\n" CANARY, 400},
    {"hexadecimal length", POST_ECHO "Content-Length: 0x0\r\n\r\n" CANARY, 400},
    {"empty length", POST_ECHO "Content-Length: \r\n\r\n" CANARY, 400},
    {"length in words", POST_ECHO "Content-Length: 0 0\r\n\r\n" CANARY, 400},
    {"overflowing length", POST_ECHO "Content-Length: 18446744073709551616\r\n\r\n" CANARY, 400},
    {"two codings",
     POST_ECHO "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" CANARY,
     400},
    {"chunked twice", POST_ECHO "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" CANARY, 501},
    {"chunked not last", POST_ECHO "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" CANARY, 501},
    {"unknown coding", POST_ECHO "Transfer-Encoding: xchunked\r\n\r\n" CANARY, 501},
    {"coding with parameter", POST_ECHO "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n" CANARY,
     501},
    {"coding with vertical tab",
     POST_ECHO "Transfer-Encoding: \x0b"
               "chunked\r\n\r\n0\r\n\r\n" CANARY,
     400},
    {"chunks in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" CANARY,
     400},
    {"space before colon", POST_ECHO "Content-Length : 0\r\n\r\n" CANARY, 400},
    {"coding with space before colon",
     POST_ECHO "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"folded header", POST_ECHO "X: a\r\n b\r\nContent-Length: 0\r\n\r\n" CANARY, 400},
    {"folded coding", POST_ECHO "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"line feeds alone", "POST /echo HTTP/1.1\nHost: a\nContent-Length: 0\n\n" CANARY, 400},
    {"line feed in header", POST_ECHO "X: a\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"carriage return in header", POST_ECHO "X: a\rContent-Length: 35\r\n\r\n" CANARY, 400},
    {"control byte in value",
     POST_ECHO "X: a\x01"
               "b\r\n\r\n" CANARY,
     400},
    {"header without name", POST_ECHO ": b\r\n\r\n" CANARY, 400},
    {"header without colon", POST_ECHO "Content-Length\r\n\r\n" CANARY, 400},
    {"space before the first header", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n" CANARY, 400},
    {"no host", "GET /hello HTTP/1.1\r\n\r\n" CANARY, 400},
    {"two hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" CANARY, 400},
    {"host with path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n" CANARY, 400},
    {"host list", "GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n" CANARY, 400},
    {"chunk size with sign", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" CANARY, 400},
    {"chunk size with prefix", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" CANARY,
     400},
    {"chunk size empty", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n\r\n\r\n" CANARY, 400},
    {"chunk size overflows",
     POST_ECHO "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\na\r\n0\r\n\r\n" CANARY, 400},
    {"chunk ends without CRLF",
     POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" CANARY, 400},
    {"chunk line ends with LF", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n" CANARY,
     400},
    {"chunk extension with LF",
     POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n" CANARY, 400},
    {"trailer with length",
     POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"trailer with LF",
     POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\nC: d\r\n\r\n" CANARY, 400},
    {"trailer folded", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n" CANARY,
     400},
    {"two spaces in the request line", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n" CANARY, 400},
    {"tab in the request line", "GET\t/hello HTTP/1.1\r\nHost: a\r\n\r\n" CANARY, 400},
    {"no version", "GET /hello\r\nHost: a\r\n\r\n" CANARY, 400},
    {"version 2", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n" CANARY, 505},
    {"version 1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n" CANARY, 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" CANARY, 505},
    {"TLS on a plain port", "\x16\x03\x01\x02\x01\x01", 400},
    {"unknown expectation", POST_ECHO "Content-Length: 2\r\nExpect: a-cake\r\n\r\nok" CANARY, 417},
};

}  // namespace evently::http
