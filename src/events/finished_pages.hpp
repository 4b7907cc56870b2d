#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace evently::events {

/// A public answer that many requests share: rendered once, compressed once when first wanted so.
/// Belongs to one thread.
class FinishedPage {
 public:
  FinishedPage(std::string body, std::string etag, std::string link);

  /// In the form the client accepts; `age` is the snapshot's.
  http::Response serve(const http::Request& request, std::chrono::seconds age);
  const std::shared_ptr<const std::string>& plain() const { return plain_; }
  std::size_t bytes() const;

 private:
  std::shared_ptr<const std::string> plain_;
  std::shared_ptr<const std::string> gzip_;
  std::string etag_;  ///< strong, of the plain form
  std::string link_;  ///< Link header, or empty
};

/// ETag of a list: a digest of its bytes.
std::string list_etag(std::string_view body);

/// Finished pages by request target, good for one generation of the snapshot and, when they came
/// from a query of their own, for one second at most. Bounded in bytes: when full it starts anew.
/// Belongs to one thread.
class FinishedPages {
 public:
  std::shared_ptr<FinishedPage> find(const std::string& target, std::uint64_t generation);
  /// A page of another generation than the last one asked for is not kept.
  void keep(const std::string& target, std::uint64_t generation, std::shared_ptr<FinishedPage> page,
            bool from_query);

 private:
  struct Kept {
    std::shared_ptr<FinishedPage> page;
    std::chrono::steady_clock::time_point good_until;
  };
  std::unordered_map<std::string, Kept> pages_;
  std::uint64_t generation_ = 0;
  std::size_t bytes_ = 0;
};

/// Single flight: while one request asks the database for a page, others that want the same page
/// wait for its end instead of asking too. Belongs to one thread.
class QueryFlights {
  using Waiters = std::vector<std::shared_ptr<boost::asio::steady_timer>>;

 public:
  /// Holds the right to ask for a target; whoever waits goes on when it ends, well or badly.
  class Turn {
   public:
    /// Taken only by whom wait() told that nobody is asking.
    Turn(QueryFlights& flights, const std::string& target);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    QueryFlights& flights_;
    std::string target_;
  };

  /// False at once when nobody is asking for `target`; else true at the end of that, or at the
  /// deadline.
  Task<bool> wait(std::string target, std::chrono::steady_clock::time_point deadline);

 private:
  std::unordered_map<std::string, Waiters> under_way_;
};

}  // namespace evently::events
