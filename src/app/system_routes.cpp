#include "app/system_routes.hpp"

#include "documentation_embedded.hpp"
#include "platform/http/problem.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::app {
namespace {

using http::Method;
using http::Request;
using http::Response;

/// The docs page is our own files only; it may run its script and ask this origin, nothing else.
constexpr char kDocsPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
    "data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "report-uri /api/v1/csp-reports; report-to csp";

Task<Response> show_live(Request) { co_return http::json(200, R"({"status":"up"})"); }

Response ready_answer(SharedParts& shared) {
  const bool up = shared.database_up && !shared.draining;
  const double age = std::chrono::duration<double>(shared.snapshot.age()).count();
  json::JsonWriter out;
  out.begin_object()
      .member("status", shared.draining ? "draining"
                        : up            ? "up"
                                        : "down")
      .key("dependencies")
      .begin_object()
      .member("database", shared.database_up ? "up" : "down")
      .member("event_pages", age < 5 ? "up" : "degraded");
  if (shared.redis_wanted > 0) {
    out.member("redis", shared.redis_up == shared.redis_wanted ? "up" : "degraded");
  }
  out.end_object().end_object();
  Response response = http::json(up ? 200 : 503, out.take());
  if (!up) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Task<Response> show_file(const documentation::EmbeddedFile* file, const char* type) {
  Response response = http::text(200, type, std::string(file->content));
  response.headers.emplace_back("Cache-Control", "public, max-age=300");
  response.headers.emplace_back("Content-Security-Policy", kDocsPolicy);
  co_return response;
}

const documentation::EmbeddedFile& embedded(std::string_view name) {
  for (const auto& file : documentation::kFiles) {
    if (file.name == name) return file;
  }
  throw std::logic_error("not built in: " + std::string(name));
}

http::Route file_route(const char* path, const char* name, const char* type) {
  const auto* file = &embedded(name);
  return {Method::Get, path, http::anyone(), "",
          [file, type](Request) { return show_file(file, type); }};
}

Task<Response> show_ready(SharedParts* shared) { co_return ready_answer(*shared); }

Task<Response> show_metrics(SharedParts* shared) {
  shared->metrics.set("evently_event_pages_age_seconds",
                      std::chrono::duration<double>(shared->snapshot.age()).count());
  shared->metrics.set("evently_hash_queue_length",
                      static_cast<double>(shared->hash_pool.waiting()));
  shared->metrics.set("evently_api_key_calls_uncounted",
                      static_cast<double>(shared->key_usage.uncounted()));
  shared->metrics.set("evently_database_up", shared->database_up ? 1 : 0);
  shared->metrics.set("evently_errors_suppressed",
                      static_cast<double>(shared->errors.suppressed()));
  co_return http::text(200, "text/plain; version=0.0.4; charset=utf-8", shared->metrics.render());
}

}  // namespace

std::vector<http::Route> system_routes(SharedParts& shared) {
  return {
      {Method::Get, "/api/v1/health/live", http::anyone(), http::kUnlimited, show_live},
      {Method::Get, "/api/v1/health/ready", http::anyone(), http::kUnlimited,
       [&shared](Request) { return show_ready(&shared); }},
      file_route("/api/openapi.yaml", "openapi.yaml", "application/yaml"),
      file_route("/api/openapi.json", "openapi.json", "application/json"),
      file_route("/docs", "docs.html", "text/html; charset=utf-8"),
      file_route("/docs/docs.js", "docs.js", "text/javascript; charset=utf-8"),
      file_route("/docs/docs.css", "docs.css", "text/css; charset=utf-8"),
  };
}

std::vector<http::Route> operations_routes(SharedParts& shared) {
  return {{Method::Get, "/metrics", http::anyone(), "",
           [&shared](Request) { return show_metrics(&shared); }},
          {Method::Get, "/health/live", http::anyone(), "", show_live},
          {Method::Get, "/health/ready", http::anyone(), "",
           [&shared](Request) { return show_ready(&shared); }}};
}

}  // namespace evently::app
