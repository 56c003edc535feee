// Any bytes from a RELP sender: the same frames whether they come at once or in pieces, no more held than is allowed,
// and a whole frame written out again is the same bytes but for zeros before its numbers.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ingest/logs/transports/relp_frame.h"

namespace {

using nw::logs::RelpFramer;

constexpr std::size_t kLineBytesMax = 64;

struct Taken {
  std::vector<std::string> frames;
  std::string_view fault;
  friend bool operator==(const Taken&, const Taken&) = default;
};

Taken take(std::string_view stream, std::size_t piece_bytes) {
  RelpFramer framer{kLineBytesMax};
  Taken taken;
  while (!stream.empty()) {
    // Its own memory, so that what is kept of it and must not be is found.
    const std::string piece{stream.substr(0, piece_bytes)};
    stream.remove_prefix(piece.size());
    std::string_view left{piece};
    for (;;) {
      const std::size_t before = left.size();
      const RelpFramer::Step step = framer.next(left);
      if (left.size() > before) std::abort();
      if (step == RelpFramer::Step::bad) {
        taken.fault = framer.fault();
        if (taken.fault.empty()) std::abort();
        return taken;
      }
      if (framer.held() > RelpFramer::kOtherBytesMax) std::abort();
      if (step == RelpFramer::Step::more) {
        if (!left.empty()) std::abort();
        break;
      }
      const nw::logs::RelpFrame& frame = framer.frame();
      if (frame.txnr == 0 || frame.txnr > 999'999'999 || frame.command.empty() || frame.command.size() > 32)
        std::abort();
      if (frame.command == "syslog" && frame.data.size() > kLineBytesMax + RelpFramer::kLineEndBytes) std::abort();
      taken.frames.push_back((frame.cut ? "cut " : "") + std::to_string(frame.txnr) + ' ' + std::string{frame.command} +
                             ' ' + std::to_string(frame.data.size()) + ' ' + std::string{frame.data} + '\n');
    }
  }
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream{reinterpret_cast<const char*>(data), size};
  const Taken whole = take(stream, std::max<std::size_t>(size, 1));
  if (take(stream, 1) != whole || take(stream, 1 + size / 3) != whole) std::abort();
  for (const std::string& frame : whole.frames) {
    const Taken again = take(frame, frame.size());
    if (!frame.starts_with("cut") && again != Taken{{frame}, {}}) std::abort();
  }
  (void)nw::logs::relp_version(stream);
  const nw::Timestamp now = nw::from_unix_nanoseconds(1'768'464'000'000'000'000);
  const std::uint64_t place = nw::logs::relp_place(stream, nw::IpAddress::v4(0xC0000201), now);
  if (place != 0 && !stream.starts_with('<')) std::abort();
  return 0;
}
