// The event types of a field mapping: which there are, and which one an event is of by its deciding fields. For every
// format whose types are data.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "event/schema.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"

namespace nw::logs {

struct MappedType {
  std::string path;
  std::vector<std::string> services, categories;
  std::vector<const Claims*> claims;  // the nearer word first
};

// In the order that MappedChoice numbers them: `path` for what no class takes, `path.CLASS` and `path.CLASS.KIND`.
std::vector<MappedType> mapped_types(const Mapping& mapping, std::string_view path);

// The same as TypeSpecs, which view it.
class MappedSpecs {
 public:
  explicit MappedSpecs(std::shared_ptr<const Mapping> mapping, std::string_view product);
  MappedSpecs(const MappedSpecs&) = delete;
  MappedSpecs& operator=(const MappedSpecs&) = delete;

  [[nodiscard]] std::span<const event::TypeSpec> types() const noexcept { return types_; }
  [[nodiscard]] const std::shared_ptr<const Mapping>& mapping() const noexcept { return mapping_; }

 private:
  std::shared_ptr<const Mapping> mapping_;
  std::string product_;
  std::vector<MappedType> named_;
  std::vector<std::vector<std::string_view>> names_;
  std::vector<event::TypeSpec> types_;
};

// The one of that name among `options.mappings`, or null.
std::shared_ptr<const Mapping> find_mapping(const FormatOptions& options, std::string_view name);

// Chooses; keeps what the line before was of, for mostly the next is of the same.
class MappedChoice {
 public:
  MappedChoice() = default;  // there is one type
  explicit MappedChoice(const Mapping& mapping);

  // The number of the type. `first`: the first deciding field's value; `second()`: that of the second, asked for only
  // where it decides. Empty: the event does not have the field.
  template <class Second>
  std::size_t of(std::string_view first, const Second& second) {
    if (classes_.empty()) return 0;
    if (first != last_value_) find_class(first);
    if (last_class_ == kNoClass) return 0;
    const Class& inside = classes_[last_class_];
    if (inside.by_value.empty()) return inside.number;
    const auto kind = inside.by_value.find(second());
    return kind == inside.by_value.end() ? inside.number : kind->second;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return hash64(text); }
  };
  using ByValue = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;
  struct Class {
    std::size_t number = 0;
    ByValue by_value;
  };
  static constexpr std::size_t kNoClass = static_cast<std::size_t>(-1);

  void find_class(std::string_view value);

  std::vector<Class> classes_;
  ByValue by_value_;  // of the first deciding field, in small letters: the class
  std::string last_value_;
  std::size_t last_class_ = kNoClass;
};

}  // namespace nw::logs
