// PostgreSQL, protocol 3.0 (PostgreSQL documentation, "Frontend/Backend Protocol").
// First from the client: | length u32 | code u32 | name 0 value 0 ... 0 |; from then on, and from the server:
// | type u8 | length u32 | body |. `length` counts itself.
//
// One `postgresql` event per login, statement or other request with its outcome, as in Zeek's postgresql.log. Passwords
// and keys are never told. TLS, which the client asks for before it says who it is, makes way for `ssl`. Requests may
// be sent before the ones ahead of them are answered (postgresql_requests.h).
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "ingest/network/protocols/postgresql_message.h"
#include "ingest/network/protocols/postgresql_requests.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/sql_error.h"
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

constexpr std::size_t kHeadMax = 8 * 1024;                    // bytes of a message that are read; the rest passes by
constexpr Nanoseconds kUnheardMax = std::chrono::seconds{1};  // that requests wait for a server that never spoke
constexpr std::size_t kNoticesMax = 2048;                     // bytes of `backend_arg`, about: notices may be many

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
      heard_ = heard_ || !client;
      client ? from_client(message, context) : from_server(message, context);
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
    // Which outcome belongs to which request is not known any more.
    doubt_ = true;
    late_secret_ = true;  // in what was lost
    skips_ = passes_ = copies_ = false;
    while (requests_.size() > 1) tell(context);
    readies_ = late_readies_ = 0;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    while (!requests_.empty()) tell(context);
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
    PostgresqlRequest& request = ensure_open(context);
    request.backend = asked == Asked::tls ? "ssl_reply" : "gssenc_reply";
    argue(request, letter.view());
    conclude(agreed, context);
    if (!agreed) return {};
    return asked == Asked::tls ? anew_behind(0) : kDone;
  }

  // The caller sets its texts, and settles them.
  PostgresqlRequest& open(std::string_view frontend, Context& context) {
    doubt_ = doubt_ || (!heard_ && requests_.wait(context.now(), kUnheardMax));
    if (std::exchange(doubt_, false)) {
      finish(context);
      readies_ = 0;
    }
    if (requests_.full()) overflow(context);
    return requests_.push(context.now(), frontend);
  }

  // A request of one message.
  void open_single(std::string_view frontend, std::uint32_t readies, Context& context) {
    open(frontend, context).readies = readies;
    requests_.settled();
    settle(context);
  }

  void settle(Context& context) {
    if (!passes_) return;
    passes_ = requests_.back().readies == 0;
    finish(context);
    late_readies_ += std::exchange(readies_, 0);
  }

  // All that waits is told without its outcome, and so is what comes until the client asks for "ready" again; then the
  // server has to say that as often as it was asked to.
  void overflow(Context& context) {
    context.refused(DecodeError::limit);
    passes_ = requests_.back().readies == 0;
    finish(context);
    late_readies_ += std::exchange(readies_, 0);
    skips_ = copies_ = false;
  }

  // For replies to what was not seen.
  PostgresqlRequest& ensure_open(Context& context) {
    if (!requests_.empty()) return requests_.front();
    PostgresqlRequest& request = requests_.push(context.now(), {});
    request.readies = 1;
    return request;
  }

  void from_client(const PostgresqlMessage& message, Context& context) {
    namespace code = postgresql_code;
    ByteReader reader{message.body};
    switch (message.type) {
      case 0:
        switch (message.code) {
          case code::kTls: asked_ = Asked::tls; return open_single("ssl_request", 0, context);
          case code::kGss: asked_ = Asked::gss; return open_single("gssenc_request", 0, context);
          case code::kCancel: return alone("cancel_request", context);  // behind it the key that allows it
          default: return startup(reader, context);
        }
      case 'Q': return statement("simple_query", {}, postgresql_text(reader), context);
      case 'P': {
        const Bytes name = postgresql_text(reader);
        return statement("parse", name, postgresql_text(reader), context);
      }
      case 'B': {
        postgresql_text(reader);  // the portal's name
        const Bytes name = postgresql_text(reader);
        if (passes_ && name.empty()) break;  // its statement has just passed by
        ++prepared("bind", name, context).binds;
        return settle(context);
      }
      case 'E':
        if (passes_) break;
        ++prepared("execute", postgresql_text(reader), context).executes;
        return settle(context);
      case 'S': return ask_ready();
      case 'F': return open_single("function_call", 1, context);
      case 'X': return alone("terminate", context);
      case 'c':
      case 'f': copies_ = false; break;
      default: break;
    }
  }

  // Nobody answers it; it is told at once, whatever waits.
  void alone(std::string_view frontend, Context& context) const {
    PostgresqlRequest request;
    request.time = context.now();
    request.frontend = frontend;
    write(request, context);
  }

  // While it takes a copy, the server does not mind.
  void ask_ready() {
    if (copies_) return;
    if (std::exchange(passes_, false)) {
      ++late_readies_;
    } else if (requests_.empty()) {
      ++readies_;
    } else {
      ++requests_.back().readies;
    }
  }

  static void keep(std::string& out, Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    out = text.view();
  }

  void startup(ByteReader reader, Context& context) {
    finish(context);
    readies_ = late_readies_ = 0;
    skips_ = passes_ = copies_ = false;
    open_single("startup", 1, context);
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

  void statement(std::string_view kind, Bytes name, Bytes sql, Context& context) {
    PostgresqlRequest& request = open(kind, context);
    TextBuffer text;
    append_sql(text, sql, SqlDialect::postgresql);
    request.argument = text.view();
    request.set_name(postgresql_string(name));
    request.secret = sql.size() + 1 >= kHeadMax || has_sql_secret(sql);
    request.counts = true;
    request.prepares = kind == "parse";
    request.parses = request.prepares ? 1 : 0;
    request.readies = request.prepares ? 0 : 1;
    requests_.settled();
    settle(context);
  }

  // A request of its own when its text did not come with it. The same statement, bound again, is still the same.
  PostgresqlRequest& prepared(std::string_view kind, Bytes name, Context& context) {
    const bool bind = kind == "bind";
    if (!requests_.empty() && !doubt_) {
      PostgresqlRequest& last = requests_.back();
      if (last.prepares && last.readies == 0 && (!bind || last.has_name(postgresql_string(name)))) return last;
    }
    PostgresqlRequest& request = open(kind, context);
    keep(request.argument, name);
    if (bind) request.set_name(postgresql_string(name));
    request.counts = request.prepares = true;
    requests_.settled();
    return request;
  }

  // The request that this answer is for: what is answered in full is over when an answer comes for the next.
  PostgresqlRequest* answered(std::uint32_t PostgresqlRequest::*part, Context& context) {
    while (requests_.size() > 1 && requests_.front().answered()) conclude(true, context);
    if (requests_.empty()) return nullptr;
    PostgresqlRequest& request = requests_.front();
    if (request.*part != 0) --(request.*part);
    return &request;
  }

  void from_server(const PostgresqlMessage& message, Context& context) {
    if (late_readies_ != 0 || passes_) {
      if (message.type == 'Z' && late_readies_ != 0) --late_readies_;
      return;
    }
    ByteReader reader{message.body};
    switch (message.type) {
      case 'R': return authentication(reader.u32be(), context);
      case 'E': return error(reader, context);
      case 'N':
        if (!requests_.empty()) fields(requests_.front(), reader);
        break;
      case '1': answered(&PostgresqlRequest::parses, context); break;
      case '2': answered(&PostgresqlRequest::binds, context); break;
      case 'D': row(context); break;
      case 'C':
        copies_ = false;  // whenever the client said that it was done
        if (auto* const request = answered(&PostgresqlRequest::executes, context))
          keep(request->tag, postgresql_text(reader));
        break;
      case 'I':
      case 's': answered(&PostgresqlRequest::executes, context); break;
      case 'G':
        // What was asked for before is not minded, either.
        copies_ = !requests_.empty();
        // A simple query's own stays.
        if (copies_) requests_.front().readies = requests_.front().prepares ? 0 : 1;
        break;
      case 'Z': ready(reader.u8() != 'E', context); break;
      default: break;
    }
  }

  void row(Context& context) {
    PostgresqlRequest& request = ensure_open(context);
    request.counts = true;
    ++request.rows;
  }

  void ready(bool good, Context& context) {
    const bool skipped = std::exchange(skips_, false);
    if (readies_ != 0) {
      --readies_;
      return;
    }
    // Nobody asked, unless that was lost.
    if (!requests_.any_ready() && !doubt_) return;
    while (!requests_.empty()) {
      PostgresqlRequest& request = requests_.front();
      std::uint32_t asked = std::exchange(request.readies, 0U);
      // Of a simple query that was skipped nobody says that it is over.
      if (skipped && !request.prepares && asked != 0) --asked;
      if (request.backend.empty()) {
        conclude(good && !skipped, context);
      } else {
        tell(context);
      }
      if (asked == 0) continue;
      readies_ = asked - 1;
      break;
    }
  }

  void authentication(std::uint32_t kind, Context& context) {
    PostgresqlRequest& request = ensure_open(context);
    if (kind == 0) {
      request.backend = "auth_ok";
      request.success = request.known = true;
      return;
    }
    if (request.backend.size() < kNoticesMax)
      request.backend += request.backend.empty() ? "auth_request" : ",auth_request";
    TextBuffer text;
    append_postgresql_authentication(text, kind);
    argue(request, text.view());
  }

  static void argue(PostgresqlRequest& request, std::string_view what) {
    if (request.backend_argument.size() >= kNoticesMax) return;
    if (!request.backend_argument.empty()) request.backend_argument += ',';
    request.backend_argument += what;
  }

  // Of an error or a notice: | field u8 | text 0 | ... | 0 |.
  void fields(PostgresqlRequest& request, ByteReader reader) const {
    const bool secret = request.secret || late_secret_;
    auto about = secret ? SqlErrorAbout::secret : SqlErrorAbout::statement;
    while (!reader.empty()) {
      const std::uint8_t field = reader.u8();
      if (field == 0) break;
      TextBuffer text;
      append_postgresql_field(text, field);
      text.append('=');
      const Bytes said = postgresql_text(reader);
      // Data exceptions repeat the data.
      if (field == 'C' && !secret && postgresql_string(said).starts_with("22")) about = SqlErrorAbout::values;
      // Where it happened shows rows, and statements that the server made of them, in the server's language.
      const bool within = (field == 'W' || field == 'q') && about == SqlErrorAbout::statement;
      // Errors of a login name the user, no password.
      if (request.frontend == "startup") {
        text.append_escaped(said);
      } else if (field == 'D') {
        append_sql_detail(text, said, about);
      } else {
        append_sql_error(text, said, within ? SqlErrorAbout::values : about);
      }
      argue(request, text.view());
    }
  }

  void error(ByteReader reader, Context& context) {
    // What is answered in full has not failed: the next one has, or the end of them all.
    while (!requests_.empty() && requests_.front().answered()) conclude(true, context);
    PostgresqlRequest& request = ensure_open(context);
    request.backend += request.backend.empty() ? "error" : ",error";
    fields(request, reader);
    copies_ = false;
    skips_ = request.prepares && request.readies == 0;
    // Behind one that nobody asked for, or that ended a statement after all, it is ready when it was asked to be.
    if (request.frontend.empty()) request.readies = 0;
    conclude(false, context);
  }

  void conclude(bool success, Context& context) {
    requests_.front().success = success;
    requests_.front().known = true;
    tell(context);
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  void write(const PostgresqlRequest& request, Context& context) const {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, request.time);
    set_text(out, kUser, user_);
    set_text(out, kDatabase, database_);
    set_text(out, kApplicationName, application_);
    if (!request.frontend.empty()) out.set(kFrontend, Value::text(request.frontend));
    set_text(out, kFrontendArg, request.argument);
    if (request.known) out.set(kSuccess, Value::boolean(request.success));
    set_text(out, kBackend, request.backend);
    set_text(out, kBackendArg, request.backend_argument);
    if (request.counts && request.known && request.success)
      out.set(kRows, Value::integer(static_cast<std::int64_t>(request.rows)));
    set_text(out, kTag, request.tag);
    context.emit();
  }

  // The oldest.
  void tell(Context& context) {
    const PostgresqlRequest& request = requests_.front();
    write(request, context);
    // When its outcome still comes, it is taken for another's.
    late_secret_ = late_secret_ || (!request.known && request.secret);
    readies_ += request.readies;
    requests_.pop();
  }

  std::array<Side, 2> sides_;  // the client's, the server's
  Asked asked_ = Asked::nothing;
  std::string user_, database_, application_;
  PostgresqlRequests requests_;
  std::uint32_t readies_ = 0;       // that were asked for ahead of all that waits
  std::uint32_t late_readies_ = 0;  // of what was told already, because too much waited
  bool passes_ = false;             // requests pass by, until the client asks for "ready"
  bool skips_ = false;              // so does the server, behind an error
  bool copies_ = false;             // the client sends rows
  bool doubt_ = false;              // a gap came
  bool heard_ = false;              // the server is captured, too
  bool late_secret_ = false;        // a password may be in a request whose outcome may still come
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
