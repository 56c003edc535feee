// Sampled Values (IEC 61850-9-2): currents and voltages, published some thousand times a second right over Ethernet.
// Not told one by one, but what happens to a stream: it begins, changes, jumps, ends. Nothing proves who sends it.
//   | APPID u16 | length u16 | simulated:1 reserved | reserved u16 |
//   | 0x60 | noASDU | samples: | svID | datSet | smpCnt | confRev | refrTm | smpSynch | smpRate | data | smpMod | |
#include <algorithm>
#include <chrono>
#include <string>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/sv_message.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum Field : std::size_t {
  kAppid = kL2Fields,
  kSvId,
  kDatSet,
  kState,
  kNoAsdu,
  kSmpCnt,
  kConfRev,
  kSmpSynch,
  kSmpRate,
  kSmpMod,
  kDataLength,
  kSimulation,
  kSamples,
  kMissed,
  kDuration,
  kAnomaly,
  kIcs,
};

constexpr auto kFields = with_l2(std::to_array<event::FieldSpec>({
    {"appid", "text", "number of the application: 0x4000, ... (ours)"},
    {"sv_id", "text", "the stream's name (ours)"},
    {"dat_set", "text", "the data set that is sampled, where it is said (ours)"},
    {"stream_state", "text", "what happens to the stream: begin, change, jump or end (ours)"},
    {"no_asdu", "integer", "how many samples the frame has, as it says (ours)"},
    {"smp_cnt", "integer", "number of the sample within its second (ours)"},
    {"conf_rev", "integer", "version of the data set's configuration (ours)"},
    {"smp_synch", "text", "what the publisher's clock follows: none, local, global or a clock's number (ours)"},
    {"smp_rate", "integer", "samples a period, or as smp_mod says; absent where it is not said (ours)"},
    {"smp_mod", "text", "what smp_rate counts: per_period, per_second or seconds_per_sample (ours)"},
    {"data_length", "integer", "octets of one sample's values (ours)"},
    {"simulation", "boolean", "for tests, as the frame's head says (ours)"},
    {"samples", "integer", "how many were seen so far (ours)"},
    {"missed", "integer", "how many were jumped over so far (ours)"},
    {"stream_duration", "interval", "from the stream's first sample to its last one so far (ours)"},
    {"anomaly", "list of text",
     "other_source, simulated, conf_rev_changed, synch_changed, dataset_changed, size_changed, smp_cnt_jump or "
     "silent (ours)"},
}));

constexpr std::array<std::string_view, 1> kService{"sv"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"sv", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::size_t kSv = 0, kNameMax = 255;
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88ba};

// A bit each.
enum Anomaly : unsigned {
  kOtherSource,
  kSimulated,
  kConfRevChanged,
  kSynchChanged,
  kDatasetChanged,
  kSizeChanged,
  kSmpCntJump,
  kSilent,
  kAnomalies,
};
constexpr std::array<std::string_view, kAnomalies> kAnomalyNames{"other_source",  "simulated",       "conf_rev_changed",
                                                                 "synch_changed", "dataset_changed", "size_changed",
                                                                 "smp_cnt_jump",  "silent"};
constexpr unsigned bit(Anomaly anomaly) noexcept { return 1U << anomaly; }

// What does not change from one sample to the next.
struct Shape {
  std::uint64_t conf_rev = 0, smp_synch = 0, dat_set = 0;  // the last is a hash
  std::size_t bytes = 0;
  std::uint16_t appid = 0;
  bool simulated = false;

  [[nodiscard]] unsigned changes(const Shape& now) const noexcept {
    return (conf_rev != now.conf_rev ? bit(kConfRevChanged) : 0U) |
           (smp_synch != now.smp_synch ? bit(kSynchChanged) : 0U) |
           (dat_set != now.dat_set ? bit(kDatasetChanged) : 0U) | (bytes != now.bytes ? bit(kSizeChanged) : 0U) |
           (simulated != now.simulated ? bit(kSimulated) : 0U);
  }
};

struct Stream {
  std::string name;  // the sender's address, svID
  Timestamp first{}, last{};
  Timestamp jump{};  // when one was last told
  std::uint64_t smp_cnt = 0, samples = 0, missed = 0;
  Shape shape;
  bool second = false;  // another sender published the same before
  L2Ends ends;

  [[nodiscard]] std::string_view id() const noexcept { return std::string_view{name}.substr(ends.source.size()); }
};

class SvAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    watch(context);
    SvFrame samples;
    const auto wrong = samples.read(frame.payload);
    SvSample sample;
    for (std::size_t i = 0; i < kSamplesMax && samples.next(sample); ++i) {
      if (sample.sv_id.empty() || !sample.smp_cnt) continue;
      take(samples, sample, frame, context);
    }
    if (wrong || samples.broken()) context.refused(wrong.value_or(DecodeError::bad_value));
  }

  void finish(Context& context) override {
    for (const Stream& stream : streams_.all()) tell_end(stream, false, context);
  }

 private:
  static constexpr std::chrono::seconds kSilence{2}, kJumpsApart{1};
  static constexpr std::size_t kSamplesMax = 64;  // of one frame; 8 are usual

  // With every frame one stream in turn: has it ended? Only frames tell the time, so the last one's end is told by
  // finish().
  void watch(Context& context) {
    Stream* stream = streams_.next();
    if (stream == nullptr || context.now() - stream->last <= kSilence) return;
    tell_end(*stream, true, context);
    streams_.remove(*stream);
  }

  void take(const SvFrame& frame, const SvSample& sample, const EthernetFrame& around, Context& context) {
    const L2Ends ends{around};
    name_.assign(ends.name());
    name_.append(as_text(sample.sv_id.first(std::min(sample.sv_id.size(), kNameMax))));
    const Shape shape{sample.conf_rev.value_or(0),
                      sample.smp_synch.value_or(0),
                      hash64(as_text(sample.dat_set)),
                      sample.data ? sample.data->size() : 0,
                      frame.head.appid,
                      frame.head.simulated};
    Stream* known = streams_.find(name_);
    unsigned anomalies = 0;
    std::string_view state;
    if (known == nullptr) {
      known = &open(ends, context);
      state = "begin";
      anomalies = (known->second ? bit(kOtherSource) : 0U) | (shape.simulated ? bit(kSimulated) : 0U);
    } else {
      if (anomalies = known->shape.changes(shape); anomalies != 0) state = "change";
      if (jumps(*known, *sample.smp_cnt, context.now())) {
        anomalies |= bit(kSmpCntJump);
        if (state.empty()) state = "jump";
      }
    }
    known->shape = shape;
    known->smp_cnt = *sample.smp_cnt;
    known->last = context.now();
    ++known->samples;
    if (!state.empty()) tell(frame, sample, *known, state, anomalies, context);
  }

  Stream& open(const L2Ends& ends, Context& context) {
    const std::string_view id = std::string_view{name_}.substr(ends.source.size());
    const bool second = std::ranges::find(streams_.all(), id, &Stream::id) != streams_.all().end();
    Stream& fresh = streams_.add(name_, context, [&](const Stream& old) { tell_end(old, false, context); });
    fresh.first = context.now();
    fresh.second = second;
    fresh.ends = ends;
    return fresh;
  }

  // Whether that is to be told, too: once a second. Where a second ends depends on the rate, which need not be said, so
  // any number may be followed by 0. The same number once more is a copy from a redundant path.
  static bool jumps(Stream& stream, std::uint64_t smp_cnt, Timestamp now) noexcept {
    if (smp_cnt == 0 || smp_cnt == stream.smp_cnt || smp_cnt == stream.smp_cnt + 1) return false;
    if (smp_cnt > stream.smp_cnt) stream.missed += smp_cnt - stream.smp_cnt - 1;
    if (stream.jump != Timestamp{} && now - stream.jump < kJumpsApart) return false;
    stream.jump = now;
    return true;
  }

  static void write_synch(EventWriter& out, std::uint64_t synch) {
    static constexpr std::array<std::string_view, 3> kNames{"none", "local", "global"};
    if (!out.wants(kSmpSynch)) return;
    IcsText text;
    if (synch < kNames.size())
      text.append(kNames[synch]);
    else
      text.append_number(synch);
    out.set(kSmpSynch, Value::text(out.event().keep(text.view())));
  }

  static void write_stream(EventWriter& out, const Stream& stream, std::string_view state, unsigned anomalies) {
    write_l2(out, stream.ends);
    set_hex_number(out, kAppid, stream.shape.appid);
    out.set(kSvId, text_value(out, as_bytes(stream.id())));
    out.set(kState, Value::text(state));
    set_number(out, kConfRev, stream.shape.conf_rev);
    write_synch(out, stream.shape.smp_synch);
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(stream.shape.bytes)));
    out.set(kSimulation, Value::boolean(stream.shape.simulated));
    set_number(out, kSmpCnt, stream.smp_cnt);
    set_number(out, kSamples, stream.samples);
    set_number(out, kMissed, stream.missed);
    out.set(kDuration, Value::interval(stream.last - stream.first));
    set_flags(out, kAnomaly, kAnomalyNames, anomalies);
  }

  static void write_command(EventWriter& out, const Stream& stream, IcsOperation operation) {
    IcsCommand command{operation, {}, {}};
    command.target.append_escaped(as_bytes(stream.id()));
    write_ics(out, kIcs, command);
  }

  static void tell(const SvFrame& frame, const SvSample& sample, const Stream& stream, std::string_view state,
                   unsigned anomalies, Context& context) {
    static constexpr std::array<std::string_view, 3> kModes{"per_period", "per_second", "seconds_per_sample"};
    if (!context.wants(kSv)) return;
    EventWriter out = context.begin(kSv, context.now());
    write_stream(out, stream, state, anomalies);
    set_number(out, kNoAsdu, frame.samples);
    if (!sample.dat_set.empty()) out.set(kDatSet, text_value(out, sample.dat_set));
    set_number(out, kSmpRate, sample.smp_rate);
    if (sample.smp_mod && *sample.smp_mod < kModes.size()) out.set(kSmpMod, Value::text(kModes[*sample.smp_mod]));
    write_command(out, stream, IcsOperation::subscribe);
    context.emit();
  }

  // At the time of its last sample.
  static void tell_end(const Stream& stream, bool silent, Context& context) {
    if (!context.wants(kSv)) return;
    EventWriter out = context.begin(kSv, stream.last);
    write_stream(out, stream, "end", silent ? bit(kSilent) : 0U);
    write_command(out, stream, silent ? IcsOperation::stop : IcsOperation::subscribe);
    context.emit();
  }

  L2Streams<Stream> streams_;
  std::string name_;  // of the current sample; kept for its memory
};

}  // namespace

Protocol sv_protocol() {
  Protocol p;
  p.name = "sv";
  p.help = "Sampled Values: currents and voltages of a substation";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<SvAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
