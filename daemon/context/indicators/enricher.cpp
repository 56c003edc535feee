#include "context/indicators/enricher.h"

#include <algorithm>

#include "base/text.h"
#include "context/indicators/answered.h"
#include "context/indicators/url.h"

namespace nw::context {

namespace {

using event::Event;
using event::Value;

// The order of fields().
enum : std::size_t {
  kType,
  kValue,
  kSource,
  kId,
  kTlpField,
  kPapField,
  kLabels,
  kConfidence,
  kAnsweredField,
  kFieldCount
};

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"nw.ioc.type", "list of text",
     "domain, hostname, address, prefix, url, sha256, ...: of each indicator that the event has"},
    {"nw.ioc.value", "list of text", "the indicators themselves, as the feed says them"},
    {"nw.ioc.source", "list of text", "the feeds that they come from"},
    {"nw.ioc.id", "list of text", "the feeds' own identifiers of them"},
    {"nw.ioc.tlp", "text", "how they may be shared, the strictest: clear, green, amber, amber+strict, red"},
    {"nw.ioc.pap", "text", "what may be done because of them, the strictest: clear, green, amber, red"},
    {"nw.ioc.labels", "list of text", "what the feeds call them"},
    {"nw.ioc.confidence", "integer", "0 to 100, the highest; absent when no feed says"},
    {"nw.ioc.answered", "boolean",
     "whether the other side answered, or let it pass; absent when the event does not say"},
});
static_assert(kFields.size() == kFieldCount);

enum class As : std::uint8_t { name, address, path, md5, sha1, sha256, hashes, ja3, ja3s, ja4, certificate };

// What is looked up, one row a field. A name may be an address, and an address of `answers` a text.
struct Look {
  std::string_view field;
  As as;
  std::string_view host = {};  // of a path: the field with its host
};
constexpr auto kLooks = std::to_array<Look>({
    {"id.orig_h", As::address},
    {"id.resp_h", As::address},
    {"answers", As::name},
    {"query", As::name},
    {"server_name", As::name},
    {"uri_raw", As::path, "host"},
    {"uri", As::path, "host"},
    {"sha256", As::sha256},
    {"sha1", As::sha1},
    {"md5", As::md5},
    {"ja3", As::ja3},
    {"ja3s", As::ja3s},
    {"ja4", As::ja4},
    {"fingerprint", As::certificate},
    {"cert_chain_fps", As::certificate},
    {"client_cert_chain_fps", As::certificate},
    // As log lines call them.
    {"DestinationHostname", As::name},
    {"DestinationIp", As::address},
    {"Hashes", As::hashes},
    {"QueryName", As::name},
    {"SourceIp", As::address},
    {"c-uri", As::path, "cs-host"},
    {"cs-host", As::name},
    {"dest_ip", As::address},
    {"dst_host", As::name},
    {"dst_ip", As::address},
    {"dstip", As::address},
    {"hostname", As::name},
    {"r-dns", As::name},
    {"src_ip", As::address},
    {"srcip", As::address},
    {"url", As::path, "hostname"},
});
constexpr std::size_t kAddresses = 2;  // the first rows: of these two, conn tells

constexpr std::string_view kOwnProduct = "normwatch";
constexpr auto kOwnTypes = std::to_array<std::string_view>({"conn", "dns", "files", "http", "quic", "ssl", "x509"});

bool looked_at(const event::Type& type) {
  return type.product != kOwnProduct || std::ranges::find(kOwnTypes, type.path) != kOwnTypes.end();
}

// "MD5=...,SHA256=...", as Sysmon writes them.
template <class Each>
void each_hash(std::string_view text, Each&& each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, end);
    const std::string_view digest = part.substr(part.find('=') == std::string_view::npos ? 0 : part.find('=') + 1);
    if (digest.size() == 32) each(IndicatorKind::md5, digest);
    if (digest.size() == 40) each(IndicatorKind::sha1, digest);
    if (digest.size() == 64) each(IndicatorKind::sha256, digest);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::string_view to_string(Answered answered) noexcept {
  return answered == Answered::no ? "no" : answered == Answered::yes ? "yes" : "unknown";
}

void IndicatorEnrichment::Counters::add(const Counters& other) noexcept {
  for (std::size_t kind = 0; kind < hits.size(); ++kind)
    for (std::size_t i = 0; i < kAnswered; ++i) hits[kind][i] += other.hits[kind][i];
  cut += other.cut;
}

IndicatorEnricher::IndicatorEnricher(event::Schema& schema) {
  for (const event::FieldSpec& field : kFields) ids_.push_back(schema.add_field(field.name));
  for (const Look& look : kLooks) looks_.push_back(schema.add_field(look.field));
  for (const Look& look : kLooks) looks_.push_back(look.host.empty() ? event::kNoField : schema.add_field(look.host));
  for (const std::string_view name : answered_signs()) signs_.push_back(schema.add_field(name));
}

std::span<const event::FieldSpec> IndicatorEnricher::fields() { return kFields; }

void IndicatorEnricher::claim(event::Schema& schema) const {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    if (looked_at(schema.type(type))) schema.add_answer(type, {schema.type(type).product, {}, std::string{kCategory}});
  }
}

bool IndicatorEnricher::wanted(const event::Interest& interest, event::TypeId type) const {
  return std::ranges::any_of(ids_, [&](event::FieldId field) { return interest.wants(type, field); });
}

std::vector<std::uint8_t> IndicatorEnricher::looks_of(const event::Schema& schema, event::TypeId type_id) const {
  std::vector<std::uint8_t> rows;
  const event::Type& type = schema.type(type_id);
  if (!looked_at(type)) return rows;
  const bool own_part = type.product == kOwnProduct && type.path != "conn";
  for (std::size_t row = 0; row < kLooks.size(); ++row) {
    const bool common = row < kAddresses;
    const bool there =
        common || type.open_to(kLooks[row].field) || std::ranges::find(type.fields, looks_[row]) != type.fields.end();
    if (there && !(common && own_part)) rows.push_back(static_cast<std::uint8_t>(row));
  }
  return rows;
}

void IndicatorEnricher::subscribe(event::Interest& interest, const event::Schema& schema) const {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    if (!interest.wants(type) || !wanted(interest, type)) continue;
    const event::Type& spec = schema.type(type);
    const auto want = [&](event::FieldId field) {
      if (field == event::kNoField) return;
      if (spec.open_to(schema.field_name(field)) || std::ranges::find(spec.fields, field) != spec.fields.end())
        interest.want(type, field);
    };
    for (const std::uint8_t row : looks_of(schema, type)) {
      want(looks_[row]);
      want(looks_[kLooks.size() + row]);
    }
    for (const event::FieldId field : signs_) want(field);
    // What must not go out has to be known to whoever makes an alert of it.
    for (const std::size_t mark : {kTlpField, kPapField}) interest.want(type, ids_[mark]);
  }
}

bool IndicatorEnricher::has_indicator(const Event& event) const noexcept {
  return std::ranges::any_of(ids_, [&](event::FieldId field) { return event.get(field) != nullptr; });
}
std::string_view IndicatorEnricher::pap_of(const Event& event) const noexcept {
  const Value* value = event.get(ids_[kPapField]);
  return value == nullptr ? std::string_view{} : value->as_text();
}
std::string_view IndicatorEnricher::tlp_of(const Event& event) const noexcept {
  const Value* value = event.get(ids_[kTlpField]);
  return value == nullptr ? std::string_view{} : value->as_text();
}

// What one event has. Views into the set, the event and its arena.
class IndicatorEnrichment::Hits {
 public:
  Hits(Event& event, Counters& counters) : event_{event}, counters_{counters} {}

  void add(const IndicatorHit& hit) {
    kinds_ |= 1U << index(hit.kind);
    tlp_ = std::max(tlp_, hit.info.tlp);
    pap_ = std::max(pap_, hit.info.pap);
    if (hit.info.confidence) confidence_ = std::max<int>(confidence_, *hit.info.confidence);
    // The strictest marks hold, of however many there are; the names of some will do.
    for (std::size_t i = 0; i < used_; ++i)
      if (named_[i].type == to_string(hit.kind) && named_[i].source == hit.info.source && named_[i].id == hit.info.id &&
          named_[i].key == hit.key)
        return;
    if (used_ == kHitsMax) {
      ++counters_.cut;
      return;
    }
    const std::string value = indicator_text(hit.kind, hit.key);
    named_[used_++] = {to_string(hit.kind), event_.keep(value), hit.info.source,
                       hit.info.id,         hit.info.labels,    event_.keep(hit.key)};
  }

  struct Named {
    std::string_view type, value, source, id, labels, key;
  };
  [[nodiscard]] std::span<const Named> named() const noexcept { return {named_.data(), used_}; }
  [[nodiscard]] unsigned kinds() const noexcept { return kinds_; }
  [[nodiscard]] Tlp tlp() const noexcept { return tlp_; }
  [[nodiscard]] Pap pap() const noexcept { return pap_; }
  [[nodiscard]] int confidence() const noexcept { return confidence_; }

 private:
  Event& event_;
  Counters& counters_;
  std::array<Named, kHitsMax> named_;
  std::size_t used_ = 0;
  unsigned kinds_ = 0;
  Tlp tlp_ = Tlp::unset;
  Pap pap_ = Pap::unset;
  int confidence_ = -1;
};

IndicatorEnrichment::IndicatorEnrichment(const IndicatorEnricher& enricher, const IndicatorSet& set,
                                         const event::Interest& interest, const event::Schema& schema)
    : enricher_{&enricher}, set_{&set}, interest_{&interest}, looks_(schema.type_count()) {
  if (set.size() == 0) return;
  for (std::size_t i = 0; i < looks_.size(); ++i)
    if (const auto type = static_cast<event::TypeId>(i); enricher.wanted(interest, type))
      looks_[i] = enricher.looks_of(schema, type);
}

void IndicatorEnrichment::enrich(Event& event) {
  const std::size_t type = index(event.type());
  if (type >= looks_.size() || looks_[type].empty()) return;
  Hits hits{event, counters_};
  for (const std::uint8_t row : looks_[type]) look(event, row, hits);
  if (hits.kinds() == 0) return;
  const Answered answered = answered_of(event, enricher_->signs_);
  for (std::size_t kind = 0; kind < kIndicatorKinds; ++kind)
    if ((hits.kinds() >> kind & 1U) != 0) ++counters_.hits[kind][static_cast<std::size_t>(answered)];
  write(event, hits, answered);
}

void IndicatorEnrichment::look(const Event& event, std::size_t row, Hits& hits) const {
  const Value* value = event.get(enricher_->looks_[row]);
  if (value == nullptr) return;
  const Timestamp now = event.event_time();
  const auto sink = [&hits](const IndicatorHit& hit) { hits.add(hit); };
  const auto one = [&](const Value& item) {
    if (item.kind() == Value::Kind::address) return set_->find_address(item.as_address(), now, sink);
    if (item.kind() != Value::Kind::text) return;
    const std::string_view text = item.as_text();
    IpAddress address;
    switch (kLooks[row].as) {
      case As::name: return set_->find_name(text, now, sink);
      case As::address:
        if (IpAddress::parse_into(text, address)) set_->find_address(address, now, sink);
        return;
      case As::md5: return set_->find_text(IndicatorKind::md5, text, now, sink);
      case As::sha1: return set_->find_text(IndicatorKind::sha1, text, now, sink);
      case As::sha256: return set_->find_text(IndicatorKind::sha256, text, now, sink);
      case As::ja3: return set_->find_text(IndicatorKind::ja3, text, now, sink);
      case As::ja3s: return set_->find_text(IndicatorKind::ja3s, text, now, sink);
      case As::ja4: return set_->find_text(IndicatorKind::ja4, text, now, sink);
      case As::certificate:
        set_->find_text(IndicatorKind::cert_sha256, text, now, sink);
        return set_->find_text(IndicatorKind::cert_sha1, text, now, sink);
      case As::hashes:
        return each_hash(
            text, [&](IndicatorKind kind, std::string_view digest) { set_->find_text(kind, digest, now, sink); });
      case As::path: {
        const Value* host = event.get(enricher_->looks_[kLooks.size() + row]);
        const bool known = host != nullptr && host->kind() == Value::Kind::text;
        return look_url(event, known ? host->as_text() : std::string_view{}, text, hits);
      }
    }
  };
  if (value->kind() == Value::Kind::list)
    std::ranges::for_each(value->as_list(), one);
  else
    one(*value);
}

// The URL, and its host as a name: `host` of an event says who sent a log line, but beside a path it is the one asked
// for.
void IndicatorEnrichment::look_url(const Event& event, std::string_view host, std::string_view path, Hits& hits) const {
  IndicatorKey key;
  if (host.empty() ? !(path.find("://") != std::string_view::npos && url_key(path, key)) : !url_key(host, path, key))
    return;
  const auto sink = [&hits](const IndicatorHit& hit) { hits.add(hit); };
  set_->find_url(key.view(), event.event_time(), sink);
  set_->find_name(host_of_url(key.view()), event.event_time(), sink);
}

void IndicatorEnrichment::write(Event& event, const Hits& hits, Answered answered) const {
  const auto wants = [&](std::size_t field) { return interest_->wants(event.type(), enricher_->ids_[field]); };
  const auto set = [&](std::size_t field, const Value& value) {
    if (wants(field)) event.set(enricher_->ids_[field], value);
  };
  // A list of what is there; the event's budget may be spent, then the field stays away.
  const auto list = [&](std::size_t field, std::string_view Hits::Named::*member) {
    if (!wants(field)) return;
    const std::span<Value> values = event.arena().make<Value>(hits.named().size());
    std::size_t used = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (const std::string_view text = hits.named()[i].*member; !text.empty()) values[used++] = Value::text(text);
    if (used != 0) event.set(enricher_->ids_[field], Value::list(values.first(used)));
  };
  list(kType, &Hits::Named::type);
  list(kValue, &Hits::Named::value);
  list(kSource, &Hits::Named::source);
  list(kId, &Hits::Named::id);
  if (wants(kLabels)) {
    std::size_t count = 0;
    for (const Hits::Named& named : hits.named())
      count += static_cast<std::size_t>(std::ranges::count(named.labels, IndicatorInfo::kLabelEnd));
    const std::span<Value> values = event.arena().make<Value>(count);
    std::size_t used = 0;
    for (const Hits::Named& named : hits.named())
      for (std::string_view rest = named.labels; !rest.empty() && used < values.size();) {
        const std::size_t end = rest.find(IndicatorInfo::kLabelEnd);
        values[used++] = Value::text(rest.substr(0, end));
        rest.remove_prefix(end + 1);
      }
    if (used != 0) event.set(enricher_->ids_[kLabels], Value::list(values.first(used)));
  }
  if (hits.tlp() != Tlp::unset) set(kTlpField, Value::text(to_string(hits.tlp())));
  if (hits.pap() != Pap::unset) set(kPapField, Value::text(to_string(hits.pap())));
  if (hits.confidence() >= 0) set(kConfidence, Value::integer(hits.confidence()));
  if (answered != Answered::unknown) set(kAnsweredField, Value::boolean(answered == Answered::yes));
}

}  // namespace nw::context
