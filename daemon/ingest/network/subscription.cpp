#include "ingest/network/subscription.h"

#include <algorithm>
#include <utility>

#include "ingest/network/arp_event.h"
#include "ingest/network/conn_event.h"
#include "ingest/network/icmp_error_event.h"
#include "ingest/network/protocol_mismatch_event.h"
#include "ingest/network/tunnel_event.h"
#include "ingest/network/weird_event.h"

namespace nw::network {
namespace {

BoundType bind(const event::Schema& schema, const event::Interest& interest, const event::TypeSpec& spec) {
  BoundType bound;
  bound.fields.assign(spec.fields.size(), event::kNoField);
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (schema.type(id).path != spec.path || schema.type(id).product != spec.product) continue;
    bound.id = id;
    bound.wanted = interest.wants(id);
    for (std::size_t f = 0; f < spec.fields.size(); ++f) {
      const auto field = schema.find_field(spec.fields[f].name);
      if (field && interest.wants(id, *field)) bound.fields[f] = *field;
    }
    break;
  }
  return bound;
}

}  // namespace

const event::TypeSpec& own_type(OwnEvent which) {
  switch (which) {
    case OwnEvent::conn: return conn_type();
    case OwnEvent::tunnel: return tunnel_type();
    case OwnEvent::weird: return weird_type();
    case OwnEvent::icmp_error: return icmp_error_type();
    case OwnEvent::arp: return arp_type();
    case OwnEvent::protocol_mismatch: break;
  }
  return protocol_mismatch_type();
}

Subscription::Subscription(std::shared_ptr<const event::Schema> schema, const event::Interest& interest,
                           std::span<const Protocol> table)
    : schema_{std::move(schema)}, table_{table} {
  for (std::size_t i = 0; i < kOwnEvents; ++i) own_[i] = bind(*schema_, interest, own_type(static_cast<OwnEvent>(i)));
  const BoundType& conn = own(OwnEvent::conn);
  const bool wants_service =
      (conn.wanted && conn.fields[kConnService] != event::kNoField) || own(OwnEvent::protocol_mismatch).wanted;
  for (std::size_t p = 0; p < table.size(); ++p) {
    bool wanted = false;
    auto& types = types_.emplace_back();
    for (const event::TypeSpec& spec : table[p].types) {
      types.push_back(bind(*schema_, interest, spec));
      wanted = wanted || types.back().wanted;
    }
    wants_events_.push_back(wanted);
    if (table[p].probe == nullptr || (!wanted && !wants_service)) continue;
    const auto position = static_cast<std::uint16_t>(p);
    const bool control = wanted && is_control(table[p]);
    if (table[p].tcp) tcp_.add(table[p], position, control);
    if (table[p].udp) udp_.add(table[p], position, control);
  }
}

void Subscription::Candidates::add(const Protocol& protocol, std::uint16_t position, bool control) {
  any = true;
  for (std::size_t octet = 0; octet < by_first.size(); ++octet)
    if (protocol.begins.has(static_cast<std::uint8_t>(octet))) by_first[octet].push_back(position);
  hinted.add(protocol, position);
  if (control) homes.add(protocol, position);
}

void Subscription::Homes::add(const Protocol& protocol, std::uint16_t position) {
  for (const std::uint16_t port : protocol.ports) {
    has_.set(port);
    all_.insert(std::ranges::upper_bound(all_, port, {}, &HomePort::port), HomePort{port, position});
  }
}

std::span<const HomePort> Subscription::Homes::all_on(std::uint16_t port) const noexcept {
  const auto first = std::ranges::lower_bound(all_, port, {}, &HomePort::port);
  return {first, std::find_if(first, all_.end(), [port](const HomePort& home) { return home.port != port; })};
}

PortHints::PortHints(std::span<const Protocol> table) {
  for (const Protocol& protocol : table) {
    for (const std::uint16_t port : protocol.ports) {
      if (protocol.tcp) tcp_.set(port);
      if (protocol.udp) udp_.set(port);
    }
  }
}

}  // namespace nw::network
