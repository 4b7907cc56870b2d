#include "security/block_list.hpp"

#include <algorithm>

namespace evently::security {
namespace {

std::string name_of(const AddressRange& range) {
  return static_cast<char>(range.prefix) + range.bytes;
}

}  // namespace

std::string_view to_string(BlockScope scope) { return scope == BlockScope::All ? "all" : "auth"; }

std::shared_ptr<const BlockList::Snapshot> BlockList::arrange(std::vector<Block> blocks) {
  auto made = std::make_shared<Snapshot>();
  if (blocks.size() > kMostBlocks) blocks.resize(kMostBlocks);
  made->blocks = std::move(blocks);
  for (std::size_t i = 0; i < made->blocks.size(); ++i) {
    const AddressRange& range = made->blocks[i].range;
    auto& prefixes = range.bytes.size() == 4 ? made->prefixes4 : made->prefixes6;
    if (std::ranges::find(prefixes, range.prefix) == prefixes.end()) {
      prefixes.push_back(range.prefix);
    }
    made->by_range[name_of(range)].push_back(i);
  }
  return made;
}

void BlockList::publish(std::vector<Block> blocks) {
  auto made = arrange(std::move(blocks));
  const std::size_t size = made->blocks.size();
  snapshot_.store(std::move(made));
  size_.store(size, std::memory_order_release);
}

void BlockList::replace(const std::vector<Block>& blocks) {
  const std::lock_guard lock(changing_);
  publish(blocks);
}

void BlockList::add(const Block& block) {
  const std::lock_guard lock(changing_);
  std::vector<Block> blocks = all();
  std::erase_if(blocks, [&](const Block& one) { return one.id == block.id; });
  blocks.push_back(block);
  publish(std::move(blocks));
}

void BlockList::remove(const Uuid& id) {
  const std::lock_guard lock(changing_);
  std::vector<Block> blocks = all();
  std::erase_if(blocks, [&](const Block& one) { return one.id == id; });
  publish(std::move(blocks));
}

std::vector<Block> BlockList::all() const {
  const auto snapshot = snapshot_.load();
  return snapshot ? snapshot->blocks : std::vector<Block>();
}

std::optional<std::chrono::seconds> BlockList::look(std::string_view address, bool of_auth,
                                                    TimePoint now) const {
  if (size_.load(std::memory_order_acquire) == 0) return std::nullopt;
  const auto range = parse_range(address);
  const auto snapshot = snapshot_.load();
  if (!range || !snapshot) return std::nullopt;
  TimePoint until = now;
  const auto& prefixes = range->bytes.size() == 4 ? snapshot->prefixes4 : snapshot->prefixes6;
  for (const unsigned prefix : prefixes) {
    const auto found = snapshot->by_range.find(name_of(shortened(*range, prefix)));
    if (found == snapshot->by_range.end()) continue;
    for (const std::size_t place : found->second) {
      const Block& block = snapshot->blocks[place];
      if (of_auth || block.scope == BlockScope::All) until = std::max(until, block.expires_at);
    }
  }
  if (until <= now) return std::nullopt;
  return std::chrono::ceil<std::chrono::seconds>(until - now);
}

}  // namespace evently::security
