// DNS over UDP and TCP (RFC 1035 and its successors), multicast DNS (RFC 6762) and LLMNR (RFC 4795).
// One `dns` event per query with its response, or for either alone, as in Zeek's dns.log. Over TCP each message follows
// its length: | length u16 | message | (RFC 7766 section 8).
//
// A response answers the oldest open query of the opposite direction with its id and its first question. A message with
// several questions (only mDNS sends such) makes one event per question.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/dns_message.h"
#include "ingest/network/protocols/dns_query.h"
#include "ingest/network/protocols/dns_zone.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransId,
  kRtt,
  kQuery,
  kQclass,
  kQclassName,
  kQtype,
  kQtypeName,
  kRcode,
  kRcodeName,
  kOpcode,
  kOpcodeName,
  kAa,
  kTc,
  kRd,
  kRa,
  kZ,
  kAnswers,
  kTtls,
  kRejected,
  kQueryLength,
  kQueryLabelMax,
  kAnswerCount,
  kQueryDomain,
  kQueryEntropy,
  kResponseLength,
  kSignatureDaysLeft,
  kSoaSerial,
  kDsSet,
  kDnskeySet,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_id", "integer", "message id"},
    {"rtt", "interval", "from the query to its response; absent when one of them was not seen"},
    {"query", "text", "name asked for, lower case, \".\" for the root; without question, the first answer's name"},
    {"qclass", "integer", "class asked for; mDNS' unicast bit is left out"},
    {"qclass_name", "text", "C_INTERNET, C_CHAOS, ..."},
    {"qtype", "integer", "record type asked for"},
    {"qtype_name", "text", "A, AAAA, TXT, ...; query-NN when it has no name"},
    {"rcode", "integer", "response code; absent when no response was seen"},
    {"rcode_name", "text", "NOERROR, NXDOMAIN, ..."},
    {"opcode", "integer", "kind of request: 0 query, 4 notify, 5 update"},
    {"opcode_name", "text", "query, notify, dynamic-update, ...; opcode-NN when it has no name"},
    {"AA", "boolean", "the responder has authority for the name"},
    {"TC", "boolean", "the message was cut to fit"},
    {"RD", "boolean", "recursion is desired"},
    {"RA", "boolean", "recursion is available"},
    {"Z", "integer", "the reserved bit, AD and CD: 0 to 7"},
    {"answers", "list of text", "the answer section's records; addresses of A and AAAA are addresses"},
    {"TTLs", "list of interval", "life time of each of `answers`"},
    {"rejected", "boolean", "the response has no record at all, or an error and no question"},
    {"query_length", "integer", "octets of `query` as written (ours)"},
    {"query_label_max", "integer", "octets of the longest label of `query` as written (ours)"},
    {"answer_count", "integer", "records in the answer section by the response's header (ours)"},
    {"query_domain", "text",
     "the part of `query` that somebody registers: its last two labels, or three as in x.co.uk (ours)"},
    {"query_entropy", "real", "bits in each octet of `query` before that part; words have about 3 (ours)"},
    {"response_length", "integer", "octets of the response (ours)"},
    {"rrsig_days_left", "integer",
     "whole days until the first of the answers' signatures ends; negative: days since (ours)"},
    {"soa_serial", "integer", "of the first SOA among the answers: which state of the zone it is (ours)"},
    {"ds_set", "text",
     "the answers' DS, sorted, with a space between: key tag/algorithm/kind of digest/digest; absent beyond 16 (ours)"},
    {"dnskey_set", "text", "the same of their DNSKEY: flags/algorithm/key tag, 257 signs keys (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"dns"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"dns", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 3> kPorts{53, 5353, 5355};

constexpr std::size_t kPendingMax = 64;                        // open queries per flow
constexpr std::uint16_t kQuestionsMax = 256;                   // per message; mDNS bursts of 81 are seen
constexpr std::size_t kAnswersMax = 256;                       // per event; only zone transfers have more
constexpr std::size_t kMessageMax = 65'535;                    // the length prefix's range
constexpr Nanoseconds kAnswerWait = std::chrono::seconds{10};  // then a query counts as unanswered, as in Zeek

std::size_t longest_label(std::string_view name) {
  std::size_t longest = 0, label = 0;
  for (const char c : name) {
    label = c == '.' ? 0 : label + 1;
    longest = std::max(longest, label);
  }
  return longest;
}

class DnsAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override { message(bytes, direction, context); }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    bool& lost = lost_[static_cast<std::size_t>(direction)];
    if (lost && !begins_message(bytes)) return bytes.size();
    lost = false;
    ByteReader reader{bytes};
    for (;;) {
      ByteReader ahead = reader;
      const std::size_t length = ahead.u16be();
      if (!ahead.ok()) break;
      if (length < DnsHeader::kBytes) {
        context.refused(DecodeError::bad_value);
        return kGiveUp;
      }
      const Bytes body = ahead.bytes(length);
      if (!ahead.ok()) break;
      message(body, direction, context);
      reader = ahead;
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    lost_[static_cast<std::size_t>(direction)] = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    for (const Pending& query : pending_) unanswered(query, context);
    pending_.clear();
  }

 private:
  struct Pending {
    Timestamp time;
    DnsHeader header;
    Direction direction = Direction::to_responder;
    bool has_question = false;
    DnsQuestion question;
    std::string name;
  };
  // One question of a message, or the lack of any.
  struct Asked {
    bool present = false;
    DnsQuestion question;
    std::string_view name;  // empty when none
  };

  // After a gap: could a message begin here? Until one does, everything is skipped.
  static bool begins_message(Bytes bytes) {
    ByteReader reader{bytes};
    const std::size_t length = reader.u16be();
    DnsHeader header;
    return !DnsReader{reader.rest()}.header(header) && length >= DnsHeader::kBytes && header.questions == 1 &&
           (header.flags & 0x0040U) == 0;
  }

  void message(Bytes bytes, Direction direction, Context& context) {
    if (!context.wants(0)) return;
    expire(context);
    DnsReader reader{bytes};
    DnsHeader header;
    if (const auto fault = reader.header(header)) return context.refused(*fault);
    // So many questions are no message; nothing of it is worth an event.
    if (header.questions > kQuestionsMax) return context.refused(DecodeError::limit);
    TextBuffer name;
    unsigned read = 0;
    for (; read < header.questions; ++read) {
      Asked asked{true, {}, {}};
      name.clear();
      if (const auto fault = reader.question(asked.question, name)) {
        context.refused(*fault);
        // A broken first question still leaves the header to tell about.
        if (read == 0) one(header, {}, nullptr, direction, context);
        return;
      }
      asked.name = name.view();
      // The records belong to the last question's event, because they follow it.
      one(header, asked, read + 1U == header.questions ? &reader : nullptr, direction, context);
    }
    if (read == 0) one(header, {}, &reader, direction, context);
  }

  void one(const DnsHeader& header, const Asked& asked, DnsReader* records, Direction direction, Context& context) {
    if (header.response()) {
      response(header, asked, records, direction, context);
    } else {
      query(header, asked, direction, context);
    }
  }

  void query(const DnsHeader& header, const Asked& asked, Direction direction, Context& context) {
    Pending made{context.now(), header, direction, asked.present, asked.question, std::string{asked.name}};
    // Multicast queries (id 0, no recursion: RFC 6762 section 18) are answered by anyone, elsewhere; none waits.
    if (header.id == 0 && !header.recursion_desired()) return unanswered(made, context);
    if (pending_.size() == kPendingMax) {
      context.refused(DecodeError::limit);
      unanswered(pending_.front(), context);
      pending_.erase(pending_.begin());
    }
    pending_.push_back(std::move(made));
  }

  void response(const DnsHeader& header, const Asked& asked, DnsReader* records, Direction direction,
                Context& context) {
    const auto match = std::ranges::find_if(pending_, [&](const Pending& p) {
      return p.header.id == header.id && p.direction != direction && p.header.opcode() == header.opcode() &&
             (!asked.present || (p.has_question && p.question.type == asked.question.type && p.name == asked.name));
    });
    if (match == pending_.end()) {
      EventWriter out = context.begin(0, context.now());
      write_message(out, header, asked);
      write_response(out, header, records, asked, context);
    } else {
      EventWriter out = context.begin(0, match->time);
      const Asked known{match->has_question, match->question, match->name};
      write_message(out, header, known);
      out.set(kRtt, Value::interval(context.now() - match->time));
      write_response(out, header, records, known, context);
      // The event views the name: erase only after it has been written out.
    }
    context.emit();
    if (match != pending_.end()) pending_.erase(match);
  }

  static void unanswered(const Pending& query, Context& context) {
    EventWriter out = context.begin(0, query.time);
    write_message(out, query.header, {query.has_question, query.question, query.name});
    context.emit();
  }

  void expire(Context& context) {
    while (!pending_.empty() && context.now() - pending_.front().time > kAnswerWait) {
      unanswered(pending_.front(), context);
      pending_.erase(pending_.begin());
    }
  }

  // A number's name, or `prefix` and the number when it has none.
  static Value named(EventWriter& out, std::string_view name, std::string_view prefix, unsigned number) {
    if (!name.empty()) return Value::text(name);
    TextBuffer text;
    text.append(prefix);
    text.append_number(number);
    return Value::text(out.event().keep(text.view()));
  }

  static void write_name(EventWriter& out, std::string_view name) {
    out.set(kQuery, Value::text(out.wants(kQuery) ? out.event().keep(name) : std::string_view{}));
    out.set(kQueryLength, Value::integer(static_cast<std::int64_t>(name.size())));
    if (out.wants(kQueryLabelMax))
      out.set(kQueryLabelMax, Value::integer(static_cast<std::int64_t>(longest_label(name))));
    if (out.wants(kQueryDomain)) out.set(kQueryDomain, Value::text(out.event().keep(registered_domain(name))));
    if (out.wants(kQueryEntropy)) out.set(kQueryEntropy, Value::real(query_entropy(name)));
  }

  static void write_message(EventWriter& out, const DnsHeader& header, const Asked& asked) {
    out.set(kTransId, Value::integer(header.id));
    if (asked.present) {
      const auto [type, klass] = asked.question;
      write_name(out, asked.name);
      out.set(kQclass, Value::integer(klass));
      if (out.wants(kQclassName)) out.set(kQclassName, named(out, dns_class_name(klass), "qclass-", klass));
      out.set(kQtype, Value::integer(type));
      if (out.wants(kQtypeName)) out.set(kQtypeName, named(out, dns_type_name(type), "query-", type));
    }
    out.set(kOpcode, Value::integer(header.opcode()));
    if (out.wants(kOpcodeName))
      out.set(kOpcodeName, named(out, dns_opcode_name(header.opcode()), "opcode-", header.opcode()));
    out.set(kAa, Value::boolean(header.authoritative()));
    out.set(kTc, Value::boolean(header.truncated()));
    out.set(kRd, Value::boolean(header.recursion_desired()));
    out.set(kRa, Value::boolean(header.recursion_available()));
    out.set(kZ, Value::integer(header.z()));
    out.set(kRejected, Value::boolean(false));
  }

  // `records` is null for all but the event that shows the message's records.
  static void write_response(EventWriter& out, const DnsHeader& header, DnsReader* records, const Asked& asked,
                             Context& context) {
    const bool bare = header.answers == 0 && header.authority == 0 && header.additional == 0;
    out.set(kRcode, Value::integer(header.rcode()));
    out.set(kRcodeName, Value::text(dns_rcode_name(header.rcode())));
    out.set(kAnswerCount, Value::integer(header.answers));
    if (records != nullptr)
      out.set(kResponseLength, Value::integer(static_cast<std::int64_t>(records->message_bytes())));
    out.set(kRejected, Value::boolean(header.questions == 0 ? header.rcode() != 0 : bare));
    if (records == nullptr || header.answers == 0) return;
    constexpr std::array kOfAnswers{kAnswers, kTtls, kSignatureDaysLeft, kSoaSerial, kDsSet, kDnskeySet};
    if (asked.present && std::ranges::none_of(kOfAnswers, [&](Field field) { return out.wants(field); })) return;
    write_answers(out, header, *records, asked, context);
  }

  static void write_answers(EventWriter& out, const DnsHeader& header, DnsReader& records, const Asked& asked,
                            Context& context) {
    const std::size_t room = std::min<std::size_t>(header.answers, kAnswersMax);
    const std::span<Value> answers = out.event().arena().make<Value>(room);
    const std::span<Value> ttls = out.event().arena().make<Value>(room);
    if (header.answers > kAnswersMax) context.refused(DecodeError::limit);
    if (answers.empty() || ttls.empty()) return;
    std::size_t shown = 0;
    std::optional<std::int64_t> days_left;
    DnsZone zone;
    TextBuffer owner, text;
    for (std::size_t i = 0; i < room; ++i) {
      DnsRecord record;
      owner.clear();
      text.clear();
      auto fault = records.record(record, &owner);
      if (fault) {
        context.refused(*fault);
        break;
      }
      if (i == 0 && !asked.present) write_name(out, owner.view());
      if (const auto days = records.signature_days_left(record, context.now()))
        days_left = std::min(days_left.value_or(*days), *days);
      // A transfer has many zones' within.
      if (owner.view() == asked.name) zone.add(record.type, records.data(record));
      if (const auto address = records.address(record)) {
        answers[shown] = Value::address(*address);
      } else {
        fault = records.render(record, owner.view(), text);
        if (!fault && text.cut()) fault = DecodeError::limit;
        if (fault) context.refused(*fault);
        if (text.view().empty() || (fault && *fault != DecodeError::limit)) continue;
        answers[shown] = Value::text(out.event().keep(text.view()));
      }
      ttls[shown++] = Value::interval(std::chrono::seconds{record.ttl});
    }
    if (days_left) out.set(kSignatureDaysLeft, Value::integer(*days_left));
    zone.write(out, kSoaSerial, kDsSet, kDnskeySet);
    if (zone.cut()) context.refused(DecodeError::limit);
    if (shown == 0) return;
    out.set(kAnswers, Value::list(answers.first(shown)));
    out.set(kTtls, Value::list(ttls.first(shown)));
  }

  std::vector<Pending> pending_;  // oldest first
  std::array<bool, 2> lost_{};    // by direction: a gap came, no message found since
};

// NetBIOS names (RFC 1001 section 14.1) travel in DNS' format: 32 letters from A to P.
bool looks_netbios(std::string_view name) {
  return name.size() >= 32 && std::ranges::all_of(name.substr(0, 32), [](char c) { return c >= 'a' && c <= 'p'; });
}

// What real headers look like, strict enough for any port.
bool likely(const DnsHeader& header) {
  if ((header.flags & 0x0040U) != 0 || dns_opcode_name(header.opcode()).empty() || header.rcode() > 10) return false;
  if (header.questions != 1 || header.answers > kAnswersMax || header.additional > kAnswersMax) return false;
  const bool update = header.opcode() == 5;
  return header.response() || (header.rcode() == 0 && (header.answers == 0 || update));
}

// The same for the first question and what follows it. `unsure`: so far so good, but the message goes on.
Verdict judge(const DnsHeader& header, DnsReader reader, bool complete) {
  if (!likely(header)) return Verdict::no;
  DnsQuestion question;
  TextBuffer name;
  if (const auto fault = reader.question(question, name))
    return *fault == DecodeError::truncated && !complete ? Verdict::unsure : Verdict::no;
  if (dns_type_name(question.type).empty() || dns_class_name(question.klass).empty()) return Verdict::no;
  if (name.view().find('\\') != std::string_view::npos || looks_netbios(name.view())) return Verdict::no;
  const bool more = header.answers != 0 || header.authority != 0 || header.additional != 0;
  if (!more) return reader.empty() ? Verdict::yes : Verdict::no;
  DnsRecord record;
  if (!complete || !reader.record(record, nullptr)) return Verdict::yes;
  return Verdict::no;
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  bool complete = true;
  if (transport == Transport::tcp) {
    ByteReader reader{first};
    const std::size_t length = reader.u16be();
    if (!reader.ok()) return Verdict::unsure;
    if (length < DnsHeader::kBytes) return Verdict::no;
    complete = reader.rest().size() >= length;
    first = complete ? reader.bytes(length) : reader.rest();
  }
  DnsReader reader{first};
  DnsHeader header;
  if (reader.header(header)) return complete && !on_port ? Verdict::no : Verdict::unsure;
  const Verdict verdict = judge(header, reader, complete);
  // On the port, what cannot be read is to be counted as refused DNS, unless it is plainly something else.
  if (verdict == Verdict::no && on_port && header.questions <= kQuestionsMax) return Verdict::unsure;
  return verdict;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<DnsAnalyzer>(); }

}  // namespace

Protocol dns_protocol() {
  Protocol p;
  p.name = "dns";
  p.help = "DNS, multicast DNS and LLMNR over UDP and TCP";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = 2 + kMessageMax;
  return p;
}

}  // namespace nw::network
