// Which of the hosts whose log lines the register expects have sent any: counts by host, for one log source.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip.h"
#include "context/registry/registry.h"
#include "event/event.h"

namespace nw::context {

class HeardHosts {
 public:
  // From 0 on, for the hosts of Registry::hosts_with_logs(), in its order. The register is borrowed.
  void begin(const Registry& registry);

  // A line came from this address: it is a host's own when the register has it there.
  void note(const IpAddress& peer);
  // What an event of a log says of its sender (`host`): a name, or an address. No allocation but for a longer name.
  void note(const event::Event& event);

  // Empty when the register expects no host's lines.
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const noexcept { return counts_; }

 private:
  void add(const Host* host) {
    if (host != nullptr && host->logs_number != kNoLogs) ++counts_[host->logs_number];
  }

  const Registry* registry_ = nullptr;
  std::vector<std::uint64_t> counts_;
  // Lines of one host mostly come one after the other.
  std::string last_name_;
  const Host* last_named_ = nullptr;
  IpAddress last_peer_;
  const Host* last_from_ = nullptr;
  bool knows_name_ = false, knows_peer_ = false;
};

}  // namespace nw::context
