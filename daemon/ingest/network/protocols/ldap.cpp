// LDAP over TCP and connectionless LDAP (MS-ADTS 6.3.3) over UDP. RFC 4511, in BER:
// | SEQUENCE | message id INTEGER | operation [APPLICATION n] | controls [0] |.
//
// One `ldap` event per request with its response, as in Zeek's ldap.log; searches are `ldap_search` events, as in
// ldap_search.log; NTLM within binds is an `ntlm` event. What signs or encrypts (SASL) puts a length of four bytes
// before each piece: signed pieces are read, encrypted ones end the analysis. After StartTLS the connection is TLS's.
#include <algorithm>
#include <array>
#include <vector>

#include "ingest/network/protocols/ldap_message.h"
#include "ingest/network/protocols/ntlm.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kMessageId,
  kVersion,
  kOpcode,
  kResult,
  kDiagnostic,
  kObject,
  kArgument,
  kAttributes,
  kResultCode,
  kRtt,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"message_id", "integer", "the request's number"},
    {"version", "integer", "of a bind: 3, or 2"},
    {"opcode", "text", "bind simple, bind SASL, unbind, modify, add, delete, compare, abandon, extended"},
    {"result", "text", "success, invalid credentials, ...; absent when no response was seen"},
    {"diagnostic_message", "text", "the server's explanation"},
    {"object", "text",
     "the name that it is about; of extended the OID with its name: 1.3.6.1.4.1.1466.20037 (StartTLS)"},
    {"argument", "text", "of a bind REDACTED when it has a password, or its SASL mechanism; the new name when renamed"},
    {"attributes", "list of text", "names of the attributes that add, modify and compare are about (ours)"},
    {"result_code", "integer", "the result's number (ours)"},
    {"rtt", "interval", "from the request to its response (ours)"},
});

enum SearchField : std::size_t {
  kSearchId,
  kScope,
  kDeref,
  kBase,
  kResultCount,
  kSearchResult,
  kSearchDiagnostic,
  kFilter,
  kAsked,
  kSearchResultCode,
  kSearchRtt,
};

constexpr auto kSearchFields = std::to_array<FieldSpec>({
    {"message_id", "integer", "the request's number"},
    {"scope", "text", "base, single, tree, children"},
    {"deref_aliases", "text", "never, searching, finding, always"},
    {"base_object", "text", "where the search begins; absent at the root"},
    {"result_count", "integer", "entries found"},
    {"result", "text", "success, no such object, ...; absent when its end was not seen"},
    {"diagnostic_message", "text", "the server's explanation"},
    {"filter", "text", "as RFC 4515 writes it: (&(objectClass=user)(cn=a*))"},
    {"attributes", "list of text", "names of the attributes asked for; absent for all"},
    {"result_code", "integer", "the result's number (ours)"},
    {"rtt", "interval", "from the request to its end (ours)"},
});

enum Type : std::size_t { kLdap, kSearch, kNtlm };
constexpr std::array<std::string_view, 1> kService{"ldap"}, kSearchService{"ldap_search"}, kCategory{"ldap"};
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"ldap", "normwatch", kService, kCategory, kFields, false},
     {"ldap_search", "normwatch", kSearchService, kCategory, kSearchFields, false},
     kNtlmType}};
constexpr std::array<std::uint16_t, 2> kPorts{389, 3268};

constexpr std::size_t kMessageMax = 32 * 1024;       // longer ones are told by their head alone
constexpr std::size_t kPendingMax = 64;              // open requests per flow
constexpr std::size_t kPendingBytesMax = 64 * 1024;  // of their bodies together
constexpr std::size_t kAttributesMax = 64;           // told of a request
constexpr std::string_view kStartTls = "1.3.6.1.4.1.1466.20037";

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class LdapAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override { messages(bytes, direction, context); }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    const std::size_t offered = bytes.size();
    Side& side = sides_[static_cast<std::size_t>(direction)];
    for (;;) {
      const std::size_t passed = std::min(side.skip, bytes.size());
      bytes = bytes.subspan(passed);
      side.skip -= passed;
      if (bytes.empty()) return offered;
      const std::size_t done = one(bytes, side, direction, context);
      if (done == 0) return offered - bytes.size();
      if (done == kGiveUp || done == kDone) {
        finish(context);
        return done;
      }
      bytes = bytes.subspan(std::min(done, bytes.size()));
      if (encrypts_) {
        finish(context);
        return anew_behind(offered - bytes.size());
      }
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    sides_[static_cast<std::size_t>(direction)] = {0, true, 0, 0};
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    for (const Pending& request : pending_) tell(request, {}, context);
    pending_.clear();
    if (ntlm_.open()) tell_ntlm({}, context);
  }

 private:
  struct Side {
    std::size_t skip = 0;  // bytes of a long message that are still to come
    bool lost = false;     // a gap came, no message was found since
    // Of the signed piece that is being read: bytes of messages that are left, and what comes behind them.
    std::size_t piece = 0, trailer = 0;
  };
  // A request, or what came back without one.
  struct Pending {
    Timestamp time;
    std::int64_t id = 0;
    LdapOperation operation = LdapOperation::bind_request;
    Direction direction = Direction::to_responder;
    bool seen = false;
    std::vector<std::uint8_t> body;
    std::int64_t entries = 0;
  };
  struct Response {
    LdapOperation operation = LdapOperation::bind_response;
    LdapResult result;
  };

  // What stands at the front of a stream. Returns its bytes (more than are there: the rest is passed over), 0 to wait
  // for more, kGiveUp, or kDone.
  std::size_t one(Bytes bytes, Side& side, Direction direction, Context& context) {
    LdapHead head;
    const auto fault = read_ldap_head(bytes, head);
    if (side.lost && fault != DecodeError::truncated) {
      if (fault || !is_plausible(head, head.body(bytes))) return bytes.size();
      side.lost = false;
    }
    if (fault == DecodeError::truncated) return 0;
    if (fault && bound_) return side.piece == 0 ? wrapped(bytes, side) : kDone;
    if (fault) {
      context.refused(*fault);
      return kGiveUp;
    }
    if (side.piece != 0 && head.bytes > side.piece) return kDone;
    const bool counted =
        head.operation == LdapOperation::search_entry || head.operation == LdapOperation::search_reference;
    const bool too_long = head.bytes > kMessageMax;
    if (!counted && !too_long && head.bytes > bytes.size()) return 0;
    if (!counted && too_long) context.refused(DecodeError::limit);
    message(head, too_long || counted ? Bytes{} : head.body(bytes), direction, context);
    side.skip = head.bytes - std::min(head.bytes, bytes.size());
    if (side.piece != 0) {
      side.piece -= head.bytes;
      if (side.piece == 0) side.skip += side.trailer;
    }
    return head.bytes;
  }

  // SASL's | length u32 | token |: what stands before its messages. What cannot be read is no fault.
  static std::size_t wrapped(Bytes bytes, Side& side) {
    ByteReader reader{bytes};
    const std::size_t length = reader.u32be();
    if (!reader.ok()) return 0;
    if (length <= kSaslFrameMin) return kDone;
    SaslFrame frame;
    const auto fault = read_sasl_frame(reader.rest(), frame);
    if (fault == DecodeError::truncated) return 0;
    if (fault || frame.before + frame.after >= length) return kDone;
    side.piece = length - frame.before - frame.after;
    side.trailer = frame.after;
    return bytes.size() - reader.rest().size() + frame.before;
  }

  // Whole ones.
  void messages(Bytes bytes, Direction direction, Context& context) {
    while (!bytes.empty()) {
      LdapHead head;
      auto fault = read_ldap_head(bytes, head);
      if (!fault && head.bytes > bytes.size()) fault = DecodeError::truncated;
      if (fault) return context.refused(*fault);
      message(head, head.body(bytes), direction, context);
      bytes = bytes.subspan(head.bytes);
    }
  }

  void message(const LdapHead& head, Bytes body, Direction direction, Context& context) {
    using enum LdapOperation;
    if (head.operation == intermediate) return;
    if (!is_request(head.operation)) return response(head, body, direction, context);
    if (head.operation == bind_request) {
      LdapRequest asked;
      read_ldap_request(head.operation, body, asked);
      if (ntlm_.authenticated()) tell_ntlm({}, context);  // nobody answered
      token(asked.credentials, context);
    }
    Pending made{context.now(), head.id, head.operation, direction, true, {body.begin(), body.end()}, 0};
    if (head.operation == unbind_request || head.operation == abandon_request) return tell(made, {}, context);
    wait(std::move(made), context);
  }

  void wait(Pending made, Context& context) {
    if (made.body.size() > kPendingBytesMax) {
      context.refused(DecodeError::limit);
      made.body.clear();
    }
    std::size_t bytes = made.body.size();
    for (const Pending& request : pending_) bytes += request.body.size();
    while (pending_.size() == kPendingMax || bytes > kPendingBytesMax) {
      context.refused(DecodeError::limit);
      bytes -= pending_.front().body.size();
      tell(pending_.front(), {}, context);
      pending_.erase(pending_.begin());
    }
    pending_.push_back(std::move(made));
  }

  void response(const LdapHead& head, Bytes body, Direction direction, Context& context) {
    using enum LdapOperation;
    const LdapOperation asked = request_of(head.operation);
    const auto same = [&](const Pending& p) {
      return p.id == head.id && p.operation == asked && p.direction != direction;
    };
    auto match = std::ranges::find_if(pending_, same);
    if (match == pending_.end()) {
      wait({context.now(), head.id, asked, opposite(direction), false, {}, 0}, context);
      match = pending_.end() - 1;
    }
    if (head.operation == search_entry) ++match->entries;
    if (head.operation == search_entry || head.operation == search_reference) return;
    Response told{head.operation, {}};
    if (!read_ldap_result(head.operation, body, told.result) && !body.empty()) context.refused(DecodeError::bad_value);
    notice(*match, told);
    tell(*match, told, context);
    pending_.erase(match);
    if (head.operation == bind_response) bound(told.result, context);
  }

  void token(Bytes token, Context& context) {
    if (token.empty() || !context.wants(kNtlm)) return;
    if (const auto fault = ntlm_.take(token)) context.refused(*fault);
  }

  void bound(const LdapResult& result, Context& context) {
    constexpr std::int64_t kInProgress = 14;
    token(result.credentials, context);
    if (ntlm_.authenticated() && result.code && *result.code != kInProgress) tell_ntlm(*result.code == 0, context);
  }

  void tell_ntlm(std::optional<bool> success, Context& context) {
    if (!context.wants(kNtlm)) return;
    EventWriter out = context.begin(kNtlm, context.now());
    ntlm_.write(out, success);
    context.emit();
  }

  // What changes the connection.
  void notice(const Pending& request, const Response& response) {
    if (response.result.code != 0) return;
    if (response.operation == LdapOperation::bind_response) bound_ = true;
    if (response.operation != LdapOperation::extended_response) return;
    LdapRequest asked;
    read_ldap_request(request.operation, request.body, asked);
    encrypts_ = encrypts_ || text_of(asked.object) == kStartTls || text_of(response.result.name) == kStartTls;
  }

  static void tell(const Pending& request, const std::optional<Response>& response, Context& context) {
    const bool search = request.operation == LdapOperation::search_request;
    if (!context.wants(search ? kSearch : kLdap)) return;
    LdapRequest asked;
    const bool good = request.body.empty() || read_ldap_request(request.operation, request.body, asked);
    if (!good) context.refused(DecodeError::bad_value);
    EventWriter out = context.begin(search ? kSearch : kLdap, request.time);
    out.set(search ? +kSearchId : +kMessageId, Value::integer(request.id));
    if (search) {
      write_search(out, request, asked, context);
    } else {
      write_request(out, request, asked, response, context);
    }
    if (response) write_result(out, search, request, *response, context);
    context.emit();
  }

  static void set_text(EventWriter& out, std::size_t field, Bytes bytes) {
    if (bytes.empty() || !out.wants(field)) return;
    TextBuffer text;
    text.append_escaped(bytes);
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  // A number's name, or the number when it has none.
  static void set_name(EventWriter& out, std::size_t field, std::string_view name, std::int64_t number) {
    if (!out.wants(field)) return;
    TextBuffer text;
    if (name.empty()) {
      text.append("unknown-");
      text.append_number(number);
      name = out.event().keep(text.view());
    }
    out.set(field, Value::text(name));
  }

  static void write_result(EventWriter& out, bool search, const Pending& request, const Response& response,
                           Context& context) {
    if (const auto code = response.result.code) {
      set_name(out, search ? +kSearchResult : +kResult, ldap_result_name(*code), *code);
      out.set(search ? +kSearchResultCode : +kResultCode, Value::integer(*code));
    }
    set_text(out, search ? +kSearchDiagnostic : +kDiagnostic, response.result.diagnostic);
    if (request.seen) out.set(search ? +kSearchRtt : +kRtt, Value::interval(context.now() - request.time));
  }

  static void write_search(EventWriter& out, const Pending& request, const LdapRequest& asked, Context& context) {
    if (asked.scope) set_name(out, kScope, ldap_scope_name(*asked.scope), *asked.scope);
    if (asked.deref_aliases) set_name(out, kDeref, ldap_deref_name(*asked.deref_aliases), *asked.deref_aliases);
    set_text(out, kBase, asked.object);
    out.set(kResultCount, Value::integer(request.entries));
    if (!asked.filter.empty() && out.wants(kFilter)) {
      TextBuffer text;
      if (!append_ldap_filter(asked.filter, text)) context.refused(DecodeError::bad_value);
      if (text.cut()) context.refused(DecodeError::limit);
      out.set(kFilter, Value::text(out.event().keep(text.view())));
    }
    write_attributes(out, kAsked, asked, context);
  }

  static std::string_view opcode(LdapOperation operation, const LdapRequest& asked) {
    using enum LdapRequest::Authentication;
    switch (asked.authentication) {
      case simple: return "bind simple";
      case sasl: return "bind SASL";
      case sicily_discovery: return "bind SICILY_DISCOVERY";
      case sicily_negotiate: return "bind SICILY_NEGOTIATE";
      case sicily_response: return "bind SICILY_RESPONSE";
      case none: break;
    }
    return ldap_operation_name(operation);
  }

  static void write_request(EventWriter& out, const Pending& request, const LdapRequest& asked,
                            const std::optional<Response>& response, Context& context) {
    if (asked.version) out.set(kVersion, Value::integer(*asked.version));
    out.set(kOpcode, Value::text(opcode(request.operation, asked)));
    const bool extended = request.operation == LdapOperation::extended_request;
    if (extended) {
      write_extension(out, asked.object.empty() && response ? response->result.name : asked.object);
    } else {
      set_text(out, kObject, asked.object);
    }
    set_text(out, kArgument, asked.argument);
    if (asked.has_password) out.set(kArgument, Value::text("REDACTED"));
    write_attributes(out, kAttributes, asked, context);
  }

  static void write_extension(EventWriter& out, Bytes oid) {
    if (oid.empty() || !out.wants(kObject)) return;
    TextBuffer text;
    text.append_escaped(oid);
    const std::string_view name = ldap_extension_name(text_of(oid));
    text.append(" (");
    text.append(name.empty() ? "unknown" : name);
    text.append(')');
    out.set(kObject, Value::text(out.event().keep(text.view())));
  }

  static void write_attributes(EventWriter& out, std::size_t field, const LdapRequest& asked, Context& context) {
    Bytes rest = asked.attributes;
    if (rest.empty() || !out.wants(field)) return;
    const std::span<Value> names = out.event().arena().make<Value>(kAttributesMax);
    std::size_t count = 0;
    TextBuffer text;
    while (!rest.empty() && count < names.size()) {
      const auto name = next_ldap_attribute(asked.list, rest);
      if (!name) {
        context.refused(DecodeError::bad_value);
        rest = {};
        break;
      }
      text.clear();
      text.append_escaped(*name);
      names[count++] = Value::text(out.event().keep(text.view()));
    }
    if (!rest.empty()) context.refused(DecodeError::limit);
    if (count != 0) out.set(field, Value::list(names.first(count)));
  }

  std::vector<Pending> pending_;  // oldest first
  std::array<Side, 2> sides_{};
  NtlmExchange ntlm_;
  bool bound_ = false;     // a bind succeeded, so SASL may wrap what follows
  bool encrypts_ = false;  // StartTLS was granted
};

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  LdapHead head;
  const auto fault = read_ldap_head(first, head);
  const bool whole = transport == Transport::tcp || (!fault && head.bytes <= first.size());
  if (fault == DecodeError::truncated) return whole ? Verdict::unsure : Verdict::no;
  if (fault || !whole) return Verdict::no;
  return on_port || is_plausible(head, head.body(first)) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<LdapAnalyzer>(); }

}  // namespace

Protocol ldap_protocol() {
  Protocol p;
  p.name = "ldap";
  p.help = "LDAP over TCP and connectionless LDAP over UDP: binds, changes and searches in a directory";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
