// The input as datagrams; and, since no mutation keeps a tag right, as frames of packets that are sealed here.
#include "protocol_fuzz.h"
#include "unit/ingest/network/protocols/quic_sealed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::network;
  const nw::Bytes input{data, size};
  fuzz_protocol(protocol("quic"), input);
  FakeContext context{protocol("quic")};
  const auto analyzer = protocol("quic").make(Transport::udp);
  nw::ByteReader reader{input};
  QuicSealing how;
  how.first_destination = how.destination = {1, 2, 3, 4, 5, 6, 7, 8};
  // | bit 7 by the server, bit 6 version 2 | how many bytes of frames | frames |
  for (; !reader.empty(); ++how.number) {
    const std::uint8_t mode = reader.u8();
    const nw::Bytes frames = reader.bytes(std::min<std::size_t>(reader.u8() * 4U, reader.rest().size()));
    how.by_client = (mode & 0x80U) == 0;
    how.version = (mode & 0x40U) == 0 ? 1 : 0x6b3343cf;
    analyzer->datagram(sealed_initial(how, {frames.begin(), frames.end()}),
                       how.by_client ? Direction::to_responder : Direction::to_originator, context);
  }
  analyzer->finish(context);
  return 0;
}
