#include "record/privacy/policy.h"

#include <algorithm>

#include "base/text.h"
#include "base/yaml.h"

namespace nw::privacy {

namespace {

constexpr unsigned bit(Form form) noexcept { return 1U << static_cast<unsigned>(form); }

// The first is the default.
struct Choice {
  Form usual;
  unsigned others;
};

constexpr Choice choice(FieldClass kind) noexcept {
  constexpr unsigned kClear = bit(Form::clear), kToken = bit(Form::token), kDrop = bit(Form::drop);
  switch (kind) {
    case FieldClass::plain: return {Form::clear, kToken | kDrop};
    case FieldClass::address: return {Form::pseudonym, kToken | kDrop | kClear};
    case FieldClass::user:
    case FieldClass::mail:
    case FieldClass::phone:
    case FieldClass::mac:
    case FieldClass::host_of_person:
    case FieldClass::domain: return {Form::token, kDrop | kClear};
    case FieldClass::url: return {Form::template_, kToken | kDrop | kClear};
    case FieldClass::payload: return {Form::drop, bit(Form::commitment)};
    case FieldClass::patient:
    case FieldClass::secret: return {Form::drop, 0};
    case FieldClass::text:
    case FieldClass::unknown: return {Form::template_, kToken | bit(Form::commitment) | kDrop | kClear};
    case FieldClass::time: return {Form::clear, kDrop};
  }
  return {Form::drop, 0};
}

// An address that leads to nobody is told as its class; inside an operator's network a private one is mostly one
// employee's, so it gets a pseudonym too.
constexpr Choice choice(AddressClass kind) noexcept {
  const unsigned any = bit(Form::pseudonym) | bit(Form::class_only) | bit(Form::drop) | bit(Form::clear);
  switch (kind) {
    case AddressClass::global4:
    case AddressClass::global6:
    case AddressClass::priv:
    case AddressClass::cgnat: return {Form::pseudonym, any};
    default: return {Form::class_only, any};
  }
}

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string{name};
  return out;
}

class Reader {
 public:
  Reader(YamlMap& map, Policy& policy) : map_{map}, policy_{policy} {}

  // A map from names of `kNames` to forms.
  template <class Kind, std::size_t kCount>
  void forms(std::string_view key, const std::array<std::string_view, kCount>& names, std::array<Form, kCount>& out) {
    const YamlNode* node = map_.take(key);
    if (node == nullptr || !is_map(*node, key)) return;
    for (const auto& [name, value] : node->members) {
      const auto at = std::ranges::find(names, name.scalar);
      const auto form = std::ranges::find(kForms, value.scalar);
      if (at == names.end()) {
        map_.error(name.mark, "privacy-class",
                   "'" + printable(name.scalar, 80) + "' is no class" + did_you_mean(name.scalar, names),
                   "write one of " + listed(names));
        continue;
      }
      const auto kind = static_cast<Kind>(at - names.begin());
      const Form wanted = static_cast<Form>(form - kForms.begin());
      if (form == kForms.end() || !may_store(kind, wanted)) {
        map_.error(value.mark, "privacy-form",
                   "of '" + name.scalar + "' nothing can be stored as '" + printable(value.scalar, 80) + "'",
                   "write " + allowed(kind));
        continue;
      }
      if (wanted == Form::clear && default_form(kind) != Form::clear && loosened_.line == 0) loosened_ = value.mark;
      out[static_cast<std::size_t>(at - names.begin())] = wanted;
    }
  }

  void designated() {
    const YamlNode* node = map_.take("designated");
    if (node == nullptr) return;
    if (node->scalar == "asset_id" || node->scalar == "clear")
      policy_.designated = node->scalar == "clear" ? Form::clear : Form::asset_id;
    else
      map_.error(node->mark, "privacy-form",
                 "designated hosts cannot be stored as '" + printable(node->scalar, 80) + "'",
                 "write asset_id or clear");
  }

  void fields() {
    const YamlNode* node = map_.take("fields");
    if (node == nullptr || !is_map(*node, "fields")) return;
    if (node->members.size() > kPolicyListMax) return too_long(node->mark, "fields");
    for (const auto& [name, value] : node->members) {
      const auto kind = field_class(value.scalar);
      if (!kind)
        map_.error(value.mark, "privacy-class",
                   "'" + printable(value.scalar, 80) + "' is no class" + did_you_mean(value.scalar, kFieldClasses),
                   "write one of " + listed(kFieldClasses));
      else if (const FieldClass ours = class_of_field(name.scalar);
               (ours == FieldClass::patient || ours == FieldClass::secret) && *kind != ours)
        map_.error(name.mark, "privacy-class", "'" + printable(name.scalar, 80) + "' is never stored",
                   "take the line out");
      else
        policy_.fields[to_ascii_lower(name.scalar)] = *kind;
    }
  }

  void words(std::string_view key, std::vector<std::string>& out) {
    const YamlNode* node = map_.take(key);
    if (node == nullptr) return;
    if (node->kind != YamlNode::Kind::sequence)
      return map_.error(node->mark, "wrong-type", "'" + std::string{key} + "' must be a list of texts");
    if (node->items.size() > kPolicyListMax) return too_long(node->mark, key);
    for (const YamlNode& item : node->items) {
      const bool good = item.kind == YamlNode::Kind::scalar && !item.scalar.empty() && item.scalar.size() <= 64 &&
                        std::ranges::all_of(item.scalar, [](char c) {
                          return (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '-' || c == '.' || c == '_';
                        });
      if (!good)
        map_.error(item.mark, "privacy-list",
                   "'" + printable(item.scalar, 80) + "' cannot stand in '" + std::string{key} + "'",
                   "write 1 to 64 of a-z, 0-9, '-', '.' and '_'");
      else
        out.push_back(item.scalar);
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }

  void basis() {
    policy_.basis = map_.text("basis");
    if (loosened_.line != 0 && trim(policy_.basis).empty())
      map_.error(loosened_, "privacy-basis", "personal data would be stored in clear",
                 "say under 'basis' which law or decision allows it");
  }

 private:
  bool is_map(const YamlNode& node, std::string_view key) {
    if (node.kind == YamlNode::Kind::map) return true;
    map_.error(node.mark, "wrong-type", "'" + std::string{key} + "' must be a map of keys and values");
    return false;
  }
  void too_long(Mark mark, std::string_view key) {
    map_.error(mark, "privacy-list", "'" + std::string{key} + "' has more than 4096 lines", "shorten it");
  }
  template <class Kind>
  static std::string allowed(Kind kind) {
    std::string out;
    for (std::size_t i = 0; i < kForms.size(); ++i)
      if (may_store(kind, static_cast<Form>(i))) out += (out.empty() ? "" : " or ") + std::string{kForms[i]};
    return out;
  }

  YamlMap& map_;
  Policy& policy_;
  Mark loosened_;
};

}  // namespace

bool may_store(FieldClass kind, Form form) noexcept {
  const Choice c = choice(kind);
  return form == c.usual || (c.others & bit(form)) != 0;
}
bool may_store(AddressClass kind, Form form) noexcept {
  const Choice c = choice(kind);
  return form == c.usual || (c.others & bit(form)) != 0;
}
Form default_form(FieldClass kind) noexcept { return choice(kind).usual; }
Form default_form(AddressClass kind) noexcept { return choice(kind).usual; }

Policy::Policy() {
  for (std::size_t i = 0; i < store.size(); ++i) store[i] = default_form(static_cast<FieldClass>(i));
  for (std::size_t i = 0; i < addresses.size(); ++i) addresses[i] = default_form(static_cast<AddressClass>(i));
}

FieldClass Policy::class_of(std::string_view field) const {
  if (!fields.empty())
    if (const auto found = fields.find(to_ascii_lower(field)); found != fields.end()) return found->second;
  return class_of_field(field);
}

Policy Policy::read(std::string_view yaml, std::string_view file, Diagnostics& diagnostics) {
  YamlLimits limits;
  limits.bytes_max = kPolicyBytesMax;
  limits.documents_max = 1;
  const std::size_t errors_before = diagnostics.errors();
  const std::vector<YamlNode> documents = parse_yaml(yaml, file, diagnostics, limits);
  if (diagnostics.errors() != errors_before) return {};
  static const YamlNode kNothing;
  Policy policy;
  YamlMap map{documents.empty() ? kNothing : documents.front(), "the privacy policy", file, diagnostics};
  if (!map.ok()) return {};
  const YamlNode* version = map.require("version");
  if (version != nullptr && version->as_int() != 1)
    map.error(version->mark, "privacy-version", "this version of the file is not known", "write 'version: 1'");
  Reader reader{map, policy};
  reader.forms<FieldClass>("store", kFieldClasses, policy.store);
  reader.forms<AddressClass>("addresses", kAddressClasses, policy.addresses);
  reader.designated();
  reader.fields();
  reader.words("public_suffixes", policy.public_suffixes);
  reader.words("registry_labels", policy.registry_labels);
  reader.words("path_words", policy.path_words);
  reader.basis();
  map.finish();
  if (diagnostics.errors() != errors_before) return {};
  return policy;
}

}  // namespace nw::privacy
