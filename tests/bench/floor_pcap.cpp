// The floor for packets: libpcap reads a capture, packet by packet, and looks at nothing but each packet's last byte.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <pcap/pcap.h>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: floor_pcap FILE\n", stderr);
    return 64;
  }
  char why[PCAP_ERRBUF_SIZE];
  pcap_t* const capture = pcap_open_offline(argv[1], why);
  if (capture == nullptr) {
    std::fprintf(stderr, "floor_pcap: %s\n", why);
    return 66;
  }
  std::uint64_t packets = 0, touched = 0;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  int got = 0;
  while ((got = pcap_next_ex(capture, &header, &bytes)) == 1) {
    ++packets;
    if (header->caplen != 0) touched += bytes[header->caplen - 1];
  }
  pcap_close(capture);
  std::printf("%" PRIu64 " %" PRIu64 "\n", packets, touched);
  return got == PCAP_ERROR_BREAK ? 0 : 65;
}
