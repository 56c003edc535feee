// BMP over TCP (RFC 7854): | version u8 = 3 | length u32, of the whole | type u8 | body |. A router tells a collector
// what its neighbours tell it by BGP; that is seen here though their own sessions pass elsewhere, or are encrypted.
//
// The `bgp` event of each BGP message within, with `peer`, and of each session that ended without one. Figures, and
// what the router says of itself, are passed over.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "ingest/network/protocols/bgp_event.h"
#include "ingest/network/protocols/bgp_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

enum class BmpType : std::uint8_t { monitoring, statistics, peer_down, peer_up, initiation, termination, mirroring };

constexpr std::array<event::TypeSpec, 1> kTypes{{kBgpType}};
// Nobody registered one; these are usual.
constexpr std::array<std::uint16_t, 2> kPorts{1790, 11019};

constexpr std::size_t kHead = 6;
constexpr std::size_t kLengthMax = std::size_t{3} * 64 * 1024;  // two OPENs at their longest, and what is around them
constexpr std::size_t kPeersMax = 1024;  // sessions that are remembered, for their paths have numbers

struct BmpHeader {
  std::size_t length = 0;
  BmpType type = BmpType::monitoring;
};

Verdict read_bmp_header(Bytes in, BmpHeader& out) {
  constexpr std::uint8_t kVersion = 3, kTypeLast = static_cast<std::uint8_t>(BmpType::mirroring);
  ByteReader reader{in};
  const std::uint8_t version = reader.u8();
  if (reader.ok() && version != kVersion) return Verdict::no;
  out.length = reader.u32be();
  const std::uint8_t type = reader.u8();
  if (!reader.ok()) return Verdict::unsure;
  if (type > kTypeLast || out.length < kHead || out.length > kLengthMax) return Verdict::no;
  out.type = static_cast<BmpType>(type);
  return Verdict::yes;
}

// Section 4.2: | kind u8 | flags u8 | distinguisher 8 | address 16 | AS u32 | identifier u32 | seconds u32 |
// microseconds u32 |
struct Peer {
  static constexpr std::size_t kBytes = 42;
  static constexpr unsigned kIpv6 = 0x80, kPostPolicy = 0x40, kOldNumbers = 0x20, kOut = 0x10;
  static constexpr std::uint8_t kLocal = 3;  // no neighbour, but what the router chose: RFC 9069

  Bytes name;  // distinguisher and address: whose session it is
  std::uint8_t kind = 0;
  unsigned flags = 0;
  IpAddress address;
  std::uint32_t as = 0, id = 0;
};
bool read_peer(ByteReader& reader, Peer& out) {
  constexpr std::size_t kAddress = 16, kIpv4 = 4;
  out.kind = reader.u8();
  out.flags = reader.u8();
  out.name = reader.rest().first(std::min(reader.rest().size(), 8 + kAddress));
  reader.bytes(8);
  const Bytes address = reader.bytes(kAddress);
  out.as = reader.u32be();
  out.id = reader.u32be();
  reader.bytes(8);
  if (!reader.ok() || out.kind > Peer::kLocal) return false;
  const bool ipv6 = out.kind != Peer::kLocal && (out.flags & Peer::kIpv6) != 0;
  out.address = IpAddress::from_bytes(ipv6 ? address : address.last(kIpv4));
  return true;
}

std::string_view view_of(const Peer& peer) {
  if (peer.kind == Peer::kLocal) return "local";
  const bool post = (peer.flags & Peer::kPostPolicy) != 0;
  if ((peer.flags & Peer::kOut) != 0) return post ? "out_post_policy" : "out_pre_policy";
  return post ? "post_policy" : "pre_policy";
}

// A BGP message, taken out of `reader`.
struct Inner {
  BgpType type = BgpType::keepalive;
  Bytes body;
};
std::optional<Inner> read_inner(ByteReader& reader) {
  BgpHeader header;
  if (read_bgp_header(reader.rest(), BgpHeader::kLengthMaxExtended, header) != Verdict::yes) return {};
  const Bytes whole = reader.bytes(header.length);
  if (!reader.ok()) return {};
  return Inner{header.type, whole.subspan(BgpHeader::kBytes)};
}

class BmpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    bool& lost = lost_[static_cast<std::size_t>(direction)];
    Bytes rest = bytes;
    while (!rest.empty()) {
      if (lost && begins_message(rest) == Verdict::no) {
        rest = rest.subspan(1);
        continue;
      }
      BmpHeader header;
      const Verdict verdict = lost ? begins_message(rest) : read_bmp_header(rest, header);
      if (verdict == Verdict::no) {
        context.refused(DecodeError::bad_value);
        return kGiveUp;
      }
      if (verdict == Verdict::unsure || (lost && read_bmp_header(rest, header) != Verdict::yes)) break;
      lost = false;
      if (rest.size() < header.length) break;
      if (!message(header.type, rest.first(header.length).subspan(kHead), direction, context))
        context.refused(DecodeError::bad_value);
      rest = rest.subspan(header.length);
    }
    return bytes.size() - rest.size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    lost_[static_cast<std::size_t>(direction)] = true;
    context.refused(DecodeError::truncated);
  }

  // Whether one begins here, though nobody said so: the router's first words, or a BGP message at its place.
  static Verdict begins_message(Bytes in) {
    constexpr std::size_t kUpToOpen = 20;  // the router's own address, and the ports
    BmpHeader header;
    if (const Verdict verdict = read_bmp_header(in, header); verdict != Verdict::yes) return verdict;
    if (header.type == BmpType::initiation) return begins_initiation(in, header.length);
    std::size_t skip = kHead + Peer::kBytes;
    if (header.type == BmpType::peer_up)
      skip += kUpToOpen;
    else if (header.type != BmpType::monitoring)
      return Verdict::no;
    if (in.size() > kHead && in[kHead] > Peer::kLocal) return Verdict::no;
    if (header.length < skip + BgpHeader::kBytes) return Verdict::no;
    if (in.size() < skip) return Verdict::unsure;
    BgpHeader inner;
    return read_bgp_header(in.subspan(skip), BgpHeader::kLengthMaxExtended, inner);
  }

 private:
  // Section 4.3: | kind u16 | length u16 | text |, again and again; what the router is and is called must be among
  // them.
  static Verdict begins_initiation(Bytes in, std::size_t length) {
    constexpr std::size_t kMost = 4096;
    constexpr std::uint16_t kDescription = 1, kName = 2, kKindMax = 4;
    if (length > kMost) return Verdict::no;
    const bool whole = in.size() >= length;
    ByteReader reader{in.first(std::min(in.size(), length)).subspan(kHead)};
    bool described = false, called = false;
    while (!reader.empty()) {
      const std::uint16_t kind = reader.u16be();
      const std::uint16_t size = reader.u16be();
      if (reader.ok() && kind > kKindMax) return Verdict::no;
      reader.bytes(size);
      described = described || kind == kDescription;
      called = called || kind == kName;
    }
    if (!whole) return Verdict::unsure;
    return reader.ok() && described && called ? Verdict::yes : Verdict::no;
  }

  // False when it cannot be read.
  bool message(BmpType type, Bytes body, Direction direction, Context& context) {
    if (type == BmpType::statistics || type == BmpType::initiation || type == BmpType::termination) return true;
    ByteReader reader{body};
    Peer peer;
    if (!read_peer(reader, peer)) return false;
    switch (type) {
      case BmpType::peer_up: return peer_up(peer, reader, direction, context);
      case BmpType::peer_down: return peer_down(peer, reader, direction, context);
      case BmpType::mirroring: return mirrored(peer, reader, direction, context);
      default: break;
    }
    const auto inner = read_inner(reader);
    return inner && tell(peer, *inner, sender_of(peer, direction, context), context);
  }

  // What the router sends itself has its own address, as far as it is seen here.
  static const IpAddress& sender_of(const Peer& peer, Direction direction, const Context& context) {
    const bool own = peer.kind == Peer::kLocal || (peer.flags & Peer::kOut) != 0;
    return own ? context.sender(direction) : peer.address;
  }

  static EventWriter begin(const Peer& peer, std::string_view type, const IpAddress& sender, Bytes body,
                           Context& context) {
    EventWriter out = context.begin(0, context.now());
    write_bgp_head(out, type, sender, body);
    if (peer.kind != Peer::kLocal) {
      out.set(kBgpPeer, Value::address(peer.address));
      out.set(kBgpPeerAs, Value::integer(peer.as));
      out.set(kBgpPeerId, Value::address(IpAddress::v4(peer.id)));
    }
    return out;
  }

  bool tell(const Peer& peer, const Inner& inner, const IpAddress& sender, Context& context) {
    if (!context.wants(0)) return true;
    switch (inner.type) {
      case BgpType::open: return tell_open(peer, inner.body, sender, context);
      case BgpType::notification: return tell_end(peer, &inner, {}, sender, context);
      case BgpType::update: break;
      default: return true;
    }
    EventWriter out = begin(peer, "UPDATE", sender, inner.body, context);
    out.set(kBgpView, Value::text(view_of(peer)));
    const auto fault = write_bgp_update(out, inner.body, reading_of(peer));
    context.emit();
    if (fault) context.refused(*fault);
    return true;
  }

  static bool tell_open(const Peer& peer, Bytes body, const IpAddress& sender, Context& context) {
    BgpOpen open;
    const auto fault = read_bgp_open(body, open);
    if (open.version == 0) return false;
    EventWriter out = begin(peer, "OPEN", sender, body, context);
    write_bgp_open(out, open);
    context.emit();
    if (fault) context.refused(*fault);
    return true;
  }

  // Section 4.10: | the router's address 16 | its port u16 | the peer's u16 | OPEN sent | OPEN received | more |
  bool peer_up(const Peer& peer, ByteReader& reader, Direction direction, Context& context) {
    const Bytes local = reader.bytes(16);
    reader.bytes(4);
    const auto sent = read_inner(reader), received = read_inner(reader);
    if (!sent || !received || sent->type != BgpType::open || received->type != BgpType::open) return false;
    remember(peer, sent->body, received->body, context);
    if (peer.kind == Peer::kLocal) return true;  // both are made up
    if (!context.wants(0)) return true;
    const bool ipv6 = (peer.flags & Peer::kIpv6) != 0;
    const IpAddress own =
        local.empty() ? context.sender(direction) : IpAddress::from_bytes(ipv6 ? local : local.last(4));
    const bool first = tell_open(peer, sent->body, own, context);
    return tell_open(peer, received->body, peer.address, context) && first;
  }

  // Section 4.9: | reason u8 | a NOTIFICATION, or what else it was |
  bool peer_down(const Peer& peer, ByteReader& reader, Direction direction, Context& context) {
    constexpr std::array<std::string_view, 7> kReasons{
        "", "local_notification", "local_event", "remote_notification", "remote_close", "deconfigured", "local_close"};
    constexpr std::uint8_t kLocalNotification = 1, kRemoteNotification = 3;
    const std::uint8_t reason = reader.u8();
    if (!reader.ok()) return false;
    forget(peer.name);
    if (!context.wants(0)) return true;
    std::optional<Inner> inner;
    if (reason == kLocalNotification || reason == kRemoteNotification) {
      inner = read_inner(reader);
      if (!inner || inner->type != BgpType::notification) return false;
    }
    const bool remote = reason == kRemoteNotification || reason == kRemoteNotification + 1;
    return tell_end(peer, inner ? &*inner : nullptr,
                    std::pair{reason < kReasons.size() ? kReasons[reason] : std::string_view{}, reason},
                    remote ? peer.address : context.sender(direction), context);
  }

  static bool tell_end(const Peer& peer, const Inner* inner,
                       const std::optional<std::pair<std::string_view, std::uint8_t>>& reason, const IpAddress& sender,
                       Context& context) {
    if (inner != nullptr && inner->body.size() < 2) return false;
    EventWriter out = begin(peer, inner != nullptr ? "NOTIFICATION" : "PEER-DOWN", sender,
                            inner != nullptr ? inner->body : Bytes{}, context);
    if (inner != nullptr) write_bgp_notification(out, inner->body);
    if (reason) out.set(kBgpDownReason, named(out, reason->first, reason->second));
    context.emit();
    return true;
  }

  // Section 4.7: | kind u16 | length u16 | value |, again and again; 0: a BGP message as it came.
  bool mirrored(const Peer& peer, ByteReader& reader, Direction direction, Context& context) {
    while (!reader.empty()) {
      const std::uint16_t kind = reader.u16be();
      ByteReader value = reader.sub(reader.u16be());
      if (!reader.ok()) return false;
      if (kind != 0) continue;
      const auto inner = read_inner(value);
      if (!inner || !tell(peer, *inner, sender_of(peer, direction, context), context)) return false;
    }
    return true;
  }

  // Sessions whose UPDATEs read otherwise than most: paths have numbers.
  struct Session {
    std::array<std::uint8_t, 24> name{};
    std::array<bool, 2> path_ids_in{}, path_ids_out{};
  };

  [[nodiscard]] std::vector<Session>::iterator find(Bytes name) {
    return std::ranges::find_if(sessions_,
                                [&](const Session& session) { return std::ranges::equal(session.name, name); });
  }
  void forget(Bytes name) {
    const auto found = find(name);
    if (found == sessions_.end()) return;
    *found = sessions_.back();
    sessions_.pop_back();
  }
  void remember(const Peer& peer, Bytes sent, Bytes received, Context& context) {
    constexpr unsigned kTakes = 1, kSends = 2;
    forget(peer.name);
    BgpOpen ours, theirs;
    (void)read_bgp_open(sent, ours);
    (void)read_bgp_open(received, theirs);
    Session session;
    bool any = false;
    for (const std::size_t family : {0U, 1U}) {
      const unsigned we = ours.abilities.path_ids[family], they = theirs.abilities.path_ids[family];
      session.path_ids_in[family] = (they & kSends) != 0 && (we & kTakes) != 0;
      session.path_ids_out[family] = (we & kSends) != 0 && (they & kTakes) != 0;
      any = any || session.path_ids_in[family] || session.path_ids_out[family];
    }
    if (!any) return;
    if (sessions_.size() == kPeersMax) return context.refused(DecodeError::limit);
    std::ranges::copy(peer.name, session.name.begin());
    sessions_.push_back(session);
  }
  BgpReading reading_of(const Peer& peer) {
    BgpReading out;
    // Section 4.2: else the router has made them 32 bits wide, whatever was agreed on.
    out.wide = peer.kind == Peer::kLocal || (peer.flags & Peer::kOldNumbers) == 0;
    const auto found = find(peer.name);
    if (found != sessions_.end())
      out.path_ids = (peer.flags & Peer::kOut) != 0 ? found->path_ids_out : found->path_ids_in;
    return out;
  }

  std::vector<Session> sessions_;
  std::array<bool, 2> lost_{};
};

// The router speaks first, and the collector never. On a usual port any message about a session will do.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  const Verdict verdict = BmpAnalyzer::begins_message(first);
  if (verdict != Verdict::no || !on_port) return verdict;
  BmpHeader header;
  if (read_bmp_header(first, header) != Verdict::yes || first.size() == kHead) return Verdict::no;
  const bool of_session =
      header.type == BmpType::statistics || header.type == BmpType::peer_down || header.type == BmpType::mirroring;
  return of_session && header.length > kHead + Peer::kBytes && first[kHead] <= Peer::kLocal ? Verdict::yes
                                                                                            : Verdict::no;
}

}  // namespace

Protocol bmp_protocol() {
  Protocol p;
  p.name = "bmp";
  p.help = "BMP: what routers tell a collector of what their neighbours tell them";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<BmpAnalyzer>(); };
  p.stream_bytes_max = kLengthMax;
  return p;
}

}  // namespace nw::network
