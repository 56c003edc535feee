// Synchrophasors (IEEE C37.118.2-2011) over TCP and UDP: the measurements of PMUs, and the commands to them. Frames in
// synchrophasor_frame.h.
//
// Data come 10 to 120 times a second, so of a stream's data only the first frame and those in which a PMU's status
// changes are told; a summary at the end counts them all. A configuration is kept so that data can be read.
#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/synchrophasor_event.h"
#include "ingest/network/protocols/synchrophasor_series.h"

namespace nw::network {

namespace {

constexpr std::array<std::uint16_t, 2> kPorts{4712, 4713};  // TCP's, and UDP's

constexpr std::size_t kSizeMax = 65535;
constexpr std::size_t kLostSizeMax = 2048;     // of a frame that is looked for: nothing waits long for what is none
constexpr std::size_t kNoiseBytesMax = 65536;  // without a frame: it is something else
constexpr std::size_t kStreamsMax = 8;

// A command, by its CRC.
Verdict certain(Bytes from) {
  SynFrame frame;
  ByteReader reader{from};
  if (from.size() > 1 && (from[1] >> 4U & 7U) != kSynCommand) return Verdict::no;
  return frame_verdict(read_syn_frame(reader, kLostSizeMax, frame));
}

class SynchrophasorAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = frames_[static_cast<std::size_t>(direction)];
    SynFrame frame;
    const auto read = [&](ByteReader& reader) {
      return read_syn_frame(reader, frames.lost() ? kLostSizeMax : kSizeMax, frame);
    };
    return frames.read(
        bytes, context, read, [&] { take(frame, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    SynFrame frame;
    do {
      if (const auto fault = read_syn_frame(reader, kSizeMax, frame)) return context.refused(*fault);
      take(frame, direction, context);
    } while (!reader.empty());
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    frames_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    open_.forget_if([&](const SynRequest& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    series_.finish(context, [&](const SynSeries& series) { several(series, context); });
    open_.finish([&](const SynRequest& request) { unanswered(request, context); });
    tell_syn_summary(summary_, context);
  }

 private:
  // What is kept of a stream. Nobody's configuration is for what the other side sends.
  struct Stream {
    Direction from = Direction::to_originator;
    SynLayout layout;
    std::vector<std::uint16_t> status;  // of each PMU, in its last data
    bool configured = false, flows = false;
  };

  void take(const SynFrame& frame, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const SynRequest& old) { unanswered(old, context); });
    series_.expire(context.now(), context, [&](const SynSeries& series) { several(series, context); });
    summary_.add(frame, context.now());
    if (frame.type == kSynCommand) return command(frame, direction, context);
    answers_ = true;
    if (frame.type == kSynData) return data(frame, direction, context);
    if (frame.type == kSynHeader) return header(frame, direction, context);
    configuration(frame, direction, context);
  }

  // PMUs that are asked over TCP may answer over UDP; who never says anything in this flow may do so in another.
  void unanswered(const SynRequest& request, Context& context) const {
    if (answers_) tell_syn_unanswered(request, context);
  }

  void command(const SynFrame& frame, Direction direction, Context& context) {
    const std::uint16_t code = ByteReader{frame.data}.u16be();
    tell_syn_command(frame, context);
    for (Stream& stream : streams_)
      if (stream.layout.stream == frame.stream && (code == kSynDataOff || code == kSynDataOn))
        stream.flows = false;  // what comes then is a beginning
    if (code < kSynSendHeader || code > kSynSendConfig3 || !context.wants(kSynCommands)) return;
    const auto give_up = [&](const SynRequest& old) { unanswered(old, context); };
    if (SynRequest* same = find(frame.stream, code, direction)) {
      give_up(*same);
      open_.remove(same);
    }
    open_.add({context.now(), direction, frame.stream, code}, context, give_up);
  }

  SynRequest* find(std::uint16_t stream, std::uint16_t code, Direction direction) {
    return open_.find(
        [&](const SynRequest& r) { return r.direction == direction && r.stream == stream && r.command == code; });
  }

  SynAnswer answer(const SynFrame& frame, std::uint16_t code, Direction direction, Context& context) {
    SynRequest* asked = find(frame.stream, code, opposite(direction));
    if (asked == nullptr) return {};
    const SynAnswer answer{true, context.now() - asked->time};
    open_.remove(asked);
    return answer;
  }

  void header(const SynFrame& frame, Direction direction, Context& context) {
    tell_syn_header(frame, answer(frame, kSynSendHeader, direction, context), context);
    IcsText unit, description;
    unit.append_number(frame.stream);
    description.append_escaped(syn_text(frame.data));
    if (!description.empty())
      devices_.tell({.protocol = "synchrophasor", .unit = unit.view(), .description = description.view()}, kSynDevices,
                    direction, context);
  }

  void configuration(const SynFrame& frame, Direction direction, Context& context) {
    const std::uint16_t code = frame.type == kSynConfig1   ? kSynSendConfig1
                               : frame.type == kSynConfig2 ? kSynSendConfig2
                                                           : kSynSendConfig3;
    const SynAnswer answered = answer(frame, code, direction, context);
    const bool alone = frame.type != kSynConfig3 || ByteReader{frame.data}.u16be() == 0;
    if (alone) return configuration(frame, {}, answered, direction, context);
    series_.add(frame, direction, answered, context, [&](const SynSeries& series) { several(series, context); });
  }

  // What is whole, or will not be.
  void several(const SynSeries& series, Context& context) {
    SynFrame frame = series.head;
    frame.data = series.bytes;
    configuration(frame, series.frames, series.answer, series.from, context);
  }

  void configuration(const SynFrame& frame, const SynFrames& frames, const SynAnswer& answered, Direction direction,
                     Context& context) {
    SynConfig config;
    (void)read_syn_config(frame, config);  // frames are as long as that at least, but for CFG-3
    SynConfigRead read;
    ByteReader reader{config.pmus};
    SynPmu pmu;
    const bool whole = !frames.missing;
    Stream* kept = whole ? keep(frame, direction) : nullptr;
    if (kept != nullptr) kept->layout.time_base = config.time_base;
    while (read.pmus < config.count && next_syn_pmu(reader, config.third, pmu)) {
      ++read.pmus;
      if (context.wants(kSynDevices)) tell_device(frame, pmu, direction, context);
      if (kept != nullptr) add(*kept, pmu);
    }
    if (whole && read.pmus == config.count && reader.rest().size() == 2)
      read.rate = std::bit_cast<std::int16_t>(reader.u16be());
    if (whole && !read.rate) context.refused(DecodeError::bad_value);
    if (read.rate) summary_.rates.add(*read.rate);
    if (kept != nullptr) kept->configured = read.rate.has_value() && kept->layout.pmus.size() == config.count;
    tell_syn_config(frame, config, read, frames, answered, context);
  }

  // CFG-1 says what a PMU could send, the others what it sends.
  Stream* keep(const SynFrame& frame, Direction from) {
    if (frame.type == kSynConfig1) return nullptr;
    Stream* stream = find_or_add(frame.stream, from);
    stream->layout.pmus.clear();
    stream->layout.data_bytes = 0;
    stream->configured = stream->flows = false;
    return stream;
  }
  static void add(Stream& stream, SynPmu pmu) {
    if (stream.layout.pmus.size() == SynLayout::kPmusMax) return;
    pmu.station = pmu.global = pmu.names = {};
    stream.layout.data_bytes += pmu.data_bytes();
    stream.layout.pmus.push_back(pmu);
  }

  Stream* find_or_add(std::uint16_t id, Direction from) {
    const auto at =
        std::ranges::find_if(streams_, [&](const Stream& s) { return s.layout.stream == id && s.from == from; });
    if (at != streams_.end()) return &*at;
    if (streams_.size() == kStreamsMax) streams_.erase(streams_.begin());
    Stream& stream = streams_.emplace_back();
    stream.layout.stream = id;
    stream.from = from;
    return &stream;
  }

  void data(const SynFrame& frame, Direction from, Context& context) {
    Stream& stream = *find_or_add(frame.stream, from);
    const bool fits = stream.configured && stream.layout.data_bytes == frame.data.size();
    if (stream.configured && !fits && stream.flows) context.refused(DecodeError::bad_value);
    const bool begins = !stream.flows, changed = status_changed(stream, frame, fits);
    stream.flows = true;
    if (begins || changed) tell_syn_data(frame, fits ? &stream.layout : nullptr, begins ? "begin" : "status", context);
  }

  // Keeps what they are now. Without a configuration only the first PMU's place is known.
  static bool status_changed(Stream& stream, const SynFrame& frame, bool fits) {
    ByteReader reader{frame.data};
    bool changed = false;
    const std::size_t count = fits ? stream.layout.pmus.size() : 1;
    if (stream.status.size() != count) stream.status.assign(count, 0), changed = true;
    for (std::size_t i = 0; i < count; ++i) {
      ByteReader pmu = fits ? reader.sub(stream.layout.pmus[i].data_bytes()) : reader;
      const std::uint16_t status = pmu.u16be();
      changed = changed || stream.status[i] != status;
      stream.status[i] = status;
    }
    return changed;
  }

  void tell_device(const SynFrame& frame, const SynPmu& pmu, Direction from, Context& context) {
    IcsText unit, name, serial, place;
    unit.append_number(frame.stream);
    unit.append('/');
    unit.append_number(pmu.id);
    name.append_escaped(pmu.station);
    if (std::ranges::any_of(pmu.global, [](std::uint8_t octet) { return octet != 0; }))
      serial.append_octets(pmu.global);
    if (!pmu.global.empty() && pmu.latitude >= -90 && pmu.latitude <= 90) {
      place.append_real(pmu.latitude);
      place.append(", ");
      place.append_real(pmu.longitude);
    }
    devices_.tell({.protocol = "synchrophasor",
                   .unit = unit.view(),
                   .serial_number = serial.view(),
                   .name = name.view(),
                   .location = place.view()},
                  kSynDevices, from, context);
  }

  IcsRequests<SynRequest> open_;
  KnownDevices devices_;
  SynSummary summary_;
  SynSeriesReader series_;
  std::vector<Stream> streams_;  // oldest first
  // By direction.
  std::array<FrameStream, 2> frames_{FrameStream{kNoiseBytesMax}, FrameStream{kNoiseBytesMax}};
  bool answers_ = false;  // a frame came that is no command
};

// Whether the frame is of a version that is published, and its reserved bit is clear.
bool is_published(Bytes frame) {
  ByteReader reader{frame};
  reader.u8();
  const unsigned kind = reader.u8(), version = kind & 0x0FU;
  return kind < 0x80 && (version == 1 || version == 2);
}

// Such a frame with its CRC is enough off the port. On it, a capture may begin within a frame.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  ByteReader reader{first};
  SynFrame frame;
  for (bool begins = true; !reader.empty(); begins = false) {
    const auto fault = read_syn_frame(reader, begins ? kSizeMax : kLostSizeMax, frame);
    if (!fault) return on_port || is_published(first) ? Verdict::yes : Verdict::no;
    if (fault == DecodeError::truncated && begins)
      return on_port && reader.rest().size() >= 4 ? Verdict::yes : Verdict::unsure;
    if (!on_port || transport == Transport::udp) return Verdict::no;
    reader.bytes(1);
  }
  return first.empty() ? Verdict::unsure : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SynchrophasorAnalyzer>(); }

}  // namespace

Protocol synchrophasor_protocol() {
  Protocol p;
  p.name = "synchrophasor";
  p.help = "C37.118: measurements of power grids' phasors, and commands to who measures";
  p.types = synchrophasor_types();
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
