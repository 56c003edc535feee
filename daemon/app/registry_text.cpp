#include "app/registry_text.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "context/registry/impact.h"

namespace nw::app {

namespace {

namespace json = boost::json;
using context::Asset;
using context::Dependency;
using context::Host;
using context::LostAsset;
using context::Product;

std::string shown(std::string_view text) { return printable(text, 512); }

template <class List, class Text>
std::string join(const List& list, Text text, std::string_view comma = ", ") {
  std::string out;
  for (const auto& item : list) {
    if (!out.empty()) out += comma;
    out += text(item);
  }
  return out;
}
std::string join(const std::vector<std::string>& words) { return join(words, shown); }

void line(std::string& out, std::string_view key, const std::string& value) {
  if (value.empty()) return;
  std::string left = "  " + std::string{key} + ':';
  left.resize(17, ' ');
  out += left + value + '\n';
}

// "45 min", "4 h", "2 d 3 h".
std::string minutes_text(std::int64_t minutes) {
  if (minutes < 120) return std::to_string(minutes) + " min";
  std::string out;
  const auto add = [&out](std::int64_t count, const char* unit) {
    if (count != 0) out += (out.empty() ? "" : " ") + std::to_string(count) + unit;
  };
  add(minutes / 1440, " d");
  add(minutes % 1440 / 60, " h");
  add(minutes % 60, " min");
  return out;
}

std::string called(const Asset& asset) { return asset.id + (asset.name.empty() ? "" : " (" + shown(asset.name) + ')'); }

std::string product_text(const Product& product) {
  std::string out = shown(product.vendor);
  for (const std::string& word : {product.product, product.version})
    if (!word.empty()) out += (out.empty() ? "" : " ") + shown(word);
  if (!product.remedied.empty()) out += ", remedied: " + join(product.remedied);
  return out;
}

std::string prefixes_text(const std::vector<IpPrefix>& prefixes) {
  // One address is written as one.
  return join(prefixes, [](const IpPrefix& prefix) {
    return prefix.bits() == 128 ? prefix.address().to_string() : prefix.to_string();
  });
}

std::string host_text(const Host& host) {
  std::string out = host.address.to_string();
  if (!host.name.empty()) out += ' ' + shown(host.name);
  out += host.roles.empty() ? ": no role" : ": " + join(host.roles);
  if (!host.protocols.empty()) out += "; answers in " + join(host.protocols);
  if (!host.writers.empty()) out += "; commands from " + prefixes_text(host.writers);
  if (context::is_controller(host) && host.writers.empty()) out += "; commands from whom is not stated";
  std::string device;
  for (std::size_t i = 0; i < context::kDeviceFacts.size(); ++i) {
    if (host.device[i].empty()) continue;
    std::string key{context::kDeviceFacts[i]};
    std::ranges::replace(key, '_', ' ');
    device += (device.empty() ? "" : ", ") + key + ' ' + shown(host.device[i]);
  }
  if (!device.empty()) out += "; " + device;
  if (!host.products.empty()) out += "; runs " + join(host.products, product_text, "; ");
  if (!host.points.empty())
    out += "; " + std::to_string(host.points.size()) + (host.points.size() == 1 ? " point" : " points");
  return out;
}

std::string dependency_text(const RegisterView& view, const Dependency& need) {
  const Asset* other = view.registry.find_asset(need.on);
  std::string out = other == nullptr ? need.on : called(*other);
  if (other != nullptr) out += ", " + other->sector;
  if (!need.kind.empty()) out += ", " + need.kind;
  out += need.buffer_minutes == 0 ? ": lost with it" : ": lost " + minutes_text(need.buffer_minutes) + " after it";
  if (!need.group.empty()) out += ", unless another of group '" + need.group + "' stands";
  return out;
}

std::string lost_text(const LostAsset& lost, const Asset& from) {
  std::string out = (lost.minutes == 0 ? "at once" : "in " + minutes_text(lost.minutes)) + ": " + called(*lost.asset) +
                    ", " + lost.asset->sector;
  if (!lost.asset->functions.empty()) out += ", " + join(lost.asset->functions);
  if (lost.via != nullptr && lost.via != &from) out += "; through " + lost.via->id;
  return out;
}

// The next occurrence that begins after `at`, or null.
const context::MaintenanceWindow::Occurrence* next_after(const context::MaintenanceWindow& window, Timestamp at) {
  const auto& all = window.occurrences();
  const auto next = std::ranges::upper_bound(all, at, {}, &context::MaintenanceWindow::Occurrence::start);
  return next == all.end() ? nullptr : &*next;
}

std::string work_text(const context::Maintenance& work, Timestamp at) {
  std::string out = shown(work.ticket);
  if (const auto* open = work.window.open(at))
    out += ": open until " + to_rfc3339(open->end, 0);
  else if (const auto* next = next_after(work.window, at))
    out += ": next from " + to_rfc3339(next->start, 0) + " to " + to_rfc3339(next->end, 0);
  else
    out += ": over";
  if (!work.stations.empty()) out += ", from " + prefixes_text(work.stations);
  return out;
}

std::string basis_text(const Asset& asset, Timestamp at) {
  std::string out = shown(asset.basis.act);
  if (!asset.basis.from.empty()) out += (out.empty() ? "from " : ", from ") + asset.basis.from;
  if (!asset.basis.until.empty()) out += (out.empty() ? "until " : ", until ") + asset.basis.until;
  if (basis_over(asset, at)) out += " (over)";
  return out;
}

std::string contact_text(const context::Contact& contact) {
  std::string out = shown(contact.poc);
  if (!contact.tlp.empty()) out += (out.empty() ? "TLP:" : ", TLP:") + contact.tlp;
  return out;
}

json::array list(const std::vector<std::string>& words) {
  json::array out;
  for (const std::string& word : words) out.emplace_back(word);
  return out;
}
json::array list(const std::vector<IpPrefix>& prefixes) {
  json::array out;
  for (const IpPrefix& prefix : prefixes) out.emplace_back(prefix.to_string());
  return out;
}
json::array list(const std::vector<Product>& products) {
  json::array out;
  for (const Product& product : products)
    out.push_back(json::object{{"vendor", product.vendor},
                               {"product", product.product},
                               {"version", product.version},
                               {"remedied", list(product.remedied)}});
  return out;
}

json::object host_object(const Host& host) {
  json::object out{{"address", host.address.to_string()}, {"name", host.name},
                   {"roles", list(host.roles)},           {"writers", list(host.writers)},
                   {"protocols", list(host.protocols)},   {"products", list(host.products)},
                   {"points", host.points.size()}};
  json::object device;
  for (std::size_t i = 0; i < context::kDeviceFacts.size(); ++i)
    if (!host.device[i].empty()) device[context::kDeviceFacts[i]] = host.device[i];
  out["device"] = std::move(device);
  return out;
}

json::object asset_object(const RegisterView& view, const Asset& asset) {
  json::object out{
      {"asset", asset.id},
      {"name", asset.name},
      {"file", asset.file},
      {"line", asset.mark.line},
      {"operator", asset.operator_id},
      {"location", asset.location},
      {"sector", asset.sector},
      {"functions", list(asset.functions)},
      {"class", json::object{{"a", asset.availability}, {"i", asset.integrity}, {"c", asset.confidentiality}}},
      {"flags", list(asset.flags)},
      {"disclosure", asset.disclosure},
      {"networks", list(asset.networks)},
      {"products", list(asset.products)},
      {"contact", json::object{{"poc", asset.contact.poc}, {"tlp", asset.contact.tlp}}},
      {"basis", json::object{{"act", asset.basis.act},
                             {"from", asset.basis.from},
                             {"until", asset.basis.until},
                             {"over", basis_over(asset, view.at)}}}};
  json::array zones, hosts, needs, lost, work;
  for (const Asset::Zone& zone : asset.zones)
    zones.push_back(json::object{{"network", zone.network.to_string()}, {"name", zone.name}});
  for (const Host& host : asset.hosts) hosts.push_back(host_object(host));
  for (const Dependency& need : asset.dependencies)
    needs.push_back(json::object{{"on", need.on},
                                 {"kind", need.kind},
                                 {"buffer_minutes", need.buffer_minutes},
                                 {"strength", need.strength},
                                 {"group", need.group}});
  for (const LostAsset& one : view.registry.impact(asset, {}))
    lost.push_back(json::object{
        {"asset", one.asset->id}, {"minutes", one.minutes}, {"via", one.via == nullptr ? "" : one.via->id}});
  for (const context::Maintenance& one : asset.maintenance) {
    json::object window{{"ticket", one.ticket}, {"stations", list(one.stations)}};
    if (const auto* open = one.window.open(view.at)) window["open_until"] = to_rfc3339(open->end, 0);
    if (const auto* next = next_after(one.window, view.at)) window["next"] = to_rfc3339(next->start, 0);
    work.push_back(std::move(window));
  }
  out["zones"] = std::move(zones);
  out["hosts"] = std::move(hosts);
  out["dependencies"] = std::move(needs);
  out["impact"] = std::move(lost);
  out["maintenance"] = std::move(work);
  return out;
}

}  // namespace

std::string asset_text(const RegisterView& view, const Asset& asset) {
  std::string out = "asset " + called(asset) + '\n';
  const taxonomy::Sector* sector = view.sectors.find(asset.sector);
  line(out, "stands in", asset.file + ':' + std::to_string(asset.mark.line));
  line(out, "sector", asset.sector + (sector == nullptr ? "" : ": " + shown(sector->scope)));
  line(out, "operator", shown(asset.operator_id));
  line(out, "location", shown(asset.location));
  line(out, "functions", join(asset.functions));
  line(out, "class",
       "availability " + asset.availability + ", integrity " + asset.integrity + ", confidentiality " +
           asset.confidentiality);
  line(out, "flags", join(asset.flags));
  line(out, "disclosure", asset.disclosure + (asset.secret() ? ": do not pass this on" : ""));
  line(out, "basis", basis_text(asset, view.at));
  line(out, "contact", contact_text(asset.contact));
  line(out, "networks", prefixes_text(asset.networks));
  line(out, "zones",
       join(asset.zones, [](const Asset::Zone& zone) { return zone.network.to_string() + ' ' + zone.name; }));
  for (const Product& product : asset.products) line(out, "product", product_text(product));
  for (const Host& host : asset.hosts) line(out, "host", host_text(host));
  for (const Dependency& need : asset.dependencies) line(out, "needs", dependency_text(view, need));
  for (const LostAsset& lost : view.registry.impact(asset, {})) line(out, "if it fails", lost_text(lost, asset));
  for (const context::Maintenance& work : asset.maintenance) line(out, "maintenance", work_text(work, view.at));
  return out;
}

std::string address_text(const RegisterView& view, const IpAddress& address) {
  const context::Registry::Found found = view.registry.find(address);
  std::string out = "address " + address.to_string() + '\n';
  line(out, "territory", std::string{context::Registry::territory(found, address)});
  if (!found) {
    out += "  It belongs to no asset of the register.\n";
    return out;
  }
  line(out, "zone", std::string{found.zone});
  line(out, "host",
       found.host == nullptr ? "none of the register's: only its network is known" : host_text(*found.host));
  return out + '\n' + asset_text(view, *found.asset);
}

std::string asset_json(const RegisterView& view, const Asset& asset) {
  return json::serialize(asset_object(view, asset));
}

std::string address_json(const RegisterView& view, const IpAddress& address) {
  const context::Registry::Found found = view.registry.find(address);
  json::object out{{"address", address.to_string()},
                   {"territory", context::Registry::territory(found, address)},
                   {"zone", found.zone}};
  if (found.host != nullptr) out["host"] = host_object(*found.host);
  if (found) out["asset"] = asset_object(view, *found.asset);
  return json::serialize(out);
}

std::string circle_text(const std::vector<const Asset*>& circle) {
  return join(circle, [](const Asset* asset) { return asset->id; });
}

std::string summary_text(const context::Registry& registry) {
  const context::RegisterSummary sum = context::summarise(registry);
  const auto counts = [](const std::map<std::string, std::size_t>& by) {
    return join(by, [](const auto& one) { return one.first + ' ' + std::to_string(one.second); });
  };
  std::string out = "assets: " + std::to_string(sum.assets) +
                    (sum.secret == 0 ? "" : ", of which secret " + std::to_string(sum.secret)) + '\n';
  line(out, "by class", counts(sum.by_class));
  line(out, "by sector", counts(sum.by_sector));
  out += "prefixes: " + std::to_string(sum.prefixes) + ", of which networks of assets " + std::to_string(sum.networks) +
         ", hosts " + std::to_string(sum.hosts) + '\n';
  out += "controllers: " + std::to_string(sum.with_writers + sum.without_writers) + ", of which with writers " +
         std::to_string(sum.with_writers) + ", without " + std::to_string(sum.without_writers) + '\n';
  out += "dependencies: " + std::to_string(sum.dependencies) + '\n';
  for (const auto& circle : context::dependency_circles(registry))
    line(out, "circle", circle_text(circle) + " (they need each other; no fault)");
  out += "assets that do not state their: " + counts(sum.not_stated) + '\n';
  return out;
}

std::string summary_json(const context::Registry& registry, const Diagnostics& diagnostics) {
  const context::RegisterSummary sum = context::summarise(registry);
  const auto counts = [](const std::map<std::string, std::size_t>& by) {
    json::object out;
    for (const auto& [key, count] : by) out[key] = count;
    return out;
  };
  json::array circles;
  for (const auto& circle : context::dependency_circles(registry)) {
    json::array ids;
    for (const Asset* asset : circle) ids.emplace_back(asset->id);
    circles.push_back(std::move(ids));
  }
  return json::serialize(json::object{{"assets", sum.assets},
                                      {"secret", sum.secret},
                                      {"by_class", counts(sum.by_class)},
                                      {"by_sector", counts(sum.by_sector)},
                                      {"prefixes", sum.prefixes},
                                      {"networks", sum.networks},
                                      {"hosts", sum.hosts},
                                      {"controllers_with_writers", sum.with_writers},
                                      {"controllers_without_writers", sum.without_writers},
                                      {"dependencies", sum.dependencies},
                                      {"circles", std::move(circles)},
                                      {"not_stated", counts(sum.not_stated)},
                                      {"errors", diagnostics.errors()},
                                      {"warnings", diagnostics.all().size() - diagnostics.errors()}});
}

}  // namespace nw::app
