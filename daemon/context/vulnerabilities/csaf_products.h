// The product tree of a CSAF document: what each product id stands for. CSAF 2.0, section 3.2.2; 2.1 has the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "context/vulnerabilities/feeds.h"
#include "context/vulnerabilities/json_document.h"

namespace nw::vulnerabilities {

class ProductTree {
 public:
  // `publisher`: of the document, where it is a vendor; else empty. `malformed` says what, and where.
  Result<> read(JsonElement document, std::string_view publisher);

  // Positions in products(); empty: an id that is not in the tree.
  [[nodiscard]] std::span<const std::uint32_t> find(std::string_view id) const;
  // A product in or on another one (`relationships`).
  [[nodiscard]] bool combined(std::string_view id) const;
  // The ids of a group; null: no such group.
  [[nodiscard]] const std::vector<std::string>* group(std::string_view id) const;
  std::vector<AdvisoryProduct> take() { return std::move(products_); }
  [[nodiscard]] const std::vector<AdvisoryProduct>& products() const noexcept { return products_; }

 private:
  struct Branch {
    std::string vendor, name, family, version, range, patch;
    bool narrowed = false;  // by something that a register does not say: an architecture, a language
  };
  struct Entry {
    std::vector<std::uint32_t> positions;
    bool combined = false;
  };
  Result<> branches(JsonElement parent, const Branch& above, std::size_t depth);
  Result<> add(JsonElement product, const Branch& branch);
  Result<> add_full(JsonElement product);
  Result<> relate(JsonElement relationship);
  Result<> keep(std::string_view id, AdvisoryProduct product, bool combined);

  std::string publisher_;
  std::vector<AdvisoryProduct> products_;
  std::unordered_map<std::string, Entry> by_id_;
  std::unordered_map<std::string, std::vector<std::string>> groups_;
};

}  // namespace nw::vulnerabilities
