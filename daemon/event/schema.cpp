#include "event/schema.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace nw::event {

std::span<const FieldSpec> common_fields() {
  // In the order of `Common`.
  static constexpr auto kFields = std::to_array<FieldSpec>({
      {"ts", "time", "when it happened: the packet's time, or the time the log line states"},
      {"uid", "text", "identifier of the flow, as in Zeek's logs"},
      {"id.orig_h", "address", "the side that opened the connection"},
      {"id.orig_p", "integer", "its port"},
      {"id.resp_h", "address", "the side that was connected to"},
      {"id.resp_p", "integer", "its port"},
      {"proto", "text", "protocol over IP: tcp, udp, icmp, sctp, gre, ipv4, ipv6"},
      {"community_id", "text", "Community ID v1 of the flow, the same in Zeek, Suricata and Arkime"},
      {"source", "text", "the configured source that the event came from"},
      {"message", "text", "a log line's free text"},
      {"host", "text", "the host that a log line names as its sender"},
      {"tunnel_parents", "list of text", "uids of the flows that carried this one in a tunnel"},
  });
  return kFields;
}

Schema::Schema() {
  for (const FieldSpec& field : common_fields()) add_field(field.name);
}

Schema::Schema(const Schema& other) : fields_{other.fields_}, types_{other.types_} {
  for (std::size_t i = 0; i < fields_.size(); ++i) by_name_.emplace(fields_[i], static_cast<FieldId>(i));
}

FieldId Schema::add_field(std::string_view name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  NW_CHECK(fields_.size() < 65'000);
  const auto id = static_cast<FieldId>(fields_.size());
  fields_.emplace_back(name);
  by_name_.emplace(fields_.back(), id);
  return id;
}

TypeId Schema::add_type(const TypeSpec& spec) { return join_type(spec, false); }

TypeId Schema::add_later(const TypeSpec& spec) { return join_type(spec, true); }

TypeId Schema::join_type(const TypeSpec& spec, bool later) {
  std::size_t at = 0;
  while (at < types_.size() && (types_[at].path != spec.path || types_[at].product != spec.product)) ++at;
  if (at == types_.size()) {
    NW_CHECK(types_.size() < 65'000);
    Type& added = types_.emplace_back();
    added.path = spec.path;
    added.product = spec.product;
    added.later = later;
  }
  Type& type = types_[at];
  const auto join = [](std::vector<std::string>& into, std::span<const std::string_view> from) {
    for (const std::string_view name : from)
      if (std::find(into.begin(), into.end(), name) == into.end()) into.emplace_back(name);
  };
  join(type.services, spec.services);
  join(type.categories, spec.categories);
  for (const FieldSpec& field : spec.fields) {
    const FieldId id = add_field(field.name);
    if (std::find(type.fields.begin(), type.fields.end(), id) == type.fields.end()) type.fields.push_back(id);
  }
  type.open = type.open || spec.open;
  type.later = type.later && later;
  type.structured = type.structured || spec.structured;
  if (type.open_below.empty()) type.open_below = spec.open_below;
  return static_cast<TypeId>(at);
}

void Schema::add_answer(TypeId type, LogSourceName source) {
  std::vector<LogSourceName>& answers = types_[index(type)].answers;
  if (std::ranges::find(answers, source) == answers.end()) answers.push_back(std::move(source));
}

void Schema::add_alias(TypeId type, FieldAlias alias) {
  std::vector<FieldAlias>& aliases = types_[index(type)].aliases;
  const auto at = std::ranges::lower_bound(aliases, alias.named, {}, &FieldAlias::named);
  if (at == aliases.end() || at->named != alias.named) aliases.insert(at, alias);
}

void Schema::clear_mappings() {
  for (Type& type : types_) {
    type.answers.clear();
    type.aliases.clear();
  }
}

std::optional<FieldId> Schema::find_field(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional{found->second};
}

std::vector<std::string_view> Schema::field_names() const { return {fields_.begin(), fields_.end()}; }

Interest::PerType& Interest::at(TypeId type) {
  if (index(type) >= types_.size()) types_.resize(index(type) + 1);
  return types_[index(type)];
}

void Interest::want(TypeId type) { at(type).wanted = true; }

void Interest::want(TypeId type, FieldId field) {
  PerType& t = at(type);
  t.wanted = true;
  if (index(field) >= t.fields.size()) t.fields.resize(index(field) + 1);
  t.fields[index(field)] = true;
}

void Interest::want_all(TypeId type) {
  PerType& t = at(type);
  t.wanted = t.all = true;
}

void Interest::want_all_of(TypeId type, std::shared_ptr<const LineFilter> filter) {
  PerType& t = at(type);
  t.wanted = true;
  // Two filters at once would be a filter of their own, which nobody needs yet.
  if (t.filter && t.filter != filter) t.all = true;
  t.filter = std::move(filter);
}

void Interest::merge(const Interest& other) {
  for (std::size_t i = 0; i < other.types_.size(); ++i) {
    const PerType& from = other.types_[i];
    const auto type = static_cast<TypeId>(i);
    if (!from.wanted) continue;
    want(type);
    if (from.all) want_all(type);
    if (from.filter) want_all_of(type, from.filter);
    for (std::size_t f = 0; f < from.fields.size(); ++f)
      if (from.fields[f]) want(type, static_cast<FieldId>(f));
  }
}

}  // namespace nw::event
