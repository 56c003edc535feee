// The Reference Security Incident Taxonomy. Data: config/taxonomy/rsit.yaml.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace nw::taxonomy {

struct RsitType {
  std::string id, title;  // "scanner"
  std::string idmef;      // a category of IDMEFv2; empty: none fits
  std::string intelmq;    // how IntelMQ spells it
};

struct RsitClass {
  std::string id, title;  // "information-gathering"
  std::vector<RsitType> types;
};

struct Rsit {
  std::string version;  // "1003"
  std::vector<RsitClass> classes;
  std::map<std::string, std::string, std::less<>> intelmq_only;  // to "class.type"
  std::vector<std::string> tags;                                 // "class" and "class.type", sorted

  // Strict. Nothing after an error.
  static std::optional<Rsit> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);

  struct Found {
    const RsitClass* of = nullptr;
    const RsitType* type = nullptr;  // null: only the class is said
    [[nodiscard]] explicit operator bool() const noexcept { return of != nullptr; }
  };
  // "information-gathering.scanner", "information-gathering", also in the shape rsit:class="type". Borrowed.
  [[nodiscard]] Found find(std::string_view tag) const;
  // A type as IntelMQ calls it (`classification.type`). Borrowed.
  [[nodiscard]] Found find_intelmq(std::string_view type) const;
};

}  // namespace nw::taxonomy
