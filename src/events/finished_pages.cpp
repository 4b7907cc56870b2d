#include "events/finished_pages.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/crypto/hmac.hpp"
#include "platform/http/encoding.hpp"

namespace evently::events {
namespace {

using Time = std::chrono::steady_clock;

constexpr std::size_t kMaxBytes = std::size_t{32} * 1024 * 1024;
constexpr std::chrono::seconds kQueryLife{1};
/// Smaller bodies cost more to compress than they save (api.md).
constexpr std::size_t kCompressFrom = 1024;

}  // namespace

FinishedPage::FinishedPage(std::string body, std::string etag, std::string link)
    : plain_(std::make_shared<const std::string>(std::move(body))),
      etag_(std::move(etag)),
      link_(std::move(link)) {}

http::Response FinishedPage::serve(const http::Request& request, std::chrono::seconds age) {
  const bool compressed = plain_->size() >= kCompressFrom && http::accepts_gzip(request);
  if (compressed && !gzip_) {
    gzip_ = std::make_shared<const std::string>(http::gzip_compress(*plain_));
  }
  http::Response response;
  response.headers.reserve(14);  // with the limits' fields, added later
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Cache-Control",
                                request.principal ? "no-store" : "public, max-age=1");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  // Both forms mean the same, so the compressed one has the weak form of the tag.
  response.headers.emplace_back("ETag", compressed ? "W/" + etag_ : etag_);
  if (compressed) response.headers.emplace_back("Content-Encoding", "gzip");
  if (!link_.empty()) response.headers.emplace_back("Link", link_);
  if (age.count() >= 1) response.headers.emplace_back("Age", std::to_string(age.count()));
  response.shared_body = compressed ? gzip_ : plain_;
  response.compressible = false;  // chosen above
  return response;
}

std::size_t FinishedPage::bytes() const {
  return plain_->size() + plain_->size() / 4 + link_.size() +
         sizeof *this;  // gzip: about a quarter
}

std::string list_etag(std::string_view body) {
  return '"' + crypto::to_hex(crypto::sha256(body)).substr(0, 32) + '"';
}

std::shared_ptr<FinishedPage> FinishedPages::find(const std::string& target,
                                                  std::uint64_t generation) {
  if (generation != generation_) {
    pages_.clear();
    bytes_ = 0;
    generation_ = generation;
    return nullptr;
  }
  const auto found = pages_.find(target);
  if (found == pages_.end() || Time::now() > found->second.good_until) return nullptr;
  return found->second.page;
}

void FinishedPages::keep(const std::string& target, std::uint64_t generation,
                         std::shared_ptr<FinishedPage> page, bool from_query) {
  if (generation != generation_) return;
  if (bytes_ >= kMaxBytes) {
    pages_.clear();
    bytes_ = 0;
  }
  bytes_ += page->bytes() + target.size();
  const auto good_until = from_query ? Time::now() + kQueryLife : Time::time_point::max();
  pages_[target] = Kept{std::move(page), good_until};
}

QueryFlights::Turn::Turn(QueryFlights& flights, const std::string& target)
    : flights_(flights), target_(target) {
  flights_.under_way_.try_emplace(target_);
}

QueryFlights::Turn::~Turn() {
  const auto ended = flights_.under_way_.extract(target_);
  if (ended.empty()) return;
  for (const auto& waiter : ended.mapped()) waiter->cancel();
}

Task<bool> QueryFlights::wait(std::string target, std::chrono::steady_clock::time_point deadline) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto found = under_way_.find(target);
  if (found == under_way_.end()) co_return false;

  const auto turn = std::make_shared<boost::asio::steady_timer>(executor, deadline);
  found->second.push_back(turn);
  boost::system::error_code ended;
  co_await turn->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
  co_return true;
}

}  // namespace evently::events
