// MySQL and MariaDB (MySQL Internals: client/server protocol, version 10).
// | length u24 little-endian | sequence u8 | body |; the sequence starts at 0 with each command.
//
// The server greets, the client says who it is, the server agrees or not; then a command and its response in turn. One
// `mysql` event per command with its response, as in Zeek's mysql.log; the login is one. Passwords are never told. TLS,
// which the client asks for before it says who it is, makes way for `ssl`; a compressed connection ends with its login.
#include <algorithm>
#include <array>
#include <string>

#include "ingest/network/protocols/mysql_packet.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/sql_text.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;
namespace command = mysql_command;
namespace capability = mysql_capability;

enum Field : std::size_t {
  kCmd,
  kArg,
  kSuccess,
  kRows,
  kResponse,
  kErrorCode,
  kResultRows,
  kDatabase,
  kServerVersion,
  kLocalFile,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"cmd", "text",
     "login, query, init_db, ...; unknown-NN when it has no name; absent when only the response was seen"},
    {"arg", "text", "the user, the statement (without the passwords in it), the database, a statement's number, ..."},
    {"success", "boolean", "the server did it; absent when no response was seen"},
    {"rows", "integer", "rows that it changed; 0 for a result"},
    {"response", "text", "the server's message when it refused"},
    {"error_code", "integer", "the refusal's number: 1045 access denied, ... (ours)"},
    {"result_rows", "integer", "rows that it returned (ours)"},
    {"database", "text", "database that a login names (ours)"},
    {"server_version", "text", "what the server said it is, at a login (ours)"},
    {"local_file", "text", "file that the server asks of the client (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"mysql"}, kCategory{"database"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"mysql", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{3306};

constexpr std::size_t kPacketMax = 0xff'ffff;  // a longer message goes on in the next packet
constexpr std::size_t kHeadMax = 8 * 1024;     // bytes of a packet that are read; the rest passes by
constexpr std::uint64_t kColumnsMax = 4096;    // of a result: MySQL's own limit
constexpr std::size_t kVersionMax = 64;        // bytes of the server's version that are kept
constexpr std::uint8_t kOk = 0, kLocalInfile = 0xfb, kEof = 0xfe, kError = 0xff;

struct Packet {
  std::size_t length = 0;
  std::uint8_t sequence = 0;
  Bytes body;  // its first kHeadMax bytes
};

// `reader` moves only past what was read; `truncated` asks for more bytes.
bool read_packet(ByteReader& reader, Packet& out) {
  ByteReader ahead = reader;
  out.length = ahead.u16le();
  out.length |= std::size_t{ahead.u8()} << 16U;
  out.sequence = ahead.u8();
  out.body = ahead.bytes(std::min(out.length, kHeadMax));
  if (!ahead.ok()) return false;
  reader = ahead;
  return true;
}

class MysqlAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t passed = std::min(side.skip, reader.rest().size());
      reader.bytes(passed);
      side.skip -= passed;
      if (side.skip != 0) break;
      if (side.lost && !begins_anything(reader, direction)) return bytes.size();
      Packet packet;
      if (!read_packet(reader, packet)) break;
      side.lost = false;
      side.skip = packet.length - packet.body.size();
      const bool goes_on = side.goes_on;
      side.goes_on = packet.length == kPacketMax;
      // Behind a file; what looks so behind a gap may be in it.
      if (packet.body.empty() && !goes_on && direction == client_ && !cut_upload_) uploading_ = false;
      if (goes_on || packet.body.empty()) continue;
      if (context.wants(0)) take(packet, direction, context);
      if (encrypted_) return anew_behind(bytes.size() - reader.rest().size());
      if (compressed_) return kDone;
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    if (bytes <= side.skip) {
      side.skip -= bytes;  // of what would have passed by
      return;
    }
    side = {};
    side.lost = true;
    cut_upload_ = cut_upload_ || direction == client_;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    if (open_) tell(context);
  }

 private:
  struct Side {
    std::size_t skip = 0;  // bytes of a packet that still pass by
    bool goes_on = false;  // the last packet was full: the next belongs to it
    bool lost = false;     // a gap came, no packet found since
  };
  enum class Step : std::uint8_t { idle, answer, columns, rows };

  static constexpr std::uint8_t kLogin = 255;  // beside the commands

  // After a gap: could a packet begin here? Commands and first answers have a fixed sequence number.
  [[nodiscard]] bool begins_anything(ByteReader reader, Direction direction) const {
    const std::size_t low = reader.u16le(), length = low | std::size_t{reader.u8()} << 16U;
    const std::uint8_t sequence = reader.u8(), first = reader.u8();
    if (!reader.ok() || length == 0) return false;
    return direction == client_ ? sequence == 0 && first <= command::kLast : sequence == 1 && length <= kHeadMax;
  }

  void take(const Packet& packet, Direction direction, Context& context) {
    // The one who greets is the server, whoever was taken for it.
    if (!spoken_ && packet.sequence == 0 && is_mysql_greeting(packet.body)) client_ = opposite(direction);
    if (direction == client_) {
      from_client(packet, context);
    } else {
      from_server(packet, context);
    }
    spoken_ = true;
  }

  void from_client(const Packet& packet, Context& context) {
    // Contents of a file: their numbers come round to 0.
    if (uploading_) return;
    if (packet.sequence == 0) return begin_command(packet.body, context);
    // What else a client sends are proofs of its password, and contents of files; also when a capture begins there.
    const bool logs_in = greeted_ || is_mysql_login(packet.body) || is_old_mysql_login(packet.body);
    if (packet.sequence == 1 && !known_ && logs_in) login(packet.body, context);
  }

  void open(std::uint8_t code, Context& context) {
    // When its response still comes, it is taken for this one's.
    late_secret_ = late_secret_ || (open_ && secret_);
    if (open_) tell(context);
    open_ = known_ = true;
    code_ = code;
    time_ = context.now();
    step_ = Step::answer;
    arg_.clear();
    database_.clear();
    file_.clear();
    result_rows_ = 0;
    secret_ = true;
  }

  void login(Bytes body, Context& context) {
    MysqlLogin login;
    if (!read_mysql_login(body, login)) {
      if (login.user.empty()) return context.refused(DecodeError::bad_value);
      context.refused(DecodeError::truncated);
    }
    encrypted_ = login.ssl_request;
    if (encrypted_) return;
    open(kLogin, context);
    capabilities_ &= login.capabilities;
    keep(arg_, login.user);
    keep(database_, login.database);
  }

  static void keep(std::string& out, Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    out = text.view();
  }

  void begin_command(Bytes body, Context& context) {
    ByteReader reader{body};
    const std::uint8_t code = reader.u8();
    open(code, context);
    argument(code, reader, context);
    // Nobody answers these.
    if (code == command::kQuit || code == command::kClose || code == command::kSendLongData) tell(context);
  }

  void argument(std::uint8_t code, ByteReader reader, Context& context) {
    switch (code) {
      case command::kQuery:
      case command::kPrepare: {
        const bool attributes = code == command::kQuery && (capabilities_ & capability::kQueryAttributes) != 0;
        const auto query = mysql_query(reader.rest(), attributes && greeted_);
        if (!query) return context.refused(DecodeError::limit);
        Bytes statement = *query;
        // In mid-stream what was agreed on is not known, but no statement begins so: no attributes, in one set.
        if (!greeted_ && statement.size() > 2 && statement[0] == 0 && statement[1] == 1)
          statement = statement.subspan(2);
        TextBuffer text;
        append_sql(text, statement, SqlDialect::mysql);
        arg_ = text.view();
        secret_ = reader.rest().size() + 1 == kHeadMax || has_sql_secret(statement);
        break;
      }
      case command::kInitDb:
      case command::kCreateDb:
      case command::kDropDb:
        secret_ = false;
        keep(arg_, reader.rest());
        break;
      case command::kFieldList:
      case command::kChangeUser: keep(arg_, until_zero(reader)); break;
      case command::kExecute:
      case command::kSendLongData:
      case command::kClose:
      case command::kReset:
      case command::kFetch:
      case command::kProcessKill: {
        const std::uint32_t number = reader.u32le();
        if (reader.ok()) arg_ = std::to_string(number);
        break;
      }
      default: break;
    }
  }

  void from_server(const Packet& packet, Context& context) {
    if (is_mysql_progress(packet.body)) return;
    if (!known_ && packet.sequence == 0) return greeting(packet.body, context);
    if (!known_ && (packet.sequence == 1 || greeted_)) {
      // An answer to a login or, in mid-stream, to a command that was not seen.
      open(kLogin, context);
      nameless_ = !greeted_;
    }
    if (!open_) return;
    switch (step_) {
      case Step::idle: break;
      case Step::answer: answer(packet, context); break;
      case Step::columns:
        if (--columns_ == 0) step_ = Step::rows;
        break;
      case Step::rows: row(packet, context); break;
    }
  }

  void greeting(Bytes body, Context& context) {
    if (body.front() == kError) {
      // The server has no room, or does not want this client.
      open(kLogin, context);
      return refuse(body, context);
    }
    MysqlGreeting greeting;
    if (!read_mysql_greeting(body, greeting)) return context.refused(DecodeError::bad_value);
    capabilities_ = greeting.capabilities;
    greeted_ = true;
    keep(version_, greeting.version.first(std::min(greeting.version.size(), kVersionMax)));
  }

  void refuse(Bytes body, Context& context) {
    MysqlError error;
    if (!read_mysql_error(body, error)) context.refused(DecodeError::truncated);
    tell(context, &error);
  }

  void answer(const Packet& packet, Context& context) {
    const Bytes body = packet.body;
    const std::uint8_t kind = body.front();
    if (kind == kError) return refuse(body, context);
    // Another way to prove the password, and more data for it, come before the verdict.
    const bool proving = (code_ == kLogin && !nameless_) || code_ == command::kChangeUser;
    if (proving && kind != kOk) return;
    if (kind == kLocalInfile) {
      uploading_ = true;
      cut_upload_ = false;
      return keep(file_, body.subspan(1));
    }
    if (code_ == command::kStatistics) return succeed(0, context);
    // Rows and nothing before them; one begins as an OK does. What a binlog holds does so, too.
    if (code_ == command::kFetch) {
      step_ = Step::rows;
      ended_columns_ = true;
      return row(packet, context);
    }
    if (code_ == command::kBinlogDump || code_ == command::kBinlogDumpGtid) return succeed(0, context);
    if (kind == kOk) {
      ByteReader reader{body.subspan(1)};
      const bool counts = code_ != command::kPrepare;  // else the statement's number and the like
      succeed(counts ? read_mysql_integer(reader).value_or(0) : 0, context);
      compressed_ = greeted_ && code_ == kLogin && (capabilities_ & (capability::kCompress | capability::kZstd)) != 0;
      return;
    }
    if (kind == kEof) return succeed(0, context);
    if (code_ == command::kFieldList) {
      step_ = Step::rows;  // column definitions, until the end
      return;
    }
    ByteReader reader{body};
    columns_ = read_mysql_integer(reader).value_or(0);
    if (columns_ == 0 || columns_ > kColumnsMax) {
      context.refused(DecodeError::bad_value);
      return tell(context);
    }
    // MariaDB leaves out definitions that the client has already, and says so.
    const bool defined = reader.rest().size() != 1 || reader.rest().front() != 0;
    step_ = defined ? Step::columns : Step::rows;
    ended_columns_ = false;
  }

  // A row, the mark between columns and rows (five bytes; newer servers leave it out), or the end.
  void row(const Packet& packet, Context& context) {
    const std::uint8_t kind = packet.body.front();
    if (kind == kError) return refuse(packet.body, context);
    // As the length of a row's first value it would stand for 16 MiB and more.
    const bool mark = kind == kEof && packet.length < kPacketMax;
    constexpr std::size_t kMark = 5;
    if (mark && code_ != command::kFieldList && !ended_columns_ && result_rows_ == 0 && packet.length <= kMark) {
      ended_columns_ = true;
    } else if (mark) {
      succeed(0, context);
    } else {
      ++result_rows_;
    }
  }

  void succeed(std::uint64_t rows, Context& context) {
    success_ = true;
    rows_ = rows;
    tell(context);
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  void tell(Context& context, const MysqlError* error = nullptr) {
    if (!context.wants(0)) return close();
    EventWriter out = context.begin(0, time_);
    if (!nameless_) write_command(out);
    if (error != nullptr || success_) out.set(kSuccess, Value::boolean(error == nullptr));
    if (success_ && !error) out.set(kRows, Value::integer(static_cast<std::int64_t>(rows_)));
    if (step_ == Step::rows && code_ != command::kFieldList)
      out.set(kResultRows, Value::integer(static_cast<std::int64_t>(result_rows_)));
    if (error != nullptr) {
      out.set(kErrorCode, Value::integer(error->code));
      TextBuffer text;
      // Behind this the server repeats the statement, where a password may stand.
      constexpr std::string_view kNear = " near '";
      Bytes message = error->message;
      message = {message.begin(), std::search(message.begin(), message.end(), kNear.begin(), kNear.end())};
      if (nameless_ || !logs_in()) {
        append_sql_error(text, message, secret_ || late_secret_);
      } else {
        text.append_escaped(message);
      }
      set_text(out, kResponse, text.view());
    }
    if (!file_.empty()) set_text(out, kLocalFile, file_);
    context.emit();
    close();
  }

  void write_command(EventWriter& out) const {
    const std::string_view name = code_ == kLogin ? "login" : mysql_command_name(code_);
    if (!name.empty()) {
      out.set(kCmd, Value::text(name));
    } else {
      TextBuffer text;
      text.append("unknown-");
      text.append_number(code_);
      set_text(out, kCmd, text.view());
    }
    set_text(out, kArg, arg_);
    if (code_ != kLogin) return;
    if (!database_.empty()) set_text(out, kDatabase, database_);
    if (!version_.empty()) set_text(out, kServerVersion, version_);
  }

  [[nodiscard]] bool logs_in() const { return code_ == kLogin || code_ == command::kChangeUser; }

  void close() {
    open_ = success_ = nameless_ = uploading_ = false;
    step_ = Step::idle;
  }

  std::array<Side, 2> sides_;
  Direction client_ = Direction::to_responder;
  bool spoken_ = false;   // a packet was seen
  bool known_ = false;    // a login or command was seen
  bool greeted_ = false;  // the greeting was seen
  bool encrypted_ = false, compressed_ = false;
  std::uint32_t capabilities_ = 0xffff'ffffU;  // of both sides
  std::string version_;

  // The command that waits for its response, or is being answered.
  bool open_ = false, success_ = false;
  bool nameless_ = false;       // only its response was seen
  bool secret_ = false;         // a password may be in it, or what it is about is not known
  bool late_secret_ = false;    // or in one before, whose response may still come
  bool uploading_ = false;      // a file follows, up to the server's answer
  bool cut_upload_ = false;     // a gap came in it
  bool ended_columns_ = false;  // the mark behind them was seen
  std::uint8_t code_ = 0;
  Step step_ = Step::idle;
  Timestamp time_{};
  std::string arg_, database_, file_;
  std::uint64_t rows_ = 0, result_rows_ = 0, columns_ = 0;
};

// Off the port the greeting or the login, which have zeros enough; on it a command will do.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  ByteReader reader{first};
  std::size_t length = reader.u16le();
  length |= std::size_t{reader.u8()} << 16U;
  const std::uint8_t sequence = reader.u8();
  if (!reader.ok()) return Verdict::unsure;
  if (length == 0 || sequence > (on_port ? 3 : 1)) return Verdict::no;
  const Bytes body = reader.rest().first(std::min(reader.rest().size(), length));
  const bool whole = body.size() == length;
  if (sequence == 0 && is_mysql_greeting(body)) return Verdict::yes;
  if (sequence == 1 && is_mysql_login(body) && whole) return Verdict::yes;
  if (body.empty()) return Verdict::unsure;
  const bool could_be = sequence == 0 ? body.front() == 10 : length <= kHeadMax;
  if (!on_port) return could_be && !whole && length <= kHeadMax ? Verdict::unsure : Verdict::no;
  bool begins = false;
  if (direction == Direction::to_originator) {
    begins = sequence == 0 ? body.front() == kError || body.front() == 9 || could_be : length <= kHeadMax;
  } else {
    begins = sequence == 0 ? body.front() <= command::kLast : sequence == 1 && could_be;
  }
  return begins ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<MysqlAnalyzer>(); }

}  // namespace

Protocol mysql_protocol() {
  Protocol p;
  p.name = "mysql";
  p.help = "MySQL and MariaDB: logins, statements and how they ended";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
