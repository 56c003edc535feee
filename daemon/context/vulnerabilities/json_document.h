// One JSON document of a feed, read as a whole. The only file of this folder that meets simdjson's parser.
#pragma once

#include <simdjson.h>
#include <string_view>

#include "base/result.h"

namespace nw::vulnerabilities {

using JsonElement = simdjson::dom::element;

// Parses documents, one after the other; what it gave lives until the next parse().
class JsonDocuments {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20, kDepthMax = 128;

  // `malformed`: no JSON, deeper than kDepthMax, not UTF-8, or larger than kBytesMax. What is behind the value is
  // refused.
  Result<JsonElement> parse(std::string_view text);

 private:
  simdjson::dom::parser parser_{kBytesMax + simdjson::SIMDJSON_PADDING};
};

// The member at a path of names ("tracking", "id"); what is not there, or not an object, gives nothing.
template <class... Names>
simdjson::simdjson_result<JsonElement> member(JsonElement element, std::string_view name, Names... names) {
  JsonElement found;
  if (!element.is_object() || element[name].get(found) != simdjson::SUCCESS) return simdjson::NO_SUCH_FIELD;
  if constexpr (sizeof...(names) == 0)
    return found;
  else
    return member(found, names...);
}

// Empty when it is not there, or no text.
template <class... Names>
std::string_view text_at(JsonElement element, Names... names) {
  std::string_view out;
  return member(element, names...).get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

// Calls `each(element, position)` for the elements of the list at `names`; none when it is no list.
template <class Each, class... Names>
void each_at(JsonElement element, Each each, Names... names) {
  simdjson::dom::array list;
  if (member(element, names...).get(list) != simdjson::SUCCESS) return;
  std::size_t at = 0;
  for (const JsonElement item : list) each(item, at++);
}

}  // namespace nw::vulnerabilities
