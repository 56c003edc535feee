// Hyperscan (or Vectorscan, its portable sibling: the same API) behind two small classes: many literals, or many
// regular expressions, looked for in one pass.
//
// A scanner may say yes too often, never too seldom: what it finds is a candidate that the matcher confirms, except for
// literals, which are found exactly. A set that Vectorscan does not take is searched piece by piece instead.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "base/regex.h"

struct hs_database;
struct hs_scratch;

namespace nw::sigma {

// One worker's memory for scanning; not shared.
class ScanScratch {
 public:
  ScanScratch() = default;
  ~ScanScratch();
  ScanScratch(const ScanScratch&) = delete;
  ScanScratch& operator=(const ScanScratch&) = delete;
  // Before the first scan with a database; grows to what the largest one needs.
  void make_room(const hs_database* database);

 private:
  friend class Scanner;
  hs_scratch* scratch_ = nullptr;
};

struct RegexPiece {
  std::string pattern;
  RegexFlags flags;
};

// Immutable, shared by all workers.
class Scanner {
 public:
  using Hit = FunctionRef<void(std::uint32_t piece)>;

  // Pieces are told by their position. None of them is empty.
  // `stored`: what serialise() gave for the same pieces, or empty; bytes that this machine cannot use are passed over.
  enum class Case : std::uint8_t { as_is, any };  // `any`: of ASCII letters
  static std::shared_ptr<const Scanner> of_literals(std::vector<std::string> pieces, Case letters = Case::as_is,
                                                    std::string_view stored = {});
  static std::shared_ptr<const Scanner> of_regexes(std::vector<RegexPiece> pieces, std::string_view stored = {});
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // Calls `hit` for each piece that `text` may hold, once or more.
  void scan(std::string_view text, ScanScratch& scratch, Hit hit) const;
  void make_room(ScanScratch& scratch) const { scratch.make_room(database_); }
  [[nodiscard]] std::size_t bytes() const noexcept;
  // What it was compiled to as bytes, for a cache; empty when there is nothing to keep.
  [[nodiscard]] std::string serialise() const;

 private:
  friend class ScannerPool;
  Scanner() = default;
  void search(std::string_view text, Hit hit) const;

  hs_database* database_ = nullptr;  // null: there is none, and every piece stands in the lists below
  bool ascii_only_ = false;          // other texts make every piece a candidate
  std::uint32_t pieces_ = 0;
  bool any_case_ = false;
  bool stale_ = false;                    // what was stored is of no use here
  std::vector<std::string> literals_;     // searched one by one
  std::vector<std::uint32_t> unscanned_;  // regular expressions that are always candidates
};

// The scanners of one set of rules: equal lists of pieces share one.
class ScannerPool {
 public:
  // By the hash of what they were compiled from: serialised databases.
  using Databases = std::vector<std::pair<std::string, std::string>>;

  ScannerPool() = default;
  explicit ScannerPool(const Databases& stored);  // borrowed
  explicit ScannerPool(Databases&&) = delete;

  std::shared_ptr<const Scanner> literals(std::vector<std::string> pieces) {
    return of_literals(std::move(pieces), Scanner::Case::as_is);
  }
  std::shared_ptr<const Scanner> any_case(std::vector<std::string> pieces) {
    return of_literals(std::move(pieces), Scanner::Case::any);
  }
  std::shared_ptr<const Scanner> regexes(std::vector<RegexPiece> pieces);
  [[nodiscard]] std::vector<std::shared_ptr<const Scanner>> all() const;
  // Of all that were asked for.
  [[nodiscard]] Databases serialise() const;
  // Whether some had to be compiled: what was stored is not all that is needed.
  [[nodiscard]] bool compiled() const noexcept { return compiled_; }

 private:
  std::shared_ptr<const Scanner> of_literals(std::vector<std::string> pieces, Scanner::Case letters);
  std::string_view find_stored(const std::string& key);
  void note(const Scanner& made) { compiled_ = compiled_ || made.stale_; }

  std::map<std::string, std::shared_ptr<const Scanner>>
      known_;                                                 // by key; in order, so that equal sets store equal bytes
  std::unordered_map<std::string, std::string_view> stored_;  // borrowed
  bool compiled_ = false;
};

}  // namespace nw::sigma
