#include "security/security_json.hpp"

#include <boost/json/object.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::security {
namespace {

using json::JsonWriter;

// Wider ones would shut out whole countries by a slip of the pen.
constexpr unsigned kWidest4 = 8;
constexpr unsigned kWidest6 = 16;
constexpr std::int64_t kShortestSeconds = 1;
constexpr std::int64_t kLongestSeconds = 365LL * 24 * 3600;

void write(JsonWriter& out, const Block& block) {
  out.begin_object()
      .member("id", block.id)
      .member("cidr", block.range.text())
      .member("scope", to_string(block.scope))
      .member("reason", block.reason)
      .member("source", block.source)
      .member("created_at", block.created_at)
      .member("expires_at", block.expires_at)
      .end_object();
}

void write(JsonWriter& out, const TallyRow& row) {
  out.begin_object()
      .member("minute", row.minute)
      .member("type", row.type)
      .member("key", row.key)
      .member("count", row.count)
      .end_object();
}

void write(JsonWriter& out, const AlertRow& row) {
  out.begin_object()
      .member("id", row.id)
      .member("kind", row.kind)
      .member("state", row.closed_at ? "closed" : "open")
      .member("key", row.key)
      .member("last_network", row.last_network)
      .member("count", row.count)
      .member("opened_at", row.opened_at)
      .member("last_at", row.last_at)
      .member("closed_at", row.closed_at)
      .end_object();
}

template <class Item>
std::string page(const std::vector<Item>& items, const std::string& next) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const Item& item : items) write(out, item);
  out.end_array().key("next_cursor");
  if (next.empty()) {
    out.null();
  } else {
    out.value(next);
  }
  out.end_object();
  return out.take();
}

bool is_too_wide(const AddressRange& range) {
  return range.prefix < (range.bytes.size() == 4 ? kWidest4 : kWidest6);
}

bool is_of_proxy(const AddressRange& range, const http::TrustedProxies& proxies) {
  const std::string text = range.text();
  return proxies.contains(text.substr(0, text.find('/')));
}

}  // namespace

/// The one of `address` and `cidr` that is given.
static std::optional<AddressRange> read_range(json::ObjectReader& reader) {
  const auto address = reader.optional_text("address", {1, 60, false});
  const auto cidr = reader.optional_text("cidr", {1, 60, false});
  if (address.has_value() == cidr.has_value()) {
    reader.fault("cidr", "required", "give either address or cidr");
    return std::nullopt;
  }
  const bool is_address = address && address->find('/') == std::string::npos;
  const auto range = cidr ? parse_range(*cidr) : is_address ? network_of(*address) : std::nullopt;
  if (!range) {
    reader.fault(cidr ? "cidr" : "address", "invalid_range",
                 "must be an address, or as cidr a network");
  }
  return range;
}

Block parse_block(const http::Request& request, const http::TrustedProxies& proxies,
                  TimePoint now) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  const auto range = read_range(reader);
  Block block;
  block.id = make_uuid_v7();
  block.source = "administrator";
  block.created_at = now;
  block.reason = reader.required_text("reason", {1, 200, false});
  const auto seconds = reader.required_integer("expires_in", kShortestSeconds, kLongestSeconds);
  const auto scope = reader.optional_choice("scope", {"auth", "all"});
  block.scope = scope == "all" ? BlockScope::All : BlockScope::Auth;
  block.expires_at = now + std::chrono::seconds(seconds);

  const auto own = parse_range(request.client_address);
  if (range && is_too_wide(*range)) {
    reader.fault("cidr", "too_wide", "must not be wider than /8 (IPv4) or /16 (IPv6)");
  } else if (range && is_of_proxy(*range, proxies)) {
    reader.fault("cidr", "own_proxy", "is a proxy of ours: everybody comes through it");
  } else if (range && own && block.scope == BlockScope::All && range->contains(*own)) {
    reader.fault("cidr", "own_address", "holds the address you come from");
  }
  reader.finish();
  block.range = *range;
  return block;
}

std::string to_json(const Block& block) {
  JsonWriter out;
  write(out, block);
  return out.take();
}

std::string page_json(const std::vector<Block>& blocks, const std::string& next) {
  return page(blocks, next);
}
std::string page_json(const std::vector<TallyRow>& rows, const std::string& next) {
  return page(rows, next);
}
std::string page_json(const std::vector<AlertRow>& rows, const std::string& next) {
  return page(rows, next);
}

}  // namespace evently::security
