// What a BACnet message says, read once for all who tell of it. No state beyond the message.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ingest/network/protocols/bacnet_layout.h"
#include "ingest/network/protocols/bacnet_message.h"
#include "ingest/network/protocols/bacnet_value.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

struct BacnetFailure {
  std::uint64_t error_class = 0, code = 0;
};
// The error within an error's body or a bracket.
std::optional<BacnetFailure> read_bacnet_failure(Bytes tags);

// What a message says of one property: of what is there again the first, as devices read on to what they wait for and
// leave the rest.
struct BacnetProperty {
  std::optional<std::uint32_t> object;
  std::optional<std::uint64_t> property, index, priority;
  std::optional<Bytes> value;  // tags
  std::optional<BacnetFailure> failure;
};
// What a write of the property does.
IcsOperation bacnet_write_operation(const BacnetProperty& property);

// The first parameter of each role, the objects and the properties, in their order. Views the message until clear(),
// which keeps memory for the next one, but little: there is one of this for each flow.
class BacnetContents {
 public:
  static constexpr std::size_t kObjectsMax = 32;
  static constexpr std::size_t kPropertiesMax = 1024;  // the longest legal APDU has room for 735
  static constexpr std::size_t kPropertiesKept = 16;   // most messages have fewer

  // Stops at the first parameter that cannot be read.
  void read(const BacnetApdu& apdu);
  void clear() noexcept;

  [[nodiscard]] bool has(BacnetRole role) const noexcept { return (seen_ & bit(role)) != 0; }
  [[nodiscard]] bool has_any(auto... roles) const noexcept { return (seen_ & (bit(roles) | ...)) != 0; }
  [[nodiscard]] Bytes octets(BacnetRole role) const noexcept { return has(role) ? first_[place(role)] : Bytes{}; }
  [[nodiscard]] std::optional<std::uint64_t> number(BacnetRole role) const noexcept {
    if (!has(role)) return {};
    return bacnet_unsigned(first_[place(role)]);
  }
  [[nodiscard]] std::optional<std::uint32_t> object(BacnetRole role) const noexcept {
    const Bytes in = octets(role);
    if (in.size() != 4) return {};
    return ByteReader{in}.u32be();
  }
  // The first of them; devices count, too.
  [[nodiscard]] std::span<const std::uint32_t> objects() const noexcept {
    return std::span{objects_}.first(objects_count_);
  }
  // The first of them.
  [[nodiscard]] std::span<const BacnetProperty> properties() const noexcept { return properties_; }
  [[nodiscard]] bool more_properties() const noexcept { return more_properties_; }
  // Of all properties, also of those that are too many: the error of the first, when there is one of each.
  [[nodiscard]] std::optional<BacnetFailure> all_failed() const noexcept {
    return some_fit_ ? std::nullopt : first_failure_;
  }
  // What writing all of them does: the gravest counts, wherever it stands.
  [[nodiscard]] IcsOperation write_operation() const noexcept { return write_operation_; }
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  // Octets of memory besides its own.
  [[nodiscard]] std::size_t bytes_held() const noexcept { return properties_.capacity() * sizeof(BacnetProperty); }

 private:
  static constexpr std::size_t kRoles = 'z' - 'A' + 1;
  static_assert(kRoles <= 64);
  static constexpr std::size_t place(char role) noexcept { return static_cast<std::size_t>(role - 'A'); }
  static constexpr std::uint64_t bit(char role) noexcept { return std::uint64_t{1} << place(role); }

  bool walk(const BacnetLayout& layout, Bytes body);
  void take(BacnetRole role, Bytes contents);
  void end_property();

  std::uint64_t seen_ = 0;           // by role
  std::array<Bytes, kRoles> first_;  // of those that were seen
  std::array<std::uint32_t, kObjectsMax> objects_;
  std::size_t objects_count_ = 0;
  std::vector<BacnetProperty> properties_;
  BacnetProperty property_;  // that is being read
  std::optional<BacnetFailure> first_failure_;
  IcsOperation write_operation_ = IcsOperation::write;
  bool some_fit_ = false, more_properties_ = false, broken_ = false;
};

}  // namespace nw::network
