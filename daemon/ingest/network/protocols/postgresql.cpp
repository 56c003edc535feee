// PostgreSQL, protocol 3.0 (PostgreSQL documentation, "Frontend/Backend Protocol").
// First from the client: | length u32 | code u32 | name 0 value 0 ... 0 |; from then on, and from the server:
// | type u8 | length u32 | body |. `length` counts itself.
//
// One `postgresql` event per login, statement or other request with its outcome, as in Zeek's postgresql.log. Passwords
// and keys are never told. TLS, which the client asks for before it says who it is, makes way for `ssl`.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ingest/network/protocols/postgresql_message.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/sql_text.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kUser,
  kDatabase,
  kApplicationName,
  kFrontend,
  kFrontendArg,
  kSuccess,
  kBackend,
  kBackendArg,
  kRows,
  kTag,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"user", "text", "who logged in"},
    {"database", "text", "the database of the login"},
    {"application_name", "text", "what the client calls itself"},
    {"frontend", "text",
     "ssl_request, startup, simple_query, terminate; parse, bind, execute, function_call, "
     "gssenc_request, cancel_request (ours)"},
    {"frontend_arg", "text", "the statement, without the passwords in it; its name for bind, the portal's for execute"},
    {"success", "boolean", "the server did it; absent when that was not seen"},
    {"backend", "text", "ssl_reply, auth_request, auth_ok, error, with commas between"},
    {"backend_arg", "text", "how to prove who one is (MD5Password, SASL, ...), or Severity=...,Code=...,Message=..."},
    {"rows", "integer", "rows that it returned"},
    {"tag", "text", "what the statement did, as the server sums it up: INSERT 0 1 (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"postgresql"}, kCategory{"database"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"postgresql", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{5432};

constexpr std::size_t kHeadMax = 8 * 1024;  // bytes of a message that are read; the rest passes by
constexpr std::size_t kNoticesMax = 2048;   // bytes of `backend_arg`, about: notices may be many

// Why, with values of rows in parentheses: Failing row contains (1, alice). Key (name)=(alice) already exists.
void append_detail(TextBuffer& out, Bytes text) {
  constexpr std::string_view kValues = ")=(";
  auto end = std::search(text.begin(), text.end(), kValues.begin(), kValues.end());
  end = end == text.end() ? std::ranges::find(text, '(') : end + 2;
  out.append_escaped({text.begin(), end});
  if (end != text.end()) out.append("<secret>");
}

class PostgresqlAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    const bool client = direction == Direction::to_responder;
    Side& side = sides_[client ? 0 : 1];
    ByteReader reader{bytes};
    for (;;) {
      const auto passed = static_cast<std::size_t>(std::min<std::uint64_t>(side.skip, reader.rest().size()));
      reader.bytes(passed);
      side.skip -= passed;
      if (side.skip != 0 || reader.empty()) break;
      if (!client && asked_ != Asked::nothing) {
        if (const auto after = secured(reader, context)) {
          return *after == kDone ? kDone : anew_behind(bytes.size() - reader.rest().size());
        }
        continue;
      }
      ByteReader ahead = reader;
      PostgresqlMessage message;
      const auto fault = read_postgresql_message(ahead, client, message);
      if (fault == DecodeError::truncated) break;
      // After a gap: what begins no message is skipped, segment by segment.
      if (side.lost && (fault || message.length > ahead.rest().size())) return bytes.size();
      if (fault) {
        context.refused(*fault);
        finish(context);
        return kGiveUp;
      }
      side.lost = false;
      const std::size_t head = postgresql_is_data(message, client) ? 0 : std::min(message.length, kHeadMax);
      message.body = ahead.bytes(head);
      if (!ahead.ok()) break;
      side.skip = message.length - head;
      reader = ahead;
      if (client) {
        from_client(message, context);
      } else {
        from_server(message, context);
      }
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[direction == Direction::to_responder ? 0 : 1];
    if (bytes <= side.skip) {
      side.skip -= bytes;  // of what would have passed by
      return;
    }
    side = {0, true};
    asked_ = Asked::nothing;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    if (open_) tell(context);
  }

 private:
  struct Side {
    std::uint64_t skip = 0;  // bytes of a message that still pass by
    bool lost = false;       // a gap came, no message found since
  };
  enum class Asked : std::uint8_t { nothing, tls, gss };

  // The server's one byte on a request for encryption. What to return when it agreed; nothing when all goes on.
  std::optional<std::size_t> secured(ByteReader& reader, Context& context) {
    const Asked asked = std::exchange(asked_, Asked::nothing);
    const std::uint8_t reply = reader.rest().front();
    if (reply == 'E') return {};  // an error, as a whole message
    reader.u8();
    const bool agreed = reply == (asked == Asked::tls ? 'S' : 'G');
    TextBuffer letter;
    letter.append_escaped({&reply, 1});
    backend_ = asked == Asked::tls ? "ssl_reply" : "gssenc_reply";
    argue(letter.view());
    conclude(agreed, context);
    if (!agreed) return {};
    return asked == Asked::tls ? anew_behind(0) : kDone;
  }

  void open(std::string_view frontend, Context& context) {
    // When its outcome still comes, it is taken for this one's.
    late_secret_ = late_secret_ || (open_ && secret_);
    if (open_) tell(context);
    open_ = secret_ = true;
    time_ = context.now();
    frontend_ = frontend;
  }

  // For replies to what was not seen.
  void ensure_open(Context& context) {
    if (open_) return;
    time_ = context.now();
    open_ = secret_ = true;
  }

  void from_client(const PostgresqlMessage& message, Context& context) {
    namespace code = postgresql_code;
    ByteReader reader{message.body};
    switch (message.type) {
      case 0:
        switch (message.code) {
          case code::kTls: asked_ = Asked::tls; return open("ssl_request", context);
          case code::kGss: asked_ = Asked::gss; return open("gssenc_request", context);
          case code::kCancel:
            open("cancel_request", context);  // behind it the key that allows it
            return tell(context);
          default: return startup(reader, context);
        }
      case 'Q': return statement("simple_query", postgresql_text(reader), context);
      case 'P':
        postgresql_text(reader);  // its name
        return statement("parse", postgresql_text(reader), context);
      case 'B':
        postgresql_text(reader);  // the portal's name
        return prepared("bind", postgresql_text(reader), context);
      case 'E': return prepared("execute", postgresql_text(reader), context);
      case 'F': return open("function_call", context);
      case 'X': open("terminate", context); return tell(context);
      default: break;
    }
  }

  static void keep(std::string& out, Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    out = text.view();
  }

  void startup(ByteReader reader, Context& context) {
    open("startup", context);
    user_.clear();
    database_.clear();
    application_.clear();
    while (!reader.empty()) {
      const std::string_view name = postgresql_string(postgresql_text(reader));
      const Bytes value = postgresql_text(reader);
      if (name == "user") keep(user_, value);
      if (name == "database") keep(database_, value);
      if (name == "application_name") keep(application_, value);
    }
  }

  void statement(std::string_view kind, Bytes sql, Context& context) {
    open(kind, context);
    TextBuffer text;
    append_sql(text, sql, SqlDialect::postgresql);
    argument_ = text.view();
    secret_ = sql.size() + 1 >= kHeadMax || has_sql_secret(sql);
    counts_ = true;
  }

  // A prepared statement: a request of its own when its text did not come with it.
  void prepared(std::string_view kind, Bytes name, Context& context) {
    if (open_ && counts_) return;
    open(kind, context);
    keep(argument_, name);
    counts_ = true;
  }

  void from_server(const PostgresqlMessage& message, Context& context) {
    ByteReader reader{message.body};
    switch (message.type) {
      case 'R': return authentication(reader.u32be(), context);
      case 'E': return error(reader, context);
      case 'N':
        if (open_) fields(reader);
        break;
      case 'D':
        ensure_open(context);
        counts_ = true;
        ++rows_;
        break;
      case 'C':
        if (open_) keep(tag_, postgresql_text(reader));
        break;
      case 'Z':
        if (open_ && backend_.empty())
          conclude(reader.u8() != 'E', context);
        else if (open_)
          tell(context);
        break;
      default: break;
    }
  }

  void authentication(std::uint32_t kind, Context& context) {
    ensure_open(context);
    if (kind == 0) {
      backend_ = "auth_ok";
      success_ = known_ = true;
      return;
    }
    if (backend_.size() < kNoticesMax) backend_ += backend_.empty() ? "auth_request" : ",auth_request";
    TextBuffer text;
    append_postgresql_authentication(text, kind);
    argue(text.view());
  }

  void argue(std::string_view what) {
    if (backend_argument_.size() >= kNoticesMax) return;
    if (!backend_argument_.empty()) backend_argument_ += ',';
    backend_argument_ += what;
  }

  // Of an error or a notice: | field u8 | text 0 | ... | 0 |.
  void fields(ByteReader reader) {
    while (!reader.empty()) {
      const std::uint8_t field = reader.u8();
      if (field == 0) break;
      TextBuffer text;
      append_postgresql_field(text, field);
      text.append('=');
      const Bytes said = postgresql_text(reader);
      // Errors of a login name the user, no password.
      if (frontend_ == "startup") {
        text.append_escaped(said);
      } else if (field == 'D' && !secret_ && !late_secret_) {
        append_detail(text, said);
      } else {
        append_sql_error(text, said, secret_ || late_secret_);
      }
      argue(text.view());
    }
  }

  void error(ByteReader reader, Context& context) {
    ensure_open(context);
    backend_ += backend_.empty() ? "error" : ",error";
    fields(reader);
    conclude(false, context);
  }

  void conclude(bool success, Context& context) {
    success_ = success;
    known_ = true;
    tell(context);
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  void tell(Context& context) {
    if (context.wants(0)) {
      EventWriter out = context.begin(0, time_);
      set_text(out, kUser, user_);
      set_text(out, kDatabase, database_);
      set_text(out, kApplicationName, application_);
      set_text(out, kFrontend, frontend_);
      set_text(out, kFrontendArg, argument_);
      if (known_) out.set(kSuccess, Value::boolean(success_));
      set_text(out, kBackend, backend_);
      set_text(out, kBackendArg, backend_argument_);
      if (counts_ && known_ && success_) out.set(kRows, Value::integer(static_cast<std::int64_t>(rows_)));
      set_text(out, kTag, tag_);
      context.emit();
    }
    open_ = known_ = success_ = counts_ = false;
    rows_ = 0;
    for (std::string* text : {&frontend_, &argument_, &backend_, &backend_argument_, &tag_}) text->clear();
  }

  std::array<Side, 2> sides_;  // the client's, the server's
  Asked asked_ = Asked::nothing;
  std::string user_, database_, application_;

  // The request that waits for its outcome.
  bool open_ = false, known_ = false, success_ = false;  // known: `success_` is
  bool counts_ = false;                                  // it may have rows
  bool secret_ = false;                                  // a password may be in it, or what it is about is not known
  bool late_secret_ = false;                             // or in one before, whose outcome may still come
  Timestamp time_{};
  std::string frontend_, argument_, backend_, backend_argument_, tag_;
  std::uint64_t rows_ = 0;
};

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<PostgresqlAnalyzer>(); }

Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  const bool client = direction == Direction::to_responder;
  if (first.empty()) return Verdict::unsure;
  if (!on_port && first.front() != 0) return Verdict::no;
  return probe_postgresql(first, client);
}

}  // namespace

Protocol postgresql_protocol() {
  Protocol p;
  p.name = "postgresql";
  p.help = "PostgreSQL: logins, statements and how they ended";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
