// A host of the register: its address and name, what it does, what it is, who commands it, what its points mean.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "context/registry/reader.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

namespace {

std::string shortest(double number) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

}  // namespace

void RegisterReader::read_host(const YamlNode& node, Asset& asset) {
  YamlMap map{node, "a host", file_, diagnostics_};
  if (!map.ok()) return;
  Host host;
  const YamlNode* addr = map.require("addr");
  const std::string written = map.text("addr");
  const bool known = addr != nullptr && IpAddress::parse_into(written, host.address);
  if (addr != nullptr && !known)
    error(addr->mark, "bad-address", quoted(written) + " is no IP address", "a host has one address, without a '/'");
  if (known) claim_address(host.address, addr->mark, asset);
  if (const YamlNode* name = map.take("name"); name != nullptr) {
    host.name = map.text("name");
    claim_name(host.name, name->mark, asset);
  }
  host.roles = closed_list(map, "roles", roles());
  host.writers = few_networks(map, "writers");
  host.protocols = words(map, "protocols");
  if (const YamlNode* device = map.take("device"); device != nullptr) read_device(*device, host);
  host.products = read_products(map);
  if (const YamlNode* list = list_of(map, "points"); list != nullptr)
    for (const YamlNode& item : list->items) read_point(item, host);
  if (const YamlNode* logs = map.take("logs"); logs != nullptr) read_logs(*logs, host);
  map.finish();
  if (known) asset.hosts.push_back(std::move(host));
}

void RegisterReader::read_device(const YamlNode& node, Host& host) {
  YamlMap map{node, "a device", file_, diagnostics_};
  if (!map.ok()) return;
  for (std::size_t i = 0; i < kDeviceFacts.size(); ++i) host.device[i] = shown(map, kDeviceFacts[i]);
  map.finish();
}

void RegisterReader::read_logs(const YamlNode& node, Host& host) {
  host.logs.emplace();
  if (++with_logs_ == kLogHostsMax + 1)
    error(node.mark, "too-many", "the lines of at most " + std::to_string(kLogHostsMax) + " hosts can be expected",
          "say so of those that matter; a source's own 'expect' watches over all behind it");
  if (node.kind == YamlNode::Kind::scalar) {
    if (node.scalar != "learn")
      error(node.mark, "wrong-type", "'logs' is learn, or a map", "write for example {silent_after: 30m}");
    return;
  }
  YamlMap map{node, "'logs'", file_, diagnostics_};
  if (!map.ok()) return;
  if (map.require("silent_after") != nullptr)
    host.logs->silent_after = map.duration("silent_after", std::chrono::hours{1});
  map.finish();
  constexpr Nanoseconds kLeast = std::chrono::seconds{1}, kMost = std::chrono::hours{24 * 366};
  if (host.logs->silent_after && (*host.logs->silent_after < kLeast || *host.logs->silent_after > kMost))
    error(node.mark, "out-of-range", "'silent_after' must be from 1s to 366d");
}

void RegisterReader::read_point(const YamlNode& node, Host& host) {
  YamlMap map{node, "a point", file_, diagnostics_};
  if (!map.ok()) return;
  const YamlNode* address = map.require("point");
  const std::string written = map.text("point");
  Point point;
  point.tag = require_shown(map, "tag", "a point needs the tag by which operators know it");
  point.unit = shown(map, "unit");
  point.scale = number(map, "scale").value_or(1);
  point.min = number(map, "min");
  point.max = number(map, "max");
  map.finish();
  if (point.min && point.max && *point.max < *point.min)
    error(map.mark(), "bad-limits",
          "no value is at least " + shortest(*point.min) + " and at most " + shortest(*point.max));
  if (address == nullptr) return;
  // As decoders write one: a part of a list, in one line.
  if (written.empty() || !is_shown_text(written) || written.find(',') != std::string::npos)
    return error(address->mark, "bad-point", quoted(written) + " cannot be a point's address",
                 "write it as 'ics.target' of this protocol's events has it, for example 1/holding_register/40");
  if (!host.points.add(written, std::move(point)))
    error(address->mark, "duplicate-point", "point " + quoted(written) + " stands twice");
}

void RegisterReader::claim_address(const IpAddress& address, Mark mark, const Asset& asset) {
  const auto [at, fresh] = addresses_.try_emplace(address, Seen{asset.id, file_, mark});
  if (!fresh)
    error(mark, "duplicate-host",
          "host " + address.to_string() + " already belongs to asset " + quoted(at->second.asset) + place(at->second));
  const auto holds = [&address](const IpPrefix& network) { return network.contains(address); };
  if (std::none_of(asset.networks.begin(), asset.networks.end(), holds))
    diagnostics_.warning(file_, mark, "host-outside",
                         "host " + address.to_string() + " is in no network of asset " + quoted(asset.id));
}

void RegisterReader::claim_name(const std::string& name, Mark mark, const Asset& asset) {
  const bool good = !name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_' || c == '.';
  });
  if (!good) {
    error(mark, "bad-name", quoted(name) + " cannot be a host's name", "write it as it stands in the host's log lines");
    return;
  }
  const auto [at, fresh] = names_.try_emplace(to_ascii_lower(name), Seen{asset.id, file_, mark});
  if (!fresh)
    error(mark, "duplicate-name",
          "host name " + quoted(name) + " already belongs to asset " + quoted(at->second.asset) + place(at->second));
}

}  // namespace nw::context
