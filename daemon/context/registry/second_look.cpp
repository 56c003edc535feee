#include "context/registry/second_look.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace nw::context {

namespace {

constexpr auto kCodes = std::to_array<std::string_view>(
    {"basis-over", "host-no-role", "maintenance-over", "sector-deprecated", "writers-missing"});
static_assert(std::ranges::is_sorted(kCodes));

constexpr std::size_t kAddressesShown = 3;

// "192.0.2.1, 192.0.2.2, 192.0.2.3 and 4 more"
std::string addresses(const std::vector<const Host*>& hosts) {
  std::string out;
  for (std::size_t i = 0; i < std::min(hosts.size(), kAddressesShown); ++i)
    out += (i == 0 ? "" : ", ") + hosts[i]->address.to_string();
  if (hosts.size() > kAddressesShown) out += " and " + std::to_string(hosts.size() - kAddressesShown) + " more";
  return out;
}

class Look {
 public:
  Look(const taxonomy::Sectors& sectors, Timestamp now, Diagnostics& diagnostics)
      : sectors_{sectors}, now_{now}, diagnostics_{diagnostics} {}

  void at(const Asset& asset) {
    if (basis_over(asset, now_))
      warn(asset, "basis-over", "the designation of asset '" + asset.id + "' ended with " + asset.basis.until,
           "renew 'basis', or take the asset out");
    const auto over = [this](const Maintenance& work) {
      const auto& all = work.window.occurrences();
      return all.empty() || all.back().end <= now_;
    };
    if (!asset.maintenance.empty() && std::ranges::all_of(asset.maintenance, over))
      warn(asset, "maintenance-over", "every maintenance window of asset '" + asset.id + "' is over",
           "take them out, or plan the next one");
    if (const taxonomy::Sector* sector = sectors_.find(asset.sector);
        sector != nullptr && !sector->deprecated_since.empty())
      warn(asset, "sector-deprecated",
           "sector '" + asset.sector + "' of asset '" + asset.id + "' is deprecated since " + sector->deprecated_since,
           "write " + sector->use);
    std::vector<const Host*> idle, open;
    for (const Host& host : asset.hosts) {
      if (host.roles.empty()) idle.push_back(&host);
      if (is_controller(host) && host.writers.empty()) open.push_back(&host);
    }
    if (!idle.empty())
      warn(asset, "host-no-role", "hosts of asset '" + asset.id + "' have no role: " + addresses(idle),
           "rules that look for a role do not see them");
    if (!open.empty())
      warn(asset, "writers-missing",
           "controllers of asset '" + asset.id + "' do not say who may command them: " + addresses(open),
           "without 'writers' a command from a stranger is not told from one of the control room");
  }

 private:
  void warn(const Asset& asset, std::string_view code, std::string text, std::string hint) {
    diagnostics_.warning(asset.file, asset.mark, code, std::move(text), std::move(hint));
  }

  const taxonomy::Sectors& sectors_;
  Timestamp now_;
  Diagnostics& diagnostics_;
};

// Tarjan's strongly connected components, without recursion: a register's chain may be as long as the register.
class Circles {
 public:
  explicit Circles(const Registry& registry) : assets_{registry.assets()}, marks_(assets_.size()) {
    for (std::size_t i = 0; i < assets_.size(); ++i) numbers_.emplace(assets_[i].id, i);
    for (std::size_t i = 0; i < assets_.size(); ++i)
      if (marks_[i].order == 0) search(i);
  }

  std::vector<std::vector<const Asset*>> found;

 private:
  struct Node {
    std::size_t order = 0, lowest = 0, next = 0;  // order 0: not seen
    bool open = false;
  };

  void enter(std::size_t at) {
    marks_[at].order = marks_[at].lowest = ++count_;
    marks_[at].open = true;
    open_.push_back(at);
    path_.push_back(at);
  }

  void search(std::size_t root) {
    enter(root);
    while (!path_.empty()) {
      const std::size_t at = path_.back();
      Node& node = marks_[at];
      if (node.next < assets_[at].dependencies.size()) {
        const auto on = numbers_.find(assets_[at].dependencies[node.next++].on);
        if (on == numbers_.end()) continue;
        const Node& other = marks_[on->second];
        if (other.order == 0)
          enter(on->second);
        else if (other.open)
          node.lowest = std::min(node.lowest, other.order);
        continue;
      }
      path_.pop_back();
      if (!path_.empty()) marks_[path_.back()].lowest = std::min(marks_[path_.back()].lowest, node.lowest);
      if (node.lowest == node.order) close(at);
    }
  }

  void close(std::size_t first) {
    std::vector<const Asset*> group;
    for (std::size_t at = assets_.size(); at != first;) {
      at = open_.back();
      open_.pop_back();
      marks_[at].open = false;
      group.push_back(&assets_[at]);
    }
    if (group.size() > 1) found.push_back(std::move(group));
  }

  const std::vector<Asset>& assets_;
  std::vector<Node> marks_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::vector<std::size_t> open_, path_;
  std::size_t count_ = 0;
};

}  // namespace

std::span<const std::string_view> second_look_codes() { return kCodes; }

void second_look(const Registry& registry, const taxonomy::Sectors& sectors, Timestamp now, Diagnostics& diagnostics) {
  Look look{sectors, now, diagnostics};
  for (const Asset& asset : registry.assets()) look.at(asset);
}

std::vector<std::vector<const Asset*>> dependency_circles(const Registry& registry) {
  Circles circles{registry};
  for (auto& group : circles.found) std::ranges::sort(group, {}, &Asset::id);
  std::ranges::sort(circles.found, {}, [](const auto& group) { return group.front()->id; });
  return std::move(circles.found);
}

RegisterSummary summarise(const Registry& registry) {
  RegisterSummary out;
  out.assets = registry.assets().size();
  out.prefixes = registry.prefix_count();
  for (const std::string_view key : {"basis", "contact", "dependencies", "location", "operator", "products"})
    out.not_stated.emplace(key, 0);
  const auto count = [&out](const char* key, bool stated) {
    if (!stated) ++out.not_stated[key];
  };
  for (const Asset& asset : registry.assets()) {
    ++out.by_class[std::string{asset.highest_class()}];
    ++out.by_sector[asset.sector];
    out.networks += asset.networks.size();
    out.hosts += asset.hosts.size();
    out.dependencies += asset.dependencies.size();
    if (asset.secret()) ++out.secret;
    bool products = !asset.products.empty();
    for (const Host& host : asset.hosts) {
      products = products || !host.products.empty();
      if (is_controller(host)) ++(host.writers.empty() ? out.without_writers : out.with_writers);
    }
    count("basis", !asset.basis.act.empty() || !asset.basis.from.empty() || !asset.basis.until.empty());
    count("contact", !asset.contact.poc.empty() || !asset.contact.tlp.empty());
    count("dependencies", !asset.dependencies.empty());
    count("location", !asset.location.empty());
    count("operator", !asset.operator_id.empty());
    count("products", products);
  }
  return out;
}

bool is_controller(const Host& host) {
  static constexpr auto kControllers = std::to_array<std::string_view>({"ied", "plc", "rtu", "sis"});
  return std::ranges::any_of(host.roles,
                             [](const std::string& role) { return std::ranges::binary_search(kControllers, role); });
}

}  // namespace nw::context
