#include "context/registry/inventory.h"

#include <algorithm>

#include "base/text.h"
#include "context/registry/event_values.h"

namespace nw::context {

using event::Common;
using event::common;
using event::Value;

namespace {

// Who has one of these answers commands.
constexpr auto kControllers = std::to_array<std::string_view>({"plc", "rtu", "ied", "sis", "gateway", "sensor"});

bool has_controller_role(const Host& host) {
  return std::ranges::any_of(
      host.roles, [](const std::string& role) { return std::ranges::find(kControllers, role) != kControllers.end(); });
}

// "a, b": what people sent is made printable.
std::string joined(const auto& texts) {
  std::string out;
  for (const auto& text : texts) out.append(out.empty() ? "" : ", ").append(printable(text, 64));
  return out;
}

}  // namespace

std::string_view to_string(Difference::Kind kind) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"undesignated", "foreign", "role", "protocol", "device", "writer", "silent"});
  return kNames[static_cast<std::size_t>(kind)];
}

Inventory::Inventory(const event::Schema& schema) {
  const auto id = [&schema](std::string_view name) { return schema.find_field(name).value_or(event::kNoField); };
  operation_ = id("ics.operation");
  outcome_ = id("ics.outcome");
  device_ = id("device");
  protocol_ = id("device_protocol");
  std::ranges::transform(kDeviceFacts, facts_.begin(), id);
}

void Inventory::see(const event::Event& event, const event::Schema& schema) {
  const event::Type& type = schema.type(event.type());
  if (type.path == "known_device") return itself(event);
  if (std::ranges::find(type.categories, "ics") != type.categories.end()) message(event, type.path);
}

Inventory::Device* Inventory::device(const event::Event& event, event::FieldId field) {
  IpAddress address;
  if (!address_of(event, field, address)) return nullptr;
  const auto at = devices_.find(address);
  if (at != devices_.end()) return &at->second;
  if (devices_.size() < kDevicesMax) return &devices_[address];
  ++left_out_;
  return nullptr;
}

// Only who answers is a device: who is asked may not be there. A command counts whether it is answered or not.
void Inventory::message(const event::Event& event, std::string_view protocol) {
  const std::string_view outcome = text_of(event, outcome_);
  const bool asks = outcome.empty() && is_change(text_of(event, operation_));
  if (outcome != "ok" && outcome != "refused" && !asks) return;
  Device* const answering = device(event, common(Common::resp_h));
  if (answering == nullptr) return;
  IpAddress station;
  if (!asks && (answering->protocols.contains(protocol) || answering->protocols.size() < kEachMax))
    ++answering->protocols[std::string{protocol}];
  else if (!asks)
    ++left_out_;
  else if (address_of(event, common(Common::orig_h), station) &&
           (answering->writers.contains(station) || answering->writers.size() < kEachMax))
    ++answering->writers[station];
  else
    ++left_out_;
}

void Inventory::itself(const event::Event& event) {
  Device* const speaking = device(event, device_);
  if (speaking == nullptr) return;
  if (const std::string_view protocol = text_of(event, protocol_); !protocol.empty()) {
    if (speaking->protocols.contains(protocol) || speaking->protocols.size() < kEachMax)
      ++speaking->protocols[std::string{protocol}];
    else
      ++left_out_;
  }
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    const std::string_view fact = text_of(event, facts_[i]);
    if (fact.empty() || speaking->facts[i].contains(fact)) continue;
    if (speaking->facts[i].size() < kEachMax)
      speaking->facts[i].emplace(fact);
    else
      ++left_out_;
  }
}

void Inventory::compare(const IpAddress& address, const Device& device, const Registry& registry,
                        std::vector<Difference>& out) const {
  const Registry::Found found = registry.find(address);
  const std::string asset = found ? found.asset->id : std::string{};
  const auto tell = [&](Difference::Kind kind, std::string detail) {
    out.push_back({kind, address, asset, std::move(detail)});
  };
  std::vector<std::string> protocols;
  for (const auto& [protocol, messages] : device.protocols) protocols.push_back(protocol);
  if (found.host == nullptr) {
    if (protocols.empty()) return;  // commands that nobody answered
    std::string detail = "answers in " + joined(protocols);
    for (std::size_t i = 0; i < kDeviceFacts.size(); ++i)
      if (!device.facts[i].empty())
        detail.append("; ").append(kDeviceFacts[i]).append(": ").append(joined(device.facts[i]));
    return tell(found.own ? Difference::Kind::undesignated : Difference::Kind::foreign, std::move(detail));
  }
  const Host& host = *found.host;
  if (!protocols.empty() && !has_controller_role(host))
    tell(Difference::Kind::role,
         "answers in " + joined(protocols) + "; its roles: " + (host.roles.empty() ? "none" : joined(host.roles)));
  for (const std::string& protocol : protocols)
    if (!host.protocols.empty() && std::ranges::find(host.protocols, protocol) == host.protocols.end())
      tell(Difference::Kind::protocol, "answers in " + printable(protocol, 64));
  for (std::size_t i = 0; i < kDeviceFacts.size(); ++i)
    if (!host.device[i].empty() && !device.facts[i].empty() &&
        (device.facts[i].size() != 1 || *device.facts[i].begin() != host.device[i]))
      tell(Difference::Kind::device, std::string{kDeviceFacts[i]} + ": '" + host.device[i] +
                                         "' in the register, says '" + joined(device.facts[i]) + "'");
  for (const auto& [station, commands] : device.writers)
    if (!host.writers.empty() &&
        std::ranges::none_of(host.writers, [&from = station](const IpPrefix& p) { return p.contains(from); }))
      tell(Difference::Kind::writer, std::to_string(commands) + " commands from " + station.to_string());
}

std::vector<Difference> Inventory::compare(const Registry& registry) const {
  std::vector<Difference> out;
  for (const auto& [address, device] : devices_) compare(address, device, registry, out);
  for (const Asset& asset : registry.assets())
    for (const Host& host : asset.hosts)
      if (has_controller_role(host) && !devices_.contains(host.address))
        out.push_back({Difference::Kind::silent, host.address, asset.id, "its roles: " + joined(host.roles)});
  std::ranges::sort(out);
  return out;
}

}  // namespace nw::context
