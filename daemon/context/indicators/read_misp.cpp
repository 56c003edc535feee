// A feed in MISP's core format (draft-dulaunoy-misp-core-format): an event, a list of events, what a search answers, or
// the file of a MISP feed. Attributes, also those of objects, become indicators when they are meant for detection
// (`to_ids`); tags of the event and of the attribute say TLP and PAP (the strictest holds), the others are labels.
//
// An address with a port becomes the address with the label port:N: which port is used changes sooner. Where one
// attribute has two values (domain|ip), each is one.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "context/indicators/feed.h"
#include "context/indicators/json_document.h"

namespace nw::context {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

enum class Second : std::uint8_t { none, port, address, digest };

// What an attribute's type means; of a|b the part before '|', and what stands behind it. `digest`: only that counts.
struct MispType {
  std::string_view name;
  IndicatorKind kind;
  Second second = Second::none;
};
constexpr auto kMispTypes = std::to_array<MispType>({
    {"domain", IndicatorKind::domain},
    {"domain|ip", IndicatorKind::domain, Second::address},
    {"filename|md5", IndicatorKind::md5, Second::digest},
    {"filename|sha1", IndicatorKind::sha1, Second::digest},
    {"filename|sha256", IndicatorKind::sha256, Second::digest},
    {"hostname", IndicatorKind::hostname},
    {"hostname|port", IndicatorKind::hostname, Second::port},
    {"ip-dst", IndicatorKind::address},
    {"ip-dst|port", IndicatorKind::address, Second::port},
    {"ip-src", IndicatorKind::address},
    {"ip-src|port", IndicatorKind::address, Second::port},
    {"ja3-fingerprint-md5", IndicatorKind::ja3},
    {"malware-sample", IndicatorKind::md5, Second::digest},
    {"md5", IndicatorKind::md5},
    {"sha1", IndicatorKind::sha1},
    {"sha256", IndicatorKind::sha256},
    {"url", IndicatorKind::url},
    {"x509-fingerprint-sha1", IndicatorKind::cert_sha1},
    {"x509-fingerprint-sha256", IndicatorKind::cert_sha256},
});
static_assert(std::ranges::is_sorted(kMispTypes, {}, &MispType::name));

void read_tags(object of, IndicatorRecord& record) {
  JsonDocument::each(of, "Tag", [&record](element item) {
    object tag;
    if (item.get(tag) != simdjson::SUCCESS) return;
    const std::string_view name = JsonDocument::text(tag, "name");
    if (const auto tlp = parse_tlp(name); tlp && name.find(':') != std::string_view::npos)
      record.tlp = std::max(record.tlp, *tlp);
    else if (const auto pap = parse_pap(name); pap && name.find(':') != std::string_view::npos)
      record.pap = std::max(record.pap, *pap);
    else if (!name.empty())
      record.labels.emplace_back(name);
  });
}

class MispReader {
 public:
  explicit MispReader(Feed& feed) : feed_{feed} {}

  void read(element root) {
    simdjson::dom::array list;
    object one;
    if (root.get(list) == simdjson::SUCCESS) {
      for (const element item : list)
        if (item.get(one) == simdjson::SUCCESS) read_object(one);
    } else if (root.get(one) == simdjson::SUCCESS) {
      read_object(one);
    }
    if (events_ == 0)
      feed_.error({}, "misp-syntax", "there is no event in it, and none of the values of one",
                  "export as MISP JSON; other formats are csv, list and stix");
  }

 private:
  // {"Event": {...}}, {"response": ...}, or the event or the attributes themselves.
  void read_object(object outer, int depth = 0) {
    object inner;
    simdjson::dom::array list;
    if (outer["Event"].get(inner) == simdjson::SUCCESS) {
      read_event(inner);
    } else if (depth < 2 && outer["response"].get(inner) == simdjson::SUCCESS) {
      read_object(inner, depth + 1);
    } else if (depth < 2 && outer["response"].get(list) == simdjson::SUCCESS) {
      for (const element item : list)
        if (item.get(inner) == simdjson::SUCCESS) read_object(inner, depth + 1);
    } else if (outer["Attribute"].error() == simdjson::SUCCESS || outer["Object"].error() == simdjson::SUCCESS) {
      read_event(outer);
    }
  }

  void read_event(object event) {
    ++events_;
    IndicatorRecord record;
    read_tags(event, record);
    read_attributes(event, record);
    JsonDocument::each(event, "Object", [&](element item) {
      object part;
      if (item.get(part) != simdjson::SUCCESS) return;
      if (!JsonDocument::flag(part, "deleted")) return read_attributes(part, record);
      feed_.refuse(Refusal::revoked, JsonDocument::text(part, "name"), {});
    });
  }

  void read_attributes(object of, const IndicatorRecord& event) {
    JsonDocument::each(of, "Attribute", [&](element item) {
      object attribute;
      if (item.get(attribute) == simdjson::SUCCESS) read_attribute(attribute, event);
    });
  }

  void read_attribute(object attribute, const IndicatorRecord& event) {
    const std::string_view type = JsonDocument::text(attribute, "type");
    const std::string_view value = JsonDocument::text(attribute, "value");
    const auto known = std::ranges::find(kMispTypes, type, &MispType::name);
    if (JsonDocument::flag(attribute, "deleted")) return feed_.refuse(Refusal::revoked, value, {});
    if (!JsonDocument::flag(attribute, "to_ids")) return feed_.refuse(Refusal::not_for_ids, value, {});
    if (known == kMispTypes.end()) return feed_.refuse(Refusal::unsupported, type, {});
    IndicatorRecord record = event;
    record.id = JsonDocument::text(attribute, "uuid");
    read_tags(attribute, record);
    // first_seen is when it was seen, not from when on it counts: what is played from before then is of interest, too.
    std::optional<Timestamp> seen;
    const std::string_view last = JsonDocument::text(attribute, "last_seen");
    if (!last.empty()) {
      const auto time = parse_rfc3339(last);
      if (!time) return feed_.refuse(Refusal::bad_value, value, {}, "its last_seen is no time");
      seen = *time;
    } else if (const std::int64_t stamp = JsonDocument::number(attribute, "timestamp", 0);
               stamp > 0 && stamp < std::int64_t{1} << 33) {
      seen = Timestamp{std::chrono::seconds{stamp}};
    }
    add(*known, value, std::move(record), seen);
  }

  void add(const MispType& type, std::string_view value, IndicatorRecord record, std::optional<Timestamp> seen) {
    const std::size_t bar = value.rfind('|');
    const std::string_view second = bar == std::string_view::npos ? std::string_view{} : value.substr(bar + 1);
    if (type.second == Second::digest) {
      feed_.add(type.kind, second, std::move(record), seen, {});
      return;
    }
    if (type.second == Second::port && !second.empty())
      record.labels.insert(record.labels.begin(), "port:" + std::string{second});
    if (type.second == Second::address) feed_.add(IndicatorKind::address, second, record, seen, {});
    const std::string_view first = type.second == Second::none ? value : value.substr(0, bar);
    feed_.add(type.kind, first, std::move(record), seen, {});
  }

  Feed& feed_;
  std::size_t events_ = 0;
};

}  // namespace

void read_misp_feed(std::string_view text, Feed& feed) {
  JsonDocument document;
  if (const auto parsed = document.parse(text); !parsed)
    return feed.error({}, "json-syntax", parsed.error().what, "export it again: nothing of it was taken");
  MispReader{feed}.read(document.root());
}

}  // namespace nw::context
