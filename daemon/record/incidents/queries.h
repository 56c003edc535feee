// Statements by their text, prepared once and kept; values in, rows out. One thread at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "record/incidents/sqlite.h"

namespace nw::record::sqlite {

// A statement's rows. The statement is free again when this goes; one of a text at a time.
class Rows {
 public:
  explicit Rows(Statement* statement) noexcept : statement_{statement} {}
  ~Rows() {
    if (statement_ != nullptr) statement_->reset();
  }
  Rows(Rows&& other) noexcept : statement_{std::exchange(other.statement_, nullptr)} {}
  Rows& operator=(Rows&&) = delete;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // False: there are no more.
  Result<bool> next() { return statement_->step(); }
  [[nodiscard]] std::int64_t integer(int column) const { return statement_->integer(column); }
  [[nodiscard]] std::uint64_t count(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  [[nodiscard]] std::string text(int column) const { return statement_->text(column); }

 private:
  Statement* statement_;
};

class Queries {
 public:
  explicit Queries(Database& database) : database_{database} {}

  // Values are bound in order; texts are copied.
  template <class... Values>
  Result<Rows> rows(std::string_view sql, const Values&... values) {
    auto statement = find(sql);
    if (!statement) return statement.error();
    int parameter = 0;
    (bind(**statement, ++parameter, values), ...);
    return Rows{*statement};
  }
  // For statements without rows.
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    auto all = rows(sql, values...);
    if (!all) return all.error();
    const auto row = all->next();
    if (!row) return row.error();
    return {};
  }
  // The first column of the first row, or `otherwise`.
  template <class... Values>
  Result<std::int64_t> integer(std::int64_t otherwise, std::string_view sql, const Values&... values) {
    auto all = rows(sql, values...);
    if (!all) return all.error();
    const auto row = all->next();
    if (!row) return row.error();
    return *row ? all->integer(0) : otherwise;
  }

 private:
  Result<Statement*> find(std::string_view sql) {
    if (const auto at = statements_.find(sql); at != statements_.end()) return &at->second;
    auto prepared = database_.prepare(sql);
    if (!prepared) return prepared.error();
    return &statements_.emplace(sql, std::move(*prepared)).first->second;
  }
  template <std::integral Number>
  static void bind(Statement& statement, int parameter, Number value) {
    statement.bind(parameter, static_cast<std::int64_t>(value));
  }
  static void bind(Statement& statement, int parameter, std::string_view text) { statement.bind_copy(parameter, text); }

  Database& database_;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, Statement, Hash, std::equal_to<>> statements_;  // addresses stay
};

}  // namespace nw::record::sqlite
