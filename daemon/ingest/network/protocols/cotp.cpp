// ISO transport over TCP (RFC 1006, RFC 905 class 0): how its connections begin and end. What it carries is recognised
// behind the connection's opening, by the first data: a row of its own for each such protocol, whose probe takes a data
// TPDU, and which is named in behind() here.
//
// | CR, CC | E0, D0 | dst-ref u16 | src-ref u16 | class u8 | parameters |, each | code u8 | length u8 | value |
// | DR     | 80     | dst-ref u16 | src-ref u16 | reason u8 | parameters |
// | ER     | 70     | dst-ref u16 | cause u8 | parameters |
#include "ingest/network/protocols/cotp.h"

#include <algorithm>
#include <vector>

#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

Protocol mms_protocol();
Protocol s7comm_protocol();

namespace {

using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kCode,
  kName,
  kDstRef,
  kSrcRef,
  kClass,
  kSize,
  kCalling,
  kCalled,
  kS7Connection,
  kS7Rack,
  kS7Slot,
  kCause,
  kIcs,
};

constexpr std::array<std::uint16_t, 1> kPorts{102};
constexpr std::uint8_t kTpduSize = 0xC0, kCallingTsap = 0xC1, kCalledTsap = 0xC2;
constexpr std::uint8_t kLeast = 7, kMost = 13;  // TPDU size as a power of two

std::string_view name_of(CotpKind kind) {
  switch (kind) {
    case CotpKind::expedited: return "ED Expedited Data";
    case CotpKind::expedited_ack: return "EA Expedited Data Acknowledgement";
    case CotpKind::reject: return "RJ Reject";
    case CotpKind::data_ack: return "AK Data Acknowledgement";
    case CotpKind::error: return "ER TPDU Error";
    case CotpKind::disconnect: return "DR Disconnect Request";
    case CotpKind::disconnect_confirm: return "DC Disconnect Confirm";
    case CotpKind::confirm: return "CC Connection Confirm";
    case CotpKind::request: return "CR Connection Request";
    case CotpKind::data: return "DT Data";
    case CotpKind::unknown: break;
  }
  return {};
}

std::string_view code_of(CotpKind kind) {
  static constexpr std::array<std::string_view, 16> kCodes{"0x00", "0x01", "0x02", "0x03", "0x04", "0x05",
                                                           "0x06", "0x07", "0x08", "0x09", "0x0a", "0x0b",
                                                           "0x0c", "0x0d", "0x0e", "0x0f"};
  return kCodes[static_cast<std::size_t>(kind)];
}

// RFC 905, 13.5.3d.
std::string_view reason_name(std::uint8_t reason) {
  switch (reason) {
    case 0: return "reason not specified";
    case 1: return "congestion at TSAP";
    case 2: return "session entity not attached to TSAP";
    case 3: return "address unknown";
    case 128: return "normal disconnect";
    case 129: return "remote congestion";
    case 130: return "connection negotiation failed";
    case 131: return "duplicate source reference";
    case 132: return "mismatched references";
    case 133: return "protocol error";
    case 135: return "reference overflow";
    case 136: return "connection request refused";
    case 138: return "header or parameter length invalid";
    default: return "unknown reason";
  }
}

// What a connection request or confirm says.
struct Connect {
  std::uint16_t dst_ref = 0, src_ref = 0;
  std::uint8_t options = 0;  // class in the upper four bits
  std::uint8_t size = 0;     // 0: not told
  Bytes calling, called;
};

// False when it is malformed; filled as far as it could be read.
bool read_connect(Bytes header, Connect& out) {
  ByteReader in{header};
  out.dst_ref = in.u16be();
  out.src_ref = in.u16be();
  out.options = in.u8();
  while (!in.empty()) {
    const std::uint8_t code = in.u8();
    const std::size_t length = in.u8();
    const Bytes value = in.bytes(length);
    if (!in.ok()) break;
    if (code == kTpduSize && length == 1) out.size = value[0];
    if (code == kCallingTsap) out.calling = value;
    if (code == kCalledTsap) out.called = value;
  }
  return in.ok();
}

// Siemens, S7 connections: | kind u8 | rack, the upper three bits, slot |.
void write_s7_tsap(EventWriter& out, Bytes tsap) {
  static constexpr std::array<std::string_view, 3> kKinds{"PG", "OP", "S7 Basic"};
  if (tsap.size() != 2 || tsap[0] == 0 || tsap[0] > kKinds.size()) return;
  out.set(kS7Connection, Value::text(kKinds[tsap[0] - 1U]));
  out.set(kS7Rack, Value::integer(tsap[1] >> 5U));
  out.set(kS7Slot, Value::integer(tsap[1] & 0x1FU));
}

bool write_connect(EventWriter& out, Bytes header) {
  Connect connect;
  const bool good = read_connect(header, connect);
  out.set(kDstRef, Value::integer(connect.dst_ref));
  out.set(kSrcRef, Value::integer(connect.src_ref));
  out.set(kClass, Value::integer(connect.options >> 4U));
  if (connect.size >= kLeast && connect.size <= kMost) out.set(kSize, Value::integer(1 << connect.size));
  if (!connect.calling.empty() && out.wants(kCalling)) out.set(kCalling, text_value(out, connect.calling));
  if (!connect.called.empty() && out.wants(kCalled)) out.set(kCalled, text_value(out, connect.called));
  write_s7_tsap(out, connect.called);
  return good;
}

}  // namespace

void tell_cotp(const CotpPdu& pdu, Direction direction, std::size_t type, Context& context) {
  if (!context.wants(type)) return;
  EventWriter out = context.begin(type, context.now());
  out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
  out.set(kCode, Value::text(code_of(pdu.kind)));
  out.set(kName, Value::text(name_of(pdu.kind)));
  ByteReader in{pdu.header};
  bool good = true;
  std::optional<IcsOutcome> outcome;
  std::string_view reason;
  if (pdu.kind == CotpKind::request || pdu.kind == CotpKind::confirm) {
    good = write_connect(out, pdu.header);
    if (pdu.kind == CotpKind::confirm) outcome = IcsOutcome::ok;
  } else {
    out.set(kDstRef, Value::integer(in.u16be()));
    const bool ends = pdu.kind == CotpKind::disconnect;
    bool refuses = pdu.kind == CotpKind::error;
    if (ends || pdu.kind == CotpKind::disconnect_confirm) {
      const std::uint16_t source = in.u16be();
      out.set(kSrcRef, Value::integer(source));
      refuses = ends && source == 0;  // the connection never was: RFC 905, 6.6
    }
    if (ends || pdu.kind == CotpKind::error) {
      const std::uint8_t cause = in.u8();
      out.set(kCause, Value::integer(cause));
      if (refuses) reason = ends ? reason_name(cause) : "TPDU error";
    }
    if (refuses) outcome = IcsOutcome::refused;
    good = in.ok();
  }
  if (!good) context.refused(DecodeError::bad_value);
  write_ics(out, kIcs, {}, outcome, reason);
  context.emit();
}

namespace {

// What may come behind a connection's opening.
std::span<const Protocol> behind() {
  static const std::array<Protocol, 2> kBehind{mms_protocol(), s7comm_protocol()};
  return kBehind;
}

// Its own type first, then those of what may come behind it, each once: a connection is to be followed when only they
// are wanted.
std::span<const event::TypeSpec> all_types() {
  static const std::vector<event::TypeSpec> kTypes = [] {
    std::vector<event::TypeSpec> types{kCotpType};
    for (const Protocol& protocol : behind())
      for (const event::TypeSpec& type : protocol.types)
        if (std::ranges::find(types, type.path, &event::TypeSpec::path) == types.end()) types.push_back(type);
    return types;
  }();
  return kTypes;
}

// Up to the first data that tell what the connection is for.
class CotpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (lost_) return anew_behind(0);
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t done = bytes.size() - reader.rest().size();
      CotpPdu pdu;
      const auto fault = read_cotp_pdu(reader, pdu, true);
      if (fault == DecodeError::truncated) return done;
      if (fault || pdu.kind == CotpKind::unknown) context.refused(DecodeError::bad_value);
      if (fault) return anew_behind(done);
      if (pdu.kind == CotpKind::unknown) continue;
      if (pdu.kind == CotpKind::data) {
        // What begins no protocol that we know is passed over: controllers do so, too, and another may follow.
        bool& within = within_[static_cast<std::size_t>(direction)];
        if (!within && begins_known(bytes.subspan(done), direction)) return anew_behind(done);
        within = !pdu.last && (within || !pdu.user.empty());
        continue;
      }
      asked(pdu, context);
      tell_cotp(pdu, direction, kCotp, context);
    }
  }
  // The opening's rest may be lost: what comes is looked at as in mid-stream.
  void gap(std::uint64_t, Direction, Context& context) override {
    lost_ = true;
    context.refused(DecodeError::truncated);
  }
  void finish(Context& context) override {
    if (!asked_ || !context.wants(kCotp)) return;
    EventWriter out = context.begin(kCotp, asked_->time);
    out.set(kIsOrig, Value::boolean(true));
    out.set(kCode, Value::text(code_of(CotpKind::request)));
    out.set(kName, Value::text(name_of(CotpKind::request)));
    out.set(kSrcRef, Value::integer(asked_->reference));
    write_ics(out, kIcs, {}, IcsOutcome::no_answer);
    context.emit();
  }

 private:
  static constexpr std::size_t kCotp = 0;
  struct Asked {
    Timestamp time;
    std::uint16_t reference = 0;
  };

  static bool begins_known(Bytes first, Direction direction) {
    return std::ranges::any_of(behind(), [&](const Protocol& protocol) {
      return protocol.probe(first, direction, Transport::tcp, false) == Verdict::yes;
    });
  }

  // The request that nothing has answered yet.
  void asked(const CotpPdu& pdu, const Context& context) {
    asked_.reset();
    Connect connect;
    if (pdu.kind != CotpKind::request) return;
    (void)read_connect(pdu.header, connect);
    asked_ = Asked{context.now(), connect.src_ref};
  }

  std::optional<Asked> asked_;
  bool lost_ = false;
  std::array<bool, 2> within_{};  // by direction: a message of which we know nothing goes on
};

// RDP writes what is no parameter into its request: a cookie, what it can negotiate. ISO 8073, 13.3.4: all from 0x80
// on.
bool has_parameters_only(Bytes header) {
  ByteReader in{header};
  in.bytes(5);
  while (!in.empty()) {
    if (in.u8() < 0x80) return false;
    in.bytes(in.u8());
  }
  return true;
}

// Off the port a request or confirm must say whom it is for, too.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  CotpPdu pdu;
  const auto fault = read_cotp_pdu(reader, pdu, on_port);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault) return Verdict::no;
  if (pdu.kind == CotpKind::data || pdu.kind == CotpKind::unknown)
    return on_port && pdu.kind == CotpKind::data && pdu.user.empty() ? Verdict::yes : Verdict::no;
  const bool connects = pdu.kind == CotpKind::request || pdu.kind == CotpKind::confirm;
  Connect connect;
  const bool good = connects && read_connect(pdu.header, connect);
  if (connects && !has_parameters_only(pdu.header) && (!on_port || connect.called.empty())) return Verdict::no;
  if (on_port) return Verdict::yes;
  return good && !connect.called.empty() && connect.options == 0 ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<CotpAnalyzer>(); }

}  // namespace

Protocol cotp_protocol() {
  Protocol p;
  p.name = "cotp";
  p.help = "ISO transport over TCP: the connections of S7comm, MMS and others";
  p.types = all_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
