// Any bytes as a line of `format: syslog` and of `format: auto`: never a crash, an event unless it is joined with
// others.
#include <cstdint>
#include <cstdlib>

#include "unit/ingest/logs/formats/log_test_support.h"

namespace {

using nw::logs::Bench;

class Counter final : public nw::event::EventSink {
 public:
  void accept(nw::event::Event& event) override {
    ++events;
    for (const auto& entry : event.entries()) text_bytes += entry.value.to_text().size();
  }
  std::size_t events = 0, text_bytes = 0;
};

void read(Bench& bench, std::string_view line) {
  nw::logs::LineOrigin origin;
  origin.receive_time = nw::from_unix_nanoseconds(1'768'464'000'000'000'000);
  origin.ordinal = bench.next++;
  Counter counter;
  const std::uint64_t joined = bench.parser->joined();
  (void)bench.parser->line(line, origin, counter);
  if (counter.events + bench.parser->joined() - joined == 0) std::abort();
  if (bench.next % 16 == 0) bench.parser->flush(origin.receive_time, true, counter);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench syslog{"syslog", {}, nw::logs::Wants::all, {"sd.a.b", "sd.io@1.ch"}};
  static Bench any{"auto", {}, nw::logs::Wants::all, {"sd.a.b", "sd.io@1.ch"}};
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  read(syslog, line);
  read(any, line);
  return 0;
}
