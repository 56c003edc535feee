// The designated conversations of control networks: what people have approved, by name and with a reason. Pure,
// immutable once loaded; an approval makes a new one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "base/hash.h"
#include "base/time.h"
#include "detect/baseline/conversation.h"

namespace nw::baseline {

// Bounds of one file. Beyond them it is an error, not a cut.
constexpr std::size_t kConversationsMax = 200'000;
constexpr std::size_t kNameBytesMax = 128, kReasonBytesMax = 512;

// What a conversation is to the baseline.
enum class Verdict : std::uint8_t {
  known,
  new_pair,       // these two have no designated conversation, whoever begins
  new_function,   // they have, in this direction; but not with this protocol or function
  new_direction,  // only the other end is designated to begin
};
constexpr std::size_t kVerdicts = 4;
std::string_view to_string(Verdict verdict) noexcept;  // "new_pair"; also for `known`

struct Approval {
  std::string by, reason;
  Timestamp at{};
  friend bool operator==(const Approval&, const Approval&) = default;
};

// One entry of the file.
struct Designation {
  IpAddress from, to;
  std::string protocol;
  std::vector<std::string> functions;
  Approval approval;
};

class Baseline {
 public:
  // Reads one file, strictly; every fault goes to `diagnostics`. Null when there was an error. Codes: those of
  // base/yaml.h and bad-document, bad-version, bad-address, bad-text, bad-time, unknown-protocol, empty-list, too-many,
  // duplicate-conversation.
  static std::shared_ptr<const Baseline> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  // Nothing is designated.
  static std::shared_ptr<const Baseline> empty();
  // This one and `conversations`; those that it has already keep their first approval.
  [[nodiscard]] std::shared_ptr<const Baseline> with(std::span<const Conversation> conversations,
                                                     const Approval& approval) const;

  // No allocation.
  [[nodiscard]] Verdict judge(const ConversationView& conversation) const noexcept;
  [[nodiscard]] const std::vector<Designation>& designations() const noexcept { return designations_; }
  [[nodiscard]] std::vector<Conversation> conversations() const;     // in the file's order
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  // conversations
  // What load() reads back.
  [[nodiscard]] std::string to_yaml() const;

 private:
  struct Pair {
    IpAddress from, to;
    friend bool operator==(const Pair&, const Pair&) = default;
  };
  struct PairHash {
    std::size_t operator()(const Pair& pair) const noexcept {
      return hash64(bytes_of(pair.to), hash64(bytes_of(pair.from)));
    }
    static std::string_view bytes_of(const IpAddress& address) noexcept {
      return {reinterpret_cast<const char*>(address.bytes().data()), address.bytes().size()};
    }
  };
  void add(Designation designation);

  std::vector<Designation> designations_;
  std::unordered_map<Pair, std::vector<std::uint32_t>, PairHash> by_pair_;  // positions in designations_
  std::size_t size_ = 0;
};

}  // namespace nw::baseline
