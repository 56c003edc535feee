#include "context/registry/import_netbox.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <simdjson.h>

#include "base/text.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kObjectsMax = 1'000'000, kDepthMax = 32;

// Slugs that people give to roles, besides the register's own words.
struct SlugRole {
  std::string_view slug, role;
};
constexpr auto kSlugs = std::to_array<SlugRole>({
    {"bastion", "jump"},
    {"controller", "plc"},
    {"core-router", "router"},
    {"dns-authoritative", "dns_auth"},
    {"dns-resolver", "dns_rec"},
    {"domain-controller", "dc"},
    {"edge-router", "router"},
    {"engineering-station", "ews"},
    {"engineering-workstation", "ews"},
    {"firewall", "gateway"},
    {"jump-host", "jump"},
    {"jump-server", "jump"},
    {"mail-server", "mail"},
    {"name-server", "dns_auth"},
    {"ntp-server", "ntp"},
    {"operator-station", "hmi"},
    {"protection-relay", "ied"},
    {"relay", "ied"},
    {"resolver", "dns_rec"},
    {"route-server", "bgp_rs"},
    {"safety-controller", "sis"},
    {"safety-plc", "sis"},
    {"scada-server", "scada"},
    {"time-server", "ntp"},
    {"vendor-access", "vendor_vpn"},
    {"web-server", "web"},
});
static_assert(std::ranges::is_sorted(kSlugs, {}, &SlugRole::slug));

// Prefixes of these roles are the zone that rules know as `ot`.
constexpr auto kControlNetworks =
    std::to_array<std::string_view>({"control", "control-network", "ics", "industrial", "ot", "process", "scada"});

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

std::string_view text_at(const dom::element& object, std::string_view key) {
  std::string_view out;
  return object[key].get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

// The object under a key; nothing when it is null or something else.
std::optional<dom::element> object_at(const dom::element& object, std::string_view key) {
  dom::element out;
  if (object[key].get(out) != simdjson::SUCCESS || !out.is_object()) return std::nullopt;
  return out;
}

// object.key.slug, in small letters: {"tenant": {"slug": "water-works"}}.
std::string slug_at(const dom::element& object, std::string_view key) {
  const auto inner = object_at(object, key);
  return inner ? to_ascii_lower(text_at(*inner, "slug")) : std::string{};
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '_' || c == '.';
  });
}

bool is_zone_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

class Importer {
 public:
  explicit Importer(const NetboxOptions& options) : options_{options}, ids_{options.seed} {}

  Result<> read(const NetboxText& file) {
    file_ = file.file;
    dom::parser parser{file.text.size() + simdjson::SIMDJSON_PADDING};
    if (parser.allocate(file.text.size() + simdjson::SIMDJSON_PADDING, kDepthMax) != simdjson::SUCCESS)
      return fault("the file is too large");
    dom::element root;
    if (const auto error = parser.parse(file.text).get(root); error != simdjson::SUCCESS)
      return fault(std::string{"this is no JSON: "} + simdjson::error_message(error));
    dom::array list;
    if (root.get(list) != simdjson::SUCCESS) {
      if (!root.is_object() || root["results"].get(list) != simdjson::SUCCESS)
        return fault("this is neither a list of objects nor {\"results\": [...]} of NetBox's API");
      std::string_view next;
      if (root["next"].get(next) == simdjson::SUCCESS)
        note("the export is not complete: there is a next page; ask for all with ?limit=0");
    }
    for (const dom::element object : list) {
      if (++out_.records > kObjectsMax) return fault("more than " + std::to_string(kObjectsMax) + " objects together");
      ++in_file_;
      if (!read_object(object)) ++out_.left_out;
    }
    in_file_ = 0;
    return {};
  }

  Imported finish() {
    for (const Address& address : addresses_) place(address);
    std::vector<ImportAsset> assets;
    for (auto& [key, group] : groups_) {
      ImportAsset& asset = group.asset;
      for (auto& [address, host] : group.hosts) asset.hosts.push_back(std::move(host));
      if (asset.networks.empty() && asset.hosts.empty()) continue;
      asset.operator_id = "op-" + ids_.next();
      asset.sector = options_.sector;
      asset.sector_comment = "assess: all of this import have it";
      out_.networks += asset.networks.size();
      out_.hosts += asset.hosts.size();
      assets.push_back(std::move(asset));
    }
    out_.assets = assets.size();
    out_.yaml = import_yaml({"Imported from NetBox. Before use: assess sector and class of each asset, add functions, "
                             "and the writers of each",
                             "controller. The ids are new: import once."},
                            assets, ids_);
    return std::move(out_);
  }

 private:
  struct Group {
    ImportAsset asset;
    std::map<IpAddress, ImportHost> hosts;
  };
  // One that waits until all networks are known.
  struct Address {
    ImportHost host;
    std::string group;  // empty: that of the network around it
    std::string where;
  };

  [[nodiscard]] Error fault(const std::string& what) const { return {Errc::malformed, file_ + ": " + what}; }
  [[nodiscard]] std::string where() const {
    return in_file_ == 0 ? file_ : file_ + ": object " + std::to_string(in_file_);
  }
  void note(std::string text) { out_.notes.push_back({where(), std::move(text)}); }

  bool read_object(const dom::element& object) {
    if (object.is_object()) {
      if (!text_at(object, "prefix").empty()) return read_prefix(object);
      if (!text_at(object, "address").empty()) return read_address(object);
      if (object_at(object, "device_type") || object_at(object, "primary_ip") || object_at(object, "primary_ip4") ||
          object_at(object, "primary_ip6"))
        return read_device(object);
    }
    note("left out: it is no prefix, address or device");
    return false;
  }

  // "tenant water-works" or "site north"; empty: it has neither. The group is made.
  std::string group_of(const dom::element& object) {
    for (const std::string_view kind : {"tenant", "site", "scope"}) {
      // Since NetBox 4.2 a prefix has its site as a scope, which may also be a region.
      if (kind == "scope" && text_at(object, "scope_type") != "dcim.site") continue;
      const std::string slug = slug_at(object, kind);
      if (slug.empty()) continue;
      const std::string group = std::string{kind == "tenant" ? "tenant " : "site "} + slug;
      const auto [at, fresh] = groups_.try_emplace(group);
      if (fresh) {
        at->second.asset.name = shown_name(text_at(*object_at(object, kind), "name"));
        if (at->second.asset.name.empty()) at->second.asset.name = shown_name(slug);
        at->second.asset.comments.push_back(group);
      }
      return group;
    }
    return {};
  }

  bool read_prefix(const dom::element& object) {
    const std::string_view written = text_at(object, "prefix");
    const auto prefix = IpPrefix::parse(written);
    if (!prefix) {
      note("left out: " + quoted(written) + " is no network");
      return false;
    }
    if (const std::string why = unfit(*prefix); !why.empty()) {
      note("left out: " + quoted(written) + ": " + why);
      return false;
    }
    const std::string group = group_of(object);
    if (group.empty()) {
      note("left out: prefix " + prefix->to_string() + " has neither a tenant nor a site");
      return false;
    }
    const auto [taken, fresh] = networks_.try_emplace(*prefix, group);
    if (!fresh) {
      note("left out: prefix " + prefix->to_string() + " belongs to " + taken->second +
           " already; the register has one address space");
      return false;
    }
    lengths_.insert(prefix->bits());
    ImportAsset& asset = groups_[group].asset;
    asset.networks.push_back(*prefix);
    if (const std::string role = slug_at(object, "role"); is_zone_name(role))
      asset.zones.emplace(*prefix, std::ranges::binary_search(kControlNetworks, role) ? "ot" : role);
    return true;
  }

  // "192.0.2.10/24": the address, whatever its network.
  bool parse_address(std::string_view written, IpAddress& out) {
    if (IpAddress::parse_into(written.substr(0, written.find('/')), out) && unfit(IpPrefix{out, 128}).empty())
      return true;
    note("left out: " + quoted(written) + " is no address of a host");
    return false;
  }

  bool read_address(const dom::element& object) {
    Address found;
    if (!parse_address(text_at(object, "address"), found.host.address)) return false;
    name_host(found.host, text_at(object, "dns_name"));
    found.group = group_of(object);
    found.where = where();
    addresses_.push_back(std::move(found));
    return true;
  }

  bool read_device(const dom::element& object) {
    Address found;
    const std::string_view name = text_at(object, "name");
    std::string_view written;
    for (const std::string_view key : {"primary_ip", "primary_ip4", "primary_ip6"})
      if (const auto address = object_at(object, key); address && written.empty())
        written = text_at(*address, "address");
    if (written.empty()) {
      note("left out: device " + quoted(name) + " has no primary address");
      return false;
    }
    if (!parse_address(written, found.host.address)) return false;
    name_host(found.host, name);
    // `role` since NetBox 3.6.
    std::string slug = slug_at(object, "role");
    if (slug.empty()) slug = slug_at(object, "device_role");
    if (const std::string_view role = role_of_slug(slug); !role.empty())
      found.host.roles.emplace_back(role);
    else if (!slug.empty())
      add_comment(found.host, "role in NetBox: " + slug);
    found.group = group_of(object);
    found.where = where();
    addresses_.push_back(std::move(found));
    return true;
  }

  static void add_comment(ImportHost& host, const std::string& text) {
    host.comment += (host.comment.empty() ? "" : "; ") + text;
  }

  static void name_host(ImportHost& host, std::string_view name) {
    if (is_host_name(name))
      host.name = name;
    else if (!name.empty())
      add_comment(host, "name in NetBox: " + printable(name, 128));
  }

  // An address and a device that has it are one host.
  void place(const Address& found) {
    std::string group = found.group;
    if (const auto at = placed_.find(found.host.address); at != placed_.end()) {
      if (!group.empty() && group != at->second)
        out_.notes.push_back({found.where, "host " + found.host.address.to_string() + " stays with " + at->second +
                                               ": the register has one address space"});
      group = at->second;
    }
    if (group.empty()) group = around(found.host.address);
    if (group.empty()) {
      out_.notes.push_back({found.where, "left out: host " + found.host.address.to_string() +
                                             " has neither a tenant nor a site, and lies in no prefix"});
      ++out_.left_out;
      return;
    }
    placed_.emplace(found.host.address, group);
    ImportHost& host = groups_[group].hosts[found.host.address];
    host.address = found.host.address;
    if (!found.host.comment.empty()) add_comment(host, found.host.comment);
    if (!found.host.name.empty() && host.name.empty()) {
      if (names_.insert(to_ascii_lower(found.host.name)).second)
        host.name = found.host.name;
      else
        add_comment(host, "name in NetBox, which another host has: " + found.host.name);
    } else if (!found.host.name.empty() && to_ascii_lower(host.name) != to_ascii_lower(found.host.name)) {
      add_comment(host, "name in NetBox: " + found.host.name);
    }
    for (const std::string& role : found.host.roles)
      if (std::ranges::find(host.roles, role) == host.roles.end()) host.roles.push_back(role);
  }

  // Of the longest prefix that holds the address.
  [[nodiscard]] std::string around(const IpAddress& address) const {
    for (const unsigned bits : lengths_)
      if (const auto at = networks_.find(IpPrefix{address, bits}); at != networks_.end()) return at->second;
    return {};
  }

  const NetboxOptions& options_;
  OpaqueIds ids_;
  Imported out_;
  std::string file_;
  std::size_t in_file_ = 0;
  std::map<std::string, Group> groups_;
  std::map<IpPrefix, std::string> networks_;    // to the group
  std::set<unsigned, std::greater<>> lengths_;  // of those
  std::vector<Address> addresses_;
  std::map<IpAddress, std::string> placed_;
  std::set<std::string> names_;
};

}  // namespace

std::string_view role_of_slug(std::string_view slug) {
  std::string word{slug};
  std::ranges::replace(word, '-', '_');
  const auto own = std::ranges::lower_bound(roles(), std::string_view{word});
  if (own != roles().end() && *own == word) return *own;
  const auto at = std::ranges::lower_bound(kSlugs, slug, {}, &SlugRole::slug);
  return at != kSlugs.end() && at->slug == slug ? at->role : std::string_view{};
}

Result<Imported> import_netbox(std::span<const NetboxText> files, const NetboxOptions& options) {
  Importer importer{options};
  for (const NetboxText& file : files)
    if (const auto read = importer.read(file); !read) return read.error();
  return importer.finish();
}

}  // namespace nw::context
