// GOOSE (IEC 61850-8-1): what happened in a substation, published right over Ethernet to a group. Each new state of a
// data set (stNum) is told at once and then again and again (sqNum), at the latest when timeAllowedtoLive is over.
// Nothing proves who sent it: whoever can send a frame with a higher stNum moves breakers.
//   | APPID u16 | length u16 | simulated:1 reserved | reserved u16 |
//   | 0x61 | gocbRef | timeAllowedtoLive | datSet | goID | t | stNum | sqNum | simulation | confRev | ndsCom | entries
//   | allData |
#include "ingest/network/protocols/goose_streams.h"

namespace nw::network {
namespace {

constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88b8};

class GooseAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    GooseMessage message;
    if (const auto error = read_goose(frame.payload, message)) context.refused(*error);
    if (message.head.has_head) streams_.take(message, Iec61850Origin{frame}, context);
  }
  void advance(Timestamp until, Context& context) override { streams_.advance(until, Timestamp{}, context); }

 private:
  static constexpr std::size_t kPublishersMax = 512;

  GooseStreams streams_{0, kPublishersMax};
};

}  // namespace

Protocol goose_protocol() {
  Protocol p;
  p.name = "goose";
  p.help = "GOOSE: what devices of a substation publish to each other";
  p.types = {&goose_type(), 1};
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<GooseAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
