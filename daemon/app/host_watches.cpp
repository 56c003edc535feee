#include "app/host_watches.h"

namespace nw::app {

void HostWatches::use(std::shared_ptr<const context::Registry> registry) {
  registry_ = std::move(registry);
  std::map<IpAddress, Watched> hosts;
  by_number_.clear();
  for (const context::Host* host : registry_->hosts_with_logs()) {
    std::string name = host->name.empty() ? host->address.to_string() : host->name;
    auto known = hosts_.find(host->address);
    const bool stays = known != hosts_.end() && known->second.silent_after == host->logs->silent_after;
    liveness::Expect expect;
    expect.silent_after = host->logs->silent_after;
    Watched& watched =
        hosts
            .emplace(host->address, stays ? std::move(known->second)
                                          : Watched{{}, host->logs->silent_after, liveness::Watch{expect}, {}, 0, 0})
            .first->second;
    watched.name = std::move(name);
    watched.number = by_number_.size();
    by_number_.push_back(&watched);
  }
  hosts_ = std::move(hosts);  // nodes keep their place
  heard_.clear();
}

void HostWatches::hear(const std::vector<SourceReport>& reports) {
  heard_.resize(reports.size());
  for (std::size_t source = 0; source < reports.size(); ++source) {
    const LineFeed::Heard& heard = reports[source].heard;
    if (heard.registry != registry_ || heard.lines.size() != by_number_.size()) continue;
    std::vector<std::uint64_t>& before = heard_[source];
    before.resize(by_number_.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (heard.lines[i] == before[i]) continue;
      Watched& host = *by_number_[i];
      host.lines += heard.lines[i] - before[i];
      host.from.resize(reports.size());
      host.from[source] = true;
      before[i] = heard.lines[i];
    }
  }
}

}  // namespace nw::app
