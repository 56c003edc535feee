// Alerts as prose, and a sentence for what their repeats came to, on standard output, for the person who started the
// daemon in a terminal.
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "export/kinds.h"
#include "export/stream_writer.h"

namespace nw::exporter {

namespace asio = boost::asio;

namespace {

// no-color.org: any non-empty NO_COLOR turns colour off.
bool terminal_has_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (none != nullptr && *none != '\0') return false;
  return ::isatty(STDOUT_FILENO) == 1 && term != nullptr && std::string_view{term} != "dumb";
}

std::string prose(const LedgerItem& item, bool colour) {
  if (const auto* fold = std::get_if<record::Fold>(&item.what)) return to_text(*fold, colour);
  return to_text(std::get<record::Alert>(item.what), colour, item.entry);
}

class TextOutput final : public Output {
 public:
  explicit TextOutput(bool colour) : writer_{STDOUT_FILENO}, colour_{colour} {}

  asio::awaitable<Result<>> deliver(Batch batch) override {
    std::string text;
    for (const LedgerItem& item : *batch) {
      text += prose(item, colour_);
      if (!text.ends_with('\n')) text += '\n';
    }
    const std::uint64_t key = batch->empty() ? 0 : batch->front().entry;
    auto writing = writer_.write(key, std::move(text));
    auto written = co_await std::move(writing);
    co_return written;
  }

 private:
  StreamWriter writer_;
  bool colour_;
};

}  // namespace

OutputKind::Make configure_text(YamlMap& map) {
  static constexpr std::array<std::string_view, 3> kColours{"auto", "always", "never"};
  const std::size_t colour = map.choice("colour", 0, kColours);
  return [colour](const asio::any_io_executor&, const std::string&) -> Result<std::unique_ptr<Output>> {
    return std::unique_ptr<Output>{std::make_unique<TextOutput>(colour == 1 || (colour == 0 && terminal_has_colour()))};
  };
}

}  // namespace nw::exporter
