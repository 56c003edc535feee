// BGP over TCP (RFC 4271): | marker 16, all ones | length u16 | type u8 | body |.
//
// One `bgp` event per OPEN, UPDATE, NOTIFICATION and ROUTE-REFRESH; keepalives are only counted. Zeek has no log of it.
// Who announces another's networks, or a way through someone new, takes their traffic; a NOTIFICATION ends a session.
#include <algorithm>
#include <array>
#include <optional>

#include "ingest/network/protocols/bgp_event.h"
#include "ingest/network/protocols/bgp_message.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<event::TypeSpec, 1> kTypes{{kBgpType}};
constexpr std::array<std::uint16_t, 1> kPorts{179};

struct Side {
  std::optional<BgpAbilities> abilities;  // by its OPEN
  std::int64_t keepalives = 0;
  bool lost = false;  // what comes next is in the middle of something
};

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
    write_bgp_head(out, type, context.sender(direction), body, side.keepalives);
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
    write_bgp_open(out, open);
    context.emit();
  }

  void update(Bytes body, Direction direction, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = begin("UPDATE", body, direction, context);
    const auto fault = write_bgp_update(out, body, {path_ids(direction), wide_numbers()});
    context.emit();
    if (fault) context.refused(*fault);
  }

  // AS numbers have 32 bits when both sides say so.
  [[nodiscard]] std::optional<bool> wide_numbers() const {
    if (!sides_[0].abilities || !sides_[1].abilities) return {};
    return sides_[0].abilities->wide_numbers && sides_[1].abilities->wide_numbers;
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
    if (body.size() < 2) return context.refused(DecodeError::truncated);
    if (!context.wants(0)) return;
    EventWriter out = begin("NOTIFICATION", body, direction, context);
    write_bgp_notification(out, body);
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
