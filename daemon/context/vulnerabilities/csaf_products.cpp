#include "context/vulnerabilities/csaf_products.h"

#include <algorithm>

#include "base/text.h"

namespace nw::vulnerabilities {

namespace {

constexpr std::size_t kDepthMax = 30, kIdBytesMax = 256, kOrdersMax = 64, kCpesMax = 4;

Error malformed(std::string what) { return {Errc::malformed, std::move(what)}; }

void add_helper(JsonElement product, AdvisoryProduct& out) {
  const auto add_cpe = [&out](std::string_view text) {
    const auto cpe = parse_cpe(text);
    if (!cpe) return;
    if (out.vendor.empty()) out.vendor = vendor_key(cpe->vendor);
    ProductName name{cpe->product};
    if (!name.empty() && out.names.size() < kCpesMax) out.names.push_back(std::move(name));
    if (out.versioned || cpe->version.empty()) return;
    out.versions = VersionSet::exact(cpe->version);
    out.versioned = true;
  };
  add_cpe(text_at(product, "product_identification_helper", "cpe"));
  for (const std::string_view list : {"model_numbers", "skus"})
    each_at(
        product,
        [&out](JsonElement item, std::size_t /*at*/) {
          std::string_view text;
          if (item.get(text) == simdjson::SUCCESS && text.size() >= 4 && text.size() <= 64 &&
              out.orders.size() < kOrdersMax)
            out.orders.push_back(to_ascii_lower(text));
        },
        "product_identification_helper", list);
}

bool is_firmware(const AdvisoryProduct& product) {
  return std::ranges::any_of(product.names, [](const ProductName& name) {
    return std::ranges::binary_search(name.words(), std::string_view{"firmware"});
  });
}

}  // namespace

std::span<const std::uint32_t> ProductTree::find(std::string_view id) const {
  const auto at = by_id_.find(std::string{id});
  return at == by_id_.end() ? std::span<const std::uint32_t>{} : std::span<const std::uint32_t>{at->second.positions};
}

bool ProductTree::combined(std::string_view id) const {
  const auto at = by_id_.find(std::string{id});
  return at != by_id_.end() && at->second.combined;
}

const std::vector<std::string>* ProductTree::group(std::string_view id) const {
  const auto at = groups_.find(std::string{id});
  return at == groups_.end() ? nullptr : &at->second;
}

Result<> ProductTree::read(JsonElement document, std::string_view publisher) {
  publisher_ = publisher;
  JsonElement tree;
  if (member(document, "product_tree").get(tree) != simdjson::SUCCESS) return {};  // an advisory may be without
  if (auto read = branches(tree, {}, 0); !read) return read;
  Result<> outcome;
  const auto while_good = [&outcome](auto read) {
    return [&outcome, read](JsonElement item, std::size_t at) {
      if (outcome) outcome = read(item, at);
    };
  };
  each_at(document, while_good([this](JsonElement item, std::size_t) { return add_full(item); }), "product_tree",
          "full_product_names");
  each_at(document, while_good([this](JsonElement item, std::size_t) { return relate(item); }), "product_tree",
          "relationships");
  each_at(document, while_good([this](JsonElement item, std::size_t at) -> Result<> {
            std::vector<std::string> ids;
            each_at(
                item,
                [&ids](JsonElement id, std::size_t) {
                  std::string_view text;
                  if (id.get(text) == simdjson::SUCCESS) ids.emplace_back(text);
                },
                "product_ids");
            const std::string_view id = text_at(item, "group_id");
            if (id.empty()) return malformed("product_groups[" + std::to_string(at) + "] has no 'group_id'");
            groups_[std::string{id}] = std::move(ids);
            return {};
          }),
          "product_tree", "product_groups");
  return outcome;
}

Result<> ProductTree::branches(JsonElement parent, const Branch& above, std::size_t depth) {
  Result<> outcome;
  each_at(
      parent,
      [&](JsonElement item, std::size_t at) {
        if (!outcome) return;
        const std::string_view category = text_at(item, "category"), name = text_at(item, "name");
        if (depth == kDepthMax) return static_cast<void>(outcome = malformed("'branches' are nested deeper than 30"));
        if (category.empty() || name.empty())
          return static_cast<void>(outcome = malformed("a branch, number " + std::to_string(at) + " at depth " +
                                                       std::to_string(depth) + ", has no 'category' or no 'name'"));
        Branch branch = above;
        if (category == "vendor")
          branch.vendor = name;
        else if (category == "product_name" || category == "legacy")
          branch.name = name;
        else if (category == "product_family")
          branch.family += (branch.family.empty() ? "" : " ") + std::string{name};
        else if (category == "product_version")
          branch.version = name;
        else if (category == "product_version_range")
          branch.range = name;
        else if (category == "service_pack" || category == "patch_level")
          branch.patch = name;
        else
          branch.narrowed = true;
        JsonElement product;
        if (member(item, "product").get(product) == simdjson::SUCCESS)
          if (auto added = add(product, branch); !added) return static_cast<void>(outcome = added.error());
        if (auto read = branches(item, branch, depth + 1); !read) outcome = read.error();
      },
      "branches");
  return outcome;
}

Result<> ProductTree::keep(std::string_view id, AdvisoryProduct product, bool combined) {
  if (id.empty() || id.size() > kIdBytesMax)
    return malformed("a product has no 'product_id', or one of more than 256 bytes");
  if (products_.size() == kAdvisoryProductsMax)
    return malformed("more than " + std::to_string(kAdvisoryProductsMax) + " products");
  Entry& entry = by_id_[std::string{id}];
  if (!combined && !entry.positions.empty())
    return malformed("the product id '" + printable(id, 64) + "' stands twice");
  entry.combined = combined;
  entry.positions.push_back(static_cast<std::uint32_t>(products_.size()));
  products_.push_back(std::move(product));
  return {};
}

Result<> ProductTree::add(JsonElement product, const Branch& branch) {
  AdvisoryProduct out;
  out.vendor = vendor_key(branch.vendor);
  if (!branch.name.empty()) out.names.emplace_back(branch.name);
  if (!branch.family.empty()) out.names.emplace_back(branch.family + ' ' + branch.name);
  std::erase_if(out.names, [](const ProductName& name) { return name.empty(); });
  if (!branch.range.empty()) {
    out.versions = VersionSet::range(branch.range);
    out.versioned = true;
  } else if (!branch.version.empty()) {
    out.versions = VersionSet::exact(branch.patch.empty() ? branch.version : branch.version + ' ' + branch.patch);
    out.versioned = true;
  }
  out.may_be_sure = !branch.narrowed;
  add_helper(product, out);
  if (out.vendor.empty() || out.names.empty()) {
    out.vendor.clear();
    out.full = ProductName{text_at(product, "name")};
    out.full.add(publisher_);
  }
  return keep(text_at(product, "product_id"), std::move(out), false);
}

// A name that stands by itself: "Acme Router 500 < V2.1".
Result<> ProductTree::add_full(JsonElement product) {
  AdvisoryProduct out;
  std::string_view name = text_at(product, "name");
  if (const std::size_t sign = name.find_first_of("<>="); sign != std::string_view::npos && sign > 0) {
    out.versions = VersionSet::range(name.substr(sign));
    out.versioned = true;
    name = name.substr(0, sign);
  }
  add_helper(product, out);
  if (out.names.empty()) {
    out.vendor.clear();
    out.full = ProductName{name};
    out.full.add(publisher_);
    out.may_be_sure = false;
  }
  return keep(text_at(product, "product_id"), std::move(out), false);
}

// "This firmware on that device", "this library in that system": a register may name either.
Result<> ProductTree::relate(JsonElement relationship) {
  const std::string_view part = text_at(relationship, "product_reference"),
                         whole = text_at(relationship, "relates_to_product_reference"),
                         id = text_at(relationship, "full_product_name", "product_id");
  const auto parts = find(part), wholes = find(whole);
  if (parts.empty() || wholes.empty())
    return malformed("a relationship names the product '" + printable(parts.empty() ? part : whole, 64) +
                     "', which is not in the tree");
  if (!find(id).empty()) return malformed("the product id '" + printable(id, 64) + "' stands twice");
  AdvisoryProduct component = products_[parts.front()], platform = products_[wholes.front()];
  component.may_be_sure = false;
  if (component.versioned && is_firmware(component)) {
    platform.versions = component.versions;
    platform.versioned = true;
  } else if (text_at(relationship, "category") != "default_component_of") {
    platform.may_be_sure = false;
  }
  if (auto kept = keep(id, std::move(component), true); !kept) return kept;
  return keep(id, std::move(platform), true);
}

}  // namespace nw::vulnerabilities
