// What stands behind an asset: what it depends on, the products in use there, whom to ask, by which act it is
// designated.
#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "context/registry/reader.h"
#include "context/registry/vocabulary.h"

namespace nw::context {

namespace {

// CVE-2026-12345: a year and a number of 4 to 19 digits (cve.org's record format).
bool is_cve(std::string_view id) {
  if (!id.starts_with("CVE-") || id.size() < 13 || id.size() > 28 || id[8] != '-') return false;
  return std::all_of(id.begin() + 4, id.begin() + 8, ascii_digit) && std::all_of(id.begin() + 9, id.end(), ascii_digit);
}

}  // namespace

void RegisterReader::read_dependency(const YamlNode& node, Asset& asset) {
  YamlMap map{node, "a dependency", file_, diagnostics_};
  if (!map.ok()) return;
  Dependency need;
  const YamlNode* on = map.require("on");
  need.on = map.text("on");
  need.mark = on == nullptr ? map.mark() : on->mark;
  if (map.require("kind") != nullptr) need.kind = dependency_kinds()[map.choice("kind", 0, dependency_kinds())];
  need.buffer_minutes = map.integer("buffer_minutes", 0, 0, kBufferMinutesMax);
  const YamlNode* strength = map.take("strength");
  need.strength = number(map, "strength").value_or(1);
  if (strength != nullptr && (need.strength < 0 || need.strength > 1))
    error(strength->mark, "bad-limits", "'strength' is from 0 to 1", "1: without it nothing of the function is left");
  if (const YamlNode* group = map.take("group"); group != nullptr) {
    need.group = map.text("group");
    if (!is_word(need.group, "-_"))
      error(group->mark, "bad-name", quoted(need.group) + " cannot be a group's name",
            "any word that the alternatives share, for example feed");
  }
  map.finish();
  if (on == nullptr) return;
  if (need.on == asset.id)
    return error(need.mark, "bad-dependency", "asset " + quoted(asset.id) + " cannot depend on itself",
                 "leave it out: what it does is lost with it anyway");
  const auto same = [&need](const Dependency& other) { return other.on == need.on; };
  if (const auto first = std::ranges::find_if(asset.dependencies, same); first != asset.dependencies.end())
    return error(need.mark, "duplicate-dependency",
                 "asset " + quoted(asset.id) + " already depends on " + quoted(need.on) + ", line " +
                     std::to_string(first->mark.line),
                 "keep the one with the shorter buffer");
  asset.dependencies.push_back(std::move(need));
}

std::vector<Product> RegisterReader::read_products(YamlMap& map) {
  std::vector<Product> out;
  const YamlNode* list = list_of(map, "products", kProductsMax, "name what advisories are about, not every package");
  if (list == nullptr) return out;
  for (const YamlNode& item : list->items) out.push_back(read_product(item));
  return out;
}

Product RegisterReader::read_product(const YamlNode& node) {
  Product product;
  YamlMap map{node, "a product", file_, diagnostics_};
  if (!map.ok()) return product;
  product.vendor = require_shown(map, "vendor", "a product needs its vendor, as advisories write it");
  product.product = require_shown(map, "product", "a product needs its name, as advisories write it");
  product.version = shown(map, "version");
  const YamlNode* remedied = map.take("remedied");
  for (const YamlNode* id : scalars(map, "remedied")) {
    if (!is_cve(id->scalar))
      error(id->mark, "bad-name", quoted(id->scalar) + " is no CVE id", "write for example CVE-2026-12345");
    if (std::ranges::find(product.remedied, id->scalar) == product.remedied.end())
      product.remedied.push_back(id->scalar);
    if (product.remedied.size() <= kRemediedMax) continue;
    error(remedied->mark, "too-many", "'remedied' can be at most " + std::to_string(kRemediedMax),
          "state the 'version' that is in use: what it is too new for needs no mention");
    break;
  }
  map.finish();
  return product;
}

void RegisterReader::read_contact(const YamlNode& node, Asset& asset) {
  YamlMap map{node, "a contact", file_, diagnostics_};
  if (!map.ok()) return;
  asset.contact.poc = require_shown(map, "poc", "a contact needs whom to ask, as an id of yours");
  if (map.take("tlp") != nullptr) asset.contact.tlp = tlp_labels()[map.choice("tlp", 0, tlp_labels())];
  map.finish();
}

void RegisterReader::read_basis(const YamlNode& node, Asset& asset) {
  YamlMap map{node, "a basis", file_, diagnostics_};
  if (!map.ok()) return;
  asset.basis.act = require_shown(map, "act", "a basis needs the act of designation");
  asset.basis.from = read_day(map, "from");
  asset.basis.until = read_day(map, "until");
  map.finish();
  if (!asset.basis.from.empty() && !asset.basis.until.empty() && asset.basis.until < asset.basis.from)
    error(map.mark(), "bad-limits", "the basis ends on " + asset.basis.until + ", before it begins");
}

// A day, or nothing when it is open: the key is absent or null.
std::string RegisterReader::read_day(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.take(key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return {};
  std::string day = map.text(key);
  if (day.size() == 10 && parse_rfc3339(day + "T00:00:00Z")) return day;
  if (node->kind == YamlNode::Kind::scalar)
    error(node->mark, "bad-day", quoted(day) + " is no day",
          "write for example 2026-01-01; leave it out if it is open");
  return {};
}

}  // namespace nw::context
