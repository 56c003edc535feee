// Any bytes as a syslog line: never a crash, always one event.
#include <cstdint>
#include <cstdlib>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static nw::logs::Bench bench{"syslog", {}, nw::logs::Wants::all};
  nw::logs::LineOrigin origin;
  origin.receive_time = nw::from_unix_nanoseconds(1'768'464'000'000'000'000);
  Counter counter;
  (void)bench.parser->line({reinterpret_cast<const char*>(data), size}, origin, counter);
  if (counter.events != 1) std::abort();
  return 0;
}
