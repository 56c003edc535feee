#include "ingest/network/protocols/mysql_event.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/sql_error.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

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

void set_text(EventWriter& out, Field field, std::string_view text) {
  if (out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
}

void write_command(EventWriter& out, const MysqlCommand& command, const MysqlOutcome& outcome) {
  const bool login = command.code == kMysqlLogin;
  const std::string_view name = login ? "login" : mysql_command_name(command.code);
  if (!name.empty()) {
    out.set(kCmd, Value::text(name));
  } else {
    TextBuffer text;
    text.append("unknown-");
    text.append_number(command.code);
    set_text(out, kCmd, text.view());
  }
  set_text(out, kArg, command.arg);
  if (!login) return;
  if (!outcome.database.empty()) set_text(out, kDatabase, outcome.database);
  if (!outcome.server_version.empty()) set_text(out, kServerVersion, outcome.server_version);
}

void write_error(EventWriter& out, const MysqlCommand& command, const MysqlOutcome& outcome) {
  out.set(kErrorCode, Value::integer(outcome.error->code));
  if (!out.wants(kResponse)) return;
  TextBuffer text;
  // Behind this the server repeats the statement, where a password may stand.
  constexpr std::string_view kNear = " near '";
  Bytes message = outcome.error->message;
  message = {message.begin(), std::search(message.begin(), message.end(), kNear.begin(), kNear.end())};
  const bool logs_in = command.code == kMysqlLogin || command.code == mysql_command::kChangeUser;
  if (outcome.nameless || !logs_in) {
    const bool secret = command.secret || outcome.late_secret;
    append_sql_error(text, message, secret ? SqlErrorAbout::secret : mysql_error_about(outcome.error->code));
  } else {
    text.append_escaped(message);
  }
  set_text(out, kResponse, text.view());
}

}  // namespace

void MysqlCommand::recycle(bool alone) {
  constexpr std::size_t kIdleBytesMax = 512;  // of a text that is kept when others wait, too
  secret = true;
  arg.clear();
  if (!alone && arg.capacity() > kIdleBytesMax) std::string{}.swap(arg);
}

std::span<const event::TypeSpec> mysql_types() { return kTypes; }

void tell_mysql(const MysqlCommand& command, const MysqlOutcome& outcome, Context& context) {
  if (!context.wants(0)) return;
  EventWriter out = context.begin(0, command.time);
  if (!outcome.nameless) write_command(out, command, outcome);
  if (outcome.error != nullptr || outcome.success) out.set(kSuccess, Value::boolean(outcome.error == nullptr));
  if (outcome.success) out.set(kRows, Value::integer(static_cast<std::int64_t>(outcome.rows)));
  if (outcome.result_rows) out.set(kResultRows, Value::integer(static_cast<std::int64_t>(*outcome.result_rows)));
  if (outcome.error != nullptr) write_error(out, command, outcome);
  if (!outcome.file.empty()) set_text(out, kLocalFile, outcome.file);
  context.emit();
}

}  // namespace nw::network
