// An asset of the register: who it is, how bad its loss is, its networks and zones, its planned work.
#include <algorithm>

#include "base/text.h"
#include "context/registry/reader.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

void RegisterReader::read_asset(const YamlNode& node) {
  YamlMap map{node, "an asset", file_, diagnostics_};
  if (!map.ok()) return;
  Asset asset;
  asset.file = file_;
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
  read_domains(map, asset);
  if (const YamlNode* zones = map.take("zones"); zones != nullptr) read_zones(*zones, asset);
  if (const YamlNode* list = list_of(map, "maintenance", kMaintenanceMax,
                                     "a recurring window stands once, with 'rrule'; leave out those that are over"))
    for (const YamlNode& item : list->items) read_maintenance(item, asset);
  if (const YamlNode* list = list_of(map, "dependencies", kDependenciesMax,
                                     "an asset that needs so much is several: divide it by function"))
    for (const YamlNode& item : list->items) read_dependency(item, asset);
  asset.products = read_products(map);
  if (const YamlNode* contact = map.take("contact"); contact != nullptr) read_contact(*contact, asset);
  if (const YamlNode* basis = map.take("basis"); basis != nullptr) read_basis(*basis, asset);
  map.finish();
  if (asset.networks.empty() && asset.hosts.empty())
    error(asset.mark, "empty-asset", "asset " + quoted(asset.id) + " has neither a network nor a host",
          "without an address nothing can be recognised as its own");
  out_.assets.push_back(std::move(asset));
}

void RegisterReader::read_identity(YamlMap& map, Asset& asset) {
  const YamlNode* id = map.require("asset");
  asset.id = map.text("asset");
  if (id != nullptr) {
    if (asset.id.size() > 32 || !is_word(asset.id, "-"))
      error(id->mark, "bad-id", quoted(asset.id) + " cannot be an asset's id",
            "1 to 32 of a-z, 0-9 and '-'; opaque, because alerts carry it to others: neither a name nor an address");
    else if (asset.id == kUndisclosed)
      error(id->mark, "bad-id", quoted(asset.id) + " cannot be an asset's id: alerts about secret assets say it",
            "choose another one");
    else if (const auto [at, fresh] = assets_.try_emplace(asset.id, Seen{asset.id, file_, id->mark}); !fresh)
      error(id->mark, "duplicate-asset",
            "asset " + quoted(asset.id) + " stands twice, first in" + place(at->second).substr(1));
  }
  asset.name = shown(map, "name");
  asset.operator_id = shown(map, "operator");
  const YamlNode* sector = map.require("sector");
  asset.sector = map.text("sector");
  if (sector != nullptr) check_word(asset.sector, sectors_, "sector", sector->mark);
  for (const YamlNode* node : scalars(map, "functions")) {
    asset.functions.push_back(node->scalar);
    if (!is_word(node->scalar, "-"))
      error(node->mark, "bad-name", quoted(node->scalar) + " cannot be a function", "write for example supply-water");
  }
  asset.disclosure = disclosures()[map.choice("disclosure", 1, disclosures())];
  if (const YamlNode* location = map.take("location"); location != nullptr) {
    asset.location = map.text("location");
    if (!is_location(asset.location))
      error(location->mark, "bad-location", quoted(asset.location) + " is no code of ISO 3166",
            "write a country (AT) or a part of one (AT-9), in capitals");
  }
}

void RegisterReader::read_class(YamlMap& map, Asset& asset) {
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

void RegisterReader::read_maintenance(const YamlNode& node, Asset& asset) {
  YamlMap map{node, "a maintenance window", file_, diagnostics_};
  if (!map.ok()) return;
  Maintenance work;
  work.ticket = require_shown(map, "ticket", "a maintenance window needs the change ticket that it belongs to");
  const YamlNode* start = map.require("start");
  const std::string first = map.text("start"), zone = map.text("timezone"), rule = map.text("rrule");
  MaintenanceText text{first, zone, rule, 0};
  if (map.require("minutes") != nullptr) text.minutes = map.integer("minutes", 1, 1, kWindowMinutesMax);
  work.stations = few_networks(map, "stations");
  map.finish();
  if (start == nullptr || text.minutes == 0) return;
  auto window = MaintenanceWindow::make(text);
  if (!window)
    return error(start->mark, "bad-window", "the window of ticket " + quoted(work.ticket) + ": " + window.error().what);
  work.window = std::move(*window);
  occurrences_ += work.window.occurrences().size();
  if (occurrences_ > kOccurrencesTotalMax)
    return error(start->mark, "too-many",
                 "the register's windows happen more than " + std::to_string(kOccurrencesTotalMax) + " times together",
                 "end recurring ones with COUNT or UNTIL in 'rrule'");
  if (work.window.goes_on())
    diagnostics_.warning(file_, start->mark, "window-horizon",
                         "the window of ticket " + quoted(work.ticket) + " is followed until " +
                             to_rfc3339(work.window.occurrences().back().end, 0) + " only",
                         "move 'start' forward before then, or end it with COUNT or UNTIL in 'rrule'");
  asset.maintenance.push_back(std::move(work));
}

// An alert about a name that looks like one of these says which, so a secret asset has none.
void RegisterReader::read_domains(YamlMap& map, const Asset& asset) {
  for (const YamlNode* node : scalars(map, "domains")) {
    const std::string domain = to_ascii_lower(node->scalar);
    if (!is_domain(domain)) {
      error(node->mark, "bad-name", quoted(node->scalar) + " cannot be a domain",
            "write for example cert.example: two labels or more, at most " + std::to_string(kAssetDomainBytesMax) +
                " bytes; letters of other alphabets as xn--");
      continue;
    }
    const auto [at, fresh] = domains_.try_emplace(domain, Seen{asset.id, file_, node->mark});
    if (!fresh)
      error(node->mark, "duplicate-name",
            "domain " + quoted(domain) + " already belongs to asset " + quoted(at->second.asset) + place(at->second));
    if (asset.secret())
      error(node->mark, "secret-domain", "asset " + quoted(asset.id) + " is secret, and alerts would name its domains",
            "leave 'domains' out, or choose another 'disclosure'");
    if (domains_.size() == kDomainsMax + 1 && fresh)
      error(node->mark, "too-many", "the register has more than " + std::to_string(kDomainsMax) + " domains",
            "list those that people know; names below them are meant, too");
    out_.domains.emplace_back(domain, out_.assets.size());
  }
}

void RegisterReader::read_zones(const YamlNode& node, Asset& asset) {
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
      error(key.mark, "zone-outside", "zone " + network->to_string() + " is in no network of asset " + quoted(asset.id),
            "list its network under 'networks'");
    const auto same = [&network](const Asset::Zone& zone) { return zone.network == *network; };
    if (std::any_of(asset.zones.begin(), asset.zones.end(), same))
      error(key.mark, "duplicate-network", "zone " + network->to_string() + " stands twice");
    asset.zones.push_back({*network, value.scalar});
  }
}

void RegisterReader::claim_networks(const YamlNode& list, const Asset& asset) {
  for (const YamlNode& item : list.items) {
    const auto network = IpPrefix::parse(item.scalar);
    if (!network) continue;  // reported
    const auto [at, fresh] = networks_.try_emplace(*network, Seen{asset.id, file_, item.mark});
    if (!fresh)
      error(item.mark, "duplicate-network",
            "network " + network->to_string() + " already belongs to asset " + quoted(at->second.asset) +
                place(at->second),
            "give one of them a longer prefix: the longest one wins");
  }
}

}  // namespace nw::context
