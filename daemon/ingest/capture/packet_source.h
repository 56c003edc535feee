// Where packets come from: a live interface (one handle per worker, joined by kernel fan-out) or a capture file.
// I/O folder. libpcap is met only here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_reader.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "base/time.h"

namespace nw::capture {

// Borrowed: valid during the call that hands it over.
struct Packet {
  Bytes data;
  std::uint32_t wire_bytes = 0;  // its length on the wire; data may be shorter (snaplen)
  Timestamp time;
  int link_type = 0;  // DLT_ value of libpcap
  // Of files: what `data` lies in. Who holds a share of it keeps `data`. Null: it must be copied.
  const std::shared_ptr<std::uint8_t[]>* block = nullptr;
};

// All count from the opening of the source.
struct CaptureCounters {
  std::uint64_t packets = 0;            // handed over
  std::uint64_t kernel_dropped = 0;     // the ring was full
  std::uint64_t interface_dropped = 0;  // the driver or the card had no room
  std::uint64_t cut = 0;                // handed over shorter than on the wire
};

class PacketSource {
 public:
  virtual ~PacketSource() = default;
  // Hands over up to `most` packets and says how many. 0: a live source has none now, a file has ended (at_end()).
  // A fault in a file (cut, corrupt) is an error that names the file and the packet's number; what came before it has
  // been handed over. `io` when the interface went away.
  virtual Result<std::size_t> read(std::size_t most, FunctionRef<void(const Packet&)> take) = 0;
  [[nodiscard]] virtual bool at_end() const noexcept = 0;
  // Readable when packets wait; -1 for files.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
  [[nodiscard]] virtual CaptureCounters counters() = 0;
  // Bytes of the file read so far and in all (of the compressed file, where it is); 0 of 0 when unknown. For a progress
  // bar.
  struct Progress {
    std::uint64_t done = 0, all = 0;
  };
  [[nodiscard]] virtual Progress progress() const noexcept { return {}; }
};

// pcap or pcapng, plain or compressed with gzip or zstd; "-" is standard input. Errors: not_found, no_permission,
// malformed (says what the file is instead, where it can).
Result<std::unique_ptr<PacketSource>> open_file(const std::string& path);
// True when the first bytes are those of a capture file, compressed or not.
Result<bool> is_capture_file(const std::string& path);

struct LiveOptions {
  std::string interface;
  std::string filter;  // BPF expression, empty: everything
  std::uint32_t snaplen_bytes = 65'535;
  std::uint32_t buffer_bytes = 64U << 20;  // kernel ring, per handle
  bool promiscuous = true;
  std::uint16_t fanout_group = 0;  // 0: this handle alone; else the same number in every worker of the interface
};

// TPACKET_V3 through libpcap, non-blocking. Errors, each with the fix in its text: not_found (no such interface; names
// those that are there), no_permission (needs CAP_NET_RAW; says how), invalid_argument (BPF filter, with pcap's words).
Result<std::unique_ptr<PacketSource>> open_live(const LiveOptions& options);

// Whether a BPF filter compiles, for Ethernet; `invalid_argument` with pcap's words. Needs no privilege.
Result<> check_filter(const std::string& filter);

}  // namespace nw::capture
