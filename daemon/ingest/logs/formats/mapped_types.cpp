#include "ingest/logs/formats/mapped_types.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::logs {

std::vector<MappedType> mapped_types(const Mapping& mapping, std::string_view path) {
  std::vector<MappedType> out;
  out.push_back({std::string{path}, {}, {}, {&mapping.claims}});
  for (const Mapping::Class& each : mapping.classes) {
    const std::string name = std::string{path} + '.' + each.name;
    out.push_back({name, each.services, each.categories, {&each.claims, &mapping.claims}});
    for (const Mapping::Class& kind : each.kinds) {
      std::vector<std::string> categories = each.categories;
      categories.insert(categories.end(), kind.categories.begin(), kind.categories.end());
      out.push_back({name + '.' + kind.name,
                     each.services,
                     std::move(categories),
                     {&kind.claims, &each.claims, &mapping.claims}});
    }
  }
  return out;
}

MappedSpecs::MappedSpecs(std::shared_ptr<const Mapping> mapping, std::string_view product)
    : mapping_{std::move(mapping)}, product_{product}, named_{mapped_types(*mapping_, mapping_->name)} {
  for (const MappedType& type : named_) {
    names_.emplace_back(type.services.begin(), type.services.end());
    names_.emplace_back(type.categories.begin(), type.categories.end());
  }
  for (std::size_t i = 0; i < named_.size(); ++i)
    types_.push_back({named_[i].path, product_, names_[2 * i], names_[2 * i + 1], {}, true, true});
}

std::shared_ptr<const Mapping> find_mapping(const FormatOptions& options, std::string_view name) {
  const auto found = std::ranges::find(options.mappings, name, [](const auto& each) { return each->name; });
  return found == options.mappings.end() ? nullptr : *found;
}

MappedChoice::MappedChoice(const Mapping& mapping) {
  std::size_t number = 0;
  for (const Mapping::Class& each : mapping.classes) {
    Class& made = classes_.emplace_back();
    made.number = ++number;
    for (const Mapping::Class& kind : each.kinds) {
      ++number;
      for (const std::string& value : kind.values) made.by_value.emplace(value, number);
    }
    for (const std::string& value : each.values) by_value_.emplace(value, classes_.size() - 1);
  }
}

void MappedChoice::find_class(std::string_view value) {
  last_value_.assign(value);
  last_class_ = kNoClass;
  std::array<char, kMappingTextMax> lower{};
  if (value.empty()) return;
  auto found = by_value_.end();
  // A longer one is none that a mapping can name.
  if (value.size() <= lower.size()) {
    std::ranges::transform(value, lower.begin(), ascii_lower);
    found = by_value_.find(std::string_view{lower.data(), value.size()});
  }
  if (found == by_value_.end()) found = by_value_.find(kAnyOther);
  if (found != by_value_.end()) last_class_ = found->second;
}

}  // namespace nw::logs
