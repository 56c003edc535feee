// A feed that is a STIX 2.1 bundle (OASIS, 10 June 2021): its `indicator` objects. Validity, confidence, labels and
// markings come along; a revoked one, and a pattern that is not understood (stix_pattern.h), do not.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "context/indicators/feed.h"
#include "context/indicators/json_document.h"
#include "context/indicators/stix_pattern.h"

namespace nw::context {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// Marking definitions that everybody has under the same id: FIRST TLP 2.0's (October 2022), and those of TLP 1 in the
// STIX 2.1 specification, section 7.2.1.4.
struct Marking {
  std::string_view id;
  Tlp tlp;
};
constexpr auto kMarkings = std::to_array<Marking>({
    {"94868c89-83c2-464b-929b-a1a8aa3c8487", Tlp::clear},
    {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", Tlp::green},
    {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", Tlp::amber},
    {"939a9414-2ddd-4d32-a0cd-375ea402b003", Tlp::amber_strict},
    {"e828b379-4e03-4974-9ac4-e53a884c97c1", Tlp::red},
    {"613f2e26-407d-48c7-9eca-b8e91df99dc9", Tlp::clear},
    {"34098fce-860f-48ae-8e50-ebd3cc5e41da", Tlp::green},
    {"f88d31f6-486f-44da-b317-01333bde0b82", Tlp::amber},
    {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", Tlp::red},
});
constexpr std::string_view kMarkingPrefix = "marking-definition--";

class StixReader {
 public:
  explicit StixReader(Feed& feed) : feed_{feed} {}

  void read(element root) {
    object bundle;
    simdjson::dom::array objects;
    if (root.get(bundle) != simdjson::SUCCESS || JsonDocument::text(bundle, "type") != "bundle" ||
        bundle["objects"].get(objects) != simdjson::SUCCESS)
      return feed_.error({}, "stix-syntax", "it is no STIX bundle with objects",
                         "a bundle begins with {\"type\":\"bundle\"");
    object item;
    for (const element each : objects)
      if (each.get(item) == simdjson::SUCCESS && JsonDocument::text(item, "type") == "marking-definition")
        read_marking(item);
    for (const element each : objects)
      if (each.get(item) == simdjson::SUCCESS && JsonDocument::text(item, "type") == "indicator") read_indicator(item);
  }

 private:
  struct Marks {
    Tlp tlp = Tlp::unset;
    Pap pap = Pap::unset;
  };

  // What the bundle itself defines: by its name, "TLP:AMBER" or "PAP:RED". Those with ids that everybody knows are not
  // believed a second time.
  void read_marking(object definition) {
    Marks marks;
    for (const std::string_view key : {std::string_view{"name"}, std::string_view{"definition"}}) {
      std::string_view text = JsonDocument::text(definition, key);
      object inner;
      if (text.empty() && definition[key].get(inner) == simdjson::SUCCESS) {
        text = JsonDocument::text(inner, "tlp");
        if (text.empty()) text = JsonDocument::text(inner, "statement");
      }
      const std::string lower = to_ascii_lower(text);
      if (lower.starts_with("pap:")) {
        if (const auto pap = parse_pap(lower)) marks.pap = *pap;
      } else if (const auto tlp = parse_tlp(lower)) {
        marks.tlp = *tlp;
      }
    }
    // Others, such as a copyright statement, say nothing of sharing.
    defined_.insert_or_assign(JsonDocument::text(definition, "id"), marks);
  }

  // False: a marking that nobody defines. How strict it is cannot be known.
  bool read_marks(object indicator, IndicatorRecord& record) const {
    bool known = true;
    JsonDocument::each(indicator, "object_marking_refs", [&](element item) {
      std::string_view id;
      if (item.get(id) != simdjson::SUCCESS) {
        known = false;
        return;
      }
      const std::string_view bare = id.starts_with(kMarkingPrefix) ? id.substr(kMarkingPrefix.size()) : id;
      if (const auto fixed = std::ranges::find(kMarkings, bare, &Marking::id); fixed != kMarkings.end()) {
        record.tlp = std::max(record.tlp, fixed->tlp);
      } else if (const auto own = defined_.find(id); own != defined_.end()) {
        record.tlp = std::max(record.tlp, own->second.tlp);
        record.pap = std::max(record.pap, own->second.pap);
      } else {
        known = false;
      }
    });
    return known;
  }

  static void read_labels(object indicator, IndicatorRecord& record) {
    for (const std::string_view key : {std::string_view{"labels"}, std::string_view{"indicator_types"}})
      JsonDocument::each(indicator, key, [&](element item) {
        std::string_view label;
        if (item.get(label) != simdjson::SUCCESS) return;
        const bool marked = label.find(':') != std::string_view::npos;
        if (const auto tlp = parse_tlp(label); marked && tlp)
          record.tlp = std::max(record.tlp, *tlp);
        else if (const auto pap = parse_pap(label); marked && pap)
          record.pap = std::max(record.pap, *pap);
        else
          record.labels.emplace_back(label);
      });
  }

  static bool read_time(object indicator, std::string_view key, std::optional<Timestamp>& out) {
    const std::string_view text = JsonDocument::text(indicator, key);
    if (text.empty()) return true;
    const auto time = parse_rfc3339(text);
    if (time) out = *time;
    return time.has_value();
  }

  void read_indicator(object indicator) {
    const std::string_view id = JsonDocument::text(indicator, "id");
    if (JsonDocument::flag(indicator, "revoked")) return feed_.refuse(Refusal::revoked, id, {});
    const std::string_view type = JsonDocument::text(indicator, "pattern_type");
    if (type != "stix" && !type.empty())
      return feed_.refuse(Refusal::unsupported, id, {}, "its pattern is of type " + printable(type, 32));
    const auto values = read_stix_pattern(JsonDocument::text(indicator, "pattern"));
    if (!values) return feed_.refuse(Refusal::not_understood, id, {}, values.error().what);
    IndicatorRecord record;
    record.id = id;
    std::optional<Timestamp> seen;
    if (!read_time(indicator, "valid_from", record.from) || !read_time(indicator, "valid_until", record.until) ||
        !read_time(indicator, "modified", seen))
      return feed_.refuse(Refusal::bad_value, id, {}, "one of its times is none");
    if (const std::int64_t confidence = JsonDocument::number(indicator, "confidence", -1);
        confidence >= 0 && confidence <= 100)
      record.confidence = static_cast<std::uint8_t>(confidence);
    read_labels(indicator, record);
    if (!read_marks(indicator, record)) {
      record.tlp = Tlp::red;
      record.pap = Pap::red;
      record.labels.insert(record.labels.begin(), "marking-not-known");
    }
    for (const StixValue& value : *values) feed_.add(value.kind, value.value, record, seen, {});
  }

  Feed& feed_;
  std::map<std::string_view, Marks> defined_;
};

}  // namespace

void read_stix_feed(std::string_view text, Feed& feed) {
  JsonDocument document;
  if (const auto parsed = document.parse(text); !parsed)
    return feed.error({}, "json-syntax", parsed.error().what, "export it again: nothing of it was taken");
  StixReader{feed}.read(document.root());
}

}  // namespace nw::context
