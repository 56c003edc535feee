// Keeps what people decided about reveals, holds and keys, as the ledger tells it, and writes their next decision:
// nothing counts before its entry is on disk and was read back. Used by one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "record/entry.h"
#include "record/ledger/ledger.h"
#include "record/reveals/book.h"
#include "record/reveals/deletions.h"
#include "record/reveals/holds.h"

namespace nw::app {

class LedgerClerk {
 public:
  static constexpr std::chrono::seconds kPatience{10};  // for an entry to be on disk

  struct Parts {
    const record::Ledger* ledger = nullptr;
    std::string cursor_file;  // which entries of the ledger matter, so that a start need not read it all
    std::function<void(std::string type, std::string body)> note;
    std::function<void()> beat;  // called while something takes long
    std::chrono::milliseconds patience = kPatience;
    std::function<bool()> closing = {};  // the daemon is about to end: nothing waits or reads on for long
  };
  static constexpr std::chrono::seconds kPatienceAtEnd{1};
  explicit LedgerClerk(Parts parts);

  // Takes in up to some thousand entries; true when it went on. An unreadable ledger is said once, and tried again.
  bool follow();
  // Whether everything that was there at the start has been read: before that, nothing is known for sure.
  [[nodiscard]] bool caught_up() const noexcept { return caught_up_; }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  // Writes an entry, and reads on until it is there. `unavailable`: the ledger does not take it (its disk fails); it
  // may come later, and counts then. Until it came it is owed: what people ask for meanwhile could not be held against
  // it, so they wait until nothing is.
  Result<> commit(std::string_view type, const std::string& body);
  [[nodiscard]] std::size_t owed() const noexcept { return owed_.size(); }
  [[nodiscard]] bool closing() const { return parts_.closing && parts_.closing(); }
  // Without waiting.
  void note(std::string_view type, std::string body) { parts_.note(std::string{type}, std::move(body)); }
  // Entries [from, to) as far as they are there, until `see` says false. Errors of reading.
  Result<> scan(std::uint64_t from, std::uint64_t to,
                FunctionRef<bool(const record::EntryView& entry, std::uint64_t index)> see) const;
  // One entry; `not_found`, and those of reading.
  [[nodiscard]] Result<std::string> entry(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t size() const noexcept { return parts_.ledger->size(); }
  void save();

  [[nodiscard]] const reveals::Book& book() const noexcept { return book_; }
  [[nodiscard]] const reveals::Holds& holds() const noexcept { return holds_; }
  [[nodiscard]] const reveals::Destructions& destructions() const noexcept { return destructions_; }
  [[nodiscard]] const reveals::Deletions& deletions() const noexcept { return deletions_; }
  // Entries of ours that could not be understood.
  [[nodiscard]] std::uint64_t unreadable() const noexcept { return unreadable_; }

 private:
  void open();
  void see(std::string_view payload, std::uint64_t index);

  Parts parts_;
  record::Cursor cursor_;
  reveals::Book book_;
  reveals::Holds holds_;
  reveals::Destructions destructions_;
  reveals::Deletions deletions_;
  std::uint64_t next_ = 0, saved_ = 0, unreadable_ = 0;
  std::uint64_t start_size_ = 0;
  std::string mattered_;  // indices of entries that mattered, as text
  std::size_t mattered_saved_ = 0;
  bool caught_up_ = false, failing_ = false, unsaved_ = false;
  std::vector<std::pair<std::string, std::string>> owed_;  // types and bodies of entries that commit() has not seen
};

}  // namespace nw::app
