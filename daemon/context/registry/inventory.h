// Which control-system devices events tell of, and how that differs from the register.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "context/registry/registry.h"

namespace nw::context {

// One difference. The order is that of the report.
struct Difference {
  enum class Kind : std::uint8_t {
    undesignated,  // a device that answers, in own networks, and is no host of the register
    foreign,       // the same, outside of them
    role,          // a host that answers like a controller and has no role of one
    protocol,      // a host that answers in a protocol that its `protocols` does not have
    device,        // it says of itself what its `device` does not
    writer,        // a station that its `writers` does not have sends it commands
    silent,        // a controller of the register that nothing was heard of
  };
  Kind kind{};
  IpAddress address;   // the device
  std::string asset;   // its id; empty: none
  std::string detail;  // in words
  friend auto operator<=>(const Difference&, const Difference&) = default;
};
std::string_view to_string(Difference::Kind kind);

// Sees events of the categories `ics` and `known_device`, with all their fields. Devices and what is kept of each are
// bounded.
class Inventory {
 public:
  explicit Inventory(const event::Schema& schema);

  void see(const event::Event& event, const event::Schema& schema);
  // Sorted.
  [[nodiscard]] std::vector<Difference> compare(const Registry& registry) const;
  [[nodiscard]] std::size_t devices() const noexcept { return devices_.size(); }
  // What did not fit: the report is then not complete.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

  static constexpr std::size_t kDevicesMax = 100'000, kEachMax = 64;

 private:
  struct Device {
    std::map<std::string, std::uint64_t, std::less<>> protocols;  // messages that it answered, by protocol
    std::map<IpAddress, std::uint64_t> writers;                   // commands, by station
    std::array<std::set<std::string, std::less<>>, kDeviceFacts.size()> facts;  // what it said of itself
  };

  Device* device(const event::Event& event, event::FieldId field);
  void message(const event::Event& event, std::string_view protocol);
  void itself(const event::Event& event);
  void compare(const IpAddress& address, const Device& device, const Registry& registry,
               std::vector<Difference>& out) const;

  std::map<IpAddress, Device> devices_;
  std::uint64_t left_out_ = 0;
  event::FieldId operation_, outcome_, device_, protocol_;
  std::array<event::FieldId, kDeviceFacts.size()> facts_{};
};

}  // namespace nw::context
