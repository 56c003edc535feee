// Watches over the hosts whose log lines the register expects (`logs` of a host): many may stand behind one source,
// which goes on speaking when one of them falls silent. Part of LivenessKeeper; used on the daemon's own thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/input.h"
#include "context/registry/registry.h"
#include "detect/liveness/watch.h"

namespace nw::app {

class HostWatches {
 public:
  struct Watched {
    std::string name;  // as events call it: its name in the register, else its address
    std::optional<Nanoseconds> silent_after;
    liveness::Watch watch;
    std::vector<bool> from;  // by source: it has brought lines of this host since the start
    std::uint64_t lines = 0;
    std::size_t number = 0;  // in the register
  };

  // This register is in force now. Who stays, with the same expectation, goes on being watched.
  void use(std::shared_ptr<const context::Registry> registry);
  // Adds what the sources have heard since; a report of another register's numbers counts for nothing.
  void hear(const std::vector<SourceReport>& reports);

  // By address. What is standing for as long as use() is not called.
  [[nodiscard]] std::map<IpAddress, Watched>& all() noexcept { return hosts_; }
  [[nodiscard]] const std::map<IpAddress, Watched>& all() const noexcept { return hosts_; }

 private:
  std::shared_ptr<const context::Registry> registry_;
  std::map<IpAddress, Watched> hosts_;
  std::vector<Watched*> by_number_;
  std::vector<std::vector<std::uint64_t>> heard_;  // by source and number: as reported last
};

}  // namespace nw::app
