// pcapng's blocks, as a file gives them.
#include <cstdlib>

#include "ingest/capture/pcapng.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = nw::capture::ByteStream::over({data, size});
  nw::capture::PcapngReader reader{*bytes};
  nw::capture::Packet packet;
  std::size_t sum = 0;
  while (reader.next(packet) == nw::capture::PcapngReader::Next::packet) {
    if (packet.data.size() > size) std::abort();
    for (const std::uint8_t byte : packet.data) sum += byte;  // all of it can be read
  }
  return sum == SIZE_MAX ? -1 : 0;
}
