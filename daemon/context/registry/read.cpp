#include "context/registry/read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "base/text.h"
#include "base/yaml.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

namespace {

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

bool is_word(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [more](char c) {
    return (c >= 'a' && c <= 'z') || ascii_digit(c) || more.find(c) != std::string_view::npos;
  });
}

bool is_shown_text(std::string_view text) {
  return text.size() <= kNameBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// As decoders write one: a part of a list, in one line.
bool is_address(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_shown_text(text) &&
         text.find(',') == std::string_view::npos;
}

std::string shortest(double number) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
}

class Reader {
 public:
  Reader(std::string_view file, Diagnostics& diagnostics) : file_{file}, diagnostics_{diagnostics} {}

  RegistryFile read(const YamlNode& root) {
    YamlMap map{root, "the register", file_, diagnostics_};
    if (!map.ok()) return {};
    if (const YamlNode* version = map.require("version"); version != nullptr && version->as_int() != 1)
      error(version->mark, "bad-version", "this daemon reads version 1 of the register's format");
    if (const YamlNode* list = map.take("territory"); list != nullptr) out_.territory = networks(*list, "territory");
    const YamlNode* assets = map.require("assets");
    map.finish();
    if (assets == nullptr) return std::move(out_);
    if (assets->kind != YamlNode::Kind::sequence) {
      error(assets->mark, "wrong-type", "'assets' must be a list");
      return std::move(out_);
    }
    if (assets->items.empty())
      diagnostics_.warning(file_, assets->mark, "empty-register", "the register designates nobody");
    out_.assets.reserve(assets->items.size());
    for (const YamlNode& item : assets->items) read_asset(item);
    return std::move(out_);
  }

 private:
  struct Seen {
    std::string asset;
    Mark mark;
  };

  void error(Mark mark, std::string_view code, std::string text, std::string hint = {}) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }

  void read_asset(const YamlNode& node) {
    YamlMap map{node, "an asset", file_, diagnostics_};
    if (!map.ok()) return;
    Asset asset;
    asset.mark = map.mark();
    read_identity(map, asset);
    read_class(map, asset);
    asset.flags = closed_list(map, "flags", flags());
    if (const YamlNode* list = map.take("networks"); list != nullptr) {
      asset.networks = networks(*list, "networks");
      claim_networks(*list, asset);
    }
    if (const YamlNode* hosts = list_of(map, "hosts"); hosts != nullptr)
      for (const YamlNode& item : hosts->items) read_host(item, asset);
    if (const YamlNode* zones = map.take("zones"); zones != nullptr) read_zones(*zones, asset);
    if (const YamlNode* list = list_of(map, "maintenance"); list != nullptr) {
      if (list->items.size() > kMaintenanceMax)
        error(list->mark, "too-many", "an asset can have at most " + std::to_string(kMaintenanceMax) + " windows",
              "a recurring one stands once, with 'rrule'; leave out those that are over");
      for (const YamlNode& item : list->items) read_maintenance(item, asset);
    }
    map.finish();
    if (asset.networks.empty() && asset.hosts.empty())
      error(asset.mark, "empty-asset", "asset " + quoted(asset.id) + " has neither a network nor a host",
            "without an address nothing can be recognised as its own");
    out_.assets.push_back(std::move(asset));
  }

  void read_identity(YamlMap& map, Asset& asset) {
    const YamlNode* id = map.require("asset");
    asset.id = map.text("asset");
    if (id != nullptr) {
      if (asset.id.size() > 32 || !is_word(asset.id, "-"))
        error(id->mark, "bad-id", quoted(asset.id) + " cannot be an asset's id",
              "1 to 32 of a-z, 0-9 and '-'; opaque, because alerts carry it to others: neither a name nor an address");
      else if (const auto [at, fresh] = assets_.try_emplace(asset.id, id->mark); !fresh)
        error(id->mark, "duplicate-asset",
              "asset " + quoted(asset.id) + " stands twice, first in line " + std::to_string(at->second.line));
    }
    asset.name = shown(map, "name");
    asset.operator_id = shown(map, "operator");
    const YamlNode* sector = map.require("sector");
    asset.sector = map.text("sector");
    if (sector != nullptr) check_word(asset.sector, sectors(), "sector", sector->mark);
    for (const YamlNode* node : scalars(map, "functions")) {
      asset.functions.push_back(node->scalar);
      if (!is_word(node->scalar, "-"))
        error(node->mark, "bad-name", quoted(node->scalar) + " cannot be a function", "write for example supply-water");
    }
    asset.disclosure = disclosures()[map.choice("disclosure", 1, disclosures())];
  }

  void read_class(YamlMap& map, Asset& asset) {
    const YamlNode* node = map.require("class");
    if (node == nullptr) return;
    YamlMap three{*node, "an asset's class", file_, diagnostics_};
    if (!three.ok()) return;
    const auto read = [&three](std::string_view key) {
      if (three.require(key) == nullptr) return std::string{};
      return std::string{classes()[three.choice(key, 0, classes())]};
    };
    asset.availability = read("a");
    asset.integrity = read("i");
    asset.confidentiality = read("c");
    three.finish();
  }

  void read_host(const YamlNode& node, Asset& asset) {
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
    if (const YamlNode* list = list_of(map, "points"); list != nullptr)
      for (const YamlNode& item : list->items) read_point(item, host);
    map.finish();
    if (known) asset.hosts.push_back(std::move(host));
  }

  void read_device(const YamlNode& node, Host& host) {
    YamlMap map{node, "a device", file_, diagnostics_};
    if (!map.ok()) return;
    for (std::size_t i = 0; i < kDeviceFacts.size(); ++i) host.device[i] = shown(map, kDeviceFacts[i]);
    map.finish();
  }

  void read_point(const YamlNode& node, Host& host) {
    YamlMap map{node, "a point", file_, diagnostics_};
    if (!map.ok()) return;
    const YamlNode* address = map.require("point");
    const std::string written = map.text("point");
    const YamlNode* tag = map.require("tag");
    Point point;
    point.tag = shown(map, "tag");
    if (tag != nullptr && point.tag.empty())
      error(tag->mark, "bad-name", "a point needs the tag by which operators know it");
    point.unit = shown(map, "unit");
    point.scale = number(map, "scale").value_or(1);
    point.min = number(map, "min");
    point.max = number(map, "max");
    map.finish();
    if (point.min && point.max && *point.max < *point.min)
      error(map.mark(), "bad-limits",
            "no value is at least " + shortest(*point.min) + " and at most " + shortest(*point.max));
    if (address == nullptr) return;
    if (!is_address(written))
      return error(address->mark, "bad-point", quoted(written) + " cannot be a point's address",
                   "write it as 'ics.target' of this protocol's events has it, for example 1/holding_register/40");
    if (!host.points.add(written, std::move(point)))
      error(address->mark, "duplicate-point", "point " + quoted(written) + " stands twice");
  }

  void read_maintenance(const YamlNode& node, Asset& asset) {
    YamlMap map{node, "a maintenance window", file_, diagnostics_};
    if (!map.ok()) return;
    Maintenance work;
    const YamlNode* ticket = map.require("ticket");
    work.ticket = shown(map, "ticket");
    if (ticket != nullptr && work.ticket.empty())
      error(ticket->mark, "bad-name", "a maintenance window needs the change ticket that it belongs to");
    const YamlNode* start = map.require("start");
    const std::string first = map.text("start"), zone = map.text("timezone"), rule = map.text("rrule");
    MaintenanceText text{first, zone, rule, 0};
    if (map.require("minutes") != nullptr) text.minutes = map.integer("minutes", 1, 1, kWindowMinutesMax);
    work.stations = few_networks(map, "stations");
    map.finish();
    if (start == nullptr || text.minutes == 0) return;
    auto window = MaintenanceWindow::make(text);
    if (!window)
      return error(start->mark, "bad-window",
                   "the window of ticket " + quoted(work.ticket) + ": " + window.error().what);
    work.window = std::move(*window);
    occurrences_ += work.window.occurrences().size();
    if (occurrences_ > kOccurrencesTotalMax)
      return error(
          start->mark, "too-many",
          "the register's windows happen more than " + std::to_string(kOccurrencesTotalMax) + " times together",
          "end recurring ones with COUNT or UNTIL in 'rrule'");
    if (work.window.goes_on())
      diagnostics_.warning(file_, start->mark, "window-horizon",
                           "the window of ticket " + quoted(work.ticket) + " is followed until " +
                               to_rfc3339(work.window.occurrences().back().end, 0) + " only",
                           "move 'start' forward before then, or end it with COUNT or UNTIL in 'rrule'");
    asset.maintenance.push_back(std::move(work));
  }

  void read_zones(const YamlNode& node, Asset& asset) {
    if (node.kind != YamlNode::Kind::map) {
      error(node.mark, "wrong-type", "'zones' must be a map of networks and zone names");
      return;
    }
    for (const auto& [key, value] : node.members) {
      const auto network = parse_network(key);
      if (value.kind != YamlNode::Kind::scalar || !is_word(value.scalar, "-_"))
        error(value.mark, "bad-name", quoted(value.scalar) + " cannot be a zone's name",
              "write for example ot or office");
      if (!network) continue;
      const bool inside = std::any_of(asset.networks.begin(), asset.networks.end(), [&network](const IpPrefix& outer) {
        return outer.bits() <= network->bits() && outer.contains(network->address());
      });
      if (!inside)
        error(key.mark, "zone-outside",
              "zone " + network->to_string() + " is in no network of asset " + quoted(asset.id),
              "list its network under 'networks'");
      const auto same = [&network](const Asset::Zone& zone) { return zone.network == *network; };
      if (std::any_of(asset.zones.begin(), asset.zones.end(), same))
        error(key.mark, "duplicate-network", "zone " + network->to_string() + " stands twice");
      asset.zones.push_back({*network, value.scalar});
    }
  }

  void claim_networks(const YamlNode& list, const Asset& asset) {
    for (const YamlNode& item : list.items) {
      const auto network = IpPrefix::parse(item.scalar);
      if (!network) continue;  // reported
      const auto [at, fresh] = networks_.try_emplace(*network, Seen{asset.id, item.mark});
      if (!fresh)
        error(item.mark, "duplicate-network",
              "network " + network->to_string() + " already belongs to asset " + quoted(at->second.asset) + ", line " +
                  std::to_string(at->second.mark.line),
              "give one of them a longer prefix: the longest one wins");
    }
  }

  void claim_address(const IpAddress& address, Mark mark, const Asset& asset) {
    const auto [at, fresh] = addresses_.try_emplace(address, Seen{asset.id, mark});
    if (!fresh)
      error(mark, "duplicate-host",
            "host " + address.to_string() + " already belongs to asset " + quoted(at->second.asset) + ", line " +
                std::to_string(at->second.mark.line));
    const auto holds = [&address](const IpPrefix& network) { return network.contains(address); };
    if (std::none_of(asset.networks.begin(), asset.networks.end(), holds))
      diagnostics_.warning(file_, mark, "host-outside",
                           "host " + address.to_string() + " is in no network of asset " + quoted(asset.id));
  }

  void claim_name(const std::string& name, Mark mark, const Asset& asset) {
    const bool good =
        !name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
          return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_' || c == '.';
        });
    if (!good) {
      error(mark, "bad-name", quoted(name) + " cannot be a host's name",
            "write it as it stands in the host's log lines");
      return;
    }
    const auto [at, fresh] = names_.try_emplace(to_ascii_lower(name), Seen{asset.id, mark});
    if (!fresh)
      error(mark, "duplicate-name",
            "host name " + quoted(name) + " already belongs to asset " + quoted(at->second.asset) + ", line " +
                std::to_string(at->second.mark.line));
  }

  std::optional<IpPrefix> parse_network(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) {
      if (const auto network = IpPrefix::parse(node.scalar)) {
        IpAddress written;
        if (IpAddress::parse_into(std::string_view{node.scalar}.substr(0, node.scalar.find('/')), written) &&
            written != network->address())
          diagnostics_.warning(file_, node.mark, "network-host-bits",
                               quoted(node.scalar) + " has bits set beyond its length",
                               "read as " + network->to_string());
        return *network;
      }
    }
    error(node.mark, "bad-network", quoted(node.scalar) + " is no network",
          "write for example 192.0.2.0/24 or 2001:db8::/32");
    return std::nullopt;
  }

  std::vector<IpPrefix> networks(const YamlNode& list, std::string_view key) {
    std::vector<IpPrefix> out;
    if (list.kind != YamlNode::Kind::sequence) {
      error(list.mark, "wrong-type", quoted(key) + " must be a list of networks");
      return out;
    }
    for (const YamlNode& item : list.items)
      if (const auto network = parse_network(item)) out.push_back(*network);
    return out;
  }

  // A list that is searched one by one.
  std::vector<IpPrefix> few_networks(YamlMap& map, std::string_view key) {
    const YamlNode* list = map.take(key);
    if (list == nullptr) return {};
    std::vector<IpPrefix> out = networks(*list, key);
    if (out.size() > kWritersMax)
      error(list->mark, "too-many", quoted(key) + " can be at most " + std::to_string(kWritersMax),
            "join them into networks");
    return out;
  }

  const YamlNode* list_of(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.take(key);
    if (node == nullptr || node->kind == YamlNode::Kind::sequence) return node;
    error(node->mark, "wrong-type", quoted(key) + " must be a list");
    return nullptr;
  }

  // The list's scalars; one scalar stands for a list of one.
  std::vector<const YamlNode*> scalars(YamlMap& map, std::string_view key) {
    std::vector<const YamlNode*> out;
    const YamlNode* node = map.take(key);
    if (node == nullptr) return out;
    if (node->kind == YamlNode::Kind::scalar) return {node};
    if (node->kind != YamlNode::Kind::sequence)
      error(node->mark, "wrong-type", quoted(key) + " must be a list of texts");
    for (const YamlNode& item : node->items) {
      if (item.kind == YamlNode::Kind::scalar)
        out.push_back(&item);
      else
        error(item.mark, "wrong-type", quoted(key) + " must be a list of texts");
    }
    return out;
  }

  std::vector<std::string> words(YamlMap& map, std::string_view key) {
    std::vector<std::string> out;
    for (const YamlNode* node : scalars(map, key)) {
      if (!is_word(node->scalar, "-_"))
        error(node->mark, "bad-name", quoted(node->scalar) + " cannot stand in " + quoted(key),
              "write for example modbus or s7comm");
      if (std::ranges::find(out, node->scalar) == out.end()) out.push_back(node->scalar);
    }
    return out;
  }

  std::vector<std::string> closed_list(YamlMap& map, std::string_view key, std::span<const std::string_view> known) {
    std::vector<std::string> out;
    for (const YamlNode* node : scalars(map, key)) {
      check_word(node->scalar, known, key, node->mark);
      if (std::find(out.begin(), out.end(), node->scalar) == out.end()) out.push_back(node->scalar);
    }
    return out;
  }

  void check_word(const std::string& word, std::span<const std::string_view> known, std::string_view key, Mark mark) {
    if (is_one_of(word, known)) return;
    std::string list;
    for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string{name};
    error(mark, "unknown-word", quoted(key) + " cannot have " + quoted(word) + did_you_mean(word, known),
          "known: " + list);
  }

  std::optional<double> number(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.take(key);
    if (node == nullptr) return {};
    const auto read = node->kind == YamlNode::Kind::scalar ? node->as_real() : std::nullopt;
    if (!read || !std::isfinite(*read) || (key == "scale" && *read == 0)) {
      error(node->mark, "wrong-type", quoted(key) + " must be a number" + (key == "scale" ? " other than 0" : ""));
      return {};
    }
    return read;
  }

  std::string shown(YamlMap& map, std::string_view key) {
    const YamlNode* node = map.take(key);
    if (node == nullptr) return {};
    std::string text = map.text(key);
    if (!is_shown_text(text))
      error(node->mark, "bad-name",
            quoted(key) + " must be one line of at most " + std::to_string(kNameBytesMax) + " bytes");
    return text;
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  RegistryFile out_;
  std::map<std::string, Mark> assets_;
  std::map<IpPrefix, Seen> networks_;
  std::map<IpAddress, Seen> addresses_;
  std::map<std::string, Seen> names_;
  std::size_t occurrences_ = 0;  // of maintenance windows
};

}  // namespace

RegistryFile read_registry(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  YamlLimits limits;
  limits.bytes_max = kRegisterBytesMax;
  limits.nodes_max = kRegisterNodesMax;
  const std::size_t before = diagnostics.errors();
  const auto documents = parse_yaml(text, file, diagnostics, limits);
  if (documents.size() != 1) {
    if (diagnostics.errors() == before)
      diagnostics.error(file, {}, "bad-document", "a register is exactly one YAML document");
    return {};
  }
  return Reader{file, diagnostics}.read(documents.front());
}

}  // namespace nw::context
