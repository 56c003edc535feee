// R-GOOSE and R-SV (IEC 61850-90-5; IEC 61850-8-1 edition 2.1): GOOSE and Sampled Values in datagrams, mostly to a
// group of IP multicast, from one substation to others. What is published is the same, and so is what is told of it;
// the session around it (routed_session.h) numbers messages, may sign them and may encrypt them. Keys are nobody's
// here.
#include <array>
#include <optional>

#include "ingest/network/protocols/goose_streams.h"
#include "ingest/network/protocols/sv_streams.h"

namespace nw::network {
namespace {

constexpr std::array<std::uint16_t, 1> kPorts{102};
constexpr std::size_t kGoose = 0, kSv = 1;

class RoutedAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes payload, Direction direction, Context& context) override {
    tell_silence(context.now() - kLateness, context);
    RoutedSession session;
    if (const auto error = read_routed(payload, session)) return context.refused(*error);
    const Iec61850Origin origin{session, direction};
    RoutedElements elements{session.payload};
    RoutedElement element;
    bool told = false;
    for (std::size_t i = 0; elements.next(element); ++i) {
      if (i == kElementsMax) return context.refused(DecodeError::limit);
      told |= take(element, origin, context);
    }
    const bool sealed = elements.broken() && !told && (session.has_vector || session.encryption.value_or(0) != 0);
    if (elements.broken() && !sealed) context.refused(DecodeError::bad_value);
    if (!told) tell_sealed(origin, sealed, context);
  }
  void advance(Timestamp until, Context& context) override { tell_silence(until, context); }
  void finish(Context& context) override { samples_.finish(context); }

 private:
  static constexpr std::size_t kElementsMax = 256;  // the shortest fill a datagram with more, saying nothing
  static constexpr std::size_t kStreamsMax = 32;    // each, in a flow

  void tell_silence(Timestamp until, Context& context) {
    messages_.advance(until, until, context);
    samples_.advance(until, until, context);
  }

  bool take(const RoutedElement& element, const Iec61850Origin& origin, Context& context) {
    if (element.kind == RoutedKind::goose) {
      GooseMessage message;
      message.head = element.head;
      if (const auto error = read_goose_fields({}, message)) context.refused(*error);
      messages_.take(message, origin, context);
      return true;
    }
    if (element.kind != RoutedKind::sv) return false;
    SvFrame frame;
    frame.head = element.head;
    const auto wrong = frame.read_fields({});
    samples_.take(frame, origin, context);
    if (wrong || frame.broken()) context.refused(wrong.value_or(DecodeError::bad_value));
    return true;
  }

  // Nothing in it could be read: once of a flow, and again when its key or what it carries is another.
  void tell_sealed(const Iec61850Origin& origin, bool encrypted, Context& context) {
    const Sealed now{origin.session->key_id, origin.session->kind, encrypted};
    if (sealed_ == now) return;
    sealed_ = now;
    if (now.kind == RoutedKind::sv)
      samples_.tell_sealed(origin, encrypted, context);
    else
      messages_.tell_sealed(origin, encrypted, context);
  }

  struct Sealed {
    std::uint32_t key_id = 0;
    RoutedKind kind = RoutedKind::tunnel;
    bool encrypted = false;
    bool operator==(const Sealed&) const = default;
  };

  GooseStreams messages_{kGoose, kStreamsMax};
  SvStreams samples_{kSv, kStreamsMax};
  std::optional<Sealed> sealed_;
};

Verdict probe(Bytes first, Direction, Transport, bool) {
  if (!looks_routed(first)) return Verdict::no;
  RoutedSession session;
  return read_routed(first, session) ? Verdict::unsure : Verdict::yes;
}

}  // namespace

Protocol r_goose_protocol() {
  static const std::array<event::TypeSpec, 2> kTypes{goose_type(), sv_type()};
  Protocol p;
  p.name = "r_goose";
  p.help = "R-GOOSE and R-SV: GOOSE and Sampled Values over UDP, between substations";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<RoutedAnalyzer>(); };
  return p;
}

}  // namespace nw::network
