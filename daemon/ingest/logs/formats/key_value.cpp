// key=value text that no other format here knows: logfmt (as go-logfmt and Heroku write it) and its like. Only by
// configuration: many messages hold a '='.
#include <array>
#include <string>

#include "base/text.h"
#include "ingest/logs/formats/json_text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pair_fields.h"
#include "ingest/logs/formats/stated_time.h"

namespace nw::logs {

namespace {

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"src_ip", "address", "the source: src_ip, src, srcip, saddr"},
    {"src_port", "integer", "its port: src_port, spt, sport, srcport"},
    {"dst_ip", "address", "the destination: dst_ip, dst, dstip, daddr"},
    {"dst_port", "integer", "its port: dst_port, dpt, dport, dstport"},
});

constexpr auto kRoles = std::to_array<RoleName>({
    {"@timestamp", Role::time}, {"DPT", Role::resp_p},    {"DST", Role::resp_h},      {"PROTO", Role::proto},
    {"SPT", Role::orig_p},      {"SRC", Role::orig_h},    {"daddr", Role::resp_h},    {"date", Role::date},
    {"dport", Role::resp_p},    {"dpt", Role::resp_p},    {"dst", Role::resp_h},      {"dst_ip", Role::resp_h},
    {"dst_port", Role::resp_p}, {"dstip", Role::resp_h},  {"dstport", Role::resp_p},  {"proto", Role::proto},
    {"protocol", Role::proto},  {"saddr", Role::orig_h},  {"sport", Role::orig_p},    {"spt", Role::orig_p},
    {"src", Role::orig_h},      {"src_ip", Role::orig_h}, {"src_port", Role::orig_p}, {"srcip", Role::orig_h},
    {"srcport", Role::orig_p},  {"time", Role::clock},    {"timestamp", Role::time},  {"ts", Role::time},
});

constexpr std::array<event::TypeSpec, 1> kTypes{{{"key_value", "", {}, {}, kFields, true}}};

FieldKind kind_of(Role role) {
  switch (role) {
    case Role::orig_h:
    case Role::resp_h: return FieldKind::address;
    case Role::orig_p:
    case Role::resp_p: return FieldKind::integer;
    default: return FieldKind::text;
  }
}

// "192.0.2.1:1024:X0": an IPv4 address with its port, and what SonicWall puts behind them.
void split_end(std::string_view& host, std::string_view& port) {
  const std::size_t colon = host.find(':');
  IpAddress address;
  if (colon == std::string_view::npos || !port.empty() || !IpAddress::parse_into(host.substr(0, colon), address))
    return;
  const std::string_view rest = host.substr(colon + 1);
  port = rest.substr(0, rest.find(':'));
  host = host.substr(0, colon);
}

class KeyValueReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (const LineFault fault = pairs_.scan_words(message.text, QuoteEnd::first); fault != LineFault::none)
      return fault;
    if (!has_pair()) return LineFault::bad_header;
    if (!out.wants(0)) return LineFault::none;
    fields_.note(pairs_.pairs());
    MessageWriter writer = out.begin(0, message, better_time(time_of(message), message.time));
    fill(writer);
    out.emit();
    return LineFault::none;
  }

 private:
  [[nodiscard]] bool has_pair() const {
    for (const KeyValue& pair : pairs_.pairs())
      if (!pair.bare) return true;
    return false;
  }

  // A time of its own, or a date and a time.
  [[nodiscard]] LogTime time_of(const Message& message) const {
    const std::string_view date = fields_.said(Role::date), clock = fields_.said(Role::clock);
    LogTime time = message.time;
    std::array<char, 64> joined{};
    if (!date.empty() && !clock.empty() && date.size() + clock.size() < joined.size()) {
      date.copy(joined.data(), date.size());
      joined[date.size()] = ' ';
      clock.copy(joined.data() + date.size() + 1, clock.size());
    }
    const std::string_view both{joined.data(), joined[0] == 0 ? 0 : date.size() + 1 + clock.size()};
    for (const std::string_view text : {fields_.said(Role::time), clock, both})
      if (parse_stated_time(text, message.origin.receive_time, message.zone, time)) break;
    return time;
  }

  void fill(MessageWriter& out) {
    Ends ends = fields_.ends();
    split_end(ends.orig_h, ends.orig_p);
    split_end(ends.resp_h, ends.resp_p);
    set_ends(out, ends, FirewallNames::first);
    if (out.closed()) return;
    const std::span<const KeyValue> pairs = pairs_.pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const KeyValue& pair = pairs[i];
      const PairFields::Field* const field = fields_.field(i);
      // Set with the ends.
      if (field != nullptr && (field->local != PairFields::Field::kUndeclared || pair.key == "proto")) continue;
      if (!out.wants_named(pair.key)) continue;
      if (pair.bare)
        out.set(pair.key, event::Value::boolean(true));
      else if (!pair.value.empty())
        out.set(pair.key, value_of(kind_of(field == nullptr ? Role::none : field->role), plain(out, pair)));
    }
  }

  std::string_view plain(MessageWriter& out, const KeyValue& pair) {
    if (!pair.quoted || pair.value.find('\\') == std::string_view::npos) return pair.value;
    unescaped_.clear();
    if (append_unescaped(pair.value, unescaped_)) return out.event().keep(unescaped_);
    return unescape(out.event().arena(), pair.value, "\"\\", "\"\\");
  }

  PairFields fields_{kFields, kRoles};
  KeyValues pairs_;
  std::string unescaped_;
};

std::unique_ptr<MessageReader> make() { return std::make_unique<KeyValueReader>(); }

}  // namespace

const MessageFormat& key_value_format() {
  static constexpr MessageFormat kFormat{"key_value", "key=value pairs, logfmt", kTypes, {}, nullptr, make};
  return kFormat;
}

}  // namespace nw::logs
