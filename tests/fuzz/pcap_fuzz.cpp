// A pcap file's headers and packets.
#include <cstdlib>

#include "ingest/capture/pcap.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = nw::capture::ByteStream::over({data, size});
  nw::capture::PcapReader reader{*bytes};
  if (!reader.begin()) return 0;
  nw::capture::Packet packet;
  std::size_t sum = 0, all = 0;
  while (reader.next(packet) == nw::capture::PcapReader::Next::packet) {
    all += packet.data.size();
    for (const std::uint8_t byte : packet.data) sum += byte;  // all of it can be read
  }
  if (all > size) std::abort();
  return sum == SIZE_MAX ? -1 : 0;
}
