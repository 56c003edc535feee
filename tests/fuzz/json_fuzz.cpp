// Any bytes as a JSON line, with everything wanted and with little wanted, with and without a field mapping: never a
// crash, always one event. A line that a filter lets through is read as if everything were wanted.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "ingest/logs/formats/mapping.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace {

class Counter final : public nw::event::EventSink {
 public:
  void accept(nw::event::Event& event) override {
    ++events;
    for (const auto& entry : event.entries()) text_bytes += entry.value.to_text().size();
    for (const auto& extra : event.extras()) text_bytes += extra.name.size() + extra.value.to_text().size();
  }
  std::size_t events = 0, text_bytes = 0;
};

class EveryLine final : public nw::event::LineFilter {
 public:
  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override { return std::make_unique<Memory>(); }
  [[nodiscard]] bool wants_all(std::string_view /*line*/, Memory& /*memory*/) const override { return true; }
};

// `bench` with a filter on every type in place of what it wanted.
std::unique_ptr<nw::logs::Bench> filtered(std::unique_ptr<nw::logs::Bench> bench) {
  const auto filter = std::make_shared<EveryLine>();
  auto interest = std::make_shared<nw::event::Interest>();
  for (std::size_t i = 0; i < bench->schema->type_count(); ++i)
    interest->want_all_of(static_cast<nw::event::TypeId>(i), filter);
  bench->parser->subscribe(bench->schema, interest);
  return bench;
}

// Of a line that is none: 0.
std::size_t bytes_of(nw::logs::Bench& bench, std::string_view line) {
  nw::logs::LineOrigin origin;
  origin.receive_time = nw::from_unix_nanoseconds(1'768'464'000'000'000'000);
  Counter counter;
  const nw::logs::LineFault fault = bench.parser->line(line, origin, counter);
  if (counter.events != 1) std::abort();
  return fault == nw::logs::LineFault::none ? counter.text_bytes : 0;
}

nw::logs::FormatOptions windows() {
  std::ostringstream text;
  text << std::ifstream{std::string{nw::source_directory()} + "/config/mappings/windows.yaml"}.rdbuf();
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
  static const auto asked =
      filtered(std::make_unique<nw::logs::Bench>("json", nw::logs::FormatOptions{}, nw::logs::Wants::nothing));
  static const auto mapped_asked =
      filtered(std::make_unique<nw::logs::Bench>("json", windows(), nw::logs::Wants::nothing));
  const std::string_view line{reinterpret_cast<const char*>(data), size};
  for (nw::logs::Bench* bench : {&narrow, &mapped}) (void)bytes_of(*bench, line);
  if (bytes_of(wide, line) != bytes_of(*asked, line)) std::abort();
  if (bytes_of(mapped_wide, line) != bytes_of(*mapped_asked, line)) std::abort();
  return 0;
}
