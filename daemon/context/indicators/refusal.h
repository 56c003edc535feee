// Why an indicator is left out. Each is counted, and the first ones are named.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::context {

enum class Refusal : std::uint8_t {
  none,
  bad_value,       // not what its type says
  unsupported,     // a type of indicator that nothing here is compared with
  not_understood,  // a STIX pattern that says more than "one of these"
  not_for_ids,     // its source says that it is not for detection
  revoked,         // taken back, or deleted
  expired,
  too_wide,      // a top-level domain, a network shorter than /8 (IPv4) or /16 (IPv6)
  special,       // private, loopback, link-local, multicast: everybody has them
  own,           // a designated network of the register
  warning_list,  // known to be harmless
  repeated,      // more than kRecordsPerValue sources say the same
};
constexpr std::size_t kRefusals = 12;

constexpr auto kRefusalNames = std::to_array<std::string_view>(
    {"", "bad_value", "unsupported", "not_understood", "not_for_detection", "revoked", "expired", "too_wide",
     "special_address", "own_network", "warning_list", "repeated"});
static_assert(kRefusalNames.size() == kRefusals);
constexpr std::string_view to_string(Refusal refusal) noexcept {
  return kRefusalNames[static_cast<std::size_t>(refusal)];
}

// What was left out of a set.
class Refusals {
 public:
  static constexpr std::size_t kNamed = 20;

  // `what`: the value, or what stands for it. What is told as a matter of course (expired, revoked, not for detection)
  // is counted only. `hint` may be empty.
  void add(Refusal why, std::string_view file, Mark mark, std::string_view what, std::string hint = {});

  [[nodiscard]] std::uint64_t count(Refusal why) const noexcept { return counts_[static_cast<std::size_t>(why)]; }
  [[nodiscard]] std::uint64_t total() const noexcept;
  // As warnings with their places; then one that sums up, if there were more.
  void report(Diagnostics& diagnostics) const;

 private:
  std::array<std::uint64_t, kRefusals> counts_{};
  std::uint64_t worth_naming_ = 0;
  std::vector<Diagnostic> named_;
};

}  // namespace nw::context
