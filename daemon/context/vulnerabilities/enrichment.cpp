#include "context/vulnerabilities/enrichment.h"

#include <algorithm>

#include "base/hash.h"

namespace nw::vulnerabilities {

namespace {

using event::Common;
using event::Value;

enum Field : std::size_t { kOpen, kApplies, kKnownExploited, kVersionAffected, kVersionCve, kFieldCount };
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"nw.dst.cve", "list of text",
     "vulnerabilities that are open, or may be, at the responder, or at the host that a log line comes from"},
    {"nw.cve_applies", "boolean",
     "whether a vulnerability that the event names is open, or may be, at its responder; absent when it names none, or "
     "nobody designated responds"},
    {"nw.cve_known_exploited", "boolean",
     "whether a vulnerability that the event names is known to be exploited; absent when it names none"},
    {"nw.version_affected", "boolean",
     "whether the version that a designated device tells of itself is in an advisory's range; absent when they cannot "
     "be compared"},
    {"nw.version_cve", "list of text", "the vulnerabilities of that version"},
});
static_assert(kFields.size() == kFieldCount && kFieldCount < 8);

constexpr std::uint8_t bit(std::size_t field) noexcept { return static_cast<std::uint8_t>(1U << field); }
constexpr std::uint8_t kNamed = bit(kApplies) | bit(kKnownExploited);
constexpr std::uint8_t kOfVersion = bit(kVersionAffected) | bit(kVersionCve);
constexpr std::size_t kNamesMax = 64;  // CVE ids that one event may name

bool address_in(const event::Event& event, event::FieldId field, IpAddress& out) noexcept {
  const Value* value = event.get(field);
  if (value == nullptr) return false;
  if (value->kind() == Value::Kind::text) return IpAddress::parse_into(value->as_text(), out);
  if (value->kind() != Value::Kind::address) return false;
  out = value->as_address();
  return true;
}

std::string_view text_in(const event::Event& event, event::FieldId field) noexcept {
  const Value* value = event.get(field);
  return value != nullptr && value->kind() == Value::Kind::text ? value->as_text() : std::string_view{};
}

// The CVE ids in a text, or in the texts of a list.
template <class Each>
void each_named(const Value& value, Each each) {
  if (value.kind() == Value::Kind::text) each_cve(value.as_text(), each);
  if (value.kind() != Value::Kind::list) return;
  for (const Value& item : value.as_list())
    if (item.kind() == Value::Kind::text) each_cve(item.as_text(), each);
}

struct Destination {
  const context::Asset* asset = nullptr;
  IpAddress address;
  bool known = false;  // `address` is there
};

// As the register's enrichment has it: the responder, else the host that a log line comes from.
Destination destination_of(const event::Event& event, const context::Registry& registry) {
  Destination out;
  out.known = address_in(event, event::common(Common::resp_h), out.address);
  if (!out.known) {
    const Value* host = event.get(Common::host);
    if (host != nullptr && host->kind() == Value::Kind::text) {
      if (const auto found = registry.find_host(host->as_text())) return {found.asset, found.host->address, true};
      if (const auto* asset = registry.find_asset(host->as_text())) return {asset, {}, false};
    }
    out.known = address_in(event, event::common(Common::host), out.address);
  }
  if (out.known) out.asset = registry.find(out.address).asset;
  return out;
}

void set_list(event::Event& event, event::FieldId field, std::span<const std::string_view> texts) {
  const auto kept = event.arena().make<Value>(texts.size());
  if (kept.empty()) return;  // the event's budget is spent: the field stays away
  std::ranges::transform(texts, kept.begin(), [](std::string_view text) { return Value::text(text); });
  event.set(field, Value::list(kept));
}

}  // namespace

Enricher::Enricher(event::Schema& schema) {
  for (const event::FieldSpec& field : kFields) ids_.push_back(schema.add_field(field.name));
  const auto add = [&schema](std::string_view name) { return schema.add_field(name); };
  std::ranges::transform(kNamingFields, naming_.begin(), add);
  std::ranges::transform(kSpeakingFields, speaking_.begin(), add);
}

std::span<const event::FieldSpec> Enricher::fields() { return kFields; }

void Enricher::subscribe(event::Interest& interest, const event::Schema& schema) const {
  for (std::size_t i = 0; i < schema.type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    const event::Type& spec = schema.type(type);
    if (!interest.wants(type)) continue;
    const auto want = [&](std::span<const event::FieldId> fields) {
      for (const event::FieldId field : fields)
        if (std::ranges::find(spec.fields, field) != spec.fields.end() || spec.open_to(schema.field_name(field)))
          interest.want(type, field);
    };
    if (interest.wants(type, ids_[kApplies]) || interest.wants(type, ids_[kKnownExploited])) want(naming_);
    if (interest.wants(type, ids_[kVersionAffected]) || interest.wants(type, ids_[kVersionCve])) want(speaking_);
  }
}

Enrichment::Enrichment(const Enricher& enricher, const ExposureMap& exposures, const context::Registry& registry,
                       const event::Interest& interest)
    : enricher_{&enricher}, exposures_{&exposures}, registry_{&registry}, interest_{&interest}, judged_(kJudged) {}

std::uint8_t Enrichment::wanted(event::TypeId type) {
  if (index(type) >= wanted_.size()) wanted_.resize(index(type) + 1, kUnasked);
  std::uint8_t& wanted = wanted_[index(type)];
  if (wanted != kUnasked) return wanted;
  wanted = 0;
  for (std::size_t i = 0; i < kFieldCount; ++i)
    if (interest_->wants(type, enricher_->ids_[i])) wanted |= bit(i);
  return wanted;
}

void Enrichment::enrich(event::Event& event) {
  const std::uint8_t wanted = this->wanted(event.type());
  if (wanted == 0) return;
  if ((wanted & kOfVersion) != 0) version(event, wanted);
  if ((wanted & (kNamed | bit(kOpen))) == 0) return;
  const Destination destination = destination_of(event, *registry_);
  const bool designated = destination.asset != nullptr;
  const ExposureMap::Open* open =
      designated ? exposures_->open_at(destination.asset->id, destination.known ? &destination.address : nullptr)
                 : nullptr;
  if (open != nullptr && (wanted & bit(kOpen)) != 0) event.set(enricher_->ids_[kOpen], Value::list(open->cves));
  if ((wanted & kNamed) != 0) named(event, wanted, open, designated);
}

void Enrichment::named(event::Event& event, std::uint8_t wanted, const ExposureMap::Open* open, bool designated) {
  std::size_t names = 0;
  bool applies = false, exploited = false;
  for (const event::FieldId field : enricher_->naming_) {
    const Value* value = event.get(field);
    if (value == nullptr) continue;
    each_named(*value, [&](std::string_view text) {
      if (++names > kNamesMax) return;
      const std::string cve = cve_id(text);
      applies = applies || (open != nullptr && open->find(cve) != nullptr);
      exploited = exploited || exposures_->knowledge().known_exploited(cve);
    });
  }
  if (names == 0) return;
  if (designated && (wanted & bit(kApplies)) != 0) event.set(enricher_->ids_[kApplies], Value::boolean(applies));
  if ((wanted & bit(kKnownExploited)) != 0) event.set(enricher_->ids_[kKnownExploited], Value::boolean(exploited));
}

void Enrichment::version(event::Event& event, std::uint8_t wanted) {
  IpAddress address;
  if (!address_in(event, enricher_->speaking_[0], address)) return;
  const context::Registry::Found found = registry_->find(address);
  if (!found) return;
  const Item item{text_in(event, enricher_->speaking_[1]), text_in(event, enricher_->speaking_[2]),
                  text_in(event, enricher_->speaking_[3]), text_in(event, enricher_->speaking_[4])};
  if (item.version.empty()) return;
  std::uint64_t words = hash64(found.asset->id);
  for (const std::string_view text : {item.vendor, item.product, item.version, item.order_number})
    words = hash64(text, words);
  words |= 1U;  // 0 is an empty place
  Judged& judged = judged_[(words >> 8U) & (kJudged - 1)];
  if (judged.words != words) {
    std::vector<std::string> remedied;
    for (const context::Product& product : found.asset->products)
      if (vendor_key(product.vendor) == vendor_key(item.vendor) &&
          ProductName{product.product}.compare(ProductName{item.product}) != Likeness::none)
        remedied.insert(remedied.end(), product.remedied.begin(), product.remedied.end());
    judged = {words, exposures_->knowledge().judge_version(item, remedied)};
  }
  const Knowledge::VersionVerdict& verdict = judged.verdict;
  if (verdict.affected == Within::unknown) return;
  if ((wanted & bit(kVersionAffected)) != 0)
    event.set(enricher_->ids_[kVersionAffected], Value::boolean(verdict.affected == Within::yes));
  if ((wanted & bit(kVersionCve)) != 0) set_list(event, enricher_->ids_[kVersionCve], verdict.cves);
}

}  // namespace nw::vulnerabilities
