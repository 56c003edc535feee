// Hooks of international law, as data (rules/norms/law.yaml): what an alert cites beside the norm, in peacetime and in
// armed conflict, and for objects that carry a protection flag. A hook says where to read, not that a rule was broken.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "context/norms/norms.h"
#include "context/norms/regime.h"

namespace nw::context {

struct LawHook {
  std::string id;                   // "ap1-54-2"
  std::string instrument, article;  // "AP I", "art. 54(2)"
  std::string says;                 // in our words
  bool peacetime = false, armed_conflict = false;
  std::vector<ConflictKind> kinds;  // of armed conflict, in which the instrument speaks; empty: in each
  std::vector<std::string> flags;   // of assets whose protection this is
  bool reviewed = false;            // a person has compared it with the instrument
  Mark mark;

  [[nodiscard]] std::string citation() const { return instrument + ' ' + article; }
  [[nodiscard]] bool speaks(const RegimeInForce& in_force) const noexcept;
};

class Law {
 public:
  // One YAML file; strict. Null when there was an error. Codes: those of base/yaml.h and bad-document, bad-version,
  // bad-id, bad-text, duplicate-hook, unknown-instrument, empty-list.
  static std::shared_ptr<const Law> load(std::string_view text, std::string_view file, Diagnostics& diagnostics);

  [[nodiscard]] const LawHook* find(std::string_view id) const noexcept;
  [[nodiscard]] const std::vector<LawHook>& all() const noexcept { return hooks_; }
  // The full name of "AP I"; empty when it has none.
  [[nodiscard]] std::string_view instrument(std::string_view name) const noexcept;
  // Whether a hook that speaks protects objects of this flag.
  [[nodiscard]] bool protects(std::string_view flag, const RegimeInForce& in_force) const noexcept;
  // What an alert cites: the norm's hooks (null: none) that speak, then one text for each flag that is protected:
  // "object carries protection flag medical: GC I art. 19, AP I art. 12".
  [[nodiscard]] std::vector<std::string> citations(const Norm* norm, const RegimeInForce& in_force,
                                                   std::span<const std::string> flags) const;

 private:
  friend class LawReader;
  std::vector<LawHook> hooks_;
  std::vector<std::pair<std::string, std::string>> instruments_;
};

// Every hook that a norm names must be in `law`, and speak in the regime under which it is named. Code: unknown-hook.
void check_hooks(const NormCatalogue& catalogue, std::string_view catalogue_file, const Law& law,
                 Diagnostics& diagnostics);

}  // namespace nw::context
