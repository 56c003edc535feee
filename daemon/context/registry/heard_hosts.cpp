#include "context/registry/heard_hosts.h"

namespace nw::context {

void HeardHosts::begin(const Registry& registry) {
  registry_ = &registry;
  counts_.assign(registry.hosts_with_logs().size(), 0);
  knows_name_ = knows_peer_ = false;
}

void HeardHosts::note(const IpAddress& peer) {
  if (counts_.empty()) return;
  if (!knows_peer_ || peer != last_peer_) {
    last_from_ = registry_->find(peer).host;
    last_peer_ = peer;
    knows_peer_ = true;
  }
  add(last_from_);
}

void HeardHosts::note(const event::Event& event) {
  if (counts_.empty()) return;
  const event::Value* value = event.get(event::Common::host);
  if (value == nullptr) return;
  if (value->kind() == event::Value::Kind::address) return note(value->as_address());
  if (value->kind() != event::Value::Kind::text) return;
  const std::string_view name = value->as_text();
  if (!knows_name_ || name != last_name_) {
    last_named_ = registry_->find_host(name).host;
    IpAddress address;
    if (last_named_ == nullptr && IpAddress::parse_into(name, address)) last_named_ = registry_->find(address).host;
    last_name_ = name;
    knows_name_ = true;
  }
  add(last_named_);
}

}  // namespace nw::context
