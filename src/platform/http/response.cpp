#include "platform/http/response.hpp"

namespace evently::http {

Response text(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response json(int status, std::string body) {
  return text(status, "application/json", std::move(body));
}

Response created(std::string_view location, std::string body) {
  Response response = json(201, std::move(body));
  response.headers.emplace_back("Location", location);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace evently::http
