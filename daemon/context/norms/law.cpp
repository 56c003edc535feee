#include "context/norms/law.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"
#include "context/norms/data_file.h"

namespace nw::context {

class LawReader {
 public:
  LawReader(std::string_view file, Diagnostics& diagnostics, Law& law)
      : file_{file}, diagnostics_{diagnostics}, law_{law} {}

  void read(const YamlNode& root) {
    YamlMap map{root, "the hooks of law", file_, diagnostics_};
    if (!map.ok()) return;
    check_version(map, 1);
    if (const YamlNode* names = map.require("instruments"); names != nullptr) read_instruments(*names);
    const YamlNode* hooks = map.require("hooks");
    map.finish();
    if (hooks == nullptr) return;
    if (hooks->kind != YamlNode::Kind::sequence || hooks->items.empty())
      return diagnostics_.error(file_, hooks->mark, "wrong-type", "'hooks' must be a list of hooks");
    for (const YamlNode& item : hooks->items) read_hook(item);
  }

 private:
  void read_instruments(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::map)
      return diagnostics_.error(file_, node.mark, "wrong-type",
                                "'instruments' must be a map of short names and full names");
    for (const auto& [name, full] : node.members) {
      if (full.kind != YamlNode::Kind::scalar || full.scalar.empty() || full.scalar.size() > kDataTextBytesMax)
        diagnostics_.error(file_, full.mark, "bad-text", "an instrument needs its full name, of at most 600 bytes");
      law_.instruments_.emplace_back(name.scalar, full.scalar);
    }
  }

  void read_hook(const YamlNode& node) {
    YamlMap map{node, "a hook", file_, diagnostics_};
    if (!map.ok()) return;
    LawHook hook;
    hook.mark = map.mark();
    read_id(map, hook);
    const YamlNode* instrument = map.require("instrument");
    hook.instrument = map.text("instrument");
    if (instrument != nullptr && law_.instrument(hook.instrument).empty()) {
      std::vector<std::string_view> known;
      for (const auto& [name, full] : law_.instruments_) known.emplace_back(name);
      map.error(instrument->mark, "unknown-instrument",
                "'instruments' does not name '" + printable(hook.instrument, 64) + '\'' +
                    did_you_mean(hook.instrument, known));
    }
    hook.article = needed_text(map, "article");
    hook.says = needed_text(map, "says");
    read_regimes(map, hook);
    hook.flags = map.texts("flags");
    for (const std::string& flag : hook.flags)
      if (!is_data_word(flag, "_"))
        map.error(map.mark(), "bad-id", '\'' + printable(flag, 64) + "' cannot be a protection flag",
                  "flags are those of the register: medical, indispensable, ...");
    hook.reviewed = !review_needed(map);
    map.finish();
    law_.hooks_.push_back(std::move(hook));
  }

  void read_id(YamlMap& map, LawHook& hook) {
    const YamlNode* id = map.require("id");
    hook.id = map.text("id");
    if (id == nullptr) return;
    if (!is_data_word(hook.id, "-"))
      map.error(id->mark, "bad-id", '\'' + printable(hook.id, 64) + "' cannot be a hook's id",
                "1 to 64 of a-z, 0-9 and '-': ap1-54-2");
    if (law_.find(hook.id) != nullptr)
      map.error(id->mark, "duplicate-hook", "hook '" + printable(hook.id, 64) + "' stands twice");
  }

  void read_regimes(YamlMap& map, LawHook& hook) {
    const YamlNode* regimes = map.require("regimes");
    if (regimes != nullptr)
      for (const std::size_t i : choices(map, "regimes", kRegimes))
        (i == 0 ? hook.peacetime : hook.armed_conflict) = true;
    if (regimes != nullptr && !hook.peacetime && !hook.armed_conflict)
      map.error(regimes->mark, "empty-list", "a hook speaks in at least one regime");
    const YamlNode* kinds = map.take("kinds");
    if (kinds == nullptr) return;
    for (const std::size_t i : choices(map, "kinds", kConflictKinds))
      hook.kinds.push_back(static_cast<ConflictKind>(i));
    if (!hook.armed_conflict)
      map.error(kinds->mark, "wrong-type", "'kinds' are of armed conflict, in which this hook does not speak");
  }

  std::string_view file_;
  Diagnostics& diagnostics_;
  Law& law_;
};

bool LawHook::speaks(const RegimeInForce& in_force) const noexcept {
  if (in_force.regime == Regime::peacetime) return peacetime;
  return armed_conflict && (kinds.empty() || std::any_of(kinds.begin(), kinds.end(), [&in_force](ConflictKind kind) {
                              return in_force.has(kind);
                            }));
}

std::shared_ptr<const Law> Law::load(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.errors();
  const auto root = one_document(text, file, "the hooks of law", diagnostics);
  auto law = std::make_shared<Law>();
  if (root) LawReader{file, diagnostics, *law}.read(*root);
  return diagnostics.errors() == before ? law : nullptr;
}

const LawHook* Law::find(std::string_view id) const noexcept {
  const auto at = std::find_if(hooks_.begin(), hooks_.end(), [id](const LawHook& hook) { return hook.id == id; });
  return at == hooks_.end() ? nullptr : &*at;
}

std::string_view Law::instrument(std::string_view name) const noexcept {
  for (const auto& [short_name, full] : instruments_)
    if (short_name == name) return full;
  return {};
}

bool Law::protects(std::string_view flag, const RegimeInForce& in_force) const noexcept {
  return std::any_of(hooks_.begin(), hooks_.end(), [&](const LawHook& hook) {
    return hook.speaks(in_force) && std::find(hook.flags.begin(), hook.flags.end(), flag) != hook.flags.end();
  });
}

std::vector<std::string> Law::citations(const Norm* norm, const RegimeInForce& in_force,
                                        std::span<const std::string> flags) const {
  std::vector<std::string> out;
  const auto cite = [&](const std::vector<std::string>& ids) {
    for (const std::string& id : ids)
      if (const LawHook* hook = find(id); hook != nullptr && hook->speaks(in_force)) out.push_back(hook->citation());
  };
  if (norm != nullptr) {
    cite(norm->peacetime_hooks);  // a conflict adds a layer and takes none away
    if (in_force.regime == Regime::armed_conflict) cite(norm->conflict_hooks);
  }
  for (const std::string& flag : flags) {
    std::string text;
    for (const LawHook& hook : hooks_)
      if (hook.speaks(in_force) && std::find(hook.flags.begin(), hook.flags.end(), flag) != hook.flags.end())
        text += (text.empty() ? "" : ", ") + hook.citation();
    if (!text.empty()) out.push_back("object carries protection flag " + flag + ": " + text);
  }
  return out;
}

void check_hooks(const NormCatalogue& catalogue, std::string_view catalogue_file, const Law& law,
                 Diagnostics& diagnostics) {
  std::vector<std::string_view> known;
  for (const LawHook& hook : law.all()) known.emplace_back(hook.id);
  for (const Norm& norm : catalogue.all()) {
    for (const auto& [ids, regime] : {std::pair{&norm.peacetime_hooks, Regime::peacetime},
                                      std::pair{&norm.conflict_hooks, Regime::armed_conflict}}) {
      for (const std::string& id : *ids) {
        const LawHook* hook = law.find(id);
        if (hook == nullptr)
          diagnostics.error(catalogue_file, norm.hooks_mark, "unknown-hook",
                            "norm " + norm.id + " names hook '" + printable(id, 64) + "', which the hooks of law do " +
                                "not have" + did_you_mean(id, known),
                            "law.yaml beside the catalogue lists them");
        else if (!(regime == Regime::peacetime ? hook->peacetime : hook->armed_conflict))
          diagnostics.error(catalogue_file, norm.hooks_mark, "unknown-hook",
                            "hook '" + id + "' does not speak in " + std::string{to_string(regime)},
                            "name it under the other regime, or correct its 'regimes'");
      }
    }
  }
}

}  // namespace nw::context
