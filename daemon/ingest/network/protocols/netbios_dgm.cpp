// The datagram service of NetBIOS over UDP (RFC 1001, 1002 section 4.4), and of what it carries the mailslots of SMB1
// ([MS-MAIL] 2.2), and of those what hosts announce of themselves ([MS-BRWS] 2.2).
// | kind u8 | flags u8: 0 F M in the lowest bits | id u16 | address u32 | port u16 |, then by the kind
//   10 to 12: | length u16 | offset u16 | source | destination | SMB |
//   13: | error u8 |; 14 to 16: | destination |
//
// One `netbios_dgm` event per datagram. Nobody is asked and nobody proves anything: who a host says it is, what it runs
// on and what it offers, until something newer hides it.
#include <algorithm>
#include <array>
#include <optional>

#include "ingest/network/protocols/netbios_name.h"
#include "ingest/network/protocols/values.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransId,
  kMessage,
  kSenderAddress,
  kSender,
  kSenderType,
  kSenderTypeName,
  kDestination,
  kDestinationType,
  kDestinationTypeName,
  kScope,
  kError,
  kMailslot,
  kAnnouncement,
  kHostName,
  kDomain,
  kOsVersion,
  kRoles,
  kComment,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_id", "integer", "the datagram's number (ours)"},
    {"msg_type", "text",
     "direct_unique, direct_group, broadcast, error, query_request, positive_query_response, negative_query_response "
     "(ours)"},
    {"sender_addr", "address", "where the datagram says that it comes from (ours)"},
    {"sender", "text", "whom it names as its sender, without the spaces that fill it up (ours)"},
    {"sender_type", "integer", "the last octet of that name (ours)"},
    {"sender_type_name", "text", "workstation, file_server, ... as in `netbios`; unknown-NN without name (ours)"},
    {"query", "text", "the name that it is sent to, or that is asked about (ours)"},
    {"name_type", "integer", "its last octet: what the name stands for (ours)"},
    {"name_type_name", "text", "workstation, master_browser, ...; unknown-NN without name (ours)"},
    {"scope", "text", "names are unique within it; mostly there is none (ours)"},
    {"error", "text", "no_such_destination, bad_source_name, bad_destination_name (ours)"},
    {"mailslot", "text", "what the sender writes to: \\MAILSLOT\\BROWSE, \\MAILSLOT\\NET\\NETLOGON (ours)"},
    {"announcement", "text",
     "host, local_master, domain, master, announcement_request, election, backup_list_request, backup_list, "
     "become_backup, reset; unknown-NN without name (ours)"},
    {"host_name", "text", "host that announces itself, stands for election, or keeps the domain's list (ours)"},
    {"domain", "text", "domain or workgroup that is announced (ours)"},
    {"os_version", "text", "5.1: the version of Windows that a host announces (ours)"},
    {"roles", "list of text", "domain_controller, sql_server, print_server, ... that it announces (ours)"},
    {"comment", "text", "what its owner wrote about it (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"netbios_dgm"}, kCategory{"netbios"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"netbios_dgm", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{138};

constexpr std::uint8_t kDirectUnique = 0x10, kBroadcast = 0x12, kErrorKind = 0x13, kQueryRequest = 0x14,
                       kNegativeResponse = 0x16;
constexpr std::size_t kHeaderBytes = 10;  // of all kinds

struct Datagram {
  std::uint8_t kind = 0, flags = 0, error = 0;
  std::uint16_t id = 0;
  std::uint32_t address = 0;
  bool first = false;  // the piece that begins with SMB's header, or all of it
  NetbiosName source, destination;
  Bytes data;

  [[nodiscard]] bool carries() const noexcept { return kind >= kDirectUnique && kind <= kBroadcast; }
  [[nodiscard]] bool asks() const noexcept { return kind >= kQueryRequest && kind <= kNegativeResponse; }
};

std::string_view kind_name(unsigned kind) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"direct_unique", "direct_group", "broadcast", "error", "query_request",
                                       "positive_query_response", "negative_query_response"});
  return kind - kDirectUnique < kNames.size() ? kNames[kind - kDirectUnique] : std::string_view{};
}

std::string_view error_name(unsigned error) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"no_such_destination", "bad_source_name", "bad_destination_name"});
  constexpr unsigned kFirst = 0x82;
  return error - kFirst < kNames.size() ? kNames[error - kFirst] : std::string_view{};
}

// A fault leaves `out` useless.
std::optional<DecodeError> read_datagram(Bytes in, Datagram& out) {
  constexpr unsigned kReserved = 0xf0, kFirst = 2;
  ByteReader reader{in};
  out.kind = reader.u8();
  out.flags = reader.u8();
  out.id = reader.u16be();
  out.address = reader.u32be();
  reader.u16be();  // port
  if (!reader.ok()) return DecodeError::truncated;
  if (out.kind < kDirectUnique || out.kind > kNegativeResponse || (out.flags & kReserved) != 0)
    return DecodeError::bad_value;
  if (out.kind == kErrorKind) {
    out.error = reader.u8();
    if (!reader.ok()) return DecodeError::truncated;
    return error_name(out.error).empty() || !reader.empty() ? std::optional{DecodeError::bad_value} : std::nullopt;
  }
  if (out.asks()) return read_netbios_name(reader, out.destination);
  const std::size_t length = reader.u16be(), offset = reader.u16be();
  // The RFC counts what follows, Windows and Samba the head as well.
  constexpr std::size_t kHead = 14;
  if (!reader.ok() || length > kHead + reader.rest().size()) return DecodeError::truncated;
  out.first = (out.flags & kFirst) != 0 && offset == 0;
  ByteReader body = reader.sub(std::min(length, reader.rest().size()));
  if (const auto fault = read_netbios_name(body, out.source)) return fault;
  if (const auto fault = read_netbios_name(body, out.destination)) return fault;
  out.data = body.rest();
  return {};
}

Bytes up_to_zero(Bytes bytes) {
  return bytes.first(static_cast<std::size_t>(std::ranges::find(bytes, std::uint8_t{0}) - bytes.begin()));
}

// A write to a mailslot, in SMB1's TRANSACTION.
struct MailslotWrite {
  Bytes name, data;
};
// | FF SMB | 25 | ... 32 in all | words u8 = 17 | 20 | .. | data size, offset u16 | setup u8 = 3 | 0 | 1 u16 | ... |
// size u16 | name, 0 | data at its offset from FF |
bool read_mailslot(Bytes in, MailslotWrite& out) {
  constexpr std::uint32_t kMagic = 0xff534d42;
  constexpr std::uint8_t kTransaction = 0x25, kSetupWords = 3, kWords = 14 + kSetupWords;
  constexpr std::uint16_t kWrite = 1;
  constexpr std::size_t kHeader = 32;
  ByteReader reader{in};
  const bool smb = reader.u32be() == kMagic && reader.u8() == kTransaction;
  reader.bytes(kHeader - 5);
  if (!smb || reader.u8() != kWords) return false;
  reader.bytes(22);  // greatest sizes, flags, timeout, size and place of parameters
  const std::size_t size = reader.u16le(), offset = reader.u16le();
  const bool write = reader.u8() == kSetupWords && (reader.u8(), reader.u16le()) == kWrite;
  reader.bytes(4);  // priority, class
  reader.u16le();   // size of what follows
  out.name = up_to_zero(reader.rest());
  ByteReader data{in};
  data.bytes(offset);
  out.data = data.bytes(size);
  return write && reader.ok() && data.ok();
}

namespace announcement {
constexpr unsigned kHost = 1, kRequest = 2, kElection = 8, kBackupListRequest = 9, kBackupList = 10, kBecomeBackup = 11,
                   kDomain = 12, kMaster = 13, kReset = 14, kLocalMaster = 15;
}  // namespace announcement

std::string_view announcement_name(unsigned command) {
  switch (command) {
    case announcement::kHost: return "host";
    case announcement::kRequest: return "announcement_request";
    case announcement::kElection: return "election";
    case announcement::kBackupListRequest: return "backup_list_request";
    case announcement::kBackupList: return "backup_list";
    case announcement::kBecomeBackup: return "become_backup";
    case announcement::kDomain: return "domain";
    case announcement::kMaster: return "master";
    case announcement::kReset: return "reset";
    case announcement::kLocalMaster: return "local_master";
    default: return {};
  }
}

// By the bits of a server's type ([MS-BRWS] 2.2.1, [MS-SRVS] 2.2.2.7).
constexpr auto kRoleNames = std::to_array<std::string_view>({"workstation",
                                                             "server",
                                                             "sql_server",
                                                             "domain_controller",
                                                             "backup_domain_controller",
                                                             "time_source",
                                                             "apple_file_server",
                                                             "netware_server",
                                                             "domain_member",
                                                             "print_server",
                                                             "dial_in_server",
                                                             "unix_server",
                                                             "nt",
                                                             "wfw",
                                                             "netware_file_server",
                                                             "nt_server",
                                                             "potential_browser",
                                                             "backup_browser",
                                                             "master_browser",
                                                             "domain_master_browser"});

void set_roles(EventWriter& out, std::uint32_t bits) {
  if (!out.wants(kRoles)) return;
  const std::span<Value> values = out.event().arena().make<Value>(kRoleNames.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < kRoleNames.size(); ++i)
    if ((bits >> i & 1U) != 0) values[count++] = Value::text(kRoleNames[i]);
  set_list(out, kRoles, values.first(count));
}

// | updates u8 | period u32 | name 16, up to a zero | version u8, u8 | roles u32 | browser's version u16 | mark u16 |
// text, 0 |: of a domain the name is its own and the text its master's.
bool set_announced(EventWriter& out, unsigned command, ByteReader reader) {
  constexpr std::size_t kName = 16;
  reader.bytes(5);
  const Bytes name = up_to_zero(reader.bytes(kName));
  const unsigned major = reader.u8(), minor = reader.u8();
  const std::uint32_t roles = reader.u32le();
  reader.bytes(4);
  if (!reader.ok()) return false;
  const bool domain = command == announcement::kDomain;
  const Bytes text = up_to_zero(reader.rest());
  set_text(out, domain ? kDomain : kHostName, name);
  set_text(out, domain ? kHostName : kComment, text);
  set_roles(out, roles);
  // A domain's is of its browser.
  if (domain || !out.wants(kOsVersion)) return true;
  TextBuffer version;
  version.append_number(major);
  version.append('.');
  version.append_number(minor);
  out.set(kOsVersion, Value::text(out.event().keep(version.view())));
  return true;
}

// False when it is cut.
bool set_announcement(EventWriter& out, Bytes data) {
  ByteReader reader{data};
  const unsigned command = reader.u8();
  if (!reader.ok()) return false;
  if (out.wants(kAnnouncement)) out.set(kAnnouncement, named(out, announcement_name(command), command));
  switch (command) {
    case announcement::kHost:
    case announcement::kDomain:
    case announcement::kLocalMaster: return set_announced(out, command, reader);
    case announcement::kRequest: reader.u8(); break;        // flags
    case announcement::kElection: reader.bytes(13); break;  // version, merits, time it has been up
    case announcement::kBecomeBackup:
    case announcement::kMaster: break;
    default: return true;
  }
  set_text(out, kHostName, up_to_zero(reader.rest()));
  return reader.ok();
}

void set_name(EventWriter& out, Field field, const NetbiosName& name) {
  if (out.wants(field)) {
    TextBuffer text;
    append_netbios_name(name.octets, text);
    out.set(field, Value::text(out.event().keep(text.view())));
  }
  out.set(field + 1U, Value::integer(name.type()));
  if (out.wants(field + 2U)) out.set(field + 2U, named(out, netbios_type_name(name.type()), name.type()));
}

bool set_content(EventWriter& out, const Datagram& datagram) {
  constexpr std::string_view kBrowse = "\\MAILSLOT\\BROWSE";
  MailslotWrite write;
  if (!datagram.first || !read_mailslot(datagram.data, write)) return true;  // whatever else it carries
  set_text(out, kMailslot, write.name);
  const std::string_view name{reinterpret_cast<const char*>(write.name.data()), write.name.size()};
  return !same_word(name, kBrowse) || set_announcement(out, write.data);
}

void tell(const Datagram& datagram, Context& context) {
  EventWriter out = context.begin(0, context.now());
  out.set(kTransId, Value::integer(datagram.id));
  out.set(kMessage, Value::text(kind_name(datagram.kind)));
  out.set(kSenderAddress, Value::address(IpAddress::v4(datagram.address)));
  bool whole = true;
  if (datagram.carries()) {
    set_name(out, kSender, datagram.source);
    whole = set_content(out, datagram);
  }
  if (datagram.carries() || datagram.asks()) {
    set_name(out, kDestination, datagram.destination);
    set_netbios_scope(out, kScope, datagram.destination);
  } else {
    out.set(kError, Value::text(error_name(datagram.error)));
  }
  context.emit();
  if (!whole) context.refused(DecodeError::truncated);
}

class NetbiosDatagramAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0)) return;
    Datagram datagram;
    if (const auto fault = read_datagram(bytes, datagram)) return context.refused(*fault);
    tell(datagram, context);
  }
};

// Two names of thirty-two letters are nothing by chance. On the port, what has a head is to be counted.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Datagram datagram;
  if (on_port) return first.size() >= kHeaderBytes ? Verdict::yes : Verdict::no;
  return !read_datagram(first, datagram) && datagram.carries() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<NetbiosDatagramAnalyzer>(); }

}  // namespace

Protocol netbios_dgm_protocol() {
  Protocol p;
  p.name = "netbios_dgm";
  p.help = "NetBIOS: datagrams to names, and what hosts announce of themselves";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
