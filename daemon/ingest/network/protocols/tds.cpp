// TDS, the protocol of Microsoft SQL Server and Sybase ([MS-TDS]; TDS 5.0), as tds_message.h reads it. A message is one
// packet or several.
//
// One `tds` event per request with its response; a login is one, and so is what both sides agree on before it.
// Passwords are never told. When the two agree on TLS its handshake is inside packets, and makes the events that it
// makes elsewhere (tds_tls.h). Where it hides the login only, the rest is read on; else the analysis ends behind it.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/sql_error.h"
#include "ingest/network/protocols/sql_text.h"
#include "ingest/network/protocols/tds_message.h"
#include "ingest/network/protocols/tds_tls.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kCommand,
  kUser,
  kDatabase,
  kHost,
  kApplication,
  kServer,
  kIntegrated,
  kProcedure,
  kStatement,
  kSuccess,
  kErrorNumber,
  kErrorMessage,
  kRows,
  kServerVersion,
  kEncrypted,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"cmd", "text",
     "prelogin, login, batch, rpc, bulk_load, attention, transaction; absent when only a response was seen (ours)"},
    {"user", "text", "who logged in, on every event behind it (ours)"},
    {"database", "text", "the database of the login (ours)"},
    {"client_host", "text", "what the client says its machine is called (ours)"},
    {"application", "text", "what the client says it is (ours)"},
    {"server", "text", "the server that the client asks for (ours)"},
    {"integrated", "boolean", "Windows proves who the user is, at a login (ours)"},
    {"procedure", "text", "the procedure that an rpc calls (ours)"},
    {"statement", "text", "the statement of a batch or of sp_executesql, without the passwords in it (ours)"},
    {"success", "boolean", "the server did it; absent when no response was seen (ours)"},
    {"error_number", "integer", "the first error's number: 18456 login failed, ... (ours)"},
    {"error_message", "text", "its text (ours)"},
    {"rows", "integer", "rows that the last statement returned or changed, as the server counts them (ours)"},
    {"server_version", "text", "16.0.4003, at prelogin and login (ours)"},
    {"encrypted", "boolean", "TLS begins, if only for the login (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"tds"}, kCategory{"database"};
enum Type : std::size_t { kTds, kSsl, kX509 };
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"tds", "normwatch", kService, kCategory, kFields, false}, kSslType, kX509Type}};
constexpr std::array<std::uint16_t, 1> kPorts{1433};

constexpr std::size_t kHeadMax = 10 * 1024;          // bytes of a message that are read
constexpr std::uint8_t kTokens = 15;                 // a message of TDS 5.0
constexpr std::size_t kTail = 13;                    // its last token
constexpr std::uint32_t kWideVersion = 0x7209'0002;  // 7.2: row counts have eight bytes

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

class TdsAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[direction == Direction::to_responder ? 0 : 1];
    ByteReader reader{bytes};
    for (;;) {
      if (hidden(context)) return kDone;
      if (tls_ && !reader.empty() && is_tds_record(reader.rest().front())) {
        const auto fault = record(reader, direction, context);
        if (side.lost && fault != TdsRecordFault::none) return bytes.size();
        if (fault == TdsRecordFault::more) break;
        if (fault == TdsRecordFault::bad) return kGiveUp;
        continue;
      }
      TdsPacket packet;
      const auto fault = read_tds_packet(reader, packet, side.lost);
      if (side.lost && fault != TdsFault::none) return bytes.size();
      if (fault == TdsFault::more) break;
      if (fault == TdsFault::bad) {
        context.refused(DecodeError::bad_value);
        finish(context);
        return kGiveUp;
      }
      side.lost = false;
      if (carries_tls(packet)) {
        if (!tls_) encryption(context);
        if (!tls_->read(packet.body, direction, context)) return kGiveUp;
        continue;
      }
      collect(side, packet);
      if (!packet.last) continue;
      side.type = packet.type;
      if (direction == Direction::to_responder) {
        request(side, context);
      } else {
        response(side, context);
      }
      side.clear();
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    Side& side = sides_[direction == Direction::to_responder ? 0 : 1];
    side.clear();
    side.lost = true;
    late_secret_ = true;  // a password may be in what was lost
    context.refused(DecodeError::truncated);
    if (tls_) tls_->gap(direction, context);
  }

  void finish(Context& context) override {
    if (tls_) tls_->tell(context);
    if (open_) tell(context);
  }

 private:
  // One direction's message as it comes together.
  struct Side {
    std::uint8_t type = 0;
    std::vector<std::uint8_t> head, tail;
    bool cut = false;   // there was more than `head` holds
    bool lost = false;  // a gap came, no packet found since

    void clear() {
      head.clear();
      tail.clear();
      cut = false;
    }
  };

  static void collect(Side& side, const TdsPacket& packet) {
    const std::size_t room = std::min(kHeadMax - side.head.size(), packet.body.size());
    side.cut = side.cut || room < packet.body.size();
    side.head.insert(side.head.end(), packet.body.begin(), packet.body.begin() + static_cast<std::ptrdiff_t>(room));
    const Bytes end = packet.body.last(std::min(packet.body.size(), kTail));
    side.tail.insert(side.tail.end(), end.begin(), end.end());
    if (side.tail.size() > kTail)
      side.tail.erase(side.tail.begin(), side.tail.end() - static_cast<std::ptrdiff_t>(kTail));
  }

  // Records in clothes of a prelogin, some servers' in those of a response; behind a login there are none.
  [[nodiscard]] bool carries_tls(const TdsPacket& packet) const {
    if (packet.body.empty() || began_) return false;
    if (tls_) return packet.type == tds_type::kPrelogin || (packet.type == tds_type::kResponse && !tls_->over());
    constexpr std::uint8_t kHandshake = 22;
    return packet.type == tds_type::kPrelogin && packet.body.front() == kHandshake;
  }

  // Nothing that is wanted is in the clear any more.
  [[nodiscard]] bool hidden(Context& context) const {
    const bool tls_told = tls_ && (tls_->over() || !(context.wants(kSsl) || context.wants(kX509)));
    if (tls_told && !login_only_) return true;
    return !context.wants(kTds) && (tls_told || (spoken_ && !tls_));
  }

  // A record that stands for itself. The first one with data is the login.
  TdsRecordFault record(ByteReader& reader, Direction direction, Context& context) {
    TdsRecord record;
    const auto fault = read_tds_record(reader, record);
    if (fault == TdsRecordFault::bad) {
      context.refused(DecodeError::bad_value);
      finish(context);
    }
    if (fault != TdsRecordFault::none) return fault;
    if (!tls_->read(record.bytes, direction, context)) return TdsRecordFault::bad;
    if (record.is_data && direction == Direction::to_responder && !began_) {
      open(tds_type::kLogin, context);
      sealed_ = true;
    }
    return fault;
  }

  void open(std::uint8_t type, Context& context) {
    // When its response still comes, it is taken for this one's.
    late_secret_ = late_secret_ || (open_ && is_secret());
    if (open_) tell(context);
    open_ = true;
    began_ = began_ || type != tds_type::kPrelogin;
    type_ = type;
    time_ = context.now();
  }

  void request(const Side& side, Context& context) {
    if (side.type == tds_type::kSspi || side.type == tds_type::kFederated) return;  // proofs of a login
    if (side.type == kTokens && open_ && proving_) return;                          // TDS 5.0's
    if (side.type == tds_type::kAttention) {
      // The response to what is cancelled still comes.
      if (context.wants(kTds)) {
        EventWriter out = context.begin(kTds, context.now());
        out.set(kCommand, Value::text("attention"));
        write_who(out);
        context.emit();
      }
      return;
    }
    open(side.type, context);
    bool good = true;
    switch (side.type) {
      case tds_type::kPrelogin: {
        const auto prelogin = read_tds_prelogin(side.head);
        good = prelogin.has_value();
        break;
      }
      case tds_type::kLogin:
      case tds_type::kOldLogin:
        login_ = {};
        sealed_ = false;
        good =
            side.type == tds_type::kLogin ? read_tds_login(side.head, login_) : read_tds_old_login(side.head, login_);
        wide_ = login_.version >= kWideVersion;
        break;
      case tds_type::kBatch: read_tds_batch(side.head, statement_); break;
      case tds_type::kRpc: good = read_tds_call(side.head, procedure_, statement_); break;
      default: break;
    }
    if (!good) context.refused(DecodeError::bad_value);
  }

  void response(const Side& side, Context& context) {
    if (side.type != tds_type::kResponse) return;
    if (open_ && type_ == tds_type::kPrelogin) return agreement(side, context);
    // In mid-stream it is told alone, like the first one that a login is waiting for.
    if (!open_) time_ = context.now();
    if (!open_ && spoken_) return;
    if (!open_) type_ = 0;
    open_ = true;
    TdsResponse response;
    if (!read_tds_tokens(side.head, wide_, response) && !side.cut) context.refused(DecodeError::truncated);
    const auto done = read_tds_done(side.tail, wide_);
    const bool failed = response.error || (done && done->error);
    const bool login = type_ == tds_type::kLogin || type_ == tds_type::kOldLogin;
    proving_ = login && response.proving && !failed && !response.accepted;
    if (proving_) return;
    known_ = true;
    success_ = login ? response.accepted : !failed;
    error_ = response.error;
    message_ = response.message;
    version_ = response.server_version;
    if (done && !login) rows_ = done->rows;
    tell(context);
  }

  // What the server says to a prelogin. Who may encrypt begins so at once.
  void agreement(const Side& side, Context& context) {
    const auto prelogin = read_tds_prelogin(side.head);
    if (!prelogin) {
      context.refused(DecodeError::bad_value);
      return tell(context);
    }
    version_ = prelogin->version.value_or(0);
    known_ = success_ = true;
    constexpr std::uint8_t kOfLogin = 0, kNever = 2, kMode = 0x1f;  // the rest is about certificates
    const auto encryption = static_cast<std::uint8_t>(prelogin->encryption.value_or(kNever) & kMode);
    login_only_ = encryption == kOfLogin;
    if (encryption != kNever) return;  // TLS follows; told when it does
    encrypted_known_ = true;
    tell(context);
  }

  void encryption(Context& context) {
    if (!open_) open(tds_type::kPrelogin, context);
    encrypted_ = encrypted_known_ = true;
    tell(context);
    tls_.emplace(kSsl, kX509, context.now());
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (text.empty() || !out.wants(field)) return;
    TextBuffer escaped;
    escaped.append_escaped(as_bytes(text));
    out.set(field, Value::text(out.event().keep(escaped.view())));
  }
  static void set_sql(EventWriter& out, Field field, std::string_view text) {
    if (text.empty() || !out.wants(field)) return;
    TextBuffer shown;
    append_sql(shown, as_bytes(text), SqlDialect::transact);
    out.set(field, Value::text(out.event().keep(shown.view())));
  }
  // Whether a password may be in the request, or what it is about is not known.
  [[nodiscard]] bool is_secret() const {
    const bool unknown = statement_.empty() || statement_.size() + 4 >= kTdsStatementMax;
    return unknown || has_sql_secret(as_bytes(statement_)) || has_sql_secret(as_bytes(procedure_));
  }

  // Errors of a login name the user, no password.
  void set_error(EventWriter& out) const {
    if (message_.empty() || !out.wants(kErrorMessage)) return;
    if (type_ == tds_type::kLogin || type_ == tds_type::kOldLogin) return set_text(out, kErrorMessage, message_);
    TextBuffer shown;
    const bool secret = is_secret() || late_secret_;
    append_sql_error(shown, as_bytes(message_), secret ? SqlErrorAbout::secret : tds_error_about(error_.value_or(0)));
    out.set(kErrorMessage, Value::text(out.event().keep(shown.view())));
  }

  static std::string_view name_of(std::uint8_t type) {
    switch (type) {
      case tds_type::kPrelogin: return "prelogin";
      case tds_type::kLogin:
      case tds_type::kOldLogin: return "login";
      case tds_type::kBatch: return "batch";
      case tds_type::kRpc: return "rpc";
      case tds_type::kBulk: return "bulk_load";
      case tds_type::kTransaction: return "transaction";
      case kTokens: return "batch";  // as TDS 5.0 has it; nothing of it is read
      default: return {};
    }
  }

  void write_who(EventWriter& out) const {
    set_text(out, kUser, login_.user);
    set_text(out, kDatabase, login_.database);
    set_text(out, kHost, login_.host);
    set_text(out, kApplication, login_.application);
    set_text(out, kServer, login_.server);
  }

  void write_version(EventWriter& out) const {
    TextBuffer text;
    text.append_number(version_ >> 24U);
    text.append('.');
    text.append_number(version_ >> 16U & 0xffU);
    text.append('.');
    text.append_number(version_ & 0xffffU);
    out.set(kServerVersion, Value::text(out.event().keep(text.view())));
  }

  void tell(Context& context) {
    spoken_ = true;
    if (context.wants(kTds)) {
      EventWriter out = context.begin(kTds, time_);
      if (const std::string_view name = name_of(type_); !name.empty()) out.set(kCommand, Value::text(name));
      write_who(out);
      if (type_ == tds_type::kLogin && !sealed_) out.set(kIntegrated, Value::boolean(login_.integrated));
      set_text(out, kProcedure, procedure_);
      set_sql(out, kStatement, statement_);
      if (known_) out.set(kSuccess, Value::boolean(success_));
      if (error_) out.set(kErrorNumber, Value::integer(*error_));
      set_error(out);
      if (rows_) out.set(kRows, Value::integer(static_cast<std::int64_t>(*rows_)));
      if (version_ != 0) write_version(out);
      if (encrypted_known_) out.set(kEncrypted, Value::boolean(encrypted_));
      context.emit();
    }
    open_ = known_ = success_ = proving_ = encrypted_ = encrypted_known_ = false;
    for (std::string* text : {&procedure_, &statement_, &message_}) text->clear();
    error_.reset();
    rows_.reset();
    version_ = 0;
  }

  std::array<Side, 2> sides_;  // the client's, the server's
  std::optional<TdsTls> tls_;
  bool login_only_ = false;  // what TLS hides
  bool sealed_ = false;      // the login was hidden by it
  TdsLogin login_;
  bool wide_ = true;          // in mid-stream, as all servers since 2005
  bool spoken_ = false;       // something was told
  bool began_ = false;        // another request than a prelogin was seen
  bool late_secret_ = false;  // a password may be in what a request that was told has not been answered yet

  // The request that waits for its response.
  bool open_ = false, known_ = false, success_ = false;  // known: `success_` is
  bool proving_ = false;                                 // a login that goes on
  bool encrypted_ = false, encrypted_known_ = false;
  std::uint8_t type_ = 0;
  Timestamp time_{};
  std::string procedure_, statement_, message_;
  std::optional<std::uint32_t> error_;
  std::optional<std::uint64_t> rows_;
  std::uint32_t version_ = 0;
};

// Off the port, what both sides begin with: a prelogin's first option is the version, a login says how long it is.
bool begins_session(const TdsPacket& packet, Bytes body) {
  ByteReader reader{body};
  if (packet.type == tds_type::kPrelogin) {
    const std::uint8_t option = reader.u8();
    const std::uint16_t offset = reader.u16be(), length = reader.u16be();
    return reader.ok() && option == 0 && length == 6 && offset % 5 == 1 && offset <= 81;
  }
  if (packet.type != tds_type::kLogin) return false;
  const std::uint32_t length = reader.u32le(), version = reader.u32le();
  return reader.ok() && length >= packet.length - TdsPacket::kHeader && length < 0x20000 && version >> 24U >= 0x70 &&
         version >> 24U <= 0x74;
}

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  TdsPacket packet;
  const auto fault = read_tds_packet(reader, packet, true);
  if (fault == TdsFault::bad) return Verdict::no;
  constexpr std::size_t kEnough = TdsPacket::kHeader + 8;
  if (!on_port && !first.empty() && packet.type != tds_type::kPrelogin && packet.type != tds_type::kLogin)
    return Verdict::no;
  if (first.size() < kEnough && fault == TdsFault::more) return Verdict::unsure;
  if (on_port) return Verdict::yes;
  return begins_session(packet, first.subspan(TdsPacket::kHeader)) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<TdsAnalyzer>(); }

}  // namespace

Protocol tds_protocol() {
  Protocol p;
  p.name = "tds";
  p.help = "TDS: logins and statements of Microsoft SQL Server and Sybase";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = 128 * 1024;  // a packet has up to 64 KiB
  return p;
}

}  // namespace nw::network
