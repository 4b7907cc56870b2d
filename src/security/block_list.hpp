#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "security/detection/address_range.hpp"

namespace evently::security {

enum class BlockScope { Auth, All };

std::string_view to_string(BlockScope scope);

/// A network that is kept out until `expires_at`: from sign-in, registration and reset, or from
/// everything.
struct Block {
  Uuid id;
  AddressRange range;
  BlockScope scope = BlockScope::Auth;
  std::string reason;
  std::string source;  ///< detector | administrator
  TimePoint created_at;
  TimePoint expires_at;
};

/// The blocks of this moment, as all request threads see them. Looking an address up takes no lock
/// of ours, and when there is no block at all it is one load.
class BlockList {
 public:
  static constexpr std::size_t kMostBlocks = 10'000;

  /// The list that was read from the database takes the place of the one before.
  void replace(const std::vector<Block>& blocks);
  /// Counts at once on this node, before the database has it.
  void add(const Block& block);
  void remove(const Uuid& id);

  /// How long `address` is still kept out, when it is. `of_auth`: of a sign-in, registration or
  /// reset.
  std::optional<std::chrono::seconds> look(std::string_view address, bool of_auth,
                                           TimePoint now) const;
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  std::vector<Block> all() const;

 private:
  struct Snapshot {
    std::vector<Block> blocks;
    std::vector<unsigned> prefixes4;  ///< prefix lengths there are, so that a look-up is few probes
    std::vector<unsigned> prefixes6;
    std::unordered_map<std::string, std::vector<std::size_t>> by_range;  ///< places in `blocks`
  };
  static std::shared_ptr<const Snapshot> arrange(std::vector<Block> blocks);

  void publish(std::vector<Block> blocks);

  std::mutex changing_;  ///< one change at a time; nobody who looks waits for it
  std::atomic<std::size_t> size_{0};
  std::atomic<std::shared_ptr<const Snapshot>> snapshot_;
};

}  // namespace evently::security
