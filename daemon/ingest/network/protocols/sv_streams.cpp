#include "ingest/network/protocols/sv_streams.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ingest/network/protocols/ics.h"
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
  kRouted,
  kIcs = kRouted + kRoutedFields,
};

constexpr auto kFields = with_l2(with_routed(std::to_array<event::FieldSpec>({
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
     "other_source, simulated, conf_rev_changed, synch_changed, dataset_changed, size_changed, smp_cnt_jump, "
     "values_differ, silent or signature_missing (ours)"},
})));

constexpr std::array<std::string_view, 1> kService{"sv"};
constexpr std::size_t kNameMax = 255, kValuesKept = 2048;  // octets, to compare them
constexpr std::chrono::seconds kSilence{2}, kJumpsApart{1};
constexpr std::size_t kSamplesMax = 1024;  // of one frame; 8 are usual, 750 empty ones fill it

// A bit each.
enum Anomaly : unsigned {
  kOtherSource,
  kSimulated,
  kConfRevChanged,
  kSynchChanged,
  kDatasetChanged,
  kSizeChanged,
  kSmpCntJump,
  kValuesDiffer,
  kSilent,
  kSignatureMissing,
  kAnomalies,
};
constexpr std::array<std::string_view, kAnomalies> kAnomalyNames{
    "other_source", "simulated",    "conf_rev_changed", "synch_changed", "dataset_changed",
    "size_changed", "smp_cnt_jump", "values_differ",    "silent",        "signature_missing"};
constexpr unsigned bit(Anomaly anomaly) noexcept { return 1U << anomaly; }

unsigned changes(const SvShape& before, const SvShape& now) noexcept {
  return (before.conf_rev != now.conf_rev ? bit(kConfRevChanged) : 0U) |
         (before.smp_synch != now.smp_synch ? bit(kSynchChanged) : 0U) |
         (before.dat_set != now.dat_set ? bit(kDatasetChanged) : 0U) |
         (before.bytes != now.bytes ? bit(kSizeChanged) : 0U) |
         (before.simulated != now.simulated ? bit(kSimulated) : 0U) |
         (before.is_signed && !now.is_signed ? bit(kSignatureMissing) : 0U);
}

// Whether that is to be told, too: once a second. Where a second ends depends on the rate, which need not be said, so
// any number may be followed by 0. The same number once more is a copy from a redundant path.
bool jumps(SvStream& stream, std::uint64_t smp_cnt, Timestamp now) noexcept {
  if (smp_cnt == 0 || smp_cnt == stream.smp_cnt || smp_cnt == stream.smp_cnt + 1) return false;
  if (smp_cnt > stream.smp_cnt) stream.missed += smp_cnt - stream.smp_cnt - 1;
  if (stream.jump != Timestamp{} && now - stream.jump < kJumpsApart) return false;
  stream.jump = now;
  return true;
}

std::string_view values_of(const SvSample& sample) noexcept {
  return as_text(sample.data.value_or(Bytes{})).substr(0, kValuesKept);
}

// Whether a number comes again with other values, and that is to be told, too: once a second. Who sends as the
// publisher has to use its numbers.
bool differs(SvStream& stream, const SvSample& sample, Timestamp now) noexcept {
  if (*sample.smp_cnt != stream.smp_cnt || values_of(sample) == stream.values) return false;
  if (stream.differed != Timestamp{} && now - stream.differed < kJumpsApart) return false;
  stream.differed = now;
  return true;
}

void write_synch(EventWriter& out, std::uint64_t synch) {
  static constexpr std::array<std::string_view, 3> kNames{"none", "local", "global"};
  if (!out.wants(kSmpSynch)) return;
  IcsText text;
  if (synch < kNames.size())
    text.append(kNames[synch]);
  else
    text.append_number(synch);
  out.set(kSmpSynch, Value::text(out.event().keep(text.view())));
}

void write_stream(EventWriter& out, const SvStream& stream, std::string_view state, unsigned anomalies) {
  set_hex_number(out, kAppid, stream.shape.appid);
  if (!stream.id().empty()) out.set(kSvId, text_value(out, as_bytes(stream.id())));
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

void write_command(EventWriter& out, const SvStream& stream, IcsOperation operation) {
  IcsCommand command{operation, {}, {}};
  command.target.append_escaped(as_bytes(stream.id()));
  write_ics(out, kIcs, std::move(command));  // it does not outlive the event
}

}  // namespace

const event::TypeSpec& sv_type() noexcept {
  static constexpr event::TypeSpec kType{"sv", "normwatch", kService, kIcsCategory, kFields, false};
  return kType;
}

void SvStreams::take(SvFrame& frame, const Iec61850Origin& origin, Context& context) {
  SvSample sample;
  for (std::size_t i = 0; i < kSamplesMax && frame.next(sample); ++i) {
    if (sample.smp_cnt) take(frame, sample, origin, context);
  }
}

void SvStreams::advance(Timestamp until, Timestamp known_from, Context& context) {
  const auto due = [](const SvStream& it) { return it.last + kSilence; };
  while (SvStream* const stream = streams_.overdue(until, due)) {
    tell_end(*stream, std::max(due(*stream), known_from) + kLateness, context);
    streams_.remove(*stream);
  }
}

void SvStreams::finish(Context& context) {
  for (const SvStream& stream : streams_.all()) tell_end(stream, std::nullopt, context);
}

void SvStreams::tell_sealed(const Iec61850Origin& origin, bool encrypted, Context& context) const {
  network::tell_sealed(type_, kRouted, origin, encrypted, context);
}

void SvStreams::take(const SvFrame& frame, const SvSample& sample, const Iec61850Origin& origin, Context& context) {
  name_.assign(origin.ends.name());
  name_.append(as_text(sample.sv_id.first(std::min(sample.sv_id.size(), kNameMax))));
  const SvShape shape{sample.conf_rev.value_or(0),
                      sample.smp_synch.value_or(0),
                      hash64(as_text(sample.dat_set)),
                      sample.data ? sample.data->size() : 0,
                      frame.head.appid,
                      frame.head.simulated,
                      origin.is_signed()};
  SvStream* known = streams_.find(name_);
  unsigned anomalies = 0;
  std::string_view state;
  if (known == nullptr) {
    known = &open(origin, context);
    state = "begin";
    anomalies = (known->second ? bit(kOtherSource) : 0U) | (shape.simulated ? bit(kSimulated) : 0U);
  } else {
    if (anomalies = changes(known->shape, shape); anomalies != 0) state = "change";
    if (jumps(*known, *sample.smp_cnt, context.now())) {
      anomalies |= bit(kSmpCntJump);
      if (state.empty()) state = "jump";
    }
    if (differs(*known, sample, context.now())) {
      anomalies |= bit(kValuesDiffer);
      if (state.empty()) state = "change";
    }
  }
  known->values = values_of(sample);
  known->shape = shape;
  known->smp_cnt = *sample.smp_cnt;
  known->last = context.now();
  ++known->samples;
  if (!state.empty()) tell(frame, sample, origin, *known, state, anomalies, context);
}

SvStream& SvStreams::open(const Iec61850Origin& origin, Context& context) {
  const std::string_view id = std::string_view{name_}.substr(origin.ends.source.size());
  const bool second = std::ranges::find(streams_.all(), id, &SvStream::id) != streams_.all().end();
  SvStream& fresh = streams_.add(name_, context, [&](const SvStream& old) { tell_end(old, std::nullopt, context); });
  fresh.first = context.now();
  fresh.second = second;
  fresh.ends = origin.ends;
  return fresh;
}

void SvStreams::tell(const SvFrame& frame, const SvSample& sample, const Iec61850Origin& origin, const SvStream& stream,
                     std::string_view state, unsigned anomalies, Context& context) const {
  static constexpr std::array<std::string_view, 3> kModes{"per_period", "per_second", "seconds_per_sample"};
  if (!context.wants(type_)) return;
  EventWriter out = context.begin(type_, context.now());
  write_origin(out, kRouted, origin);
  write_stream(out, stream, state, anomalies);
  set_number(out, kNoAsdu, frame.samples);
  if (!sample.dat_set.empty()) out.set(kDatSet, text_value(out, sample.dat_set));
  set_number(out, kSmpRate, sample.smp_rate);
  if (sample.smp_mod && *sample.smp_mod < kModes.size()) out.set(kSmpMod, Value::text(kModes[*sample.smp_mod]));
  write_command(out, stream, IcsOperation::subscribe);
  context.emit();
}

// At the time of its last sample. `silent_at`: when it was sure that it is silent; else the source ends.
void SvStreams::tell_end(const SvStream& stream, std::optional<Timestamp> silent_at, Context& context) const {
  if (!context.wants(type_)) return;
  EventWriter out = context.begin(type_, stream.last);
  if (silent_at) out.event().known_at = *silent_at;
  write_l2(out, stream.ends);
  write_stream(out, stream, "end", silent_at ? bit(kSilent) : 0U);
  write_command(out, stream, silent_at ? IcsOperation::stop : IcsOperation::subscribe);
  context.emit();
}

}  // namespace nw::network
