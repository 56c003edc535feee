// Sampled Values (IEC 61850-9-2): currents and voltages, published some thousand times a second right over Ethernet.
// Not told one by one, but what happens to a stream: it begins, changes, jumps, ends. Nothing proves who sends it.
//   | APPID u16 | length u16 | simulated:1 reserved | reserved u16 |
//   | 0x60 | noASDU | samples: | svID | datSet | smpCnt | confRev | refrTm | smpSynch | smpRate | data | smpMod | |
#include "ingest/network/protocols/sv_streams.h"

namespace nw::network {
namespace {

constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88ba};

class SvAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    SvFrame samples;
    const auto wrong = samples.read(frame.payload);
    streams_.take(samples, Iec61850Origin{frame}, context);
    if (wrong || samples.broken()) context.refused(wrong.value_or(DecodeError::bad_value));
  }
  void advance(Timestamp until, Context& context) override { streams_.advance(until, Timestamp{}, context); }
  void finish(Context& context) override { streams_.finish(context); }

 private:
  static constexpr std::size_t kStreamsMax = 512;

  SvStreams streams_{0, kStreamsMax};
};

}  // namespace

Protocol sv_protocol() {
  Protocol p;
  p.name = "sv";
  p.help = "Sampled Values: currents and voltages of a substation";
  p.types = {&sv_type(), 1};
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<SvAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
