#pragma once

#include <vector>

#include "people/people_repository.hpp"
#include "platform/http/route.hpp"
#include "platform/json/cursor.hpp"
#include "platform/observability/security_event.hpp"

namespace evently::people {

/// User administration: who there is, what role they have, whether they may come in.
class PeopleRoutes {
 public:
  PeopleRoutes(PeopleRepository& people, const json::CursorCodec& cursors,
               observability::SecuritySink& security)
      : people_(people), cursors_(cursors), security_(security) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> list(http::Request request);
  Task<http::Response> show(http::Request request);
  Task<http::Response> change(http::Request request);
  void observe(observability::SecurityEventType type, const http::Request& request,
               std::string detail);

  PeopleRepository& people_;
  const json::CursorCodec& cursors_;
  observability::SecuritySink& security_;
};

}  // namespace evently::people
