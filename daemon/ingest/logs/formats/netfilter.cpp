// The packets that Linux's packet filter logs (nf_log_syslog: iptables' LOG target, nftables' `log`), in the kernel's
// messages, in ulogd's, or in Proxmox's firewall log:
//
//   PREFIX IN=eth0 OUT= MAC=DST:SRC:TYPE SRC=192.0.2.1 DST=192.0.2.2 LEN=40 TOS=0x00 ... PROTO=TCP SPT=1 DPT=2 SYN
//   URGP=0
//
// The fields have the names that stand in the line. The prefix is the administrator's; ufw, firewalld, Shorewall,
// Ubiquiti, Proxmox and most people say there what became of the packet.
#include <algorithm>
#include <array>

#include "ingest/logs/formats/linux_text.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::size_t kTokensMax = 128;  // in a line, with its prefix; the kernel writes fewer than 40

enum Field : std::uint8_t {
  prefix,
  action,
  blocked,
  in,
  out_,
  physin,
  physout,
  mac,
  src_mac,
  dst_mac,
  src,
  dst,
  proto,
  spt,
  dpt,
  len,
  udp_len,
  tos,
  prec,
  ttl,
  id,
  icmp_id,
  type,
  code,
  seq,
  ack_seq,
  window,
  res,
  urgp,
  flags,
  uid,
  gid,
  mark,
  tc,
  hoplimit,
  flowlbl,
  rule_name,
  rule_set,
  rule,
  vmid,
  chain,
  embedded,
  kFieldCount
};
constexpr std::array<event::FieldSpec, kFieldCount> kFields{{
    {"prefix", "text", "what the rule sets before the packet"},
    {"action", "text", "what the prefix says of it: accept, allow, audit, block, deny, drop, limit, reject"},
    {"blocked", "boolean", "whether that kept it out; absent where the prefix does not say"},
    {"IN", "text", "the interface that it came in by"},
    {"OUT", "text", "the interface that it goes out by"},
    {"PHYSIN", "text", "the bridge's port that it came in by"},
    {"PHYSOUT", "text", "the bridge's port that it goes out by"},
    {"MAC", "text", "the link header as it came"},
    {"src_mac", "text", "the sender's link address, of MAC"},
    {"dst_mac", "text", "the receiver's link address, of MAC"},
    {"SRC", "address", "its source; also id.orig_h"},
    {"DST", "address", "its destination; also id.resp_h"},
    {"PROTO", "text", "TCP, UDP, ICMP, ICMPv6, ... or a number; also proto, as Zeek writes it"},
    {"SPT", "integer", "its source port; also id.orig_p"},
    {"DPT", "integer", "its destination port; also id.resp_p"},
    {"LEN", "integer", "bytes of the IP packet"},
    {"UDPLEN", "integer", "bytes of the UDP datagram: the second LEN"},
    {"TOS", "text", "type of service"},
    {"PREC", "text", "precedence"},
    {"TTL", "integer", "time to live"},
    {"ID", "integer", "the IP header's identification"},
    {"ICMPID", "integer", "the ICMP echo's identification: the second ID"},
    {"TYPE", "integer", "ICMP's type"},
    {"CODE", "integer", "ICMP's code"},
    {"SEQ", "integer", "the TCP or ICMP sequence number"},
    {"ACK", "integer", "the TCP acknowledgement number"},
    {"WINDOW", "integer", "TCP's window"},
    {"RES", "text", "TCP's reserved bits"},
    {"URGP", "integer", "TCP's urgent pointer"},
    {"flags", "list of text", "SYN, ACK, FIN, ... of TCP; DF, MF, CE of IP; FRAG:n"},
    {"UID", "integer", "the user whose socket sent it"},
    {"GID", "integer", "that user's group"},
    {"MARK", "text", "the packet's mark"},
    {"TC", "text", "IPv6's traffic class"},
    {"HOPLIMIT", "integer", "IPv6's hop limit"},
    {"FLOWLBL", "integer", "IPv6's flow label"},
    {"DESCR", "text", "Ubiquiti: the rule's description"},
    {"rule_set", "text", "Ubiquiti: the rule's set"},
    {"rule", "text", "Ubiquiti: the rule's number, or default"},
    {"vmid", "integer", "Proxmox: the guest's number; 0: the host"},
    {"chain", "text", "Proxmox: the chain that logged it"},
    {"embedded", "text", "the packet that an ICMP error speaks of, as it came"},
}};

constexpr std::array<std::string_view, 1> kServices{"syslog"};
constexpr std::array<std::string_view, 1> kCategories{"firewall"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"netfilter", "linux", kServices, kCategories, kFields, true}}};

// Words of a prefix that say what was done, as their verb.
struct Verdict {
  std::string_view word, action;
  int blocked;  // 1: yes, 0: no, -1: unknown
};
constexpr auto kVerdicts = std::to_array<Verdict>({
    {"accept", "accept", 0},   {"accepted", "accept", 0}, {"allow", "allow", 0},     {"allowed", "allow", 0},
    {"audit", "audit", -1},    {"block", "block", 1},     {"blocked", "block", 1},   {"deny", "deny", 1},
    {"denied", "deny", 1},     {"drop", "drop", 1},       {"dropped", "drop", 1},    {"limit", "limit", -1},
    {"pass", "accept", 0},     {"permit", "allow", 0},    {"permitted", "allow", 0}, {"reject", "reject", 1},
    {"rejected", "reject", 1}, {"a", "accept", 0},        {"d", "drop", 1},          {"r", "reject", 1},
});

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (ascii_lower(text[i]) != lower[i]) return false;
  return true;
}

bool word_char(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_digit(c); }

// The last word that says it: "[UFW LIMIT BLOCK]". A lone letter counts only where Ubiquiti sets it, before the end of
// the bracket or the rule's number: "[WAN_IN-default-D]", "[WAN_LOCAL-D-2147483647]".
const Verdict* verdict_of(std::string_view text) noexcept {
  const Verdict* found = nullptr;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && word_char(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    const char before = at == 0 ? ' ' : text[at - 1], after = end == text.size() ? ' ' : text[end];
    for (const Verdict& verdict : kVerdicts) {
      const bool letter = verdict.word.size() == 1;
      if (equals_lower(word, verdict.word) && (!letter || (before == '-' && (after == ']' || after == '-'))))
        found = &verdict;
    }
    at = end + 1;
  }
  return found;
}

struct Key {
  std::string_view name;
  std::uint8_t field;
  bool number;
};
constexpr auto kKeys = std::to_array<Key>({
    {"ACK", ack_seq, true},     {"CODE", code, true},      {"DPT", dpt, true},           {"DST", dst, false},
    {"FLOWLBL", flowlbl, true}, {"GID", gid, true},        {"HOPLIMIT", hoplimit, true}, {"ID", id, true},
    {"IN", in, false},          {"LEN", len, true},        {"MAC", mac, false},          {"MARK", mark, false},
    {"OUT", out_, false},       {"PHYSIN", physin, false}, {"PHYSOUT", physout, false},  {"PREC", prec, false},
    {"PROTO", proto, false},    {"RES", res, false},       {"SEQ", seq, true},           {"SPT", spt, true},
    {"SRC", src, false},        {"TC", tc, false},         {"TOS", tos, false},          {"TTL", ttl, true},
    {"TYPE", type, true},       {"UID", uid, true},        {"URGP", urgp, true},         {"WINDOW", window, true},
});

// By open addressing; a packet has some twenty keys.
constexpr std::size_t kCells = 64;
constexpr std::size_t cell_of(std::string_view name) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
  // The factors are such that the names do not meet, but two; found by trying.
  return (name.size() * 53 + byte(0) * 13 + byte(name.size() - 1) * 48) % kCells;
}
constexpr auto kKeyCells = [] {
  std::array<std::uint8_t, kCells> out{};  // position + 1, or 0
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    std::size_t at = cell_of(kKeys[i].name);
    while (out[at] != 0) at = (at + 1) % kCells;
    out[at] = static_cast<std::uint8_t>(i + 1);
  }
  return out;
}();

// `name` is not empty.
const Key* known(std::string_view name) noexcept {
  for (std::size_t at = cell_of(name); kKeyCells[at] != 0; at = (at + 1) % kCells)
    if (const Key& key = kKeys[kKeyCells[at] - 1U]; key.name == name) return &key;
  return nullptr;
}

constexpr std::array<std::string_view, 12> kFlags{"DF",  "MF",  "CE",  "SYN", "ACK", "FIN",
                                                  "RST", "PSH", "URG", "ECE", "CWR", "NS"};

bool is_flag(std::string_view word) noexcept {
  return std::ranges::find(kFlags, word) != kFlags.end() || word.starts_with("FRAG:");
}

bool has(std::string_view text, std::string_view part) noexcept { return text.find(part) != kNone; }

// Where the packet begins: its first key. kNone: nowhere. Some routers cut the front of a line off; then what is left
// is the packet, if the kernel wrote it and its ports are there.
std::size_t packet_start(const Message& message, std::string_view text) noexcept {
  for (const std::string_view key : {std::string_view{"IN="}, std::string_view{"OUT="}}) {
    for (std::size_t at = text.find(key); at != kNone; at = text.find(key, at + 1)) {
      // The prefix may end without a space: "[WAN_IN-default-D]IN=eth0", but "PHYSIN=" is another key.
      if (at == 0 || !word_char(text[at - 1])) return at;
    }
  }
  if (!has(text, " PROTO=") || !has(text, " SPT=") || !has(text, " DPT=")) return kNone;
  if (message.program == "kernel") return 0;
  // They also name the facility before the program, "user.info kernel: ", and so it reads as none.
  const std::size_t kernel = message.program.empty() ? text.find("kernel: ") : kNone;
  return kernel < 24 ? kernel + 8 : kNone;
}

bool recognise(const Message& message) noexcept {
  const std::string_view text = message.text;
  const std::size_t start = packet_start(message, text);
  if (start == kNone) return false;
  const std::string_view packet = text.substr(start);
  return has(packet, " PROTO=") ? (has(packet, " SRC=") && has(packet, " DST=")) || has(packet, " DPT=")
                                : has(packet, " OUT=") && (has(packet, " ARP HTYPE=") || has(packet, " MACPROTO="));
}

// Proxmox: "100 6 CHAIN 15/Jan/2026:08:00:00 +0100 policy DROP: "; consumed up to the time, which is rewritten as ISO
// 8601 has it for the one reader of times.
bool take_proxmox_time(std::string_view& text, LogTime& time) noexcept {
  const std::size_t colon = text.find(':'), slash = text.find('/');
  if (slash == kNone || slash < 3 || colon != slash + 9 || text.size() < slash + 24) return false;
  const std::string_view stamp = text.substr(slash - 2, 26);
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t month = kMonths.find(stamp.substr(3, 3));
  if (month == kNone || month % 3 != 0 || stamp[6] != '/') return false;
  std::array<char, 24> iso{};
  const auto put = [&](std::size_t at, std::string_view part) {
    std::ranges::copy(part, iso.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, stamp.substr(7, 4));
  iso[4] = iso[7] = '-';
  iso[5] = static_cast<char>('0' + (month / 3 + 1) / 10);
  iso[6] = static_cast<char>('0' + (month / 3 + 1) % 10);
  put(8, stamp.substr(0, 2));
  iso[10] = 'T';
  put(11, stamp.substr(12, 8));
  put(19, stamp.substr(21, 5));
  std::string_view view{iso.data(), iso.size()};
  if (scan_iso_time(view, std::chrono::minutes{0}, time) != TimeScan::good) return false;
  text.remove_prefix(slash - 2 + stamp.size());
  skip_spaces(text);
  return true;
}

// Ubiquiti: "[WAN_IN-2000-D]", or of late "[WAN_IN-D-2000]".
struct UbiquitiRule {
  std::string_view set, number;
};
UbiquitiRule ubiquiti_rule(std::string_view text) noexcept {
  const std::size_t open = text.rfind('['), close = text.rfind(']');
  if (open == kNone || close == kNone || close < open) return {};
  text = text.substr(open + 1, close - open - 1);
  const std::size_t last = text.rfind('-');
  const std::size_t before = last == kNone || last == 0 ? kNone : text.rfind('-', last - 1);
  if (before == kNone) return {};
  const std::string_view middle = text.substr(before + 1, last - before - 1), end = text.substr(last + 1);
  return {text.substr(0, before), end.size() == 1 ? middle : end};
}

// "TCP" as Zeek writes it: ICMPv6 is icmp too.
std::string_view zeek_protocol(std::string_view name) noexcept {
  if (name == "TCP" || name == "6") return "tcp";
  if (name == "UDP" || name == "17") return "udp";
  if (name == "ICMP" || name == "ICMPv6" || name == "1" || name == "58") return "icmp";
  if (name == "SCTP" || name == "132") return "sctp";
  return {};
}

class NetfilterReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = message.text;
    skip_kernel_time(text);
    const std::size_t start = packet_start(message, text);
    if (start == kNone) return LineFault::bad_header;
    if (std::ranges::count(text, ' ') >= static_cast<std::ptrdiff_t>(kTokensMax)) return LineFault::too_deep;
    if (!out.wants(0)) return LineFault::none;
    std::string_view before = text.substr(0, start);
    if (before.ends_with("kernel: ")) before = {};
    LogTime time = message.time;
    // The host's log has a time of its own, and the lists of machine and level before it.
    std::string_view after = before;
    std::string_view guest;
    if (time.quality == event::TimeQuality::received && take_proxmox_time(after, time)) {
      guest = before;
      before = after;
    }
    MessageWriter writer = out.begin(0, message, time);
    if (!guest.empty()) read_guest(guest, writer);
    drop_spaces_at_end(before);
    // A prefix such as "DENY: " at the front of a message reads as its program.
    read_prefix(before.empty() && verdict_of(message.program) != nullptr ? message.program : before, writer);
    read_packet(text.substr(start), writer);
    out.emit();
    return LineFault::none;
  }

 private:
  // "100 6 tap100i0-IN 15/Jan/2026...": the guest, the level, the chain
  static void read_guest(std::string_view text, MessageWriter& writer) {
    writer.set(vmid, integer_or_text(take_word(text)));
    skip_spaces(text);
    take_word(text);
    skip_spaces(text);
    set_text(writer, chain, take_word(text));
  }

  static void read_prefix(std::string_view text, MessageWriter& writer) {
    if (const std::size_t descr = text.find("DESCR=\""); descr != kNone) {
      const std::string_view rest = text.substr(descr + 7);
      set_text(writer, rule_name, rest.substr(0, rest.find('"')));
      text = text.substr(0, descr);
    }
    drop_spaces_at_end(text);
    set_text(writer, prefix, text);
    const Verdict* const verdict = verdict_of(text);
    if (verdict == nullptr) return;
    set_text(writer, action, verdict->action);
    if (verdict->blocked >= 0) writer.set(blocked, event::Value::boolean(verdict->blocked == 1));
    if (verdict->word.size() != 1) return;
    const UbiquitiRule ubiquiti = ubiquiti_rule(text);
    set_text(writer, rule_set, ubiquiti.set);
    set_text(writer, rule, ubiquiti.number);
  }

  void read_packet(std::string_view text, MessageWriter& writer) {
    flag_count_ = 0;
    seen_proto_ = false;
    for (skip_spaces(text); !text.empty(); skip_spaces(text)) {
      if (text.starts_with('[')) {
        take_embedded(text, writer);
        continue;
      }
      const std::string_view token = take_word(text);
      const std::size_t equals = token.find('=');
      if (equals == kNone) {
        if (is_flag(token)) flags_[flag_count_++] = event::Value::text(token);
      } else if (equals != 0) {
        read_key(token.substr(0, equals), token.substr(equals + 1), writer);
      }
    }
    if (flag_count_ == 0 || !writer.wants(flags)) return;
    const std::span<event::Value> kept = writer.event().arena().make<event::Value>(flag_count_);
    if (kept.empty()) return;
    std::ranges::copy_n(flags_.begin(), static_cast<std::ptrdiff_t>(flag_count_), kept.begin());
    writer.set(flags, event::Value::list(kept));
  }

  // "[SRC=... ] MTU=1500": the packet that an error answers has the same keys, and they are not this packet's.
  static void take_embedded(std::string_view& text, MessageWriter& writer) {
    std::size_t close = text.find(']');
    if (close == kNone) close = text.size();
    std::string_view inner = text.substr(1, close - 1);
    drop_spaces_at_end(inner);
    set_text(writer, embedded, inner);
    text.remove_prefix(std::min(close + 1, text.size()));
  }

  void read_key(std::string_view name, std::string_view value, MessageWriter& writer) {
    const Key* const key = known(name);
    if (key == nullptr) {
      read_other(name, value, writer);
      return;
    }
    if (value.empty()) return;
    switch (key->field) {
      case src: return set_host(src, event::Common::orig_h, value, writer);
      case dst: return set_host(dst, event::Common::resp_h, value, writer);
      case spt: return set_port(spt, event::Common::orig_p, value, writer);
      case dpt: return set_port(dpt, event::Common::resp_p, value, writer);
      case mac: return set_mac(value, writer);
      case proto: {
        seen_proto_ = true;
        writer.set(proto, event::Value::text(value));
        const std::string_view known = zeek_protocol(value);
        if (!known.empty()) set_common(writer, event::Common::proto, event::Value::text(known));
        return;
      }
      // IP's come before PROTO, those of the protocol after it.
      case len: writer.set(seen_proto_ ? udp_len : len, integer_or_text(value)); return;
      case id: writer.set(seen_proto_ ? icmp_id : id, integer_or_text(value)); return;
      default: writer.set(key->field, key->number ? integer_or_text(value) : event::Value::text(value));
    }
  }

  // What this kernel's writer does not have: ARP's, of a later kernel, of a vendor. Keys are capitals.
  static void read_other(std::string_view name, std::string_view value, MessageWriter& writer) {
    if (value.empty() || !std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; })) return;
    if (name == "IPSRC" || name == "IPDST") {
      const event::Value host = address_or_text(value);
      writer.set(name, host);
      if (host.kind() == event::Value::Kind::address)
        set_common(writer, name == "IPSRC" ? event::Common::orig_h : event::Common::resp_h, host);
      return;
    }
    if (name == "MACSRC") writer.set(src_mac, event::Value::text(value));
    if (name == "MACDST") writer.set(dst_mac, event::Value::text(value));
    writer.set(name, integer_or_text(value));
  }

  static void set_host(std::size_t field, event::Common common, std::string_view text, MessageWriter& writer) {
    const event::Value host = address_or_text(text);
    writer.set(field, host);
    if (host.kind() == event::Value::Kind::address) set_common(writer, common, host);
  }

  static void set_port(std::size_t field, event::Common common, std::string_view text, MessageWriter& writer) {
    const std::int64_t port = parse_port(text);
    if (port < 0) return;
    writer.set(field, event::Value::integer(port));
    set_common(writer, common, event::Value::integer(port));
  }

  // Ethernet's header: six bytes of the receiver, six of the sender, two of the type.
  static void set_mac(std::string_view text, MessageWriter& writer) {
    writer.set(mac, event::Value::text(text));
    if (text.size() < 41 || text[17] != ':' || text[35] != ':') return;
    writer.set(dst_mac, event::Value::text(text.substr(0, 17)));
    writer.set(src_mac, event::Value::text(text.substr(18, 17)));
  }

  std::array<event::Value, kTokensMax> flags_{};
  std::size_t flag_count_ = 0;
  bool seen_proto_ = false;
};

}  // namespace

const MessageFormat& netfilter_format() {
  static constexpr MessageFormat kFormat{
      "netfilter", "packets logged by iptables or nftables, also by ufw, firewalld, Shorewall, Proxmox",  kTypes, {},
      recognise,   []() -> std::unique_ptr<MessageReader> { return std::make_unique<NetfilterReader>(); }};
  return kFormat;
}

}  // namespace nw::logs
