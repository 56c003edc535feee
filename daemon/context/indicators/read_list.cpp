// A feed that is a plain list: one value a line, of whatever kind it looks like, also written so that nobody follows it
// by accident (hxxp://, example[.]org).
#include "base/text.h"
#include "context/indicators/feed.h"

namespace nw::context {

void read_list_feed(std::string_view text, Feed& feed) {
  std::size_t line = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view value = without_comment(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line;
    if (value.empty()) continue;
    const auto kind = guess_kind(refang(value));
    if (!kind)
      feed.refuse(Refusal::bad_value, value, {line, 1});
    else if (!feed.add(*kind, value, {}, std::nullopt, {line, 1}))
      return;
  }
}

}  // namespace nw::context
