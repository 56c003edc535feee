// The input as datagrams; and, since no mutation keeps a tag right, as frames of packets that are sealed here.
#include "protocol_fuzz.h"
#include "unit/ingest/network/protocols/fake_context.h"
#include "unit/ingest/network/protocols/quic_sealed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::network;
  const nw::Bytes input{data, size};
  fuzz_protocol("quic", input);
  static const FakeSchema schema{protocol("quic")};
  FakeContext context{schema};
  const auto analyzer = protocol("quic").make(Transport::udp);
  nw::ByteReader reader{input};
  constexpr std::uint32_t kVersion1 = 1, kVersion2 = 0x6b3343cf;
  const auto sealing = [](std::uint32_t version) {
    QuicSealing how;
    how.version = version;
    how.first_destination = how.destination = {1, 2, 3, 4, 5, 6, 7, 8};
    return how;
  };
  static const nw::network::QuicKeys first = keys_of(sealing(kVersion1)), second = keys_of(sealing(kVersion2));
  QuicSealing how = sealing(kVersion1);
  // | bit 7 by the server, bit 6 version 2 | how many bytes of frames | frames |
  for (; !reader.empty(); ++how.number) {
    const std::uint8_t mode = reader.u8();
    const nw::Bytes frames = reader.bytes(std::min<std::size_t>(reader.u8() * 4U, reader.rest().size()));
    how.by_client = (mode & 0x80U) == 0;
    how.version = (mode & 0x40U) == 0 ? kVersion1 : kVersion2;
    analyzer->datagram(sealed_initial(how, how.version == kVersion1 ? first : second, {frames.begin(), frames.end()}),
                       how.by_client ? Direction::to_responder : Direction::to_originator, context);
  }
  analyzer->finish(context);
  return 0;
}
