// DHCP for IPv4 (RFC 2131, 2132) and BOOTP (RFC 951):
// | operation u8 | hardware u8 | its length u8 | hops u8 | xid u32 | seconds u16 | flags u16 | client, your, next
// server's, relay's address u32 each | hardware address 16 | server's name 64 | file 128 | cookie u32 | options |
//
// One `dhcp` event per transaction (xid and hardware address) and flow, as in Zeek's dhcp.log, which joins flows too. A
// transaction is told when its last message came: ACK, NAK, DECLINE, RELEASE, any answer to a lease query.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/dhcp_message.h"
#include "ingest/network/protocols/dhcp_transactions.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kClientAddr,
  kServerAddr,
  kMac,
  kHostName,
  kClientFqdn,
  kDomain,
  kRequestedAddr,
  kAssignedAddr,
  kLeaseTime,
  kClientMessage,
  kServerMessage,
  kMsgTypes,
  kDuration,
  kXid,
  kRelayAddr,
  kVendorClass,
  kParameters,
  kRouters,
  kDnsServers,
  kStaticRoutes,
  kBootServer,
  kBootFile,
  kProxyUrl,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"client_addr", "address", "address that the client has and says so; absent while it has none"},
    {"server_addr", "address", "the server, as it or the client names it"},
    {"mac", "text", "the client's hardware address, with colons"},
    {"host_name", "text", "name that the client gives itself, or gets"},
    {"client_fqdn", "text", "the same with its domain"},
    {"domain", "text", "domain that the server gives"},
    {"requested_addr", "address", "address that the client asks for"},
    {"assigned_addr", "address", "address that the server offers or gives"},
    {"lease_time", "interval", "how long it may be used; by the server"},
    {"client_message", "text", "what the client says of an error"},
    {"server_message", "text", "what the server says of an error"},
    {"msg_types", "list of text", "DISCOVER, OFFER, REQUEST, ACK, ...; BOOTREQUEST and BOOTREPLY without type"},
    {"duration", "interval", "from the first message to the last"},
    {"xid", "integer", "transaction number: the same in every flow of a transaction (ours)"},
    {"relay_addr", "address", "relay that passed it on (ours)"},
    {"vendor_class", "text", "what the client is: MSFT 5.0, dhcpcd-..., PXEClient:... (ours)"},
    {"parameters", "list of integer", "options that the client asks for, in its order: tells systems apart (ours)"},
    {"routers", "list of text", "gateways that the server gives; addresses (ours)"},
    {"dns_servers", "list of text", "name servers that it gives; addresses (ours)"},
    {"static_routes", "list of text", "routes that it gives: 10.0.0.0/8 via 192.0.2.1 (ours)"},
    {"boot_server", "text", "where it sends the client to boot from (ours)"},
    {"boot_file", "text", "what to boot (ours)"},
    {"proxy_url", "text", "where it sends browsers for their proxy settings (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"dhcp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"dhcp", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 3> kPorts{67, 68, 4011};

constexpr std::uint16_t kBootRequest = 0x100, kBootReply = 0x101;  // beside the 256 types

// Whose word an option is. `either`: the server's counts, else the client's first.
enum class From : std::uint8_t { client, server, either };
constexpr std::array<From, kDhcpOptions> kFrom{
    From::server,  // routers
    From::server,  // dns_servers
    From::either,  // host_name
    From::server,  // domain
    From::client,  // requested_address
    From::server,  // lease_time
    From::either,  // server_id
    From::client,  // parameters
    From::either,  // message; the two sides have a place each
    From::client,  // vendor_class
    From::server,  // boot_server
    From::server,  // boot_file
    From::either,  // client_fqdn
    From::server,  // static_routes
    From::server,  // proxy_url
};

using Octets = std::vector<std::uint8_t>;

struct Transaction {
  Timestamp first, last;
  std::uint32_t xid = 0;
  Octets client;                                                        // its hardware address
  std::uint32_t address = 0, assigned = 0, next_server = 0, relay = 0;  // 0: unknown
  std::array<Octets, kDhcpOptions> options;
  Octets client_message;
  std::vector<std::uint16_t> types;

  [[nodiscard]] const Octets& option(DhcpOption which) const { return options[static_cast<std::size_t>(which)]; }
};

bool last_of_its_kind(const DhcpMessage& message) {
  if (!message.type) return !message.from_client;
  switch (*message.type) {
    case 4:   // DECLINE
    case 5:   // ACK
    case 6:   // NAK
    case 7:   // RELEASE
    case 9:   // FORCERENEW
    case 11:  // LEASEUNASSIGNED
    case 12:  // LEASEUNKNOWN
    case 13:  // LEASEACTIVE
    case 15:  // LEASEQUERYDONE
      return true;
    default: return false;
  }
}

std::uint16_t type_of(const DhcpMessage& message) {
  if (message.type) return *message.type;
  return message.from_client ? kBootRequest : kBootReply;
}

void merge(const DhcpMessage& message, Timestamp now, Transaction& into) {
  into.last = now;
  into.types.push_back(type_of(message));
  if (message.client_address != 0) into.address = message.client_address;
  if (message.your_address != 0) into.assigned = message.your_address;
  if (message.relay_address != 0) into.relay = message.relay_address;
  if (!message.from_client && message.next_server != 0) into.next_server = message.next_server;
  for (std::size_t i = 0; i < kDhcpOptions; ++i) {
    const Bytes value = message.options[i];
    if (value.empty() || kFrom[i] == (message.from_client ? From::server : From::client)) continue;
    const bool clients_word = message.from_client && i == static_cast<std::size_t>(DhcpOption::message);
    Octets& place = clients_word ? into.client_message : into.options[i];
    if (kFrom[i] != From::either || place.empty() || !message.from_client) place.assign(value.begin(), value.end());
  }
}

void set_address(EventWriter& out, Field field, std::uint32_t address) {
  if (address != 0) out.set(field, Value::address(IpAddress::v4(address)));
}

void set_address(EventWriter& out, Field field, Bytes four) {
  if (four.size() == 4) out.set(field, Value::address(IpAddress::from_bytes(four)));
}

// RFC 3442: | bits u8 | as many octets of the network as they need | router u32 |, again and again.
void set_routes(EventWriter& out, Bytes bytes) {
  if (!out.wants(kStaticRoutes)) return;
  const std::span<Value> values = out.event().arena().make<Value>(bytes.size() / 5);
  std::size_t shown = 0;
  ByteReader reader{bytes};
  while (!reader.empty() && shown < values.size()) {
    const unsigned bits = reader.u8();
    std::uint32_t network = 0;
    const Bytes octets = reader.bytes((bits + 7) / 8);
    for (std::size_t i = 0; i < 4; ++i) network = network << 8U | (i < octets.size() ? octets[i] : 0U);
    const std::uint32_t router = reader.u32be();
    if (!reader.ok() || bits > 32) break;
    TextBuffer text;
    text.append(IpAddress::v4(network).to_string());
    text.append('/');
    text.append_number(bits);
    text.append(" via ");
    text.append(IpAddress::v4(router).to_string());
    values[shown++] = Value::text(out.event().keep(text.view()));
  }
  set_list(out, kStaticRoutes, values.first(shown));
}

// RFC 4702: | flags u8 | two unused u8 | name |; flag 4: the name is written as labels, each after its length.
void set_fqdn(EventWriter& out, Bytes bytes) {
  if (!out.wants(kClientFqdn)) return;
  ByteReader reader{bytes};
  const bool labels = (reader.u8() & 4U) != 0;
  reader.u16be();
  if (!labels) return set_text(out, kClientFqdn, reader.rest());
  TextBuffer text;
  while (!reader.empty()) {
    const Bytes label = reader.bytes(reader.u8());
    if (label.empty()) break;
    if (!text.view().empty()) text.append('.');
    text.append_escaped(label);
  }
  if (!text.view().empty()) out.set(kClientFqdn, Value::text(out.event().keep(text.view())));
}

Value type_value(EventWriter& out, std::uint16_t type) {
  if (type == kBootRequest) return Value::text("BOOTREQUEST");
  if (type == kBootReply) return Value::text("BOOTREPLY");
  return named(out, dhcp_type_name(type), type);
}

void set_types(EventWriter& out, std::span<const std::uint16_t> types) {
  if (!out.wants(kMsgTypes)) return;
  const std::span<Value> values = out.event().arena().make<Value>(types.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = type_value(out, types[i]);
  set_list(out, kMsgTypes, values);
}

// Servers fill in an address whether there is something to boot or not.
void set_boot_server(EventWriter& out, const Transaction& told) {
  const Octets& name = told.option(DhcpOption::boot_server);
  if (!name.empty()) return set_text(out, kBootServer, name);
  if (told.next_server == 0 || told.option(DhcpOption::boot_file).empty() || !out.wants(kBootServer)) return;
  out.set(kBootServer, Value::text(out.event().keep(IpAddress::v4(told.next_server).to_string())));
}

void tell(const Transaction& told, Context& context) {
  EventWriter out = context.begin(0, told.first);
  set_address(out, kClientAddr, told.address);
  set_address(out, kServerAddr, told.option(DhcpOption::server_id));
  set_hardware(out, kMac, told.client);
  set_text(out, kHostName, told.option(DhcpOption::host_name));
  set_fqdn(out, told.option(DhcpOption::client_fqdn));
  set_text(out, kDomain, told.option(DhcpOption::domain));
  set_address(out, kRequestedAddr, told.option(DhcpOption::requested_address));
  set_address(out, kAssignedAddr, told.assigned);
  if (const Octets& lease = told.option(DhcpOption::lease_time); !lease.empty())
    out.set(kLeaseTime, Value::interval(std::chrono::seconds{ByteReader{lease}.u32be()}));
  set_text(out, kClientMessage, told.client_message);
  set_text(out, kServerMessage, told.option(DhcpOption::message));
  set_types(out, told.types);
  out.set(kDuration, Value::interval(told.last - told.first));
  out.set(kXid, Value::integer(told.xid));
  set_address(out, kRelayAddr, told.relay);
  set_text(out, kVendorClass, told.option(DhcpOption::vendor_class));
  set_numbers(out, kParameters, told.option(DhcpOption::parameters), 1);
  set_addresses(out, kRouters, told.option(DhcpOption::routers), 4);
  set_addresses(out, kDnsServers, told.option(DhcpOption::dns_servers), 4);
  set_routes(out, told.option(DhcpOption::static_routes));
  set_boot_server(out, told);
  set_text(out, kBootFile, told.option(DhcpOption::boot_file));
  set_text(out, kProxyUrl, told.option(DhcpOption::proxy_url));
  context.emit();
}

class DhcpAnalyzer final : public Analyzer {
 public:
  // Who sent it says the message, not the flow: broadcasts begin on either side.
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0)) return;
    DhcpMessage message;
    std::optional<DecodeError> fault;
    const bool readable = read_dhcp(bytes, joined_, message, fault);
    if (fault) context.refused(*fault);
    if (!readable) return;
    Transaction& transaction = transactions_.place(message.xid, message.mac, context, tell);
    merge(message, context.now(), transaction);
    transactions_.added(transaction, last_of_its_kind(message), context, tell);
  }

  void finish(Context& context) override { transactions_.finish(context, tell); }

 private:
  DhcpTransactions<Transaction> transactions_;
  Octets joined_;
};

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  DhcpMessage message;
  Octets joined;
  std::optional<DecodeError> fault;
  if (!read_dhcp(first, joined, message, fault)) return Verdict::no;
  if (on_port) return Verdict::yes;
  // Elsewhere only with its cookie (which a type implies), and between Ethernet's addresses.
  return message.type && !dhcp_type_name(*message.type).empty() && message.mac.size() == 6 ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<DhcpAnalyzer>(); }

}  // namespace

Protocol dhcp_protocol() {
  Protocol p;
  p.name = "dhcp";
  p.help = "DHCP for IPv4, and BOOTP";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
