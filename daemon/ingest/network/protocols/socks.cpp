// SOCKS 4 and 4a (Ying-Da Lee's and NEC's memos), SOCKS 5 (RFC 1928, RFC 1929): a client asks a proxy for a connection,
// and behind the proxy's yes another protocol begins.
// 4: | 4 | command u8 | port u16 | IPv4 | user ... 0 |, in 4a with 0.0.0.x for | host ... 0 | behind it; answered by
//    | 0 | 90, 91, ... | port u16 | IPv4 |.
// 5: | 5 | n u8 | n methods | and | 5 | method |; a login, if the method is 2: | 1 | n | name | m | password | and
//    | 1 | 0: yes |; | 5 | command u8 | 0 | address | port u16 | and | 5 | 0: yes | 0 | address | port u16 |, where an
//    address is | 1 | IPv4 |, | 3 | n | name | or | 4 | IPv6 |.
// Datagrams of a UDP association: | 0 u16 | fragment u8 | address | port u16 | what is sent or came |.
//
// One `socks` event per connection, as in Zeek's socks.log, when the proxy answered, or at the end. Passwords stay
// here. The client may be who was called: a back-connect proxy calls home, and is told there where to go.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kVersion,
  kUser,
  kPasswordSeen,
  kStatus,
  kCommand,
  kRequestHost,
  kRequestName,
  kRequestPort,
  kBoundHost,
  kBoundName,
  kBoundPort,
  kReversed,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"version", "integer", "4 or 5"},
    {"user", "text", "who the client says it is"},
    {"password_seen", "boolean", "a password came with this name; what it is, is not kept (ours)"},
    {"status", "text", "what the proxy answered: succeeded, ...; absent when it did not"},
    {"command", "text", "CONNECT, BIND or UDP_ASSOCIATE; a number if another (ours)"},
    {"request.host", "address", "to which address the client wants to go"},
    {"request.name", "text", "or to which host"},
    {"request_p", "integer", "to which port"},
    {"bound.host", "address", "which address the proxy uses for it"},
    {"bound.name", "text", "or which name"},
    {"bound_p", "integer", "which port"},
    {"reversed", "boolean", "the proxy opened the connection, and the other end is its client (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"socks"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"socks", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{1080, 9050};

constexpr std::size_t kTextMax = 255;  // of a name; version 4 has no bound of its own
constexpr std::uint8_t kVersion4 = 4, kVersion5 = 5, kLoginVersion = 1;
constexpr std::uint8_t kConnect = 1, kBind = 2, kUdpAssociate = 3;
constexpr std::uint8_t kNoLogin = 0, kPasswordLogin = 2, kMethodMax = 9;  // of those that IANA lists
constexpr std::uint8_t kGranted4 = 90, kGranted5 = 0;
constexpr std::uint8_t kTypeV4 = 1, kTypeName = 3, kTypeV6 = 4;

// Zeek's words.
std::string_view status_name(unsigned version, std::uint8_t status) {
  constexpr auto kNames4 = std::to_array<std::string_view>(
      {"succeeded", "general SOCKS server failure", "request failed because client is not running identd",
       "request failed because client's identd could not confirm the user ID string in the request"});
  constexpr auto kNames5 = std::to_array<std::string_view>(
      {"succeeded", "general SOCKS server failure", "connection not allowed by ruleset", "Network unreachable",
       "Host unreachable", "Connection refused", "TTL expired", "Command not supported", "Address type not supported"});
  if (version == kVersion4)
    return status >= kGranted4 && status < kGranted4 + kNames4.size() ? kNames4[status - kGranted4] : "unknown";
  return status < kNames5.size() ? kNames5[status] : "unknown";
}

struct Place {
  std::optional<IpAddress> host;
  std::string name;  // escaped
  std::uint16_t port = 0;
};

// What is there up to a 0. False: there is more than a name may have.
bool take_text(ByteReader& reader, Bytes& out) {
  const Bytes rest = reader.rest().first(std::min(reader.rest().size(), kTextMax + 1));
  const auto end = std::ranges::find(rest, std::uint8_t{0});
  if (end == rest.end() && rest.size() > kTextMax) return false;
  const Bytes text = reader.bytes(static_cast<std::size_t>(end - rest.begin()) + 1);  // fails when there is no 0 yet
  if (reader.ok()) out = text.first(text.size() - 1);
  return true;
}

std::string escaped(Bytes bytes) {
  TextBuffer text;
  text.append_escaped(bytes);
  return std::string{text.view()};
}

IpAddress take_v4(ByteReader& reader) { return IpAddress::v4(reader.u32be()); }

// Version 5's address and port. False: of no known kind.
bool take_place(ByteReader& reader, Place& out) {
  const std::uint8_t type = reader.u8();
  switch (type) {
    case kTypeV4: out.host = take_v4(reader); break;
    case kTypeName: out.name = escaped(reader.bytes(reader.u8())); break;
    case kTypeV6: {
      const Bytes bytes = reader.bytes(16);
      if (reader.ok()) out.host = IpAddress::from_bytes(bytes);
      break;
    }
    default: return false;
  }
  out.port = reader.u16be();
  return true;
}

// What is sent through a UDP association. Fragments, which proxies need not know, are left out.
Bytes carried(Bytes datagram) {
  ByteReader reader{datagram};
  const bool whole = reader.u16be() == 0 && reader.u8() == 0;
  switch (reader.u8()) {
    case kTypeV4: reader.bytes(4); break;
    case kTypeName: reader.bytes(reader.u8()); break;
    case kTypeV6: reader.bytes(16); break;
    default: return {};
  }
  reader.u16be();
  return whole ? reader.rest() : Bytes{};
}

bool is_version(std::uint8_t byte) { return byte == kVersion4 || byte == kVersion5; }

// Whether who was called sends a client's message. A proxy begins alike: | 5 | method | and then | 1 | ... |.
Verdict called_one_asks(Bytes first) {
  if (first.empty()) return Verdict::unsure;
  if (first[0] != kVersion5) return first[0] == kVersion4 ? Verdict::yes : Verdict::no;
  if (first.size() == 1) return Verdict::unsure;
  if (first[1] == 0 || first[1] > kMethodMax) return Verdict::no;
  if (first.size() == 2) return Verdict::unsure;
  return first[2] == kNoLogin || first[2] == kPasswordLogin ? Verdict::yes : Verdict::no;
}

// Whether these are a client's first message, whole and alone.
Verdict client_begins(Bytes first) {
  ByteReader reader{first};
  const std::uint8_t version = reader.u8();
  if (version == kVersion5) {
    const std::size_t count = reader.u8();
    if (count == 0 && reader.ok()) return Verdict::no;
    const Bytes methods = reader.rest();
    if (std::ranges::any_of(methods, [](std::uint8_t method) { return method > kMethodMax; })) return Verdict::no;
    if (methods.size() < count || !reader.ok()) return Verdict::unsure;
    return methods.size() == count ? Verdict::yes : Verdict::no;
  }
  if (version != kVersion4) return Verdict::no;
  const std::uint8_t command = reader.u8();
  const std::uint16_t port = reader.u16be();
  const std::uint32_t address = reader.u32be();
  if (command > kBind || (reader.ok() && port == 0)) return Verdict::no;
  Bytes user, name;
  const bool good = take_text(reader, user) && (address == 0 || address > 0xff || take_text(reader, name));
  const auto printable = [](std::uint8_t byte) { return byte >= ' ' && byte < 0x7f; };
  if (!good || !std::ranges::all_of(user, printable) || !std::ranges::all_of(name, printable)) return Verdict::no;
  if (!reader.ok()) return Verdict::unsure;
  return command != 0 && reader.empty() ? Verdict::yes : Verdict::no;
}

// Each side tells by itself what its next message is, so neither waits for the other: a client may say all at once.
class SocksAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (!begun_ && !begin(bytes, direction)) return 0;
    const bool client = direction == client_;
    if (version_ == 0) time_ = context.now();
    ByteReader reader{bytes};
    if (!client && reversed()) reader.bytes(std::min(std::exchange(before_, 0), bytes.size()));
    // What a client says behind its request is not for the proxy: it waits there.
    while (!over_ && !(client && asked_) && !reader.empty()) {
      ByteReader ahead = reader;
      const bool good = client ? read_client(ahead) : read_proxy(ahead);
      if (good && !ahead.ok()) break;  // the rest has not come
      if (!good) {
        context.refused(DecodeError::bad_value);
        finish(context);
        return kGiveUp;
      }
      reader = ahead;
    }
    const std::size_t done = bytes.size() - reader.rest().size();
    if (!over_) return done;
    if (granted_ && associates()) expect_datagrams(context);
    finish(context);
    return granted_ && !associates() ? anew_behind(done) : kDone;
  }

  // What is lost decides how the rest is read.
  void gap(std::uint64_t, Direction, Context& context) override {
    context.refused(DecodeError::truncated);
    over_ = true;
    granted_ = false;
  }

  void finish(Context& context) override {
    if (version_ == 0 || !context.wants(0)) return;
    EventWriter out = context.begin(0, time_);
    out.set(kVersion, Value::integer(version_));
    set_text(out, kUser, user_);
    out.set(kPasswordSeen, Value::boolean(password_seen_));
    set_text(out, kStatus, status_);
    if (asked_) write_request(out);
    if (bound_) write_place(out, *bound_, kBoundHost);
    out.set(kReversed, Value::boolean(reversed()));
    context.emit();
  }

 private:
  [[nodiscard]] bool reversed() const noexcept { return client_ == Direction::to_originator; }

  // Who is the client? False: nobody can tell yet.
  bool begin(Bytes bytes, Direction direction) {
    if (direction == Direction::to_originator) {
      const Verdict asks = called_one_asks(bytes);
      if (asks == Verdict::unsure) return false;
      if (asks == Verdict::yes) client_ = direction;
      begun_ = true;
    } else {
      begun_ = !bytes.empty() && is_version(bytes.front());
      // A proxy that calls home may say who it is.
      if (!begun_) before_ = bytes.size();
    }
    return begun_;
  }

  // These read one message. False: it is no SOCKS. They keep nothing of a message that is not whole.
  bool read_client(ByteReader& reader) {
    const std::uint8_t first = reader.u8();
    if (!greeted_) {
      if (first == kVersion4) return read_request4(reader);
      reader.bytes(reader.u8());  // methods
      if (first != kVersion5) return false;
      if (!reader.ok()) return true;
      greeted_ = true;
      version_ = kVersion5;
      return true;
    }
    if (first == kLoginVersion) return read_login(reader);
    return first == kVersion5 && read_request5(reader);
  }

  bool read_login(ByteReader& reader) {
    const Bytes user = reader.bytes(reader.u8());
    reader.bytes(reader.u8());
    if (!reader.ok()) return true;
    user_ = escaped(user);
    password_seen_ = true;
    return true;
  }

  bool read_request4(ByteReader& reader) {
    const std::uint8_t command = reader.u8();
    Place to;
    to.port = reader.u16be();
    const std::uint32_t address = reader.u32be();
    Bytes user, name;
    if (!take_text(reader, user)) return false;
    const bool named = address != 0 && address <= 0xff;  // 0.0.0.x: version 4a
    if (named && !take_text(reader, name)) return false;
    if (!reader.ok()) return true;
    if (named)
      to.name = escaped(name);
    else
      to.host = IpAddress::v4(address);
    user_ = escaped(user);
    version_ = kVersion4;
    asked(command, std::move(to));
    return true;
  }

  bool read_request5(ByteReader& reader) {
    const std::uint8_t command = reader.u8();
    reader.u8();
    Place to;
    if (!take_place(reader, to)) return !reader.ok();
    if (reader.ok()) asked(command, std::move(to));
    return true;
  }

  void asked(std::uint8_t command, Place to) {
    asked_ = true;
    command_ = command;
    request_ = std::move(to);
  }

  bool read_proxy(ByteReader& reader) {
    const std::uint8_t first = reader.u8();
    if (first == 0 || version_ == kVersion4) return read_answer4(reader);
    if (first == kLoginVersion && chosen_) {
      const std::uint8_t refused = reader.u8();
      over_ = over_ || (reader.ok() && refused != 0);
      return true;
    }
    if (first != kVersion5) return false;
    if (chosen_) return read_answer5(reader);
    const std::uint8_t method = reader.u8();
    if (!reader.ok()) return true;
    chosen_ = true;
    version_ = kVersion5;
    over_ = method != kNoLogin && method != kPasswordLogin;  // none, or one that encrypts
    return true;
  }

  bool read_answer4(ByteReader& reader) {
    const std::uint8_t status = reader.u8();
    Place place;
    place.port = reader.u16be();
    place.host = take_v4(reader);
    if (!reader.ok()) return true;
    version_ = kVersion4;
    answered(status, status == kGranted4, std::move(place));
    return true;
  }

  bool read_answer5(ByteReader& reader) {
    const std::uint8_t status = reader.u8();
    reader.u8();
    Place place;
    if (!take_place(reader, place)) return !reader.ok();
    if (reader.ok()) answered(status, status == kGranted5, std::move(place));
    return true;
  }

  void answered(std::uint8_t status, bool granted, Place place) {
    status_ = status_name(version_, status);
    // BIND is answered twice: when the proxy listens, and when somebody came.
    over_ = !granted || !(asked_ && command_ == kBind) || bound_;
    granted_ = granted;
    if (!bound_) bound_ = std::move(place);
  }

  [[nodiscard]] bool associates() const noexcept { return asked_ && command_ == kUdpAssociate; }

  // Between the ends of this connection, whatever addresses were named: another's may be another worker's.
  void expect_datagrams(Context& context) const {
    if (bound_->port == 0) return;
    context.expect(
        {Transport::udp, context.sender(client_), context.sender(opposite(client_)), bound_->port, "socks", {}});
  }

  void write_request(EventWriter& out) const {
    static constexpr auto kCommands = std::to_array<std::string_view>({"CONNECT", "BIND", "UDP_ASSOCIATE"});
    if (command_ >= kConnect && command_ <= kUdpAssociate)
      out.set(kCommand, Value::text(kCommands[command_ - kConnect]));
    else
      set_text(out, kCommand, std::to_string(command_));
    write_place(out, request_, kRequestHost);
  }

  // Into three fields, the first of which is `host`.
  static void write_place(EventWriter out, const Place& place, std::size_t host) {
    if (place.host) out.set(host, Value::address(*place.host));
    set_text(out, host + 1, place.name);
    out.set(host + 2, Value::integer(place.port));
  }

  static void set_text(EventWriter& out, std::size_t field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  Direction client_ = Direction::to_responder;  // in which it sends
  unsigned version_ = 0;
  std::uint8_t command_ = 0;
  std::size_t before_ = 0;  // bytes of the proxy before all SOCKS
  bool begun_ = false;
  bool greeted_ = false;  // the client's methods were seen,
  bool asked_ = false;    // its request,
  bool chosen_ = false;   // the proxy's choice among the methods
  bool over_ = false, granted_ = false, password_seen_ = false;
  std::string user_;  // escaped
  std::string_view status_;
  Place request_;
  std::optional<Place> bound_;
  Timestamp time_{};
};

// Off the port a client's first message must be whole and alone.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  if (first.empty()) return Verdict::unsure;
  const std::uint8_t version = first.front();
  if (direction == Direction::to_responder) {
    if (on_port && is_version(version)) return Verdict::unsure;
  } else {
    if (on_port && (version == kVersion5 || version == 0)) return Verdict::unsure;
    if (called_one_asks(first) == Verdict::no) return Verdict::no;
  }
  return client_begins(first);
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SocksAnalyzer>(); }

}  // namespace

Protocol socks_protocol() {
  Protocol p;
  p.name = "socks";
  p.help = "SOCKS: where clients ask a proxy to go";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.carried = carried;
  return p;
}

}  // namespace nw::network
