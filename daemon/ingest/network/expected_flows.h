// Flows that another flow has announced (FTP's data connections): known when they come, by who opens them and where to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ingest/network/flow_key.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/slots.h"

namespace nw::network {

class ExpectedFlows {
 public:
  // So many of a decoder; for one more the oldest goes. Zeek waits five minutes, too.
  static constexpr std::size_t kFlowsMax = 1024;
  static constexpr Nanoseconds kLifetime = std::chrono::minutes{5};
  static constexpr std::size_t kNoteMax = 1024;  // octets of a note that are kept

  struct Found {
    std::uint16_t protocol;  // as the announcement named it
    std::string_view note;   // valid until the next add()
  };

  explicit ExpectedFlows(std::uint64_t seed) : index_{kFlowsMax}, seed_{seed} {}

  // `protocol` is a position in the protocol table. What was said of the same flow before no longer counts.
  void add(const ExpectedFlow& flow, std::uint16_t protocol, std::uint32_t realm, Timestamp now);
  // Whether the flow is one of these. An announcement serves one flow.
  [[nodiscard]] std::optional<Found> take(const FlowKey& key, Timestamp now);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t evicted() const noexcept { return evicted_; }

 private:
  struct Entry {
    FlowKey key;  // the port of the side that opens it is 0: nobody knows it
    std::uint32_t hash = 0;
    Links links;
    Timestamp until;
    std::uint16_t protocol = 0;
    std::string note;
  };

  [[nodiscard]] std::uint32_t find(const FlowKey& key) const;
  void remove(std::uint32_t slot);

  Pool<Entry> entries_;
  HashIndex index_;
  SlotList list_;
  std::size_t size_ = 0;
  std::uint64_t seed_, evicted_ = 0;
};

}  // namespace nw::network
