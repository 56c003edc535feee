// Lists of what is known to be harmless: big resolvers, update servers, content networks. A plain file, or a list of
// the MISP project's misp-warninglists: {"name": ..., "type": hostname|cidr|string|substring, "list": [...]}.
#include "base/text.h"
#include "context/indicators/feed.h"
#include "context/indicators/json_document.h"

namespace nw::context {

namespace {

constexpr std::size_t kNamed = 20;

class WarningListReader {
 public:
  WarningListReader(std::string_view file, IndicatorGate& gate, Diagnostics& diagnostics)
      : file_{file}, name_{file}, gate_{gate}, diagnostics_{diagnostics} {}

  void read_lines(std::string_view text) {
    std::size_t line = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view value = without_comment(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++line;
      if (!value.empty()) take(value, {line, 1});
    }
    tell_rest();
  }

  void read_json(std::string_view text) {
    JsonDocument document;
    if (const auto parsed = document.parse(text); !parsed)
      return diagnostics_.error(file_, {}, "json-syntax", "the warning list: " + parsed.error().what);
    simdjson::dom::object list;
    simdjson::dom::array items;
    if (document.root().get(list) != simdjson::SUCCESS || list["list"].get(items) != simdjson::SUCCESS)
      return diagnostics_.error(file_, {}, "warning-list-syntax", "there is no 'list' in it",
                                "a warning list is a file of lines, or {\"type\": ..., \"list\": [...]}");
    const std::string_view type = JsonDocument::text(list, "type");
    if (const std::string_view name = JsonDocument::text(list, "name"); !name.empty()) name_ = printable(name, 128);
    if (type != "hostname" && type != "cidr" && type != "string" && type != "substring")
      return diagnostics_.error(file_, {}, "warning-list-syntax",
                                "a list of type '" + printable(type, 32) + "' is not understood",
                                "the types are hostname, cidr, string and substring; leave this one out");
    for (const simdjson::dom::element item : items) {
      std::string_view value;
      if (item.get(value) != simdjson::SUCCESS)
        refuse("an item that is no text", {});
      else if (type == "substring")
        judge(gate_.warn_substring(value), value, {});
      else
        take(value.starts_with('.') ? value.substr(1) : value, {});  // ".example.org": all below it
    }
    tell_rest();
  }

 private:
  void take(std::string_view value, Mark mark) { judge(gate_.warn(value, name_), value, mark); }
  void judge(Refusal why, std::string_view value, Mark mark) {
    if (why == Refusal::repeated && !full_) {
      full_ = true;
      diagnostics_.error(file_, mark, "warning-list-too-large",
                         "the warning lists hold more than they may: 256 MiB, and 1000 substrings",
                         "name fewer of them");
    } else if (why != Refusal::none && !full_) {
      refuse(value, mark);
    }
  }
  void refuse(std::string_view value, Mark mark) {
    if (++refused_ <= kNamed)
      diagnostics_.warning(file_, mark, "warning-list-item",
                           "'" + printable(value, 128) + "' is no name, address, network, URL or digest: passed over");
  }
  void tell_rest() {
    if (refused_ > kNamed)
      diagnostics_.warning(file_, {}, "warning-list-item",
                           std::to_string(refused_ - kNamed) + " more items were passed over");
  }

  std::string_view file_;
  std::string name_;
  IndicatorGate& gate_;
  Diagnostics& diagnostics_;
  std::size_t refused_ = 0;
  bool full_ = false;
};

}  // namespace

void read_warning_list(std::string_view text, std::string_view file, IndicatorGate& gate, Diagnostics& diagnostics) {
  WarningListReader reader{file, gate, diagnostics};
  const std::string_view begin = trim(text.substr(0, 4096));
  if (begin.starts_with('{') || begin.starts_with('['))
    reader.read_json(text);
  else
    reader.read_lines(text);
}

}  // namespace nw::context
