// Flow datagrams to events as NDJSON, with every field wanted: what tests/conformance/logs/flows.py compares. A file is
// a datagram, or several messages of IPFIX or NetFlow v5 behind one another.
//
//   flows_dump FILE...      all from one exporter, 192.0.2.1; received at 2026-01-15T08:00:00Z
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "ingest/flows/decoder.h"
#include "ingest/logs/formats/format.h"

namespace {

using namespace nw;

class Printer final : public event::EventSink {
 public:
  explicit Printer(const event::Schema& schema) : schema_{schema} {}
  void accept(event::Event& event) override {
    line_.clear();
    event::append_ndjson(event, schema_, line_);
    std::puts(line_.c_str());
  }

 private:
  const event::Schema& schema_;
  std::string line_;
};

}  // namespace

int main(int count, char** arguments) {
  const logs::Format& format = *logs::find_format("flows");
  const auto schema = std::make_shared<event::Schema>();
  format.declare(*schema, {});
  const auto interest = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < schema->type_count(); ++i) interest->want_all(static_cast<event::TypeId>(i));
  const auto parser = format.make(schema, interest, {});
  Printer printer{*schema};
  logs::LineOrigin origin;
  origin.receive_time = from_unix_nanoseconds(1'768'464'000'000'000'000);
  origin.peer = IpAddress::v4(0xc0000201);
  for (int i = 1; i < count; ++i) {
    std::ifstream file{arguments[i], std::ios::binary};
    if (!file) {
      std::fprintf(stderr, "flows_dump: cannot read %s\n", arguments[i]);
      return 1;
    }
    const std::string octets{std::istreambuf_iterator<char>{file}, {}};
    for (std::string_view rest = octets; !rest.empty();) {
      const std::size_t size = flows::message_octets({reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()});
      const std::string_view one = rest.substr(0, size == 0 ? rest.size() : size);
      (void)parser->line(one, origin, printer);
      ++origin.ordinal;
      rest.remove_prefix(one.size());
    }
  }
  return 0;
}
