#pragma once

#include "app/shared_parts.hpp"
#include "platform/http/observer.hpp"

namespace evently::app {

/// Metrics, log and error_log of a worker's requests.
class RequestObserver final : public http::Observer {
 public:
  explicit RequestObserver(SharedParts& shared) : shared_(shared) {}
  void finished(const http::AccessRecord& record) override;
  void turned_away(std::string_view peer) override;
  http::Problem failed(const std::exception_ptr& fault, const http::Request& request,
                       std::string_view route, const Uuid& error_id) override;

 private:
  void observe(const http::AccessRecord& record);

  SharedParts& shared_;
};

}  // namespace evently::app
