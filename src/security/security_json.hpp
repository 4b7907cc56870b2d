#pragma once

#include <string>
#include <vector>

#include "platform/http/request.hpp"
#include "platform/http/trusted_proxies.hpp"
#include "security/security_repository.hpp"

namespace evently::security {

/// A wish to keep a network out, read from a body; every fault at once.
/// `proxies`: never blocked. Throws http::BadRequest.
Block parse_block(const http::Request& request, const http::TrustedProxies& proxies, TimePoint now);

std::string to_json(const Block& block);
std::string page_json(const std::vector<Block>& blocks, const std::string& next);
std::string page_json(const std::vector<TallyRow>& rows, const std::string& next);
std::string page_json(const std::vector<AlertRow>& rows, const std::string& next);

}  // namespace evently::security
