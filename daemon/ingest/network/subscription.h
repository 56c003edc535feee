// The Interest, resolved for the packet path: which events are wanted, the numbers of their fields, which protocols are
// worth probing for, by the port and by the first octet.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "event/schema.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct BoundType {
  event::TypeId id{};
  bool wanted = false;
  std::vector<event::FieldId> fields;  // by position in the TypeSpec; kNoField: unwanted
};

// What the decoder tells besides the protocols.
enum class OwnEvent : std::uint8_t { conn, tunnel, weird, icmp_error, arp, protocol_mismatch };
constexpr std::size_t kOwnEvents = 6;
const event::TypeSpec& own_type(OwnEvent which);

// A port on which a protocol is at home.
struct HomePort {
  std::uint16_t port = 0, protocol = 0;
};

class Subscription {
 public:
  // Types that the schema does not have are unwanted. `table` outlives this.
  Subscription(std::shared_ptr<const event::Schema> schema, const event::Interest& interest,
               std::span<const Protocol> table);

  [[nodiscard]] const BoundType& own(OwnEvent which) const noexcept { return own_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] const BoundType& type(std::size_t protocol, std::size_t type) const noexcept {
    return types_[protocol][type];
  }
  // Some event of the protocol is wanted.
  [[nodiscard]] bool wants_events(std::size_t protocol) const noexcept { return wants_events_[protocol]; }
  // Some protocol is probed for.
  [[nodiscard]] bool probes(Transport transport) const noexcept { return over(transport).any; }
  // Those that are, of what begins with this octet off their ports.
  [[nodiscard]] std::span<const std::uint16_t> candidates(Transport transport, std::uint8_t first) const noexcept {
    return over(transport).by_first[first];
  }
  // Those that are, whose port it is.
  [[nodiscard]] std::span<const HomePort> hinted(Transport transport, std::uint16_t port) const noexcept {
    return over(transport).hinted.on(port);
  }
  // The control protocols that are at home on the port, those of whom somebody wants events.
  [[nodiscard]] std::span<const HomePort> homes(Transport transport, std::uint16_t port) const noexcept {
    return over(transport).homes.on(port);
  }
  [[nodiscard]] std::span<const Protocol> table() const noexcept { return table_; }

 private:
  class Homes {
   public:
    void add(const Protocol& protocol, std::uint16_t position);
    [[nodiscard]] std::span<const HomePort> on(std::uint16_t port) const noexcept {
      return has_[port] ? all_on(port) : std::span<const HomePort>{};
    }

   private:
    [[nodiscard]] std::span<const HomePort> all_on(std::uint16_t port) const noexcept;

    std::bitset<65536> has_;
    std::vector<HomePort> all_;  // sorted by port, then by the protocol
  };
  // Who is probed for.
  struct Candidates {
    void add(const Protocol& protocol, std::uint16_t position, bool control);

    bool any = false;
    std::array<std::vector<std::uint16_t>, 256> by_first;
    Homes hinted, homes;
  };

  [[nodiscard]] const Candidates& over(Transport transport) const noexcept {
    return transport == Transport::tcp ? tcp_ : udp_;
  }

  std::shared_ptr<const event::Schema> schema_;  // keeps the numbers' owner alive
  std::span<const Protocol> table_;
  std::array<BoundType, kOwnEvents> own_;
  std::vector<std::vector<BoundType>> types_;
  std::vector<bool> wants_events_;
  Candidates tcp_, udp_;
};

// The port hints of the whole table, wanted or not: who is the responder must not depend on the rules.
class PortHints {
 public:
  explicit PortHints(std::span<const Protocol> table);
  [[nodiscard]] bool has(Transport transport, std::uint16_t port) const noexcept {
    return (transport == Transport::tcp ? tcp_ : udp_)[port];
  }

 private:
  std::bitset<65536> tcp_, udp_;
};

}  // namespace nw::network
