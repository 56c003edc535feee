// MySQL and MariaDB (MySQL Internals: client/server protocol, version 10).
// | length u24 little-endian | sequence u8 | body |; the sequence starts at 0 with each command.
//
// The server greets, the client says who it is, the server agrees or not; then a command and its response in turn. A
// client may send commands ahead (MariaDB's do): each response begins with the number 1, and ends where it says so. One
// `mysql` event per command with its response, as in Zeek's mysql.log; the login is one. Passwords are never told. TLS,
// which the client asks for before it says who it is, makes way for `ssl`; a compressed connection ends with its login.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "ingest/network/protocols/mysql_event.h"
#include "ingest/network/protocols/mysql_packet.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ring.h"
#include "ingest/network/protocols/sql_text.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

namespace command = mysql_command;
namespace capability = mysql_capability;

constexpr std::array<std::uint16_t, 1> kPorts{3306};

constexpr std::size_t kPacketMax = 0xff'ffff;  // a longer message goes on in the next packet
constexpr std::size_t kHeadMax = 8 * 1024;     // bytes of a packet that are read; the rest passes by
constexpr std::uint64_t kColumnsMax = 4096;    // of a result: MySQL's own limit
constexpr std::size_t kVersionMax = 64;        // bytes of the server's version that are kept
constexpr std::uint8_t kOk = 0, kLocalInfile = 0xfb, kEof = 0xfe, kError = 0xff;

constexpr Nanoseconds kUnheardMax = std::chrono::seconds{1};  // that commands wait for a server that never spoke
constexpr std::size_t kCommandsMax = 1024, kTextBytesMax = 64 * 1024;  // that wait

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
    // Which response belongs to which command is not known any more.
    doubt_ = true;
    late_secret_ = true;  // in what was lost
    while (waiting_.size() > 1) pass(context);
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    while (!waiting_.empty()) pass(context);
  }

 private:
  struct Side {
    std::size_t skip = 0;  // bytes of a packet that still pass by
    bool goes_on = false;  // the last packet was full: the next belongs to it
    bool lost = false;     // a gap came, no packet found since
  };
  enum class Step : std::uint8_t { answer, columns, rows, definitions };

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

  MysqlCommand& open(std::uint8_t code, Context& context) {
    const bool unheard = !heard_ && !waiting_.empty() && context.now() - waiting_.front().time > kUnheardMax;
    if (std::exchange(doubt_, false) || unheard) finish(context);
    if (waiting_.size() == kCommandsMax) {
      context.refused(DecodeError::limit);
      finish(context);
      adrift_ = true;
    }
    known_ = true;
    MysqlCommand& made = waiting_.push(kCommandsMax);
    made.code = code;
    made.time = context.now();
    return made;
  }

  // Behind its argument.
  void opened(Context& context) {
    text_bytes_ += waiting_.back().arg.size();
    if (adrift_) return finish(context);
    // Told without their responses, which will still come.
    while (text_bytes_ > kTextBytesMax && told_ + 1 < waiting_.size()) {
      context.refused(DecodeError::limit);
      MysqlCommand& oldest = waiting_[told_];
      tell_mysql(oldest, told_ == 0 ? outcome() : others(), context);
      ++told_;
      text_bytes_ -= oldest.arg.size();
      std::string{}.swap(oldest.arg);
    }
  }

  void login(Bytes body, Context& context) {
    MysqlLogin login;
    if (!read_mysql_login(body, login)) {
      if (login.user.empty()) return context.refused(DecodeError::bad_value);
      context.refused(DecodeError::truncated);
    }
    encrypted_ = login.ssl_request;
    if (encrypted_) return;
    MysqlCommand& made = open(kMysqlLogin, context);
    capabilities_ &= login.capabilities;
    keep(made.arg, login.user);
    keep(database_, login.database);
    opened(context);
  }

  static void keep(std::string& out, Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    out = text.view();
  }

  void begin_command(Bytes body, Context& context) {
    ByteReader reader{body};
    const std::uint8_t code = reader.u8();
    if (code != command::kQuit && code != command::kClose && code != command::kSendLongData) {
      argument(open(code, context), reader, context);
      return opened(context);
    }
    // Nobody answers these.
    known_ = true;
    MysqlCommand single;
    single.code = code;
    single.time = context.now();
    argument(single, reader, context);
    tell_mysql(single, {}, context);
  }

  void argument(MysqlCommand& made, ByteReader reader, Context& context) const {
    switch (made.code) {
      case command::kQuery:
      case command::kPrepare: {
        const bool attributes = made.code == command::kQuery && (capabilities_ & capability::kQueryAttributes) != 0;
        const auto query = mysql_query(reader.rest(), attributes && greeted_);
        if (!query) return context.refused(DecodeError::limit);
        Bytes statement = *query;
        // In mid-stream what was agreed on is not known, but no statement begins so: no attributes, in one set.
        if (!greeted_ && statement.size() > 2 && statement[0] == 0 && statement[1] == 1)
          statement = statement.subspan(2);
        TextBuffer text;
        append_sql(text, statement, SqlDialect::mysql);
        made.arg = text.view();
        made.secret = reader.rest().size() + 1 == kHeadMax || has_sql_secret(statement);
        break;
      }
      case command::kInitDb:
      case command::kCreateDb:
      case command::kDropDb:
        made.secret = false;
        keep(made.arg, reader.rest());
        break;
      case command::kFieldList:
      case command::kChangeUser: keep(made.arg, until_zero(reader)); break;
      case command::kExecute:
      case command::kSendLongData:
      case command::kClose:
      case command::kReset:
      case command::kFetch:
      case command::kProcessKill: {
        const std::uint32_t number = reader.u32le();
        if (reader.ok()) made.arg = std::to_string(number);
        break;
      }
      default: break;
    }
  }

  void from_server(const Packet& packet, Context& context) {
    heard_ = true;
    if (is_mysql_progress(packet.body)) return;
    if (!known_ && packet.sequence == 0) return greeting(packet.body, context);
    if (!known_ && (packet.sequence == 1 || greeted_)) {
      // An answer to a login or, in mid-stream, to a command that was not seen.
      open(kMysqlLogin, context);
      nameless_ = !greeted_;
    }
    const std::uint8_t before = std::exchange(sequence_, packet.sequence);
    // The next response begins, though not all of this one came. Long ones come round to the same number.
    if (told_ != 0 && begun_ && packet.sequence == 1 && before != 0) close();
    if (waiting_.empty()) return;
    // What is left of the last response: marks that newer servers leave out.
    if (!begun_ && packet.sequence != 1 && packet.sequence == static_cast<std::uint8_t>(before + 1U)) return;
    begun_ = true;
    switch (step_) {
      case Step::answer: answer(packet, context); break;
      case Step::columns:
        if (--columns_ == 0) step_ = Step::rows;
        break;
      case Step::rows: row(packet, context); break;
      case Step::definitions:
        if (packet.body.front() != kEof && --columns_ == 0) close();
        break;
    }
  }

  void greeting(Bytes body, Context& context) {
    if (body.front() == kError) {
      // The server has no room, or does not want this client.
      open(kMysqlLogin, context);
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
    MysqlOutcome told = outcome();
    told.error = &error;
    conclude(told, false, context);
  }

  void answer(const Packet& packet, Context& context) {
    const Bytes body = packet.body;
    const std::uint8_t kind = body.front();
    if (kind == kError) return refuse(body, context);
    // Another way to prove the password, and more data for it, come before the verdict.
    const std::uint8_t code = waiting_.front().code;
    const bool proving = (code == kMysqlLogin && !nameless_) || code == command::kChangeUser;
    if (proving && kind != kOk) return;
    if (kind == kLocalInfile) {
      uploading_ = true;
      cut_upload_ = false;
      if (doubt_ || nameless_) return;  // it may be a row whose first value is NULL
      return keep(file_, body.subspan(1));
    }
    if (code == command::kStatistics) return succeed(0, false, context);
    // Rows and nothing before them; one begins as an OK does. What a binlog holds does so, too.
    if (code == command::kFetch) {
      step_ = Step::rows;
      ended_columns_ = true;
      return row(packet, context);
    }
    if (code == command::kBinlogDump || code == command::kBinlogDumpGtid) return succeed(0, false, context);
    if (kind == kOk && code == command::kPrepare) return prepared(body, context);
    if (kind == kOk) {
      ByteReader reader{body.subspan(1)};
      succeed(read_mysql_integer(reader).value_or(0), mysql_goes_on(packet.body, packet.length), context);
      compressed_ =
          greeted_ && code == kMysqlLogin && (capabilities_ & (capability::kCompress | capability::kZstd)) != 0;
      return;
    }
    if (kind == kEof) return succeed(0, mysql_goes_on(packet.body, packet.length), context);
    if (code == command::kFieldList) {
      step_ = Step::rows;  // column definitions, until the end
      return;
    }
    ByteReader reader{body};
    columns_ = read_mysql_integer(reader).value_or(0);
    if (columns_ == 0 || columns_ > kColumnsMax) {
      context.refused(DecodeError::bad_value);
      return conclude(outcome(), false, context);
    }
    // MariaDB leaves out definitions that the client has already, and says so.
    const bool defined = reader.rest().size() != 1 || reader.rest().front() != 0;
    step_ = defined ? Step::columns : Step::rows;
    ended_columns_ = false;
  }

  // | 0 | number u32 | columns u16 | parameters u16 | ..., then a definition of each.
  void prepared(Bytes body, Context& context) {
    ByteReader reader{body};
    reader.bytes(5);
    const unsigned columns = reader.u16le(), parameters = reader.u16le();
    if (!reader.ok() || columns + parameters == 0) return succeed(0, false, context);
    succeed(0, true, context);
    step_ = Step::definitions;
    columns_ = columns + parameters;
  }

  // A row, the mark between columns and rows (five bytes; newer servers leave it out), or the end.
  void row(const Packet& packet, Context& context) {
    const std::uint8_t kind = packet.body.front();
    if (kind == kError) return refuse(packet.body, context);
    // As the length of a row's first value it would stand for 16 MiB and more.
    const bool mark = kind == kEof && packet.length < kPacketMax;
    constexpr std::size_t kMark = 5;
    const bool lists_fields = waiting_.front().code == command::kFieldList;
    if (mark && !lists_fields && !ended_columns_ && result_rows_ == 0 && packet.length <= kMark) {
      constexpr unsigned kCursor = 0x40;  // rows are fetched later
      ended_columns_ = true;
      if ((mysql_status(packet.body, packet.length) & kCursor) != 0) succeed(0, false, context);
    } else if (mark) {
      succeed(0, mysql_goes_on(packet.body, packet.length), context);
    } else {
      ++result_rows_;
    }
  }

  [[nodiscard]] MysqlOutcome others() const {
    MysqlOutcome out;
    out.database = database_;
    out.server_version = version_;
    return out;
  }
  // Of the oldest.
  [[nodiscard]] MysqlOutcome outcome() {
    MysqlOutcome out = others();
    out.late_secret = late_secret_;
    out.nameless = nameless_;
    if (step_ == Step::rows && waiting_.front().code != command::kFieldList) out.result_rows = result_rows_;
    out.file = file_;
    return out;
  }

  void succeed(std::uint64_t rows, bool more, Context& context) {
    MysqlOutcome told = outcome();
    told.success = true;
    told.rows = rows;
    conclude(told, more, context);
  }

  // `more`: another result follows, of which nothing is told.
  void conclude(const MysqlOutcome& told, bool more, Context& context) {
    if (told_ == 0) tell_mysql(waiting_.front(), told, context);
    told_ = std::max<std::size_t>(told_, 1);
    if (!more) return close();
    step_ = Step::answer;
    result_rows_ = 0;
  }

  // The oldest, without its response.
  void pass(Context& context) {
    late_secret_ = late_secret_ || waiting_.front().secret;
    if (told_ == 0) tell_mysql(waiting_.front(), outcome(), context);
    close();
  }

  void close() {
    if (told_ != 0) --told_;
    text_bytes_ -= waiting_.front().arg.size();
    waiting_.pop();
    begun_ = nameless_ = uploading_ = false;
    step_ = Step::answer;
    result_rows_ = 0;
    file_.clear();
  }

  std::array<Side, 2> sides_;
  Direction client_ = Direction::to_responder;
  bool spoken_ = false;   // a packet was seen
  bool known_ = false;    // a login or command was seen
  bool greeted_ = false;  // the greeting was seen
  bool encrypted_ = false, compressed_ = false;
  std::uint32_t capabilities_ = 0xffff'ffffU;  // of both sides
  std::string version_;

  Ring<MysqlCommand> waiting_;
  std::size_t told_ = 0;        // of the oldest, that were told before their responses ended
  std::size_t text_bytes_ = 0;  // of all
  bool adrift_ = false;         // too many waited: no response is read any more
  bool doubt_ = false;          // a gap came
  bool heard_ = false;          // the server is captured, too
  bool late_secret_ = false;    // a password may be in a command whose response may still come

  // Of the oldest one's response.
  bool begun_ = false;
  bool nameless_ = false;       // only it was seen
  bool uploading_ = false;      // a file follows, up to the server's answer
  bool cut_upload_ = false;     // a gap came in it
  bool ended_columns_ = false;  // the mark behind them was seen
  std::uint8_t sequence_ = 0;   // the server's last packet's
  Step step_ = Step::answer;
  std::string database_, file_;
  std::uint64_t result_rows_ = 0, columns_ = 0;
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
  p.types = mysql_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
