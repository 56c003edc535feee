#include "record/reporting/template.h"

#include "base/text.h"

namespace nw::reporting {

namespace {

// `text(...)` for each stretch of text, `name(...)` for each placeholder. False: not well-formed.
template <class Text, class Name>
bool walk(std::string_view in, Text text, Name name) {
  while (!in.empty()) {
    const std::size_t open = in.find_first_of("{}");
    text(in.substr(0, open));
    if (open == std::string_view::npos) return true;
    const std::size_t close = in.find_first_of("{}", open + 1);
    if (in[open] != '{' || close == std::string_view::npos || in[close] != '}' || close == open + 1) return false;
    name(in.substr(open + 1, close - open - 1));
    in.remove_prefix(close + 1);
  }
  return true;
}

}  // namespace

Result<std::vector<std::string>> placeholders(std::string_view text) {
  std::vector<std::string> out;
  const bool ok = walk(
      text, [](std::string_view) {}, [&](std::string_view name) { out.emplace_back(name); });
  if (!ok) return Error{Errc::malformed, "a brace is alone or empty; write {title} for a field, and no other braces"};
  return out;
}

std::string fill(std::string_view text, const std::function<std::string(std::string_view name)>& value) {
  std::string out;
  walk(
      text, [&](std::string_view plain) { out += plain; }, [&](std::string_view name) { out += value(name); });
  return out;
}

}  // namespace nw::reporting
