// The body of Elasticsearch's bulk API: an action in one line, its document in the next. Of the actions `index` and
// `create` bring a log line; `update` and `delete` change documents, of which we keep none.
//   {"create":{"_index":"filebeat","_id":"a1"}}
//   {"@timestamp":"...","message":"..."}
// Source: Elasticsearch reference, "Bulk API". Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace nw::logs {

constexpr std::size_t kBulkActionsMax = 100'000;  // in one request

// Views the body.
struct BulkItem {
  enum class Action : std::uint8_t { create, index, update, remove };
  Action action = Action::index;
  std::string_view index, id;  // JSON values as they were sent; empty: none was
  std::string_view source;     // the document
  [[nodiscard]] bool taken() const noexcept { return action == Action::create || action == Action::index; }
};

class BulkReader {
 public:
  enum class Step : std::uint8_t { item, end, malformed };

  explicit BulkReader(std::string_view body) : rest_{body} {}
  Step next(BulkItem& out);
  // After `malformed`: what is wrong with which line, and what belongs there.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  bool line(std::string_view& out);
  Step malformed(std::string what);

  std::string_view rest_;
  std::size_t line_ = 0;
  std::string fault_;
};

struct BulkCheck {
  std::size_t actions = 0, refused = 0;
  std::string fault;      // not empty: nothing of the request may be taken
  bool too_many = false;  // more than kBulkActionsMax
};
BulkCheck check_bulk(std::string_view body);

// One item for each action, in their order. `default_index` is that of the path, or empty.
std::string bulk_answer(std::string_view body, std::string_view default_index, std::chrono::milliseconds took);

}  // namespace nw::logs
