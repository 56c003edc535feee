#include "record/guard/guard.h"

#include <algorithm>
#include <unordered_map>

#include "base/check.h"
#include "base/text.h"
#include "record/privacy/commitment.h"

namespace nw::record {

namespace {

using privacy::FieldClass;
using privacy::Form;

// The fields of an alert's own members: their classes are those of the events' fields that they come from.
constexpr std::string_view kOrigin = "id.orig_h", kResponder = "id.resp_h", kHost = "host", kProtocol = "proto";
constexpr std::string_view kCommunityId = "community_id", kCorrelationType = "correlation.type",
                           kCorrelationWhat = "correlation.what";
// What the daemon says of itself comes as from a source of this name (which no other may have): its host is a source of
// the configuration, or a host of the register.
constexpr std::string_view kOwnSource = "normwatch", kSourceName = "source_name", kOwnWord = "nw.own";
constexpr std::string_view kNote = "message";  // of class text
constexpr std::string_view kNewValue = "new: ", kBetweenValues = ", ", kBetweenParts = " / ";
constexpr std::size_t kPieceBytesMin = 3;

// Everything in clear but what is never kept: what custodians may come to see.
privacy::Policy sealing_policy(const privacy::Policy& from) {
  privacy::Policy out = from;
  out.store.fill(Form::clear);
  out.addresses.fill(Form::clear);
  out.designated = Form::clear;
  for (const FieldClass kind : {FieldClass::patient, FieldClass::secret, FieldClass::payload})
    out.store[static_cast<std::size_t>(kind)] = Form::drop;
  // Sentences are searched, for what is never kept may stand in them.
  for (const FieldClass kind : {FieldClass::text, FieldClass::unknown})
    out.store[static_cast<std::size_t>(kind)] = Form::template_;
  return out;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

bool is_letter_or_digit(char c) {
  const char lower = ascii_lower(c);
  return ascii_digit(c) || (lower >= 'a' && lower <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Whether `piece` stands in `text` as a word, or several.
bool has_words(std::string_view text, std::string_view piece) {
  for (std::size_t at = 0; at + piece.size() <= text.size(); ++at) {
    if (!same_text(text.substr(at, piece.size()), piece)) continue;
    const std::size_t end = at + piece.size();
    const bool begins = at == 0 || !is_letter_or_digit(text[at - 1]) || !is_letter_or_digit(piece.front());
    const bool ends = end == text.size() || !is_letter_or_digit(text[end]) || !is_letter_or_digit(piece.back());
    if (begins && ends) return true;
  }
  return false;
}

bool names_somebody(FieldClass kind) {
  return kind != FieldClass::plain && kind != FieldClass::time && !privacy::comes_last(kind);
}

std::string_view without_wildcards(std::string_view pattern) {
  while (pattern.starts_with('*')) pattern.remove_prefix(1);
  while (pattern.ends_with('*')) pattern.remove_suffix(1);
  return pattern;
}

// One alert on its way through.
class Pass {
 public:
  Pass(const GuardRules& rules, privacy::Context& context, privacy::Context& in_clear, const Alert& alert)
      : rules_{rules}, context_{context}, in_clear_{in_clear}, alert_{alert} {}

  void run(Alert& alert) {
    members(alert);
    const std::string_view type = correlation_type(alert);
    // Names that other fields tell are then also found in sentences.
    for (const bool last : {false, true}) {
      for (auto& [name, text] : alert.fields)
        if (last == privacy::comes_last(class_of(name))) field(name, text, type);
      for (AlertAtom& atom : alert.atoms)
        if (last == privacy::comes_last(class_of(atom.field))) this->atom(atom, type);
    }
  }

  [[nodiscard]] const SealedValues& sealed() const { return sealed_; }

 private:
  void members(Alert& alert) {
    alert.source_address = stored(kOrigin, alert.source_address);
    alert.destination_address = stored(kResponder, alert.destination_address);
    alert.host = stored(kHost, alert.host);
    alert.protocol = stored(kProtocol, alert.protocol);
    if (!alert.community_id.empty()) alert.community_id = token(alert.community_id);
  }

  void field(const std::string& name, std::string& text, std::string_view type) {
    if (same_text(name, kCommunityId))
      text = token(text);
    else if (name == kCorrelationWhat)
      text = counted(what_fields_, text, type);
    else
      text = stored(name, text);
  }

  void atom(AlertAtom& atom, std::string_view type) {
    // "value_count TargetUserName": what a rule over time counted.
    if (!type.empty() && atom.field.starts_with(type) &&
        (atom.field.size() == type.size() || atom.field[type.size()] == ' ')) {
      atom.value = counted(what_fields_, atom.value, type);
      return;
    }
    if (same_text(atom.field, kCommunityId)) {
      atom.pattern = same_text(atom.pattern, atom.value) ? token(atom.pattern) : atom.pattern;
      atom.value = token(atom.value);
      return;
    }
    const std::string clear = std::move(atom.value);
    atom.value = stored(atom.field, clear);
    atom.pattern = pattern(atom, clear);
  }

  // A rule's own words stay; what is a value of the event (a placeholder's, an indicator's) is told like it.
  std::string pattern(const AlertAtom& atom, const std::string& clear) {
    const FieldClass kind = class_of(atom.field);
    if (kind == FieldClass::plain || kind == FieldClass::time || atom.pattern.empty()) return atom.pattern;
    const std::string_view piece = without_wildcards(atom.pattern);
    if (same_text(piece, clear)) return atom.value;
    if (atom.op == "re") return atom.pattern;
    if (kind == FieldClass::address) return address_pattern(atom);
    const bool words = piece.size() >= kPieceBytesMin && has_words(clear, piece);
    if (kind == FieldClass::patient || kind == FieldClass::secret) return words ? std::string{} : atom.pattern;
    if (names_somebody(kind) && kind != FieldClass::domain && kind != FieldClass::url && kind != FieldClass::payload)
      return words ? "{part}" : atom.pattern;
    // Into the sentence's own form, so that addresses and names in it are found; not counted, for it is no value.
    const auto counts = context_.counts;
    std::string out = privacy::minimise({}, event::Value::text(atom.pattern), context_).text;
    context_.counts = counts;
    return out;
  }

  // A network is a rule's word; one address is somebody's.
  std::string address_pattern(const AlertAtom& atom) {
    const std::string_view text = atom.pattern;
    const std::size_t slash = text.find('/');
    IpAddress address;
    if (!IpAddress::parse_into(text.substr(0, slash), address)) return atom.pattern;
    if (slash != std::string_view::npos) {
      const std::string_view length = text.substr(slash + 1);
      if (length != (address.is_v4() ? "32" : "128")) return atom.pattern;
    }
    const auto counts = context_.counts;
    std::string out = privacy::minimise(kOrigin, event::Value::address(address), context_).text;
    context_.counts = counts;
    return out;
  }

  std::string_view correlation_type(const Alert& alert) {
    std::string_view type;
    for (const auto& [name, text] : alert.fields)
      if (name == kCorrelationType) type = text;
    if (type.empty()) return {};
    type_ = type;
    for (const AlertAtom& atom : alert.atoms)
      if (atom.field.starts_with(type_ + ' '))
        for (const std::string_view part : split(std::string_view{atom.field}.substr(type_.size() + 1), ' '))
          what_fields_.emplace_back(part);
    return type_;
  }

  // "a, b" or "new: a / b": values of the fields that a rule over time counts, as people are told them.
  std::string counted(const std::vector<std::string>& fields, std::string_view text, std::string_view type) {
    if (text.empty()) return {};
    if (fields.empty() || (type != "value_count" && type != "newvalue")) return stored({}, text);
    std::string out;
    if (text.starts_with(kNewValue)) {
      out = kNewValue;
      text.remove_prefix(kNewValue.size());
    }
    const auto told = [&](std::string_view value) {
      std::vector<std::string_view> parts;
      for_each(value, kBetweenParts, [&parts](std::string_view part) { parts.push_back(part); });
      std::string joined;
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string& name = parts.size() == fields.size() ? fields[i] : strictest(fields);
        joined += (i == 0 ? "" : std::string{kBetweenParts}) + stored(name, parts[i]);
      }
      return joined;
    };
    bool first = true;
    for_each(text, kBetweenValues, [&](std::string_view value) {
      out += (first ? "" : std::string{kBetweenValues}) + told(value);
      first = false;
    });
    return out;
  }

  template <class Take>
  static void for_each(std::string_view text, std::string_view between, Take take) {
    for (;;) {
      const std::size_t at = text.find(between);
      take(text.substr(0, at));
      if (at == std::string_view::npos) return;
      text.remove_prefix(at + between.size());
    }
  }

  const std::string& strictest(const std::vector<std::string>& fields) const {
    const auto at = std::ranges::find_if(fields, [this](const std::string& f) { return names_somebody(class_of(f)); });
    return at == fields.end() ? fields.front() : *at;
  }

  // The name whose class a field has: an indicator's value is an event's value; an alias gives another field.
  [[nodiscard]] std::string_view kind_name(std::string_view field) const {
    if (field == "nw.ioc.value" || field == "nw.ioc.id") return {};
    std::string_view out = field;
    for (const auto& [name, same] : alert_.same_kind) {
      if (name != field) continue;
      out = same;
      if (names_somebody(rules_.policy->class_of(same))) break;
    }
    return out;
  }
  [[nodiscard]] FieldClass class_of(std::string_view field) const { return rules_.policy->class_of(kind_name(field)); }

  std::string token(std::string_view value) {
    std::string out = context_.tokens.of(privacy::TokenKind::text, value).to_string();
    if (rules_.seal) sealed_.add(out, value);
    return out;
  }

  std::string stored(std::string_view field, std::string_view text) {
    if (text.empty()) return {};
    std::string_view name = kind_name(field);
    if (own_ && (field == kHost || field == kSourceName)) name = rules_.designated->lists(text) ? kHost : kOwnWord;
    const FieldClass kind = rules_.policy->class_of(name);
    std::string key{static_cast<char>(kind)};
    key += text;
    const auto [known, fresh] = known_.try_emplace(std::move(key));
    if (!fresh) return known->second;
    privacy::Stored told = privacy::minimise(name, event::Value::text(text), context_);
    if (told.form == Form::commitment && !rules_.seal) {
      // Nobody would have what is committed to.
      auto& counts = context_.counts[static_cast<std::size_t>(told.kind)];
      --counts[static_cast<std::size_t>(Form::commitment)];
      ++counts[static_cast<std::size_t>(Form::drop)];
      told.text.clear();
    }
    if (rules_.seal && told.form != Form::clear && told.form != Form::drop) seal(name, kind, text, told);
    return known->second = std::move(told.text);
  }

  void seal(std::string_view name, FieldClass kind, std::string_view text, const privacy::Stored& told) {
    if (told.nonce) {
      sealed_.add(told.text, text);
      sealed_.add(told.text + "#nonce", privacy::to_hex(*told.nonce));
      return;
    }
    std::string clear = privacy::minimise(name, event::Value::text(text), in_clear_).text;
    // A query is a secret, wherever it stands.
    if (kind == FieldClass::url)
      if (const std::size_t query = clear.find('?'); query != std::string::npos) clear.resize(query);
    sealed_.add(told.text, clear);
  }

  const GuardRules& rules_;
  privacy::Context& context_;
  privacy::Context& in_clear_;
  const Alert& alert_;
  const bool own_ = alert_.source == kOwnSource;
  std::string type_;
  std::vector<std::string> what_fields_;
  std::unordered_map<std::string, std::string> known_;  // by class and clear text: what it became
  SealedValues sealed_;
};

}  // namespace

Result<std::shared_ptr<const MonthKeys>> MonthKeys::derive(const EpochSecrets& secrets, std::string_view operator_id) {
  auto keys = privacy::EpochKeys::derive(secrets.pseudonyms, operator_id, secrets.epoch);
  if (!keys) return keys.error();
  if (auto pfx = privacy::Pfx::create(keys->pfx); !pfx) return pfx.error();
  return std::shared_ptr<const MonthKeys>{std::make_shared<MonthKeys>(std::move(*keys))};
}

std::string AlertIds::stored(std::string_view id) const {
  const privacy::Digest digest = hmac_.of({privacy::bytes_of(id)});
  return privacy::to_hex(Bytes{digest}.first(16));
}

void GuardCounts::add(const GuardCounts& other) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values[i].size(); ++j) values[i][j] += other.values[i][j];
  alerts += other.alerts;
  sealed += other.sealed;
  names_not_kept += other.names_not_kept;
}

void Guard::use(std::shared_ptr<const GuardRules> rules) {
  NW_CHECK(!rules->months.empty());
  rules_ = std::move(rules);
  sealing_ = sealing_policy(*rules_->policy);
  notes_ = *rules_->policy;
  notes_.store[static_cast<std::size_t>(FieldClass::text)] = Form::template_;
  months_.clear();
  for (const auto& keys : rules_->months) {
    auto pfx = privacy::Pfx::create(keys->keys().pfx);
    NW_CHECK(pfx);  // MonthKeys::derive() has tried
    months_.push_back(std::make_unique<Month>(Month{keys, std::move(*pfx), privacy::Tokens{keys->keys()}}));
  }
}

// The month's; before its keys are there (a clock that jumped), the latest before it. A pseudonym says which it is of.
Guard::Month& Guard::month_of(Timestamp now) {
  const privacy::Epoch epoch = privacy::Epoch::of(now);
  Month* out = months_.front().get();
  for (const auto& month : months_)
    if (month->keys->epoch() <= epoch) out = month.get();
  return *out;
}

GuardedAlert Guard::guard(Alert alert, Timestamp now) {
  Month& month = month_of(now);
  const KnownNow known{*rules_->designated, *rules_->indicators, now};
  privacy::Context context{*rules_->policy, known, month.pfx, month.tokens, nonces_, false, {}, 0, {}};
  privacy::Context in_clear{sealing_, known, month.pfx, month.tokens, nonces_, false, {}, 0, {}};
  const bool grave = alert.asset_class == "C1" || alert.asset_class == "C2";
  context.foreign_addresses_clear = rules_->foreign_addresses_clear && grave && !trim(rules_->policy->basis).empty();

  alert.id = rules_->ids->stored(alert.id);
  Pass pass{*rules_, context, in_clear, alert};
  pass.run(alert);
  GuardedAlert out{std::move(alert)};
  if (rules_->seal && !pass.sealed().empty()) {
    ClearValues values{pass.sealed().to_json(), privacy::make_nonce(nonces_)};
    out.alert_.sealed_values =
        privacy::commitment_text(privacy::commitment(values.nonce, privacy::bytes_of(values.json)));
    out.clear_ = std::move(values);
    ++counts_.sealed;
  }
  ++counts_.alerts;
  for (std::size_t i = 0; i < counts_.values.size(); ++i)
    for (std::size_t j = 0; j < counts_.values[i].size(); ++j) counts_.values[i][j] += context.counts[i][j];
  counts_.names_not_kept += context.names_not_kept;
  return out;
}

std::string Guard::text(std::string_view text, Timestamp now) {
  Month& month = month_of(now);
  const KnownNow known{*rules_->designated, *rules_->indicators, now};
  privacy::Context context{notes_, known, month.pfx, month.tokens, nonces_, false, {}, 0, {}};
  return privacy::minimise(kNote, event::Value::text(text), context).text;
}

}  // namespace nw::record
