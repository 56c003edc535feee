#include "ingest/network/protocols/dhcpv6_message.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

constexpr std::uint8_t kRelayForward = 12, kRelayReply = 13;

class OptionReader {
 public:
  explicit OptionReader(Dhcpv6Message& out) : out_{out} {}

  // | code u16 | length u16 | value |, again and again. `depth`: of the option that holds them.
  void area(Bytes bytes, unsigned depth) {
    // An association holds addresses, those hold a status, and no one holds more.
    constexpr unsigned kDepthMax = 3;
    ByteReader reader{bytes};
    while (!reader.empty() && !fault_) {
      const std::uint16_t code = reader.u16be();
      const Bytes value = reader.bytes(reader.u16be());
      if (!reader.ok()) return note(DecodeError::truncated);
      if (read_++ == Dhcpv6Message::kOptionsMax || depth == kDepthMax) return note(DecodeError::limit);
      option(code, value, depth);
    }
  }

  [[nodiscard]] Bytes relayed() const noexcept { return relayed_; }
  [[nodiscard]] std::optional<DecodeError> fault() const noexcept { return fault_; }

 private:
  void note(DecodeError fault) {
    if (!fault_) fault_ = fault;
  }

  void option(std::uint16_t code, Bytes value, unsigned depth) {
    switch (code) {
      case 1: return first(out_.client_id, value);
      case 2: return first(out_.server_id, value);
      case 3:   // addresses
      case 25:  // prefixes
        return association(value, 12, depth);
      case 4: return association(value, 4, depth);  // temporary addresses
      case 5: return address(value, depth);
      case 6: return first(out_.parameters, value);
      case 9: relayed_ = relayed_.empty() ? value : relayed_; return;
      case 13: return status(value);
      case 16: return first(out_.vendor_class, value);
      case 23: return first(out_.dns_servers, value);
      case 24: return first(out_.domains, value);
      case 26: return prefix(value, depth);
      case 39: return first(out_.client_fqdn, value);
      case 59: return first(out_.boot_url, value);
      default: return;
    }
  }

  // What is kept of a value until its transaction is over.
  static Bytes shown(Bytes value) { return value.first(std::min(value.size(), Dhcpv6Message::kValueMax)); }

  static void first(Bytes& place, Bytes value) {
    if (place.empty()) place = shown(value);
  }

  // | identity, two times u32 each, or the identity alone | options |
  void association(Bytes value, std::size_t head, unsigned depth) {
    ByteReader reader{value};
    reader.bytes(head);
    if (!reader.ok()) return note(DecodeError::truncated);
    area(reader.rest(), depth + 1);
  }

  // | address 16 | preferred u32 | valid u32 | options |
  void address(Bytes value, unsigned depth) {
    ByteReader reader{value};
    const Bytes address = reader.bytes(16);
    reader.u32be();
    const std::uint32_t valid = reader.u32be();
    if (!reader.ok()) return note(DecodeError::truncated);
    if (out_.address.empty() && !out_.lifetime) out_.lifetime = valid;
    first(out_.address, address);
    area(reader.rest(), depth + 1);
  }

  // | preferred u32 | valid u32 | bits u8 | prefix 16 | options |
  void prefix(Bytes value, unsigned depth) {
    ByteReader reader{value};
    reader.u32be();
    const std::uint32_t valid = reader.u32be();
    const Bytes prefix = reader.bytes(17);
    if (!reader.ok()) return note(DecodeError::truncated);
    if (out_.prefix.empty() && !out_.lifetime) out_.lifetime = valid;
    first(out_.prefix, prefix);
    area(reader.rest(), depth + 1);
  }

  void status(Bytes value) {
    ByteReader reader{value};
    const std::uint16_t code = reader.u16be();
    if (!reader.ok()) return note(DecodeError::truncated);
    if (out_.status.value_or(0) != 0) return;
    out_.status = code;
    out_.status_text = shown(reader.rest());
  }

  Dhcpv6Message& out_;
  std::size_t read_ = 0;
  Bytes relayed_;
  std::optional<DecodeError> fault_;
};

}  // namespace

bool Dhcpv6Message::from_server() const noexcept {
  switch (type) {
    case 2:   // ADVERTISE
    case 7:   // REPLY
    case 10:  // RECONFIGURE
    case 15:  // LEASEQUERY_REPLY
    case 16:  // LEASEQUERY_DONE
    case 17:  // LEASEQUERY_DATA
      return true;
    default: return false;
  }
}

bool read_dhcpv6(Bytes in, Dhcpv6Message& out, std::optional<DecodeError>& fault) {
  const auto refuse = [&](DecodeError error) {
    fault = error;
    return false;
  };
  for (; out.relays <= Dhcpv6Message::kRelaysMax; ++out.relays) {
    ByteReader reader{in};
    out.type = reader.u8();
    const bool relay = out.type == kRelayForward || out.type == kRelayReply;
    if (relay) {
      // | kind u8 | hops u8 | link's address 16 | peer's address 16 | options, one of them the message |
      reader.u8();
      out.link = reader.bytes(16);
      out.peer = reader.bytes(16);
    } else {
      // | kind u8 | transaction u24 | options |
      out.xid = std::uint32_t{reader.u8()} << 16U;
      out.xid |= reader.u16be();
    }
    if (!reader.ok()) return refuse(DecodeError::truncated);
    if (!relay && reader.empty()) return refuse(DecodeError::truncated);  // no message is without options
    OptionReader options{out};
    options.area(reader.rest(), 0);
    if (!fault) fault = options.fault();
    // Random bytes begin like a message often, but name neither side.
    if (!relay) return !fault || !out.client_id.empty() || !out.server_id.empty();
    if (options.relayed().empty()) return refuse(fault.value_or(DecodeError::bad_value));
    in = options.relayed();
  }
  return refuse(DecodeError::limit);
}

std::string_view dhcpv6_type_name(unsigned type) {
  static constexpr auto kNames = std::to_array<std::string_view>({"",
                                                                  "SOLICIT",
                                                                  "ADVERTISE",
                                                                  "REQUEST",
                                                                  "CONFIRM",
                                                                  "RENEW",
                                                                  "REBIND",
                                                                  "REPLY",
                                                                  "RELEASE",
                                                                  "DECLINE",
                                                                  "RECONFIGURE",
                                                                  "INFORMATION_REQUEST",
                                                                  "RELAY_FORW",
                                                                  "RELAY_REPL",
                                                                  "LEASEQUERY",
                                                                  "LEASEQUERY_REPLY",
                                                                  "LEASEQUERY_DONE",
                                                                  "LEASEQUERY_DATA",
                                                                  "RECONFIGURE_REQUEST",
                                                                  "RECONFIGURE_REPLY",
                                                                  "DHCPV4_QUERY",
                                                                  "DHCPV4_RESPONSE"});
  return type < kNames.size() ? kNames[type] : std::string_view{};
}

std::string_view dhcpv6_status_name(unsigned status) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast", "NoPrefixAvail",
       "UnknownQueryType", "MalformedQuery", "NotConfigured", "NotAllowed", "QueryTerminated"});
  return status < kNames.size() ? kNames[status] : std::string_view{};
}

}  // namespace nw::network
