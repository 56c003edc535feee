// Data sets whose template has not come yet. Bounded by octets for each exporter, and for all; what is oldest goes
// first.
#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ingest/flows/exporters.h"

namespace nw::flows {

struct TemplateKey {
  IpAddress exporter;
  std::uint8_t protocol = 0;
  std::uint64_t domain = 0;
  std::uint16_t id = 0;
  friend auto operator<=>(const TemplateKey&, const TemplateKey&) = default;
};

// A set, and what its datagram said around it.
struct WaitingSet {
  TemplateKey key;
  std::string octets;
  Timestamp receive_time;
  std::optional<Timestamp> export_time;
  std::optional<std::uint32_t> uptime;
  std::uint64_t ordinal = 0;
  std::uint32_t part = 0;  // of its first event
};

struct WaitingCounters {
  std::uint64_t added = 0, decoded = 0;
  std::uint64_t dropped = 0, expired = 0;  // for lack of room; their template did not come
};

class WaitingSets {
 public:
  explicit WaitingSets(const Limits& limits) : limits_{limits} {}

  void add(WaitingSet set);
  // Those of the key, in the order they came.
  std::vector<WaitingSet> take(const TemplateKey& key);
  void expire(Timestamp now);
  // All are given up.
  void end();

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const WaitingCounters& counters() const noexcept { return counters_; }

 private:
  struct Node;
  using Nodes = std::list<Node>;
  using Places = std::list<Nodes::iterator>;
  struct Node {
    WaitingSet set;
    Places::iterator in_key, in_exporter;
  };
  struct Held {
    std::size_t bytes = 0;
    Places places;
  };
  void erase(Nodes::iterator node);
  static std::size_t cost(const WaitingSet& set) noexcept;

  Limits limits_;
  Nodes all_;  // the oldest first
  std::map<TemplateKey, Places> by_key_;
  std::map<IpAddress, Held> by_exporter_;
  std::size_t bytes_ = 0;
  WaitingCounters counters_;
};

}  // namespace nw::flows
