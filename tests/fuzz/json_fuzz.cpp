// Any bytes as a JSON line, with everything wanted and with little wanted, with and without a field mapping: never a
// crash, always one event.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ingest/logs/formats/mapping.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace {

class Counter final : public nw::event::EventSink {
 public:
  void accept(nw::event::Event& event) override {
    ++events;
    for (const auto& entry : event.entries()) text_bytes += entry.value.to_text().size();
  }
  std::size_t events = 0, text_bytes = 0;
};

nw::logs::FormatOptions windows() {
  std::ostringstream text;
  text << std::ifstream{NW_SOURCE_DIR "/config/mappings/windows.yaml"}.rdbuf();
  nw::Diagnostics diagnostics;
  nw::logs::FormatOptions options;
  options.product = "windows";
  options.mapping = nw::logs::read_mapping(text.str(), "windows.yaml", diagnostics);
  if (options.mapping == nullptr) std::abort();
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static nw::logs::Bench wide{"json", {}, nw::logs::Wants::all};
  static nw::logs::Bench narrow{"json", {}, nw::logs::Wants::nothing, {"a.b", "message", "list"}};
  static nw::logs::Bench mapped_wide{"json", windows(), nw::logs::Wants::all};
  static nw::logs::Bench mapped{
      "json", windows(), nw::logs::Wants::nothing, {"Image", "Data", "ThreatName", "message"}};
  nw::logs::LineOrigin origin;
  origin.receive_time = nw::from_unix_nanoseconds(1'768'464'000'000'000'000);
  for (nw::logs::Bench* bench : {&wide, &narrow, &mapped_wide, &mapped}) {
    Counter counter;
    (void)bench->parser->line({reinterpret_cast<const char*>(data), size}, origin, counter);
    if (counter.events != 1) std::abort();
  }
  return 0;
}
