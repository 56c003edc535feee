// SQLite, owned: a database and its statements as values that close themselves, errors as Result. Nothing else here
// meets the C API.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::record::sqlite {

// A prepared statement. Values bound as text are borrowed until the next reset() or step() that ends the statement.
class Statement {
 public:
  Statement() = default;

  // Parameters count from 1.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_copy(int parameter, std::string_view text);
  // True: a row is there. False: done (and reset). After an error the statement is reset too.
  Result<bool> step();
  // For statements without rows.
  Result<> run();
  void reset();

  // Columns of the present row count from 0; text is copied.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string file_;
};

class Database {
 public:
  enum class Mode : std::uint8_t { read_write, read_only, immutable };

  // read_write creates the file. immutable: reads a file that nobody writes, without touching its directory.
  static Result<Database> open(const std::filesystem::path& file, Mode mode);

  // One or more statements without parameters or rows.
  Result<> run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row, or 0.
  Result<std::int64_t> integer(std::string_view sql);
  // Rows that the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  // Whether a transaction is open.
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
  std::string file_;
};

// The code that fits an SQLite result, and errno where it knows one (0: not): full, in_use, malformed (damaged, no
// database, or not ours), no_permission, io. Never not_found: that is for what a store does not hold.
Errc code_of(int result, int system_error) noexcept;

}  // namespace nw::record::sqlite
