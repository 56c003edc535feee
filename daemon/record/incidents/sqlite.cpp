#include "record/incidents/sqlite.h"

#include <cerrno>
#include <system_error>

namespace nw::record::sqlite {

namespace {

// What a person can do about a file that cannot be opened, read or written.
std::string_view way_out(Errc code) {
  switch (code) {
    case Errc::no_permission:
      return "; the file, its -wal and -shm neighbours and their directory must be readable and writable by the "
             "daemon's "
             "user";
    case Errc::io: return "; look whether its directory is there, whether the disk works, and how many files are open";
    default: return {};
  }
}

Error error_of(sqlite3* database, int result, const std::string& file) {
  const char* text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  const int code = database != nullptr ? sqlite3_extended_errcode(database) : result;
  const bool by_system = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR;
  const int system_error = by_system && database != nullptr ? sqlite3_system_errno(database) : 0;
  const Errc meant = code_of(code, system_error);
  std::string what = file + ": " + text;
  if (system_error != 0) what += " (" + std::system_category().message(system_error) + ")";
  return Error{meant, what.append(way_out(meant))};
}

// A path as a `file:` URI, RFC 3986 section 2.1.
std::string to_uri(const std::string& path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#' || byte < 0x21 || byte > 0x7e)
      out.append({'%', kHex[byte >> 4U], kHex[byte & 0xfU]});
    else
      out += c;
  }
  return out;
}

}  // namespace

Errc code_of(int result, int system_error) noexcept {
  switch (result & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOLFS: return Errc::full;  // larger than the file system can have files
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Errc::in_use;  // others hold its locks all the time
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:  // our statements are right: the rows or tables that they meet are not
    case SQLITE_MISMATCH:
    case SQLITE_ERROR: return Errc::malformed;
    case SQLITE_READONLY:
      // Somebody moved or deleted the file under us.
      return result == SQLITE_READONLY_DBMOVED ? Errc::io : Errc::no_permission;
    case SQLITE_PERM:
    case SQLITE_AUTH: return Errc::no_permission;
    // SQLite says only that it did not work, for whatever reason.
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (system_error == EACCES || system_error == EPERM || system_error == EROFS) return Errc::no_permission;
      if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG) return Errc::full;
      return Errc::io;
    default: return Errc::io;
  }
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  NW_CHECK(sqlite3_bind_int64(statement_.get(), parameter, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL.
  const char* data = text.data() != nullptr ? text.data() : "";
  NW_CHECK(sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) ==
           SQLITE_OK);
  return *this;
}

Statement& Statement::bind_copy(int parameter, std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  // SQLITE_TRANSIENT is a cast of -1 to a pointer to a function.
  NW_CHECK(sqlite3_bind_text64(statement_.get(), parameter, data, text.size(),
                               reinterpret_cast<sqlite3_destructor_type>(-1), SQLITE_UTF8) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    reset();
    return false;
  }
  const Error error = error_of(sqlite3_db_handle(statement_.get()), result, file_);
  reset();
  return error;
}

Result<> Statement::run() {
  const auto stepped = step();
  if (!stepped) return stepped.error();
  NW_CHECK(!*stepped);
  return {};
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* data = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return data == nullptr ? std::string{} : std::string(data, data + size);
}

Result<Database> Database::open(const std::filesystem::path& file, Mode mode) {
  Database out;
  out.file_ = file.string();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;  // the store has a mutex of its own
  flags |= mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  std::string name = out.file_;
  if (mode == Mode::immutable) {
    name = to_uri(std::filesystem::absolute(file).string()) + "?immutable=1";
    flags |= SQLITE_OPEN_URI;
  }
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(name.c_str(), &database, flags, nullptr);
  out.database_.reset(database);
  if (result != SQLITE_OK) return error_of(database, result, out.file_);
  constexpr int kBusyMilliseconds = 5000;  // a command that reads may hold a lock for a moment
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  return out;
}

Result<> Database::run(const char* sql) {
  const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result, file_);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return error_of(database_.get(), result, file_);
  Statement out;
  out.statement_.reset(statement);
  out.file_ = file_;
  return out;
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : std::int64_t{0};
}

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

}  // namespace nw::record::sqlite
