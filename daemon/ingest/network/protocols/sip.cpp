// SIP over UDP and TCP (RFC 3261): | start line | headers | empty line | body |, all text but the body.
//
// One `sip` event per transaction, with the fields of Zeek's sip.log: a request with its final response. The branch of
// its first Via, Call-ID and CSeq name it: who guesses passwords may change the branch alone. ACK is a transaction
// without response; provisional responses (1xx) only count as a sign of life.
#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "ingest/network/protocols/sip_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransDepth,
  kMethod,
  kUri,
  kDate,
  kRequestFrom,
  kRequestTo,
  kResponseFrom,
  kResponseTo,
  kReplyTo,
  kCallId,
  kSeq,
  kSubject,
  kRequestPath,
  kResponsePath,
  kUserAgent,
  kStatusCode,
  kStatusMsg,
  kWarning,
  kRequestBodyLen,
  kResponseBodyLen,
  kContentType,
  kServer,
  kAuthUser,
  kProvisional,
  kDuration,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_depth", "integer", "transactions of the flow before this one"},
    {"method", "text", "INVITE, REGISTER, OPTIONS, ...; absent when only the response was seen"},
    {"uri", "text", "whom the request is for"},
    {"date", "text", "Date of the request"},
    {"request_from", "text", "From of the request, without its tag"},
    {"request_to", "text", "To of the request"},
    {"response_from", "text", "From of the response, without its tag"},
    {"response_to", "text", "To of the response, without its tag"},
    {"reply_to", "text", "Reply-To"},
    {"call_id", "text", "Call-ID: the same in all transactions of a call"},
    {"seq", "text", "CSeq: number and method"},
    {"subject", "text", "Subject of the request"},
    {"request_path", "list of text", "Via of the request: the way that it took, the last hop first"},
    {"response_path", "list of text", "Via of the response"},
    {"user_agent", "text", "the client's software"},
    {"status_code", "integer", "of the final response; of the last provisional one when there was no other"},
    {"status_msg", "text", "its reason"},
    {"warning", "text", "Warning of the response"},
    {"request_body_len", "integer", "bytes of the request's body"},
    {"response_body_len", "integer", "bytes of the response's body"},
    {"content_type", "text", "of the request's body, else of the response's"},
    {"server", "text", "the server's software (ours)"},
    {"auth_user", "text", "user name in the request's credentials; the proof itself is never told (ours)"},
    {"provisional", "integer", "responses before the final one: 100 Trying, 180 Ringing, ... (ours)"},
    {"duration", "interval", "from the request to the final response; absent when one of them was not seen (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"sip"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"sip", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{5060, 5080};

constexpr std::size_t kHeadMax = 16'384;  // octets over TCP
constexpr std::size_t kTextMax = 256;     // octets kept of a header
constexpr std::size_t kPathMax = 8;       // hops told
constexpr std::size_t kOpenMax = 64;      // transactions per flow
// From the last message on. RFC 3261, 17.1.1.2: timer B; a phone may ring for three minutes (16.6).
constexpr Nanoseconds kWait = std::chrono::seconds{32}, kWaitRinging = std::chrono::seconds{180};

// What is kept of headers until both sides spoke.
enum Kept : std::size_t {
  kKeptMethod,
  kKeptUri,
  kKeptDate,
  kKeptRequestFrom,
  kKeptRequestTo,
  kKeptResponseFrom,
  kKeptResponseTo,
  kKeptReplyTo,
  kKeptCallId,
  kKeptSequence,
  kKeptSubject,
  kKeptUserAgent,
  kKeptReason,
  kKeptWarning,
  kKeptType,
  kKeptServer,
  kKeptUser,
  kKeptBranch,  // not told
  kKeptCount,
};

using Octets = std::vector<std::uint8_t>;

Octets cut(Bytes bytes) {
  bytes = bytes.first(std::min(bytes.size(), kTextMax));
  return {bytes.begin(), bytes.end()};
}

struct Transaction {
  Timestamp first, last;
  std::array<Octets, kKeptCount> texts;
  std::vector<Octets> request_path, response_path;
  std::int64_t depth = 0, request_body = 0, response_body = 0, provisional = 0;
  unsigned status = 0;
  bool asked = false, answered = false, told = false;

  void keep(Kept which, Bytes bytes) {
    if (!bytes.empty()) texts[which] = cut(bytes);
  }
  // What has a URI. Its password is gone before anything is cut: the '@' behind it tells what it is.
  void keep_address(Kept which, Bytes bytes) { keep(which, sip_without_passwords(bytes)); }
};

bool same(Bytes bytes, Bytes kept) { return std::ranges::equal(bytes.first(std::min(bytes.size(), kTextMax)), kept); }

bool is_acknowledgement(const SipMessage& message) {
  constexpr std::array<std::uint8_t, 3> kAck{'A', 'C', 'K'};
  return std::ranges::equal(message.method, kAck);
}

// "<sip:plc7@example.com>;tag=1c2" without what begins with ";tag=".
Bytes without_tag(Bytes value) {
  constexpr std::string_view kTag = ";tag=";
  const auto at = std::search(value.begin(), value.end(), kTag.begin(), kTag.end(),
                              [](std::uint8_t a, char b) { return static_cast<char>(a) == b; });
  return {value.begin(), at};
}

void keep_path(const SipMessage& message, std::vector<Octets>& into) {
  into.clear();
  for (const Bytes via : message.path().first(std::min(message.path().size(), kPathMax))) into.push_back(cut(via));
}

void add_request(const SipMessage& message, std::size_t body, Transaction& into) {
  into.asked = true;
  into.request_body = static_cast<std::int64_t>(body);
  into.keep(kKeptMethod, message.method);
  into.keep_address(kKeptUri, message.uri);
  into.keep(kKeptDate, message.header(SipHeader::date));
  into.keep_address(kKeptRequestFrom, without_tag(message.header(SipHeader::from)));
  into.keep_address(kKeptRequestTo, message.header(SipHeader::to));
  into.keep_address(kKeptReplyTo, message.header(SipHeader::reply_to));
  into.keep(kKeptSubject, message.header(SipHeader::subject));
  into.keep(kKeptUserAgent, message.header(SipHeader::user_agent));
  into.keep(kKeptType, message.header(SipHeader::content_type));
  const Bytes user = sip_user(message.header(SipHeader::authorization));
  into.keep(kKeptUser, user.empty() ? sip_user(message.header(SipHeader::proxy_authorization)) : user);
  keep_path(message, into.request_path);
}

void add_response(const SipMessage& message, std::size_t body, Transaction& into) {
  constexpr unsigned kFinal = 200;
  into.answered = message.status >= kFinal;
  if (!into.answered) ++into.provisional;
  into.status = message.status;
  into.response_body = static_cast<std::int64_t>(body);
  into.keep(kKeptReason, message.reason);
  into.keep_address(kKeptResponseFrom, without_tag(message.header(SipHeader::from)));
  into.keep_address(kKeptResponseTo, without_tag(message.header(SipHeader::to)));
  into.keep(kKeptWarning, message.header(SipHeader::warning));
  const Bytes server = message.header(SipHeader::server);
  into.keep(kKeptServer, server.empty() ? message.header(SipHeader::user_agent) : server);
  if (into.texts[kKeptType].empty()) into.keep(kKeptType, message.header(SipHeader::content_type));
  keep_path(message, into.response_path);
}

void set_path(EventWriter& out, Field field, const std::vector<Octets>& path) {
  if (!out.wants(field) || path.empty()) return;
  const std::span<Value> values = out.event().arena().make<Value>(path.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = text_value(out, path[i]);
  set_list(out, field, values);
}

void tell(const Transaction& told, Context& context) {
  static constexpr struct {
    Field field;
    Kept kept;
  } kTexts[] = {
      {kMethod, kKeptMethod},
      {kUri, kKeptUri},
      {kDate, kKeptDate},
      {kRequestFrom, kKeptRequestFrom},
      {kRequestTo, kKeptRequestTo},
      {kResponseFrom, kKeptResponseFrom},
      {kResponseTo, kKeptResponseTo},
      {kReplyTo, kKeptReplyTo},
      {kCallId, kKeptCallId},
      {kSeq, kKeptSequence},
      {kSubject, kKeptSubject},
      {kUserAgent, kKeptUserAgent},
      {kStatusMsg, kKeptReason},
      {kWarning, kKeptWarning},
      {kContentType, kKeptType},
      {kServer, kKeptServer},
      {kAuthUser, kKeptUser},
  };
  EventWriter out = context.begin(0, told.first);
  out.set(kTransDepth, Value::integer(told.depth));
  for (const auto& row : kTexts) set_text(out, row.field, told.texts[row.kept]);
  set_path(out, kRequestPath, told.request_path);
  set_path(out, kResponsePath, told.response_path);
  if (told.asked) out.set(kRequestBodyLen, Value::integer(told.request_body));
  if (told.status != 0) {
    out.set(kStatusCode, Value::integer(told.status));
    out.set(kResponseBodyLen, Value::integer(told.response_body));
  }
  out.set(kProvisional, Value::integer(told.provisional));
  if (told.asked && told.answered && told.status != 0) out.set(kDuration, Value::interval(told.last - told.first));
  context.emit();
}

// Line ends, zeros, "hello": what keeps a way through a router open.
bool is_keepalive(Bytes bytes) {
  constexpr std::size_t kBytesMax = 8;
  return bytes.size() <= kBytesMax && std::ranges::all_of(bytes, [](std::uint8_t c) {
           return (c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n' || c == 0;
         });
}

class SipAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0) || is_keepalive(bytes)) return;
    const auto head = sip_head_bytes(bytes);
    SipMessage message;
    auto fault = read_sip(bytes.first(head.value_or(bytes.size())), message);
    if (!fault && !head) fault = DecodeError::truncated;
    if (fault) context.refused(*fault);
    if (message.is_request() && message.method.empty()) return;
    add(message, bytes.size() - head.value_or(bytes.size()), context);
  }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    Bytes rest = bytes;
    while (!rest.empty()) {
      if (side.body != 0) {
        const std::size_t passed = std::min(side.body, rest.size());
        side.body -= passed;
        rest = rest.subspan(passed);
      } else if (side.lost) {
        const Verdict verdict = sip_start_line(rest);
        if (verdict == Verdict::unsure) break;
        side.lost = verdict == Verdict::no;
        if (side.lost) rest = behind_line(rest);
      } else if (rest[0] == '\r' || rest[0] == '\n') {
        rest = rest.subspan(1);  // between messages a line end keeps the connection alive
      } else {
        const auto head = sip_head_bytes(rest);
        if (!head && rest.size() <= kHeadMax) break;
        if (!head || *head > kHeadMax) return give_up(DecodeError::too_long, context);
        SipMessage message;
        const auto fault = read_sip(rest.first(*head), message);
        if (fault && message.is_request() && message.method.empty()) return give_up(*fault, context);
        if (fault) context.refused(*fault);
        // Over streams the length must be there (RFC 3261 section 20.14); most who leave it out have no body.
        side.body = message.body_bytes().value_or(0);
        rest = rest.subspan(*head);
        if (context.wants(0)) add(message, side.body, context);
      }
    }
    return bytes.size() - rest.size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    if (bytes <= side.body) {
      side.body -= static_cast<std::size_t>(bytes);
      return;
    }
    side.body = 0;
    side.lost = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    for (const Transaction& open : open_)
      if (!open.told) tell(open, context);
    open_.clear();
  }

 private:
  struct Side {
    std::size_t body = 0;  // octets of it that are still to come
    bool lost = false;     // what comes next is in the middle of something
  };

  static std::size_t give_up(DecodeError fault, Context& context) {
    context.refused(fault);
    return kGiveUp;
  }

  static Bytes behind_line(Bytes rest) {
    const auto end = std::ranges::find(rest, std::uint8_t{'\n'});
    return {end == rest.end() ? end : end + 1, rest.end()};
  }

  void add(const SipMessage& message, std::size_t body, Context& context) {
    expire(context);
    Transaction& at = place(message, context);
    at.last = context.now();
    if (message.is_request()) {
      if (at.asked) return;  // sent again
      add_request(message, body, at);
      at.answered = is_acknowledgement(message);
    } else {
      if (at.answered) return;
      add_response(message, body, at);
    }
    if (!at.answered) return;
    // It stays for a while, so that what is sent again is known.
    tell(at, context);
    at.told = true;
  }

  Transaction& place(const SipMessage& message, Context& context) {
    const Bytes call = message.header(SipHeader::call_id), sequence = message.header(SipHeader::sequence);
    const Bytes branch = sip_branch(message.vias[0]);
    for (Transaction& open : open_)
      if (same(branch, open.texts[kKeptBranch]) && same(sequence, open.texts[kKeptSequence]) &&
          same(call, open.texts[kKeptCallId]))
        return open;
    if (open_.size() == kOpenMax) {
      const auto told = std::ranges::find_if(open_, [](const Transaction& t) { return t.told; });
      const auto oldest = told == open_.end() ? open_.begin() : told;
      if (!oldest->told) {
        context.refused(DecodeError::limit);
        tell(*oldest, context);
      }
      open_.erase(oldest);
    }
    Transaction& made = open_.emplace_back();
    made.first = context.now();
    made.depth = depth_++;
    made.keep(kKeptBranch, branch);
    made.keep(kKeptCallId, call);
    made.keep(kKeptSequence, sequence);
    return made;
  }

  void expire(Context& context) {
    std::erase_if(open_, [&](const Transaction& t) {
      const bool ringing = t.provisional != 0 && !t.answered;
      if (context.now() - t.last <= (ringing ? kWaitRinging : kWait)) return false;
      if (!t.told) tell(t, context);
      return true;
    });
  }

  std::array<Side, 2> sides_;
  std::vector<Transaction> open_;  // in the order that they began
  std::int64_t depth_ = 0;
};

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (on_port && transport == Transport::udp && is_keepalive(first)) return Verdict::yes;
  const Verdict verdict = sip_start_line(first);
  return transport == Transport::udp && verdict == Verdict::unsure ? Verdict::no : verdict;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SipAnalyzer>(); }

}  // namespace

Protocol sip_protocol() {
  Protocol p;
  p.name = "sip";
  p.help = "SIP: calls, and who is registered for them";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
