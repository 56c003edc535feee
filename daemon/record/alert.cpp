#include "record/alert.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <concepts>
#include <cstdio>
#include <limits>
#include <unordered_set>
#include <variant>

#include "base/hash.h"
#include "base/text.h"
#include "context/registry/vocabulary.h"
#include "record/entry.h"
#include "record/merkle/canonical.h"

namespace nw::record {

namespace {

namespace json = boost::json;

using Text = std::string Alert::*;
using Texts = std::vector<std::string> Alert::*;
using Time = Timestamp Alert::*;
using Number = std::uint64_t Alert::*;
using Port = std::uint16_t Alert::*;
using Flag = bool Alert::*;

struct Member {
  std::string_view name;
  std::variant<Text, Texts, Time, Number, Port, Flag> member;
  bool required = false;  // a text that must not be empty
};

// The order in which they are written. Atoms, fields and `shortened` follow.
constexpr auto kMembers = std::to_array<Member>({
    {"id", &Alert::id, true},
    {"event_time", &Alert::event_time},
    {"receive_time", &Alert::receive_time},
    {"time_quality", &Alert::time_quality},
    {"source", &Alert::source},
    {"ordinal", &Alert::ordinal},
    {"path", &Alert::path},
    {"rule_id", &Alert::rule_id, true},
    {"rule_title", &Alert::rule_title},
    {"rule_file", &Alert::rule_file},
    {"level", &Alert::level},
    {"family", &Alert::family},
    {"rule_level", &Alert::rule_level},
    {"tags", &Alert::tags},
    {"norm", &Alert::norm},
    {"norm_text", &Alert::norm_text},
    {"limits", &Alert::limits},
    {"asset", &Alert::asset},
    {"asset_name", &Alert::asset_name},
    {"sector", &Alert::sector},
    {"asset_class", &Alert::asset_class},
    {"disclosure", &Alert::disclosure},
    {"secret_end", &Alert::secret_end},
    {"impact", &Alert::impact},
    {"maintenance", &Alert::maintenance},
    {"maintenance_until", &Alert::maintenance_until},
    {"quiet", &Alert::quiet},
    {"regime", &Alert::regime},
    {"regime_kind", &Alert::regime_kind},
    {"regime_basis", &Alert::regime_basis},
    {"hooks", &Alert::hooks},
    {"tlp", &Alert::tlp},
    {"retain_days", &Alert::retain_days},
    {"missing_evidence", &Alert::missing_evidence},
    {"indicator_tlp", &Alert::indicator_tlp},
    {"pap", &Alert::pap},
    {"uid", &Alert::uid},
    {"community_id", &Alert::community_id},
    {"source_address", &Alert::source_address},
    {"source_port", &Alert::source_port},
    {"destination_address", &Alert::destination_address},
    {"destination_port", &Alert::destination_port},
    {"protocol", &Alert::protocol},
    {"host", &Alert::host},
    {"packets_seen", &Alert::packets_seen},
    {"packets_lost", &Alert::packets_lost},
    {"stream_gap_bytes", &Alert::stream_gap_bytes},
    {"flow_gap_bytes", &Alert::flow_gap_bytes},
});

struct AtomMember {
  std::string_view name;
  std::string AlertAtom::*member;
};
constexpr auto kAtomMembers = std::to_array<AtomMember>({
    {"field", &AlertAtom::field},
    {"op", &AlertAtom::op},
    {"pattern", &AlertAtom::pattern},
    {"value", &AlertAtom::value},
});

// `,"atoms":[],"fields":{},"shortened":true}` and a few bytes to spare.
constexpr std::size_t kTailBytes = 64;
constexpr std::size_t kListFrameBytes = 16;  // `,"fields":{` and `}`, or the same for atoms
constexpr std::size_t kCutTextBytes = 256;
// Names, and what is no text, take up less than this each.
constexpr std::size_t kMemberFrameBytes = 64;
constexpr std::size_t kTextMembers =
    static_cast<std::size_t>(std::count_if(kMembers.begin(), kMembers.end(), [](const Member& member) {
      return std::holds_alternative<Text>(member.member);
    }));
// All texts of the table, each byte written as \u00XX, must fit when cut: else shortening could fail. Lists are left
// out.
static_assert(kTextMembers * 6 * kCutTextBytes + kMembers.size() * kMemberFrameBytes + kTailBytes < kBodyBytesMax);
// Depth that unknown members may have; ours need three.
constexpr std::size_t kDepthMax = 16;

enum class Extent { whole, cut };

std::string_view cut_text(std::string_view text, Extent extent) {
  if (extent == Extent::whole || text.size() <= kCutTextBytes) return text;
  std::size_t end = kCutTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not inside a UTF-8 sequence
  return text.substr(0, end);
}

// Writes one member after the last one.
class MemberWriter {
 public:
  MemberWriter(const Alert& alert, Extent extent, std::string& out) : alert_{alert}, extent_{extent}, out_{out} {}

  void write(const Member& member) {
    name_ = member.name;
    std::visit([this](auto pointer) { value(alert_.*pointer); }, member.member);
  }

 private:
  void value(const std::string& text) {
    if (text.empty()) return;
    begin();
    append_json_string(cut_text(text, extent_), out_);
  }
  void value(const std::vector<std::string>& texts) {
    if (texts.empty() || extent_ == Extent::cut) return;
    begin();
    char separator = '[';
    for (const std::string& text : texts) {
      out_ += separator;
      append_json_string(text, out_);
      separator = ',';
    }
    out_ += ']';
  }
  void value(Timestamp time) {
    begin();
    append_json_string(to_rfc3339(time, 9), out_);
  }
  template <std::same_as<bool> Flag>
  void value(Flag flag) {
    if (!flag) return;
    begin();
    out_ += "true";
  }
  template <class Number>
  requires(std::unsigned_integral<Number> && !std::same_as<Number, bool>) void value(Number number) {
    if (number == 0) return;
    begin();
    // A JSON number is a double (RFC 7493 section 2.2).
    out_ += std::to_string(std::min<std::uint64_t>(number, static_cast<std::uint64_t>(merkle::kCanonicalIntegerMax)));
  }
  void begin() {
    out_ += out_.empty() ? "{\"" : ",\"";
    out_ += name_;
    out_ += "\":";
  }

  const Alert& alert_;
  Extent extent_;
  std::string& out_;
  std::string_view name_;
};

// The object's beginning: every member of the table.
std::string head_json(const Alert& alert, Extent extent) {
  std::string out;
  MemberWriter writer{alert, extent, out};
  for (const Member& member : kMembers) writer.write(member);
  return out;
}

std::string atom_json(const AlertAtom& atom) {
  std::string out;
  for (const AtomMember& member : kAtomMembers) {
    const std::string& text = atom.*member.member;
    if (text.empty()) continue;
    out += out.empty() ? "{\"" : ",\"";
    out.append(member.name).append("\":");
    append_json_string(text, out);
  }
  return out.empty() ? "{}" : out + '}';
}

// A list's items, joined; an item that finds no room is left out and said in `cut`.
class Items {
 public:
  Items(std::size_t room, bool& cut) : room_{room}, cut_{cut} {}
  void add(std::string_view item) {
    if (text_.size() + item.size() + 1 > room_) {
      cut_ = true;
      return;
    }
    if (!text_.empty()) text_ += ',';
    text_ += item;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t room_;
  bool& cut_;
  std::string text_;
};

// ---- reading ----

Error bad_member(std::string_view name, std::string_view why) {
  return Error{Errc::malformed, "alert: member `" + std::string{name} + "` " + std::string{why}};
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

class MemberReader {
 public:
  explicit MemberReader(Alert& alert) : alert_{alert} {}

  // What is wrong with the value, or nothing.
  std::string_view read(const Member& member, const json::value* value) {
    if (value == nullptr) {
      const bool time = std::holds_alternative<Time>(member.member);
      return member.required || time ? "is missing" : "";
    }
    return std::visit([&](auto pointer) { return into(alert_.*pointer, *value, member.required); }, member.member);
  }

 private:
  static std::string_view into(std::string& out, const json::value& value, bool required) {
    const auto* text = value.if_string();
    if (text == nullptr) return "is no text";
    if (required && text->empty()) return "is empty";
    out = view(*text);
    return {};
  }
  static std::string_view into(std::vector<std::string>& out, const json::value& value, bool /*required*/) {
    const auto* list = value.if_array();
    if (list == nullptr) return "is no list of texts";
    for (const auto& item : *list) {
      const auto* text = item.if_string();
      if (text == nullptr) return "is no list of texts";
      out.emplace_back(view(*text));
    }
    return {};
  }
  static std::string_view into(Timestamp& out, const json::value& value, bool /*required*/) {
    const auto* text = value.if_string();
    if (text == nullptr) return "is no time";
    const auto time = parse_rfc3339(view(*text));
    if (!time) return "is no time";
    out = *time;
    return {};
  }
  static std::string_view into(bool& out, const json::value& value, bool /*required*/) {
    if (!value.is_bool()) return "is neither true nor false";
    out = value.get_bool();
    return {};
  }
  template <class Unsigned>
  static std::string_view into(Unsigned& out, const json::value& value, bool /*required*/) {
    std::uint64_t number = 0;
    if (const auto* u = value.if_uint64())
      number = *u;
    else if (const auto* i = value.if_int64(); i != nullptr && *i >= 0)
      number = static_cast<std::uint64_t>(*i);
    else
      return "is no whole number of 0 or more";
    if (number > std::numeric_limits<Unsigned>::max()) return "is too large";
    out = static_cast<Unsigned>(number);
    return {};
  }

  Alert& alert_;
};

Result<> read_atoms(const json::value& value, Alert& alert) {
  const auto* list = value.if_array();
  if (list == nullptr) return bad_member("atoms", "is no list");
  for (const auto& item : *list) {
    const auto* object = item.if_object();
    if (object == nullptr) return bad_member("atoms", "has an item that is no object");
    AlertAtom& atom = alert.atoms.emplace_back();
    for (const AtomMember& member : kAtomMembers) {
      const auto* text = object->if_contains(member.name);
      if (text == nullptr) continue;
      if (!text->is_string()) return bad_member("atoms." + std::string{member.name}, "is no text");
      atom.*member.member = view(text->get_string());
    }
  }
  return {};
}

Result<> read_fields(const json::value& value, Alert& alert) {
  const auto* object = value.if_object();
  if (object == nullptr) return bad_member("fields", "is no object");
  for (const auto& field : *object) {
    if (!field.value().is_string()) return bad_member("fields." + printable(field.key(), 64), "is no text");
    alert.fields.emplace_back(field.key(), view(field.value().get_string()));
  }
  return {};
}

}  // namespace

std::string Alert::to_json() const {
  bool cut = shortened;
  std::string out = head_json(*this, Extent::whole);
  if (out.size() + kTailBytes > kBodyBytesMax) {
    out = head_json(*this, Extent::cut);
    cut = true;
  }
  // What is left for a list's items, besides its own name and brackets.
  const auto room = [&out] {
    const std::size_t used = out.size() + kTailBytes + kListFrameBytes;
    return used < kBodyBytesMax ? kBodyBytesMax - used : std::size_t{0};
  };
  Items atom_items{room(), cut};
  for (const AlertAtom& atom : atoms) atom_items.add(atom_json(atom));
  if (!atom_items.text().empty()) out.append(",\"atoms\":[").append(atom_items.text()).append("]");

  Items field_items{room(), cut};
  std::unordered_set<std::string> names;  // an object's names are unique (RFC 7493 section 2.3): the first one stays
  for (const auto& [name, value] : fields) {
    std::string item;
    append_json_string(name, item);
    if (!names.insert(item).second) continue;
    item += ':';
    append_json_string(value, item);
    field_items.add(item);
  }
  if (!field_items.text().empty()) out.append(",\"fields\":{").append(field_items.text()).append("}");
  if (cut) out += ",\"shortened\":true";
  out += '}';
  return out;
}

Result<Alert> Alert::from_json(std::string_view text) {
  if (text.size() > kEntryBytesMax) return Error{Errc::malformed, "alert: longer than 65535 bytes"};
  std::array<unsigned char, 16 * 1024> scratch;
  json::monotonic_resource memory{scratch.data(), scratch.size()};
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  const json::value parsed = json::parse(text, error, &memory, options);
  if (error) return Error{Errc::malformed, "alert: not JSON: " + error.message()};
  const auto* object = parsed.if_object();
  if (object == nullptr) return Error{Errc::malformed, "alert: not a JSON object"};

  Alert alert;
  MemberReader reader{alert};
  for (const Member& member : kMembers) {
    const std::string_view wrong = reader.read(member, object->if_contains(member.name));
    if (!wrong.empty()) return bad_member(member.name, wrong);
  }
  if (const auto* atoms = object->if_contains("atoms"))
    if (const auto read = read_atoms(*atoms, alert); !read) return read.error();
  if (const auto* fields = object->if_contains("fields"))
    if (const auto read = read_fields(*fields, alert); !read) return read.error();
  if (const auto* shortened = object->if_contains("shortened")) {
    if (!shortened->is_bool()) return bad_member("shortened", "is neither true nor false");
    alert.shortened = shortened->get_bool();
  }
  return alert;
}

std::string Alert::group_key() const {
  std::string key = rule_id;
  key += '\0';
  if (!asset.empty() && disclosure != context::kSecret)
    key.append("asset|").append(asset);
  else if (!destination_address.empty())
    key.append("destination|").append(destination_address);
  else if (!host.empty())
    key.append("host|").append(host);
  else
    key.append("source|").append(source);
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx", static_cast<unsigned long long>(hash64(key)));
  return hex.data();
}

std::string alert_id_of(std::string_view key) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash64(key, 1)),
                static_cast<unsigned long long>(hash64(key, 2)));
  return text.data();
}

int level_rank(std::string_view level) noexcept {
  constexpr auto kLevels = std::to_array<std::string_view>({"informational", "low", "medium", "high", "critical"});
  for (std::size_t i = 0; i < kLevels.size(); ++i)
    if (kLevels[i] == level) return static_cast<int>(i);
  return -1;
}

}  // namespace nw::record
