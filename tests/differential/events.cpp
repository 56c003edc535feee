// The half of the generator that makes events, and the cases as a whole.
#include "base/ip.h"
#include "differential/rules.h"

namespace nw::differential {

namespace {

using Kind = event::Value::Kind;

// RFC 4648; the generator's own, as the reference has its own.
std::string base64(std::string_view bytes) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = held << 8U | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) out += kLetters[held >> (bits - 6) & 63U];
  }
  if (bits > 0) out += kLetters[held << (6 - bits) & 63U];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

Datum text_datum(Dice& dice) {
  Datum out;
  out.kind = Kind::text;
  if (dice.percent(12)) {
    static constexpr auto kInner =
        std::to_array<std::string_view>({"foobar", "evil", "whoami /all", "Get-Item", "xyz"});
    out.inner = dice.of(kInner);
    out.wide = dice.percent(40);
    const std::string tail(dice.below(4), 'q');
    std::string bytes(dice.below(4), 'p');
    for (const char c : out.inner) {
      bytes += c;
      if (out.wide) bytes += '\0';
    }
    out.text = std::string{dice.of(kWords)} + base64(bytes + tail) + (dice.percent(50) ? "" : " -x");
  } else if (dice.percent(8)) {
    static constexpr auto kNumeric = std::to_array<std::string_view>({"4625",
                                                                      "04625",
                                                                      "0x10",
                                                                      "16",
                                                                      "-1",
                                                                      "1e3",
                                                                      "0.5",
                                                                      ".5",
                                                                      "inf",
                                                                      "true",
                                                                      "True",
                                                                      "FALSE",
                                                                      "9007199254740993",
                                                                      "2024-01-01T10:20:30Z",
                                                                      "2020-12-31 23:59:59.5+02:00",
                                                                      "2021-01-03",
                                                                      "1704103200",
                                                                      "20240229T101112Z",
                                                                      "10.0.0.1",
                                                                      "::ffff:10.0.0.1",
                                                                      "2001:DB8::1",
                                                                      "10.0.0.300",
                                                                      ""});
    out.text = dice.of(kNumeric);
  } else {
    out.text = random_text(dice, sigma::kMatcherFindsTails && dice.percent(15) ? 40 : 4);
  }
  return out;
}

Datum number_datum(Dice& dice, Kind kind) {
  static constexpr auto kWhole = std::to_array<std::int64_t>(
      {0, 1, -1, 4625, 46250, 16, 1000, 9007199254740992, 9007199254740993, INT64_MIN, 1704103200});
  static constexpr auto kReal = std::to_array<double>({0.5, 0.25, 4625.0, -1.5, 1e3, 1e300, 9007199254740992.0});
  Datum out;
  out.kind = kind;
  out.integer = dice.of(kWhole);
  out.real = dice.of(kReal);
  if (kind == Kind::boolean) out.integer &= 1;
  if (kind == Kind::time || kind == Kind::interval)
    out.integer = static_cast<std::int64_t>(dice.below(3)) * 500'000'000'500'000'000 + 16 * 1'000'000'000LL;
  return out;
}

Datum datum(Dice& dice, std::size_t depth) {
  static constexpr auto kAddresses = std::to_array<std::string_view>(
      {"10.0.0.1", "10.1.2.3", "192.168.31.255", "172.16.0.1", "2001:db8::1", "fe80::1", "::1"});
  const std::size_t roll = dice.below(100);
  if (roll < 60) return text_datum(dice);
  if (roll < 70) return number_datum(dice, Kind::integer);
  if (roll < 74) return number_datum(dice, Kind::real);
  if (roll < 78) return number_datum(dice, Kind::boolean);
  if (roll < 79) return number_datum(dice, Kind::time);
  if (roll < 80) return number_datum(dice, Kind::interval);
  Datum out;
  if (roll < 84) return out;
  if (roll < 91 || depth == 3) {
    out.kind = Kind::address;
    out.text = dice.of(kAddresses);
    return out;
  }
  out.kind = Kind::list;
  for (std::size_t n = dice.below(4); n > 0; --n) out.items.push_back(datum(dice, depth + 1));
  return out;
}

EventData make_event(Dice& dice, const event::Schema& schema) {
  EventData out;
  out.type = static_cast<event::TypeId>(dice.below(schema.type_count()));
  const event::Type& type = schema.type(out.type);
  for (const std::string_view name : kFields) {
    const bool common = name == "message" || name == "id.orig_h";
    const bool declared = name.size() == 2 && name < "f3";
    if ((type.open || common || declared) && dice.percent(60)) out.fields.emplace_back(name, datum(dice, 0));
  }
  // Two fields that say the same, for fieldref.
  if (out.fields.size() > 1 && dice.percent(30)) {
    out.fields.front().second = out.fields.back().second;
    for (char& c : out.fields.front().second.text)
      if (c >= 'a' && c <= 'z' && dice.percent(30)) c = static_cast<char>(c - 32);
  }
  if (dice.percent(10)) out.fields.emplace_back("uid", text_datum(dice));
  if (dice.percent(30)) out.raw = random_text(dice, 6);
  return out;
}

}  // namespace

event::Value Datum::value(event::Event& event) const {
  using event::Value;
  switch (kind) {
    case Kind::null: return {};
    case Kind::boolean: return Value::boolean(integer != 0);
    case Kind::integer: return Value::integer(integer);
    case Kind::real: return Value::real(real);
    case Kind::text: return Value::text(text);
    case Kind::address: return Value::address(*IpAddress::parse(text));
    case Kind::time: return Value::time(from_unix_nanoseconds(integer));
    case Kind::interval: return Value::interval(Nanoseconds{integer});
    case Kind::list: break;
  }
  const auto room = event.arena().make<Value>(items.size());
  for (std::size_t i = 0; i < room.size(); ++i) room[i] = items[i].value(event);
  return Value::list(room);
}

const Datum* EventData::find(std::string_view name) const {
  for (const auto& [field, value] : fields)
    if (field == name) return &value;
  return nullptr;
}

void EventData::fill(event::Event& event, event::Schema& schema) const {
  event.begin(type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
  for (const auto& [name, value] : fields) event.set(schema.add_field(name), value.value(event));
  event.raw = raw;
}

void add_types(event::Schema& schema) {
  using View = std::string_view;
  static constexpr std::array<View, 1> kOne{"one"}, kTwo{"two"}, kProcess{"proc"};
  static constexpr std::array<View, 2> kBoth{"proc", "file"};
  static constexpr auto kClosed = std::to_array<event::FieldSpec>({{"f0", "", ""}, {"f1", "", ""}, {"f2", "", ""}});
  schema.add_type({"alpha", "alpha", kOne, kProcess, {}, true});
  const event::TypeId renamed = schema.add_type({"alpha2", "alpha", kTwo, kBoth, {}, true});
  schema.add_type({"beta", "beta", {}, {}, kClosed, false, true});
  const event::TypeId gamma = schema.add_type({"gamma", "Gamma", kOne, {}, {}, true});
  schema.add_answer(gamma, {"alpha", "", "file"});
  if (!sigma::kMatcherReadsAliases) return;
  schema.add_alias(renamed, {schema.add_field("f0"), schema.add_field("f3")});
  schema.add_alias(renamed, {schema.add_field("f1"), schema.add_field("message")});
}

Generator::Generator(std::uint64_t seed) : random_{seed} { add_types(schema_); }
Generator::~Generator() = default;

Case Generator::make(std::size_t events) {
  Dice dice{random_};
  Case out;
  for (std::size_t i = 0; i < events; ++i) out.events.push_back(make_event(dice, schema_));
  for (std::size_t rules = 1 + dice.below(20); rules > 0; --rules) {
    const EventData* target = dice.percent(92) ? &dice.of(out.events) : nullptr;
    out.rules.push_back(RuleWriter{dice, target, dice.of(out.events), schema_}.write(rules));
  }
  return out;
}

}  // namespace nw::differential
