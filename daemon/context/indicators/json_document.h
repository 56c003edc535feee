// JSON files of other people's tools, as a tree. The only header that meets simdjson: its tree is read and checked
// whole before anything is taken from it, so that a file that is cut in the middle gives nothing at all.
#pragma once

#include <simdjson.h>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::context {

class JsonDocument {
 public:
  static constexpr std::size_t kDepthMax = 64;

  Result<> parse(std::string_view text);
  [[nodiscard]] simdjson::dom::element root() const noexcept { return root_; }

  // Views into the document. Empty when there is none, or it is no text.
  static std::string_view text(simdjson::dom::object object, std::string_view key) noexcept;
  // A number, or one written as text, as MISP does.
  static std::int64_t number(simdjson::dom::object object, std::string_view key, std::int64_t fallback) noexcept;
  // true, or "1".
  static bool flag(simdjson::dom::object object, std::string_view key) noexcept;
  // Calls `each(element)` for the items of an array below `key`; nothing when there is none.
  template <class Each>
  static void each(simdjson::dom::object object, std::string_view key, Each&& each) {
    simdjson::dom::array items;
    if (object[key].get(items) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element item : items) each(item);
  }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace nw::context
