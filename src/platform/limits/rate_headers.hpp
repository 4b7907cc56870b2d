#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/limits/policy.hpp"

namespace evently::limits {

/// One policy and where the caller stands in it.
struct RateLine {
  const Policy* policy = nullptr;
  Standing standing;
};

using HeaderLines = std::vector<std::pair<std::string, std::string>>;

/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11, structured fields),
/// and the older RateLimit-Limit, -Remaining and -Reset of the policy that leaves least. Nothing
/// for no lines.
void add_rate_headers(HeaderLines& headers, std::span<const RateLine> lines);

/// Whole seconds after which a request refused now is granted: rounded up, then up to a tenth more
/// (`chance`, 0..1), so that those refused together do not come back together.
std::int64_t retry_after(Micros wait, double chance);

}  // namespace evently::limits
