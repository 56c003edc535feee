// BGP over TCP (RFC 4271): | marker 16, all ones | length u16 | type u8 | body |.
//
// One `bgp` event per OPEN, UPDATE, NOTIFICATION and ROUTE-REFRESH; keepalives are only counted. Zeek has no log of it.
// Who announces another's networks, or a way through someone new, takes their traffic; a NOTIFICATION ends a session.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "ingest/network/protocols/bgp_message.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kMsgType,
  kSender,
  kVersion,
  kAs,
  kRouterId,
  kHoldTime,
  kCapabilities,
  kAnnounced,
  kWithdrawn,
  kAnnouncedPrefixes,
  kWithdrawnPrefixes,
  kAsPath,
  kOriginAs,
  kOrigin,
  kNextHop,
  kMed,
  kLocalPref,
  kErrorCode,
  kErrorName,
  kErrorDetail,
  kErrorMessage,
  kKeepalives,
  kLength,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"msg_type", "text", "OPEN, UPDATE, NOTIFICATION or ROUTE-REFRESH (ours)"},
    {"sender", "address", "who says it (ours)"},
    {"version", "integer", "of an OPEN; 4 for thirty years (ours)"},
    {"as", "integer", "the sender's autonomous system, by its OPEN (ours)"},
    {"router_id", "address", "the sender's identifier, by its OPEN (ours)"},
    {"hold_time", "interval", "how long the sender waits for a sign of life, by its OPEN; 0 for ever (ours)"},
    {"capabilities", "list of integer", "what the sender can do, by its OPEN: IANA's numbers (ours)"},
    {"announced", "integer", "networks that an UPDATE offers a way to (ours)"},
    {"withdrawn", "integer", "networks that it takes back (ours)"},
    {"announced_prefixes", "list of text", "the first 16 of them: 192.0.2.0/24 (ours)"},
    {"withdrawn_prefixes", "list of text", "the first 16 of those (ours)"},
    {"as_path", "text", "systems on the way, the nearest first: 64500 64501 {64502 64503} (ours)"},
    {"origin_as", "integer", "the last of them: whose networks they are (ours)"},
    {"origin", "text", "how they became known: IGP, EGP or INCOMPLETE (ours)"},
    {"next_hop", "address", "where packets to them are to go (ours)"},
    {"med", "integer", "preference of this way among those from the same neighbour; the lower the better (ours)"},
    {"local_pref", "integer", "preference within the system; the higher the better (ours)"},
    {"error_code", "integer", "of a NOTIFICATION (ours)"},
    {"error_name", "text", "its name: Hold Timer Expired, Cease, ...; unknown-NN when it has none (ours)"},
    {"error_detail", "text", "its second name: Administrative Shutdown, Bad Peer AS, ...; unknown-NN (ours)"},
    {"error_message", "text", "what the operator says of a shutdown (ours)"},
    {"keepalives", "integer", "of the sender since its last event (ours)"},
    {"length", "integer", "bytes of the message (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"bgp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"bgp", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{179};

constexpr std::size_t kPrefixesMax = 16;  // told per list and event

struct Side {
  std::optional<BgpAbilities> abilities;  // by its OPEN
  std::int64_t keepalives = 0;
  bool lost = false;  // what comes next is in the middle of something
};

void set_address(EventWriter& out, Field field, Bytes address) {
  if (address.size() == 4 || address.size() == 16) out.set(field, Value::address(IpAddress::from_bytes(address)));
}

Value prefix_value(EventWriter& out, const BgpPrefix& prefix, std::size_t address_bytes) {
  std::array<std::uint8_t, 16> address{};
  std::ranges::copy(prefix.octets, address.begin());
  // Bits beyond the prefix mean nothing.
  if (const unsigned rest = prefix.bits % 8; rest != 0)
    address[prefix.bits / 8] &= static_cast<std::uint8_t>(0xff00U >> rest);
  TextBuffer text;
  text.append(IpAddress::from_bytes(Bytes{address}.first(address_bytes)).to_string());
  text.append('/');
  text.append_number(prefix.bits);
  return Value::text(out.event().keep(text.view()));
}

// Counts the prefixes of both lists and tells the first of them. False when a list is broken: the rest is left out.
bool set_prefixes(EventWriter& out, Field count_field, Field list_field, const std::array<BgpPrefixes, 2>& lists) {
  std::array<Value, kPrefixesMax> first;
  std::size_t told = 0;
  std::int64_t count = 0;
  bool whole = true;
  for (const BgpPrefixes& of : lists) {
    ByteReader reader{of.list};
    while (!reader.empty()) {
      const auto prefix = read_bgp_prefix(reader, of);
      whole = whole && prefix;
      if (!prefix) break;
      ++count;
      if (of.shown && told < first.size() && out.wants(list_field))
        first[told++] = prefix_value(out, *prefix, of.address_bytes);
    }
  }
  out.set(count_field, Value::integer(count));
  const std::span<Value> values = out.event().arena().make<Value>(told);
  std::copy_n(first.begin(), values.size(), values.begin());
  set_list(out, list_field, values);
  return whole;
}

// Section 4.3 (b): | kind u8, 1 a set, 2 a sequence, 3 and 4 the same inside a confederation | count u8 | numbers |.
struct AsPath {
  TextBuffer text;
  std::optional<std::uint32_t> last;
  std::size_t length = 0;  // a set counts as one, a confederation's systems do not: RFC 4271 section 9.1.2.2, RFC 5065
};
bool read_as_path(Bytes in, bool wide, AsPath& out) {
  constexpr std::uint8_t kSet = 1, kConfederationSequence = 3, kConfederationSet = 4;
  ByteReader reader{in};
  while (!reader.empty()) {
    const std::uint8_t kind = reader.u8();
    const unsigned count = reader.u8();
    if (kind < kSet || kind > kConfederationSet) return false;
    const bool set = kind == kSet || kind == kConfederationSet, inside = kind >= kConfederationSequence;
    if (!out.text.view().empty()) out.text.append(' ');
    if (inside) out.text.append('(');
    if (set) out.text.append('{');
    for (unsigned i = 0; i < count; ++i) {
      const std::uint32_t number = wide ? reader.u32be() : reader.u16be();
      if (!reader.ok()) return false;
      if (i != 0) out.text.append(' ');
      out.text.append_number(number);
      if (!set) out.last = number;
    }
    if (!inside) out.length += set ? 1 : count;
    if (set) out.text.append('}');
    if (inside) out.text.append(')');
  }
  return reader.ok();
}

class BgpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    Bytes rest = bytes;
    if (side.lost) rest = resume(rest, side);
    while (!side.lost && !rest.empty()) {
      BgpHeader header;
      const Verdict verdict = read_bgp_header(rest, length_max(), header);
      if (verdict == Verdict::no) {
        context.refused(DecodeError::bad_value);
        return kGiveUp;
      }
      if (verdict == Verdict::unsure || rest.size() < header.length) break;
      message(header, rest.first(header.length).subspan(BgpHeader::kBytes), direction, context);
      rest = rest.subspan(header.length);
    }
    return bytes.size() - rest.size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    sides_[static_cast<std::size_t>(direction)].lost = true;
    context.refused(DecodeError::truncated);
  }

 private:
  // Long messages need both sides' word; where a side's was not seen, the other's must do.
  [[nodiscard]] std::size_t length_max() const {
    bool any = false, all = true;
    for (const Side& side : sides_) {
      if (!side.abilities) continue;
      any = true;
      all = all && side.abilities->long_messages;
    }
    return any && all ? BgpHeader::kLengthMaxExtended : BgpHeader::kLengthMax;
  }

  // After a gap: from the next header on. Sixteen ones and a fitting length are nothing by chance.
  [[nodiscard]] Bytes resume(Bytes rest, Side& side) const {
    BgpHeader header;
    for (; !rest.empty(); rest = rest.subspan(1)) {
      const Verdict verdict = read_bgp_header(rest, length_max(), header);
      side.lost = verdict != Verdict::yes;
      if (verdict != Verdict::no) break;
    }
    return rest;
  }

  void message(const BgpHeader& header, Bytes body, Direction direction, Context& context) {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    switch (header.type) {
      case BgpType::open: return open(body, direction, context);
      case BgpType::update: return update(body, direction, context);
      case BgpType::notification: return notification(body, direction, context);
      case BgpType::keepalive: ++side.keepalives; return;
      case BgpType::route_refresh: break;
    }
    if (!context.wants(0)) return;
    begin("ROUTE-REFRESH", body, direction, context);
    context.emit();
  }

  EventWriter begin(std::string_view type, Bytes body, Direction direction, Context& context) {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    EventWriter out = context.begin(0, context.now());
    out.set(kMsgType, Value::text(type));
    out.set(kSender, Value::address(context.sender(direction)));
    out.set(kKeepalives, Value::integer(side.keepalives));
    out.set(kLength, Value::integer(static_cast<std::int64_t>(BgpHeader::kBytes + body.size())));
    side.keepalives = 0;
    return out;
  }

  void open(Bytes body, Direction direction, Context& context) {
    BgpOpen open;
    if (const auto fault = read_bgp_open(body, open)) context.refused(*fault);
    if (open.version == 0) return;
    sides_[static_cast<std::size_t>(direction)].abilities = open.abilities;
    if (!context.wants(0)) return;
    EventWriter out = begin("OPEN", body, direction, context);
    out.set(kVersion, Value::integer(open.version));
    out.set(kAs, Value::integer(open.as));
    out.set(kRouterId, Value::address(IpAddress::v4(open.id)));
    out.set(kHoldTime, Value::interval(std::chrono::seconds{open.hold_seconds}));
    set_numbers(out, kCapabilities, Bytes{open.capabilities}.first(open.capability_count), 1);
    context.emit();
  }

  void update(Bytes body, Direction direction, Context& context) {
    if (!context.wants(0)) return;
    BgpUpdate update;
    auto fault = read_bgp_update(body, path_ids(direction), update);
    EventWriter out = begin("UPDATE", body, direction, context);
    const bool announced = set_prefixes(out, kAnnounced, kAnnouncedPrefixes, update.announced);
    const bool withdrawn = set_prefixes(out, kWithdrawn, kWithdrawnPrefixes, update.withdrawn);
    if (!fault && (!announced || !withdrawn)) fault = DecodeError::bad_value;
    const auto in_path = set_path(out, update);
    if (!fault) fault = in_path;
    static constexpr std::array<std::string_view, 3> kOrigins{"IGP", "EGP", "INCOMPLETE"};
    if (update.origin && *update.origin < kOrigins.size()) out.set(kOrigin, Value::text(kOrigins[*update.origin]));
    set_address(out, kNextHop, update.next_hop);
    if (update.med) out.set(kMed, Value::integer(*update.med));
    if (update.local_preference) out.set(kLocalPref, Value::integer(*update.local_preference));
    context.emit();
    if (fault) context.refused(*fault);
  }

  // AS numbers have 32 bits when both sides say so. Where an OPEN was not seen, the width that fits is taken.
  [[nodiscard]] std::optional<DecodeError> set_path(EventWriter& out, const BgpUpdate& update) const {
    if (update.as_path.empty()) return {};
    const bool known = sides_[0].abilities && sides_[1].abilities;
    bool wide = !known || (sides_[0].abilities->wide_numbers && sides_[1].abilities->wide_numbers);
    AsPath path;
    bool good = read_as_path(update.as_path, wide, path);
    if (!good && !known) {
      wide = false;
      path.text.clear();
      path.last.reset();
      path.length = 0;
      good = read_as_path(update.as_path, wide, path);
    }
    if (!good) return DecodeError::bad_value;
    out.set(kAsPath, Value::text(out.event().keep(path.text.view())));
    if (path.last) out.set(kOriginAs, Value::integer(*path.last));
    if (path.text.cut()) return DecodeError::limit;
    // Behind an old router the true numbers are in an attribute of their own. RFC 6793 sections 4.2.3 and 6: nobody
    // believes it of a new one, nor when it is the longer path.
    AsPath true_path;
    if (!wide && !update.as4_path.empty() && read_as_path(update.as4_path, true, true_path) && true_path.last &&
        true_path.length <= path.length)
      out.set(kOriginAs, Value::integer(*true_path.last));
    return {};
  }

  // RFC 7911 section 4: numbers are there when their sender sends them and the other takes them.
  [[nodiscard]] std::array<bool, 2> path_ids(Direction direction) const {
    constexpr unsigned kTakes = 1, kSends = 2;
    const auto& sender = sides_[static_cast<std::size_t>(direction)].abilities;
    const auto& other = sides_[static_cast<std::size_t>(opposite(direction))].abilities;
    std::array<bool, 2> out{};
    if (!sender || !other) return out;
    for (const std::size_t family : {0U, 1U})
      out[family] = (sender->path_ids[family] & kSends) != 0 && (other->path_ids[family] & kTakes) != 0;
    return out;
  }

  void notification(Bytes body, Direction direction, Context& context) {
    constexpr unsigned kCease = 6, kShutdown = 2, kReset = 4;
    ByteReader reader{body};
    const unsigned code = reader.u8(), detail = reader.u8();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    if (!context.wants(0)) return;
    EventWriter out = begin("NOTIFICATION", body, direction, context);
    out.set(kErrorCode, Value::integer(code));
    if (out.wants(kErrorName)) out.set(kErrorName, named(out, bgp_error_name(code), code));
    if (detail != 0 && out.wants(kErrorDetail))
      out.set(kErrorDetail, named(out, bgp_error_detail(code, detail), detail));
    // RFC 9003: | length u8 | text |.
    if (code == kCease && (detail == kShutdown || detail == kReset) && !reader.empty())
      set_text(out, kErrorMessage, reader.bytes(reader.u8()));
    context.emit();
  }

  std::array<Side, 2> sides_;
};

// Sixteen ones, a fitting length and a known type: strict enough for any port.
Verdict probe(Bytes first, Direction, Transport, bool) {
  BgpHeader header;
  return read_bgp_header(first, BgpHeader::kLengthMax, header);
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<BgpAnalyzer>(); }

}  // namespace

Protocol bgp_protocol() {
  Protocol p;
  p.name = "bgp";
  p.help = "BGP: what routers tell each other of networks";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = std::size_t{2} * 1024 * 64;
  return p;
}

}  // namespace nw::network
