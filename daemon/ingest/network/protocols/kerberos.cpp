// Kerberos 5 between clients and the key distribution centre, or its password service. RFC 4120: a datagram is a
// message; over TCP (section 7.2.2) | length u32, highest bit 0 | message |.
//
// One `kerberos` event per request with its answer, as in Zeek's kerberos.log. Nothing in the clear joins the two but
// their order. Tickets, timestamps and keys are passed over; a certificate that proves a side is an `x509` event, too.
#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <vector>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/kerberos_message.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kRequestType,
  kClient,
  kServiceName,
  kSuccess,
  kErrorCode,
  kErrorMessage,
  kFrom,
  kTill,
  kCipher,
  kForwardable,
  kRenewable,
  kErrorName,
  kReplyCipher,
  kWeakCipher,
  kOfferedCiphers,
  kPreauthenticated,
  kOptions,
  kOnBehalfOf,
  kRtt,
  kClientSubject,
  kServerSubject,
  kNewPassword,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"request_type", "text", "AS (a first ticket), TGS (a service's ticket), AP (using one); absent of a lone error"},
    {"client", "text", "who asks: user/REALM"},
    {"service", "text", "what for: krbtgt/REALM, cifs/server"},
    {"success", "boolean", "a ticket came back; absent when no answer was seen"},
    {"error_code", "integer", "the error's number"},
    {"error_msg", "text", "the server's words, or the error's name when it has none"},
    {"from", "time", "when the ticket shall begin"},
    {"till", "time", "when it shall end"},
    {"cipher", "text", "what the ticket is encrypted with: aes256-cts-hmac-sha1-96, rc4-hmac, ...; unknown-NN"},
    {"forwardable", "boolean", "a ticket was asked for that others may use"},
    {"renewable", "boolean", "a ticket was asked for that can be renewed"},
    {"error_name", "text", "KDC_ERR_PREAUTH_REQUIRED, ...; unknown-NN (ours)"},
    {"reply_cipher", "text", "what the reply is encrypted with, by the client's key or the session's (ours)"},
    {"weak_cipher", "boolean", "ticket or reply use RC4 or DES: their key can be guessed offline (ours)"},
    {"offered_ciphers", "list of text", "what the client can read (ours)"},
    {"preauthenticated", "boolean", "the AS request carries a proof of the key; absent when FAST hides it (ours)"},
    {"options", "list of text", "what else was asked: canonicalize, renew, constrained-delegation, ... (ours)"},
    {"on_behalf_of", "text", "whom a service asks a ticket for: user/REALM (S4U2Self) (ours)"},
    {"rtt", "interval", "from the request to its answer (ours)"},
    {"client_cert_subject", "text", "whom the certificate names that the client proves itself with (PKINIT)"},
    {"server_cert_subject", "text", "whom the server's certificate names"},
    {"new_password", "text",
     "a password is to be changed: change (one's own), set (anybody's); what came of it is encrypted (ours)"},
});
enum Type : std::size_t { kKerberos, kX509 };
constexpr std::array<std::string_view, 1> kService{"kerberos"}, kCategory{"kerberos"};
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"kerberos", "normwatch", kService, kCategory, kFields, false}, kX509Type}};
constexpr std::array<std::uint16_t, 2> kPorts{88, 464};

constexpr std::size_t kMessageMax = 64 * 1024;       // longer ones are passed over; Microsoft's tickets reach 48 KiB
constexpr std::size_t kPendingMax = 16;              // open requests per flow
constexpr std::size_t kPendingBytesMax = 64 * 1024;  // of them together
constexpr std::size_t kCiphersMax = 32;              // told of a request

class KerberosAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override { message(bytes, direction, context); }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    const std::size_t offered = bytes.size();
    Side& side = sides_[static_cast<std::size_t>(direction)];
    for (;;) {
      const std::size_t passed = std::min(side.skip, bytes.size());
      bytes = bytes.subspan(passed);
      side.skip -= passed;
      ByteReader reader{bytes};
      const std::size_t length = reader.u32be();
      if (!reader.ok()) return offered - bytes.size();
      const auto begins = begins_kerberos(reader.rest());
      if (begins == false || length > kLengthMax) {
        if (side.lost) return offered;
        // A flow met in mid-stream: the other side was recognised, this one is in the middle of a message.
        if (!side.found && !sides_[static_cast<std::size_t>(opposite(direction))].lost) {
          side.lost = true;
          context.refused(DecodeError::truncated);
          return offered;
        }
        context.refused(DecodeError::bad_value);
        finish(context);
        return kGiveUp;
      }
      // A length alone proves nothing: it could pass over all that comes.
      if (!begins) return offered - bytes.size();
      side.lost = false;
      side.found = true;
      if (length > kMessageMax) {
        context.refused(DecodeError::too_long);
        side.skip = kPrefix + length;
        continue;
      }
      const Bytes whole = reader.bytes(length);
      if (!reader.ok()) return offered - bytes.size();
      message(whole, direction, context);
      bytes = reader.rest();
    }
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    side.skip = 0;
    side.lost = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    for (const Pending& request : pending_) unanswered(request, context);
    pending_.clear();
  }

 private:
  static constexpr std::size_t kPrefix = 4, kLengthMax = 0x7fffffff;

  struct Side {
    std::size_t skip = 0;  // bytes of a long message that are still to come
    bool lost = false;     // a gap came, or the flow began in the middle of a message; none was found since
    bool found = false;    // a message, ever
  };
  struct Pending {
    Timestamp time;
    Direction direction = Direction::to_responder;
    std::vector<std::uint8_t> bytes;
    KerberosMessage request;  // views `bytes`
  };

  void message(Bytes bytes, Direction direction, Context& context) {
    using enum KerberosType;
    if (!context.wants(kKerberos) && !context.wants(kX509)) return;
    if (begins_kerberos(bytes) != true) return context.refused(DecodeError::bad_value);
    // A copy is read, as requests wait and are not to be read again: what is read of them views it.
    Pending made{context.now(), direction, {bytes.begin(), bytes.end()}, {}};
    KerberosMessage& read = made.request;
    if (!read_kerberos(made.bytes, read)) context.refused(DecodeError::bad_value);
    if (!read.certificate.empty())
      tell_certificate(read.certificate, {}, {true, read.type == as_request}, kX509, context);
    if (!context.wants(kKerberos)) return;
    switch (read.type) {
      case ap_request:
        if (read.new_password.empty()) return tell(&read, nullptr, context.now(), context);
        [[fallthrough]];
      case as_request:
      case tgs_request: return wait(std::move(made), context);
      case ap_reply:
        if (read.new_password.empty()) return;  // says nothing in the clear
        [[fallthrough]];
      case as_reply:
      case tgs_reply:
      case error: return answer(read, direction, context);
    }
  }

  void wait(Pending made, Context& context) {
    std::size_t bytes = made.bytes.size();
    for (const Pending& request : pending_) bytes += request.bytes.size();
    while (!pending_.empty() && (pending_.size() == kPendingMax || bytes > kPendingBytesMax)) {
      context.refused(DecodeError::limit);
      bytes -= pending_.front().bytes.size();
      unanswered(pending_.front(), context);
      pending_.erase(pending_.begin());
    }
    static_assert(std::is_nothrow_move_constructible_v<Pending>);  // a copy would view the other's bytes
    pending_.push_back(std::move(made));
  }

  static KerberosType asked_by(KerberosType reply) {
    using enum KerberosType;
    return reply == as_reply ? as_request : reply == ap_reply ? ap_request : tgs_request;
  }

  // Who is named in both is the same. Servers may answer for another name, so where none fits the oldest is taken.
  static bool fits(const KerberosMessage& request, const KerberosMessage& reply) {
    const auto same = [](Bytes a, Bytes b) { return a.empty() || b.empty() || std::ranges::equal(a, b); };
    return same(request.service.names, reply.service.names) && same(request.client.names, reply.client.names);
  }

  void answer(const KerberosMessage& reply, Direction direction, Context& context) {
    using enum KerberosType;
    auto match = pending_.end();
    for (auto at = pending_.begin(); at != pending_.end(); ++at) {
      const bool same = reply.type == error || at->request.type == asked_by(reply.type);
      if (!same || at->direction == direction) continue;
      const bool fitting = fits(at->request, reply);
      if (!fitting && match != pending_.end()) continue;
      match = at;
      if (fitting) break;
    }
    if (match == pending_.end()) return tell(nullptr, &reply, context.now(), context);
    tell(&match->request, &reply, match->time, context);
    pending_.erase(match);
  }

  static void unanswered(const Pending& pending, Context& context) {
    tell(&pending.request, nullptr, pending.time, context);
  }

  // At least one of the two is there.
  static void tell(const KerberosMessage* request, const KerberosMessage* reply, Timestamp time, Context& context) {
    EventWriter out = context.begin(kKerberos, time);
    write_type(out, request != nullptr ? request->type : reply->type);
    if (request != nullptr) write_request(out, *request, context);
    if (reply != nullptr) write_reply(out, *reply, request);
    if (request != nullptr && reply != nullptr) out.set(kRtt, Value::interval(context.now() - time));
    context.emit();
  }

  static void write_type(EventWriter& out, KerberosType type) {
    using enum KerberosType;
    if (type == error) return;
    const bool first = type == as_request || type == as_reply;
    out.set(kRequestType, Value::text(first ? "AS" : type == ap_request || type == ap_reply ? "AP" : "TGS"));
  }

  static void set_name(EventWriter& out, Field field, Bytes names, Bytes realm, bool with_realm) {
    if ((names.empty() && realm.empty()) || !out.wants(field)) return;
    TextBuffer text;
    append_kerberos_name(names, text);
    if (with_realm) {
      text.append('/');
      text.append_escaped(realm);
    }
    if (!text.view().empty()) out.set(field, Value::text(out.event().keep(text.view())));
  }

  static void set_subject(EventWriter& out, Field field, Bytes der) {
    Certificate certificate;
    if (der.empty() || !out.wants(field)) return;
    read_certificate(der, certificate);
    TextBuffer text;
    append_distinguished_name(certificate.subject, text);
    if (!text.view().empty()) out.set(field, Value::text(out.event().keep(text.view())));
  }

  // A number's name, or unknown-NN when it has none.
  static Value named(EventWriter& out, std::string_view name, std::int64_t number) {
    if (!name.empty()) return Value::text(name);
    TextBuffer text;
    text.append("unknown-");
    text.append_number(number);
    return Value::text(out.event().keep(text.view()));
  }
  static Value cipher(EventWriter& out, std::int64_t number) {
    return named(out, kerberos_cipher_name(number), number);
  }

  static void write_request(EventWriter& out, const KerberosMessage& request, Context& context) {
    const bool first = request.type == KerberosType::as_request;
    if (first) set_name(out, kClient, request.client.names, request.client.realm, true);
    set_name(out, kServiceName, request.service.names, {}, false);
    set_name(out, kOnBehalfOf, request.on_behalf.names, request.on_behalf.realm, true);
    if (request.from) out.set(kFrom, Value::time(*request.from));
    if (request.till) out.set(kTill, Value::time(*request.till));
    if (request.options) write_options(out, *request.options);
    if (first && (request.preauthenticated || !request.armored))
      out.set(kPreauthenticated, Value::boolean(request.preauthenticated));
    if (request.ticket_cipher) out.set(kCipher, cipher(out, *request.ticket_cipher));
    set_subject(out, kClientSubject, request.certificate);
    if (!request.new_password.empty()) out.set(kNewPassword, Value::text(request.new_password));
    write_ciphers(out, request.ciphers, context);
  }

  static void write_options(EventWriter& out, std::uint32_t options) {
    const auto has = [options](unsigned bit) { return (options >> (31U - bit) & 1U) != 0; };
    constexpr unsigned kForwardableBit = 1, kRenewableBit = 8, kBits = 32;
    out.set(kForwardable, Value::boolean(has(kForwardableBit)));
    out.set(kRenewable, Value::boolean(has(kRenewableBit)));
    if (!out.wants(kOptions)) return;
    const std::span<Value> names = out.event().arena().make<Value>(kBits);
    std::size_t count = 0;
    for (unsigned bit = 0; bit < kBits && count < names.size(); ++bit)
      if (has(bit) && !kerberos_option_name(bit).empty()) names[count++] = Value::text(kerberos_option_name(bit));
    if (count != 0) out.set(kOptions, Value::list(names.first(count)));
  }

  static void write_ciphers(EventWriter& out, Bytes ciphers, Context& context) {
    if (ciphers.empty() || !out.wants(kOfferedCiphers)) return;
    const std::span<Value> names = out.event().arena().make<Value>(kCiphersMax);
    std::size_t count = 0;
    BerReader reader{ciphers};
    while (!reader.empty() && count < names.size()) {
      const auto value = reader.next(ber_tag::kInteger);
      const auto number = value ? ber_integer(value->contents) : std::nullopt;
      if (!number) break;
      names[count++] = cipher(out, *number);
    }
    if (!reader.empty()) context.refused(count == names.size() ? DecodeError::limit : DecodeError::bad_value);
    if (count != 0) out.set(kOfferedCiphers, Value::list(names.first(count)));
  }

  static void write_reply(EventWriter& out, const KerberosMessage& reply, const KerberosMessage* request) {
    const bool failed = reply.type == KerberosType::error;
    if (reply.type == KerberosType::ap_reply) return;  // what it grants is encrypted
    out.set(kSuccess, Value::boolean(!failed));
    set_subject(out, kServerSubject, reply.certificate);
    // What the client called itself is what it asked with; only a reply to TGS says who that is.
    if (request == nullptr || request->type != KerberosType::as_request || request->client.empty())
      set_name(out, kClient, reply.client.names, reply.client.realm, true);
    set_name(out, kServiceName, reply.service.names, {}, false);
    if (failed) return write_error(out, reply);
    const bool weak = is_weak_kerberos_cipher(reply.ticket_cipher.value_or(0)) ||
                      is_weak_kerberos_cipher(reply.reply_cipher.value_or(0));
    out.set(kWeakCipher, Value::boolean(weak));
    if (reply.ticket_cipher && out.wants(kCipher)) out.set(kCipher, cipher(out, *reply.ticket_cipher));
    if (reply.reply_cipher && out.wants(kReplyCipher)) out.set(kReplyCipher, cipher(out, *reply.reply_cipher));
  }

  static void write_error(EventWriter& out, const KerberosMessage& reply) {
    if (!reply.error_code) return;
    const Value name = named(out, kerberos_error_name(*reply.error_code), *reply.error_code);
    out.set(kErrorCode, Value::integer(*reply.error_code));
    out.set(kErrorName, name);
    out.set(kErrorMessage, name);
    if (reply.error_text.empty() || !out.wants(kErrorMessage)) return;
    TextBuffer text;
    text.append_escaped(reply.error_text);
    out.set(kErrorMessage, Value::text(out.event().keep(text.view())));
  }

  std::vector<Pending> pending_;  // oldest first
  std::array<Side, 2> sides_{};
};

Verdict probe(Bytes first, Direction, Transport transport, bool) {
  ByteReader reader{first};
  const std::size_t length = transport == Transport::tcp ? reader.u32be() : first.size();
  if (!reader.ok()) return Verdict::unsure;
  constexpr std::size_t kLengthMin = 16, kLengthMax = 1U << 24U;  // no ticket needs more
  if (length < kLengthMin || length > kLengthMax) return Verdict::no;
  const auto begins = begins_kerberos(reader.rest());
  if (!begins) return transport == Transport::tcp ? Verdict::unsure : Verdict::no;
  return *begins ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<KerberosAnalyzer>(); }

}  // namespace

Protocol kerberos_protocol() {
  Protocol p;
  p.name = "kerberos";
  p.help = "Kerberos 5: requests for tickets and what came of them";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = 4 + kMessageMax;
  return p;
}

}  // namespace nw::network
