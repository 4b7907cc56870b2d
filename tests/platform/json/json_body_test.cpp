#include "platform/json/json_body.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace evently {
namespace {

http::Request request_of(const std::vector<std::string>& content_types, std::string body) {
  http::Request request;
  for (const std::string& type : content_types) request.headers.emplace_back("content-type", type);
  request.body = std::move(body);
  return request;
}

int status_of(const http::Request& request) {
  try {
    json::parse_body(request);
    return 200;
  } catch (const http::BadRequest& refused) {
    return refused.problem.status;
  }
}

TEST(JsonBody, TakesJsonInUtf8) {
  for (const char* type :
       {"application/json", "application/json;charset=utf-8", "application/json; charset=UTF-8",
        "Application/JSON", "application/json ; charset=\"utf-8\"", "application/json;"}) {
    EXPECT_EQ(status_of(request_of({type}, "{}")), 200) << type;
  }
}

TEST(JsonBody, RefusesOtherMediaTypes) {
  for (const char* type :
       {"", "text/plain", "text/json", "application/jsonp", "application/json, text/plain",
        "application/json;charset=latin1", "application/json; charset=utf-8; x=1",
        "application/json; boundary=x", "multipart/form-data; application/json", "json",
        "application/x-www-form-urlencoded", "application/vnd.api+json", "application / json",
        "application/json charset=utf-8", "application/json; charset=utf-16"}) {
    EXPECT_EQ(status_of(request_of({type}, "{}")), 415) << type;
  }
}

TEST(JsonBody, RefusesNoMediaType) { EXPECT_EQ(status_of(request_of({}, "{}")), 415); }

TEST(JsonBody, RefusesTwoMediaTypes) {
  EXPECT_EQ(status_of(request_of({"application/json", "application/json"}, "{}")), 415);
}

TEST(JsonBody, RefusesWhatIsNoObject) {
  for (const char* body : {"[]", "null", "1", "\"{}\"", "true"}) {
    EXPECT_EQ(status_of(request_of({"application/json"}, body)), 400) << body;
  }
}

TEST(JsonBody, RefusesAnEmptyBody) {
  EXPECT_EQ(status_of(request_of({"application/json"}, "")), 400);
}

}  // namespace
}  // namespace evently
