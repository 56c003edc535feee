// Cisco: ASA, FTD, FWSM, PIX, IOS, IOS XE, NX-OS and IOS XR. Every message keeps facility, level, mnemonic and text;
// those that cisco_numbered.cpp and cisco_named.cpp know have their fields besides.
#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/cisco_message.h"
#include "ingest/logs/formats/line_scan.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

constexpr std::array<std::string_view, 8> kSeverities{"EMERG",   "ALERT",  "CRIT", "ERR",
                                                      "WARNING", "NOTICE", "INFO", "DEBUG"};
constexpr std::size_t kPairsMax = 128;  // Firepower's messages have up to some 60

enum class ValueKind : std::uint8_t { text, integer, address, interval };

std::span<const ValueKind> value_kinds() {
  static const auto kinds = [] {
    std::vector<ValueKind> out;
    for (const event::FieldSpec& field : cisco_fields())
      out.push_back(field.type == "integer"    ? ValueKind::integer
                    : field.type == "address"  ? ValueKind::address
                    : field.type == "interval" ? ValueKind::interval
                                               : ValueKind::text);
    return out;
  }();
  return kinds;
}

event::Value typed(ValueKind kind, std::string_view text) noexcept {
  switch (kind) {
    case ValueKind::integer: return number_or_text(text);
    case ValueKind::address: return address_or_text(text);
    case ValueKind::interval: return interval_or_text(text);
    case ValueKind::text: break;
  }
  return event::Value::text(text);
}

// "Key: value, Key: value": Firepower's connection, intrusion, file and malware events (430001 to 430005).
struct Pair {
  std::string_view key, value;
};

// A key of at most 40 letters, with a ':' behind it.
std::size_t key_end(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && end <= 40 && text[end] != ':' && text[end] != ',') {
    const char c = text[end];
    const bool fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '_' || c == ' ';
    if (!fits || (end == 0 && (c < 'A' || c > 'Z'))) return 0;
    ++end;
  }
  return end < text.size() && end <= 40 && text[end] == ':' ? end : 0;
}

// How many pairs; `kPairsMax + 1`: more than fit.
std::size_t split_pairs(std::string_view text, std::span<Pair> out) noexcept {
  std::size_t count = 0;
  std::size_t key = key_end(text);
  while (key != 0) {
    if (count == out.size()) return out.size() + 1;
    Pair& pair = out[count++];
    pair.key = text.substr(0, key);
    text.remove_prefix(key + 1);
    skip_spaces(text);
    // A ',' ends the value only where another key follows.
    std::size_t end = 0;
    key = 0;
    std::string_view rest;
    for (; (end = text.find(',', end)) != std::string_view::npos; ++end) {
      rest = text.substr(end + 1);
      skip_spaces(rest);
      if (rest.empty() || (key = key_end(rest)) != 0) break;
    }
    pair.value = text.substr(0, end);
    while (pair.value.ends_with(' ')) pair.value.remove_suffix(1);
    if (key != 0) text = rest;
  }
  return count;
}

// Which way a connection was built, until it is torn down: the teardown does not say it. Direct-mapped; a connection
// whose place another took has a teardown without `direction`, its ends as they are written.
class Directions {
 public:
  void built(std::uint64_t key, bool outbound) {
    if (cells_.empty()) cells_.assign(kCells, 0);
    cells_[place(key)] = (key & ~std::uint64_t{3}) | (outbound ? 3U : 1U);
  }
  // Forgets it. 0: not known.
  char torn_down(std::uint64_t key) noexcept {
    if (cells_.empty()) return 0;
    std::uint64_t& cell = cells_[place(key)];
    if (((cell ^ key) & ~std::uint64_t{3}) != 0 || cell == 0) return 0;
    const char direction = (cell & 2U) != 0 ? 'o' : 'i';
    cell = 0;
    return direction;
  }

 private:
  static constexpr std::size_t kCells = 16 * 1024;  // 128 KiB, from the first firewall connection on
  static std::size_t place(std::uint64_t key) noexcept { return (key >> 2U) & (kCells - 1); }
  std::vector<std::uint64_t> cells_;
};

class CiscoReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (message.text.empty() && message.program.empty()) return LineFault::empty;
    CiscoTag tag;
    const bool tagged = find_cisco_tag(message, tag);
    if (!tagged) tag.text = message.text;
    if (!tagged || is_pairs(tag)) {
      const std::size_t count = split_pairs(tag.text, pairs_);
      if (count > pairs_.size()) return LineFault::too_deep;
      if (!tagged && count < 2) return tell_audit(message, out);
      if (count > 0) {
        tell_pairs(message, tagged ? &tag : nullptr, {pairs_.data(), count}, out);
        return LineFault::none;
      }
    }
    tell(message, tag, out);
    return LineFault::none;
  }

 private:
  static bool is_pairs(const CiscoTag& tag) noexcept {
    return tag.firewall() && tag.mnemonic.size() == 6 && tag.mnemonic.starts_with("43000");
  }

  LineFault tell_audit(const Message& message, MessageContext& out) {
    const PatternRow* row = named_.match("audit", message.text, captures_);
    if (row == nullptr) return LineFault::bad_header;
    if (!out.wants(cisco_plain)) return LineFault::none;
    MessageWriter writer = out.begin(cisco_plain, message, message.time);
    fill(writer, message, *row);
    out.emit();
    return LineFault::none;
  }

  const PatternRow* match(const CiscoTag& tag) noexcept {
    if (!tag.firewall()) return named_.match(tag.mnemonic, tag.text, captures_);
    const PatternRow* row = numbered_.match(tag.mnemonic, tag.text, captures_);
    // Families of messages that begin alike.
    if (row == nullptr && numbered_.first(tag.mnemonic) == nullptr && tag.mnemonic.size() == 6)
      row = numbered_.match(tag.mnemonic.substr(0, 3), tag.text, captures_);
    return row;
  }

  CiscoKind kind_of(const CiscoTag& tag, const PatternRow* row) const noexcept {
    if (row == nullptr && tag.firewall()) row = numbered_.first(tag.mnemonic);
    if (row != nullptr && (tag.firewall() || row->kind != cisco_bgp)) return static_cast<CiscoKind>(row->kind);
    if (row != nullptr && tag.mnemonic == "BADAUTH")
      return tag.text.find("(646)") != std::string_view::npos ? cisco_ldp : cisco_bgp;
    if (row != nullptr) return cisco_bgp;
    if (tag.facility.find("LDP") != std::string_view::npos) return cisco_ldp;
    return tag.facility.find("BGP") != std::string_view::npos ? cisco_bgp : cisco_plain;
  }

  static LogTime time_of(const Message& message, const CiscoTag& tag) {
    LogTime time = message.time;
    if (time.quality == event::TimeQuality::received && !tag.before.empty())
      find_cisco_time(tag.before, message.origin.receive_time, message.zone, time);
    return time;
  }

  static void set_tag(MessageWriter& writer, const Message& message, const CiscoTag& tag) {
    writer.set(f_facility, event::Value::text(tag.facility));
    writer.set(f_severity, event::Value::text(kSeverities[tag.level]));
    writer.set(f_severity_level, event::Value::integer(tag.level));
    writer.set(f_mnemonic, event::Value::text(tag.mnemonic));
    std::int64_t number = 0;
    if (tag.firewall() && parse_digits(tag.mnemonic, number)) writer.set(f_message_id, event::Value::integer(number));
    // "TIME fw1: %ASA-...": the envelope takes the device's name for a program's.
    const bool name = message.host.empty() && message.pid.empty() && !message.program.starts_with('%');
    if (name && !message.program.empty() && message.text.starts_with('%'))
      writer.event().set(event::common(event::Common::host), event::Value::text(message.program));
  }

  void tell(const Message& message, const CiscoTag& tag, MessageContext& out) {
    const PatternRow* row = match(tag);
    const CiscoKind kind = kind_of(tag, row);
    if (!out.wants(kind)) return;
    MessageWriter writer = out.begin(kind, message, time_of(message, tag));
    set_tag(writer, message, tag);
    if (row != nullptr) fill(writer, message, *row);
    out.emit();
  }

  void fill(MessageWriter& writer, const Message& message, const PatternRow& row) {
    const std::size_t fields = cisco_fields().size();
    flow_ = {};
    std::string_view action = row.action, connection, reason;
    for (const Capture& capture : captures_.all()) {
      if (capture.name >= fields) {
        special(writer, static_cast<CiscoSpecial>(capture.name - fields), capture.text);
        continue;
      }
      switch (capture.name) {
        case f_action: action = capture.text; break;
        case f_direction: flow_.direction = capture.text; break;
        case f_protocol: flow_.protocol = capture.text; break;
        case f_src_interface: flow_.src.interface = capture.text; break;
        case f_src_ip: flow_.src.address = capture.text; break;
        case f_src_port: flow_.src.port = capture.text; break;
        case f_src_user: flow_.src.user = capture.text; break;
        case f_dst_ip: flow_.dst.address = capture.text; break;
        case f_dst_port: flow_.dst.port = capture.text; break;
        case f_dst_user: flow_.dst.user = capture.text; break;
        case f_icmp_type: flow_.icmp_type = capture.text; break;
        case f_icmp_code: flow_.icmp_code = capture.text; break;
        case f_connection_id: connection = capture.text; break;
        case f_reason:
          if (row.action == "teardown") {
            reason = capture.text;
            break;
          }
          [[fallthrough]];
        default: writer.set(capture.name, typed(kinds_[capture.name], capture.text));
      }
    }
    if (!action.empty()) set_action(writer, action, row.kind == cisco_firewall);
    if (!connection.empty()) {
      writer.set(f_connection_id, number_or_text(connection));
      recall(message, connection, action == "teardown");
    }
    if (connection.empty() && flow_.faddr.empty()) {
      if (!flow_.direction.empty()) writer.set(f_direction, event::Value::text(flow_.direction));
      flow_.direction = {};
    }
    if (!reason.empty()) set_reason(writer, reason);
    set_flow(writer);
  }

  // "TCP FINs (name)": who had the connection stands behind why it ended.
  static void set_reason(MessageWriter& writer, std::string_view reason) {
    const std::size_t open = reason.rfind('(');
    if (reason.ends_with(')') && (open == 0 || (open != std::string_view::npos && reason[open - 1] == ' '))) {
      writer.set(f_user, event::Value::text(reason.substr(open + 1, reason.size() - open - 2)));
      reason = reason.substr(0, open);
      while (reason.ends_with(' ')) reason.remove_suffix(1);
    }
    if (!reason.empty()) writer.set(f_reason, event::Value::text(reason));
  }

  struct Flow {
    CiscoEndpoint src, dst;
    std::string_view faddr, gaddr, laddr;  // ICMP: foreign, global (translated), local
    std::string_view direction, protocol, icmp_type, icmp_code;
  };

  void special(MessageWriter& writer, CiscoSpecial what, std::string_view text) {
    const auto split_port = [](std::string_view from, CiscoEndpoint& to) {
      const std::size_t colon = from.rfind(':');
      to.address = from.substr(0, colon);
      if (colon != std::string_view::npos) to.port = from.substr(colon + 1);
    };
    switch (what) {
      case special_src: {
        const std::string_view interface = flow_.src.interface;
        flow_.src = parse_cisco_endpoint(text);
        if (flow_.src.interface.empty()) flow_.src.interface = interface;
        break;
      }
      case special_dst: flow_.dst = parse_cisco_endpoint(text); break;
      case special_faddr: flow_.faddr = text; break;
      case special_gaddr: flow_.gaddr = text; break;
      case special_laddr: flow_.laddr = text; break;
      case special_local:
      case special_responder: split_port(text, flow_.dst); break;
      case special_remote:
      case special_initiator: split_port(text, flow_.src); break;
      case special_target: {
        // "user@192.0.2.1:http://...": whose request, the server, and the URL.
        const std::size_t scheme = text.find(":http");
        const std::size_t colon = scheme != std::string_view::npos ? scheme : text.find(':');
        std::string_view server = text.substr(0, colon);
        if (const std::size_t at = server.find('@'); at != std::string_view::npos) {
          flow_.src.user = server.substr(0, at);
          server.remove_prefix(at + 1);
        }
        flow_.dst.address = server;
        if (colon != std::string_view::npos) writer.set(f_url, event::Value::text(text.substr(colon + 1)));
        break;
      }
      case special_filter: {
        const std::size_t space = text.rfind(' ');
        flow_.protocol = text.substr(space == std::string_view::npos ? 0 : space + 1);
        if (space != std::string_view::npos) writer.set(f_list, event::Value::text(text.substr(0, space)));
        break;
      }
      case kCiscoSpecials: break;
    }
  }

  static void set_action(MessageWriter& writer, std::string_view action, bool traffic) {
    static constexpr auto kRefused = std::to_array<std::string_view>(
        {"blocked", "denied", "discarded", "drop", "dropped", "est-denied", "reset", "skipped", "terminated"});
    static constexpr auto kPassed = std::to_array<std::string_view>(
        {"accessed", "built", "bypass", "est-allowed", "monitored", "offloaded", "onloaded", "permitted", "teardown"});
    writer.set(f_action, event::Value::text(action));
    if (!traffic || !writer.wants(f_blocked)) return;
    std::array<char, 16> lower{};
    if (action.size() > lower.size()) return;
    std::ranges::transform(action, lower.begin(), ascii_lower);
    const std::string_view name{lower.data(), action.size()};
    const bool refused = std::ranges::find(kRefused, name) != kRefused.end();
    if (refused || std::ranges::find(kPassed, name) != kPassed.end())
      writer.set(f_blocked, event::Value::boolean(refused));
  }

  // Builds are remembered, teardowns told which way their connection went.
  void recall(const Message& message, std::string_view connection, bool teardown) {
    const std::string_view device =
        message.host.empty() && !message.program.starts_with('%') ? message.program : message.host;
    const std::uint64_t key = hash64(connection, hash64(device));
    if (!teardown) {
      if (!flow_.direction.empty()) directions_.built(key, flow_.direction == "outbound");
    } else if (const char direction = directions_.torn_down(key); direction != 0) {
      flow_.direction = direction == 'o' ? "outbound" : "inbound";
    }
  }

  // The firewall writes the foreign side of a connection first; an outbound one came from the second.
  void set_flow(MessageWriter& writer) {
    Flow& flow = flow_;
    if (!flow.faddr.empty()) {
      const CiscoEndpoint foreign = parse_cisco_endpoint(flow.faddr), global = parse_cisco_endpoint(flow.gaddr);
      CiscoEndpoint local = parse_cisco_endpoint(flow.laddr);
      local.mapped_address = global.address;
      const bool inbound = flow.direction == "inbound";
      flow.src = inbound ? foreign : local;
      flow.dst = inbound ? local : foreign;
      // What stands for a port is the echo's number.
      flow.src.port = flow.dst.port = {};
    } else if (flow.direction == "outbound" && !flow.dst.address.empty()) {
      std::swap(flow.src, flow.dst);
    }
    if (!flow.direction.empty()) writer.set(f_direction, event::Value::text(flow.direction));
    if (!flow.protocol.empty()) writer.set(f_protocol, event::Value::text(flow.protocol));
    set_endpoint(writer, flow.src, f_src_interface, event::Common::orig_h, event::Common::orig_p);
    set_endpoint(writer, flow.dst, f_dst_interface, event::Common::resp_h, event::Common::resp_p);
    set_transport(writer, flow.protocol);
    if (!flow.icmp_type.empty()) set_icmp(writer, flow.icmp_type, f_icmp_type, event::Common::orig_p);
    if (!flow.icmp_code.empty()) set_icmp(writer, flow.icmp_code, f_icmp_code, event::Common::resp_p);
  }

  static void set_transport(MessageWriter& writer, std::string_view protocol) {
    const std::string_view name = transport_name(protocol);
    if (!name.empty()) writer.event().set(event::common(event::Common::proto), event::Value::text(name));
  }

  // Zeek writes type and code in the place of ports.
  static void set_icmp(MessageWriter& writer, std::string_view text, std::size_t field, event::Common port) {
    const event::Value value = number_or_text(text);
    writer.set(field, value);
    if (value.kind() == event::Value::Kind::integer) writer.event().set(event::common(port), value);
  }

  // `first`: the position of its interface; the others follow in CiscoField's order.
  static void set_endpoint(MessageWriter& writer, const CiscoEndpoint& end, std::size_t first, event::Common host,
                           event::Common port) {
    const auto set_text = [&](std::size_t offset, std::string_view text) {
      if (!text.empty()) writer.set(first + offset, event::Value::text(text));
    };
    set_text(0, end.interface);
    if (!end.address.empty()) {
      const event::Value address = address_or_text(end.address);
      writer.set(first + 1, address);
      if (address.kind() == event::Value::Kind::address) writer.event().set(event::common(host), address);
    }
    if (!end.port.empty()) {
      const event::Value number = number_or_text(end.port);
      if (number.kind() == event::Value::Kind::integer) {
        writer.set(first + 2, number);
        writer.event().set(event::common(port), number);
      } else {
        writer.set(f_application, number);  // "192.0.2.1/ssh"
      }
    }
    if (!end.mapped_address.empty()) writer.set(first + 3, address_or_text(end.mapped_address));
    if (!end.mapped_port.empty()) writer.set(first + 4, number_or_text(end.mapped_port));
    set_text(5, end.user);
  }

  void tell_pairs(const Message& message, const CiscoTag* tag, std::span<const Pair> pairs, MessageContext& out) {
    if (!out.wants(cisco_firewall)) return;
    MessageWriter writer = out.begin(cisco_firewall, message, tag != nullptr ? time_of(message, *tag) : message.time);
    if (tag != nullptr) set_tag(writer, message, *tag);
    flow_ = {};
    for (const Pair& pair : pairs) {
      if (pair.value.empty()) continue;
      known_pair(writer, pair);
      if (!writer.closed())
        writer.set(pair.key, pair.key.ends_with("IP") ? address_or_text(pair.value) : number_or_text(pair.value));
    }
    set_flow(writer);
    out.emit();
  }

  void known_pair(MessageWriter& writer, const Pair& pair) {
    const std::string_view key = pair.key, value = pair.value;
    if (key == "SrcIP")
      flow_.src.address = value;
    else if (key == "DstIP")
      flow_.dst.address = value;
    else if (key == "SrcPort")
      flow_.src.port = value;
    else if (key == "DstPort")
      flow_.dst.port = value;
    else if (key == "Protocol")
      flow_.protocol = value;
    else if (key == "IngressInterface")
      flow_.src.interface = value;
    else if (key == "EgressInterface")
      flow_.dst.interface = value;
    else if (key == "ICMPType")
      flow_.icmp_type = value;
    else if (key == "ICMPCode")
      flow_.icmp_code = value;
    else if (key == "User" && value != "No Authentication Required" && value != "Unknown")
      writer.set(f_user, event::Value::text(value));
    else if (key == "ApplicationProtocol")
      writer.set(f_application, event::Value::text(value));
    else if (key == "URL")
      writer.set(f_url, event::Value::text(value));
    else if (key == "AccessControlRuleAction" || key == "FileAction") {
      writer.set(f_action, event::Value::text(value));
      const bool blocked = value.find("Block") != std::string_view::npos;
      writer.set(f_blocked, event::Value::boolean(blocked));
    }
  }

  const PatternTable& numbered_ = cisco_numbered_patterns();
  const PatternTable& named_ = cisco_named_patterns();
  const std::span<const ValueKind> kinds_ = value_kinds();
  Captures captures_;
  Flow flow_;
  Directions directions_;
  std::array<Pair, kPairsMax> pairs_{};
};

constexpr std::array<std::string_view, 1> kSyslog{"syslog"};
constexpr std::array<std::string_view, 2> kAaa{"aaa", "syslog"}, kBgp{"bgp", "syslog"}, kLdp{"ldp", "syslog"};
constexpr std::array<std::string_view, 1> kFirewall{"firewall"};
constexpr std::array<std::string_view, 4> kPrograms{"asa", "ftd", "fwsm", "sfims"};

}  // namespace

const MessageFormat& cisco_format() {
  // In the order of CiscoKind. Open: Firepower's pairs keep their names.
  static const std::array<event::TypeSpec, kCiscoKinds> types{{
      {"cisco", "cisco", kSyslog, {}, cisco_fields(), true},
      {"cisco.aaa", "cisco", kAaa, {}, cisco_fields(), true},
      {"cisco.bgp", "cisco", kBgp, {}, cisco_fields(), true},
      {"cisco.ldp", "cisco", kLdp, {}, cisco_fields(), true},
      {"cisco.firewall", "cisco", kSyslog, kFirewall, cisco_fields(), true},
  }};
  static const MessageFormat format{"cisco",
                                    "Cisco ASA, FTD, FWSM, PIX, IOS, IOS XE, NX-OS, IOS XR: %FACILITY-LEVEL-MNEMONIC",
                                    types,
                                    kPrograms,
                                    looks_like_cisco,
                                    [] { return std::unique_ptr<MessageReader>{std::make_unique<CiscoReader>()}; }};
  return format;
}

}  // namespace nw::logs
