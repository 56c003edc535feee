// DHCP for IPv6 (RFC 8415): | kind u8 | transaction u24 | options: code u16, length u16, value |, perhaps wrapped by
// relays.
//
// One `dhcpv6` event per transaction and flow, in the manner of Zeek's dhcp.log (Zeek has no log for this one). A
// transaction is told when the server replied.
#include <array>
#include <vector>

#include "ingest/network/protocols/dhcp_transactions.h"
#include "ingest/network/protocols/dhcpv6_message.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kClientAddr,
  kMac,
  kClientDuid,
  kServerDuid,
  kClientFqdn,
  kDomains,
  kRequestedAddr,
  kAssignedAddr,
  kAssignedPrefix,
  kLeaseTime,
  kStatus,
  kServerMessage,
  kMsgTypes,
  kDuration,
  kXid,
  kRelays,
  kRelayAddr,
  kVendorClass,
  kParameters,
  kDnsServers,
  kBootFile,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"client_addr", "address", "the client's address by its relay; without relay it is the flow's (ours)"},
    {"mac", "text", "hardware address in the client's identifier, if it is of Ethernet (ours)"},
    {"client_duid", "text", "the client's identifier, in hexadecimal (ours)"},
    {"server_duid", "text", "the server's identifier, in hexadecimal (ours)"},
    {"client_fqdn", "text", "name that the client gives itself, or gets (ours)"},
    {"domains", "list of text", "domains that the server gives, to search names in (ours)"},
    {"requested_addr", "address", "first address that the client asks for (ours)"},
    {"assigned_addr", "address", "first address that the server offers or gives (ours)"},
    {"assigned_prefix", "text", "first network that it offers or gives: 2001:db8::/56 (ours)"},
    {"lease_time", "interval", "how long address or network is valid; by the server (ours)"},
    {"status", "text", "Success, NoAddrsAvail, ...; unknown-NN when it has no name; absent when none was sent (ours)"},
    {"server_message", "text", "what the server says of the status (ours)"},
    {"msg_types", "list of text", "SOLICIT, ADVERTISE, REQUEST, REPLY, ...; unknown-NN when it has no name (ours)"},
    {"duration", "interval", "from the first message to the last (ours)"},
    {"xid", "integer", "transaction number: the same in every flow of a transaction (ours)"},
    {"relays", "integer", "that passed the last message on (ours)"},
    {"relay_addr", "address", "the relay next to the client, on the client's link (ours)"},
    {"vendor_class", "text", "what the client is (ours)"},
    {"parameters", "list of integer", "options that the client asks for, in its order: tells systems apart (ours)"},
    {"dns_servers", "list of text", "name servers that the server gives; addresses (ours)"},
    {"boot_file", "text", "address of what it has the client boot (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"dhcpv6"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"dhcpv6", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{546, 547};

using Octets = std::vector<std::uint8_t>;

struct Transaction {
  Timestamp first, last;
  std::uint32_t xid = 0;
  Octets client;  // its DUID
  std::vector<std::uint8_t> types;
  unsigned relays = 0;
  Octets peer, link, server, fqdn, domains, requested, assigned, prefix, status_text, vendor_class, parameters,
      dns_servers, boot_url;
  std::optional<std::uint32_t> lifetime;
  std::optional<std::uint16_t> status;
};

void keep(Bytes value, Octets& place) {
  if (!value.empty()) place.assign(value.begin(), value.end());
}

void merge(const Dhcpv6Message& message, Timestamp now, Transaction& into) {
  into.last = now;
  into.types.push_back(message.type);
  into.relays = message.relays;
  keep(message.peer, into.peer);
  keep(message.link, into.link);
  keep(message.server_id, into.server);
  keep(message.client_fqdn, into.fqdn);
  if (!message.from_server()) {
    keep(message.address, into.requested);
    keep(message.vendor_class, into.vendor_class);
    keep(message.parameters, into.parameters);
    return;
  }
  keep(message.domains, into.domains);
  keep(message.address, into.assigned);
  keep(message.prefix, into.prefix);
  keep(message.dns_servers, into.dns_servers);
  keep(message.boot_url, into.boot_url);
  if (message.lifetime) into.lifetime = message.lifetime;
  if (!message.status) return;
  into.status = message.status;
  into.status_text.assign(message.status_text.begin(), message.status_text.end());
}

bool last_of_its_kind(const Dhcpv6Message& message) { return message.from_server() && message.type != 2; }

void set_address(EventWriter& out, Field field, Bytes address) {
  if (address.size() == 16) out.set(field, Value::address(IpAddress::from_bytes(address)));
}

// Section 11: kind 1 is | u16 | hardware u16 | time u32 | address |, kind 3 has no time.
void set_mac(EventWriter& out, Bytes duid) {
  constexpr std::uint16_t kWithTime = 1, kWithoutTime = 3, kEthernet = 1;
  ByteReader reader{duid};
  const std::uint16_t kind = reader.u16be(), hardware = reader.u16be();
  if (kind == kWithTime) reader.u32be();
  if ((kind != kWithTime && kind != kWithoutTime) || hardware != kEthernet || reader.rest().size() != 6) return;
  set_hardware(out, kMac, reader.rest());
}

// A name written as labels, each after its length; a zero ends it. False when there was none.
bool read_name(ByteReader& reader, TextBuffer& text) {
  while (!reader.empty()) {
    const Bytes label = reader.bytes(reader.u8());
    if (label.empty()) break;
    if (!text.view().empty()) text.append('.');
    text.append_escaped(label);
  }
  return !text.view().empty();
}

void set_domains(EventWriter& out, Bytes bytes) {
  constexpr std::size_t kDomainsMax = 16;
  if (!out.wants(kDomains) || bytes.empty()) return;
  const std::span<Value> values = out.event().arena().make<Value>(kDomainsMax);
  std::size_t shown = 0;
  ByteReader reader{bytes};
  TextBuffer text;
  while (!reader.empty() && shown < values.size()) {
    text.clear();
    if (read_name(reader, text)) values[shown++] = Value::text(out.event().keep(text.view()));
  }
  set_list(out, kDomains, values.first(shown));
}

// RFC 4704: | flags u8 | name |.
void set_fqdn(EventWriter& out, Bytes bytes) {
  if (!out.wants(kClientFqdn)) return;
  ByteReader reader{bytes};
  reader.u8();
  TextBuffer text;
  if (read_name(reader, text)) out.set(kClientFqdn, Value::text(out.event().keep(text.view())));
}

void set_prefix(EventWriter& out, Bytes prefix) {
  if (prefix.empty() || !out.wants(kAssignedPrefix)) return;
  ByteReader reader{prefix};
  const unsigned bits = reader.u8();
  TextBuffer text;
  text.append(IpAddress::from_bytes(reader.rest()).to_string());
  text.append('/');
  text.append_number(bits);
  out.set(kAssignedPrefix, Value::text(out.event().keep(text.view())));
}

void set_types(EventWriter& out, std::span<const std::uint8_t> types) {
  if (!out.wants(kMsgTypes)) return;
  const std::span<Value> values = out.event().arena().make<Value>(types.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = named(out, dhcpv6_type_name(types[i]), types[i]);
  set_list(out, kMsgTypes, values);
}

void tell(const Transaction& told, Context& context) {
  EventWriter out = context.begin(0, told.first);
  set_address(out, kClientAddr, told.peer);
  set_mac(out, told.client);
  set_hex(out, kClientDuid, told.client);
  set_hex(out, kServerDuid, told.server);
  set_fqdn(out, told.fqdn);
  set_domains(out, told.domains);
  set_address(out, kRequestedAddr, told.requested);
  set_address(out, kAssignedAddr, told.assigned);
  set_prefix(out, told.prefix);
  if (told.lifetime) out.set(kLeaseTime, Value::interval(std::chrono::seconds{*told.lifetime}));
  if (told.status && out.wants(kStatus)) out.set(kStatus, named(out, dhcpv6_status_name(*told.status), *told.status));
  set_text(out, kServerMessage, told.status_text);
  set_types(out, told.types);
  out.set(kDuration, Value::interval(told.last - told.first));
  out.set(kXid, Value::integer(told.xid));
  out.set(kRelays, Value::integer(told.relays));
  set_address(out, kRelayAddr, told.link);
  // | enterprise u32 | length u16 | text | ...: the first says what it is.
  ByteReader vendor{told.vendor_class};
  vendor.u32be();
  set_text(out, kVendorClass, vendor.bytes(vendor.u16be()));
  set_numbers(out, kParameters, told.parameters, 2);
  set_addresses(out, kDnsServers, told.dns_servers, 16);
  set_text(out, kBootFile, told.boot_url);
  context.emit();
}

class Dhcpv6Analyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0)) return;
    Dhcpv6Message message;
    std::optional<DecodeError> fault;
    const bool readable = read_dhcpv6(bytes, message, fault);
    if (fault) context.refused(*fault);
    if (!readable) return;
    Transaction& transaction = transactions_.place(message.xid, message.client_id, context, tell);
    merge(message, context.now(), transaction);
    transactions_.added(transaction, last_of_its_kind(message), context, tell);
  }

  void finish(Context& context) override { transactions_.finish(context, tell); }

 private:
  DhcpTransactions<Transaction> transactions_;
};

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Dhcpv6Message message;
  std::optional<DecodeError> fault;
  if (!read_dhcpv6(first, message, fault) || dhcpv6_type_name(message.type).empty()) return Verdict::no;
  if (on_port) return Verdict::yes;
  // Elsewhere only whole messages that say who sent them.
  return !fault && message.client_id.size() >= 8 && message.client_id[0] == 0 ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<Dhcpv6Analyzer>(); }

}  // namespace

Protocol dhcpv6_protocol() {
  Protocol p;
  p.name = "dhcpv6";
  p.help = "DHCP for IPv6";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
