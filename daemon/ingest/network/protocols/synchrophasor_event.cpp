#include "ingest/network/protocols/synchrophasor_event.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

// Every frame's event begins with these.
enum FrameField : std::size_t { kFrameType, kFrameSize, kTime, kStream, kVersion, kQuality, kOwn };

constexpr auto kFrameFields = std::to_array<FieldSpec>({
    {"frame_type", "text", "Data, Header, CFG1, CFG2, CFG3 or Command"},
    {"frame_size", "integer", "octets of the frame"},
    {"header_time_stamp", "time", "the sender's; in whole seconds until a configuration told the fraction's unit"},
    {"data_stream_id", "integer", "the stream, which is a PMU or a concentrator (ours)"},
    {"version", "integer", "1 for the standard of 2005, 2 for that of 2011 (ours)"},
    {"time_quality", "text", "locked, or how far from the true time: 1 us, ..., clock failure (ours)"},
});

template <std::size_t N>
constexpr auto frame_fields(const std::array<FieldSpec, N>& own) {
  std::array<FieldSpec, kOwn + N> all;
  std::ranges::copy(own, std::ranges::copy(kFrameFields, all.begin()).out);
  return with_ics(all);
}

enum CommandField : std::size_t { kCommand = kOwn, kExtended, kCode, kCommandIcs };
constexpr auto kCommandFields = frame_fields(std::to_array<FieldSpec>({
    {"command", "text", "Data off, Data on, Send HDR, Send CFG-1, Send CFG-2, Send CFG-3 or Extended frame"},
    {"extframe", "list of integer", "octets of an extended frame, the first 256"},
    {"command_code", "integer", "the command's number (ours)"},
}));

enum HeaderField : std::size_t { kHeaderData = kOwn, kHeaderRtt, kHeaderIcs };
constexpr auto kHeaderFields = frame_fields(std::to_array<FieldSpec>({
    {"data", "text", "what its operator wrote for people"},
    {"rtt", "interval", "from the command to it; absent when the command was not seen (ours)"},
}));

enum ConfigField : std::size_t {
  kPart = kOwn,
  kExpected,
  kActual,
  kRate,
  kStations,
  kConfigRtt,
  kConfigFrames,
  kMissing,
  kConfigIcs
};
constexpr auto kConfigFields = frame_fields(std::to_array<FieldSpec>({
    {"cont_idx", "integer", "of a CFG3: 0 alone, 65535 all of several; else the last of them that came"},
    {"pmu_count_expected", "integer", "PMUs, as it says"},
    {"pmu_count_actual", "integer", "PMUs that were readable"},
    {"data_rate", "integer", "frames a second; below 0 seconds a frame"},
    {"station_names", "list of text", "the PMUs' names, the first 64"},
    {"rtt", "interval", "from the command to it; absent when the command was not seen (ours)"},
    {"frames", "integer", "of a CFG3 in several frames: how many of them it was put together from (ours)"},
    {"missing_idx", "integer", "of one that will not be whole: the first frame that did not come (ours)"},
}));

enum ConfigDetailField : std::size_t {
  kPmuIndex,
  kService,
  kStation,
  kSource,
  kGlobal,
  kPolar,
  kPhasorFloat,
  kAnalogFloat,
  kFrequencyFloat,
  kPhasorCount,
  kAnalogCount,
  kDigitalCount,
  kPhasorNames,
  kAnalogNames,
  kDigitalNames,
  kLatitude,
  kLongitude,
  kElevation,
  kWindow,
  kDelay,
  kNominal,
  kChanges,
  kDetailType,
  kDetailStream,
  kConfigDetailIcs
};
constexpr auto kConfigDetailFields = with_ics(std::to_array<FieldSpec>({
    {"pmu_idx", "integer", "which PMU of the frame, from 0"},
    {"svc_class", "text", "of a CFG3: M for measurement, P for protection"},
    {"station_name", "text", "the PMU's name"},
    {"data_source_id", "integer", "its number"},
    {"global_pmuid", "text", "of a CFG3: its number in the world, in hexadecimal"},
    {"phasor_shape", "boolean", "phasors are magnitude and angle, not real and imaginary part"},
    {"phasor_format", "boolean", "phasors are floats"},
    {"analog_format", "boolean", "analogue values are floats"},
    {"freq_format", "boolean", "frequencies are floats"},
    {"phnmr", "integer", "how many phasors"},
    {"annmr", "integer", "how many analogue values"},
    {"dgnmr", "integer", "how many words of digital states"},
    {"phnam", "list of text", "the phasors' names, the first 64"},
    {"annam", "list of text", "the analogue values' names, the first 64"},
    {"dgnam", "list of text", "the digital states' names, the first 64"},
    {"pmu_lat", "real", "of a CFG3: latitude"},
    {"pmu_lon", "real", "of a CFG3: longitude"},
    {"pmu_elev", "real", "of a CFG3: metres above sea level"},
    {"window", "integer", "of a CFG3: the window of measurement in us"},
    {"group_delay", "integer", "of a CFG3: its delay in us"},
    {"fnom", "integer", "0 for 60 Hz, 1 for 50 Hz"},
    {"cfgcnt", "integer", "how often the configuration was changed"},
    {"frame_type", "text", "CFG1, CFG2 or CFG3"},
    {"data_stream_id", "integer", "the stream (ours)"},
}));

enum DataField : std::size_t { kDataExpected = kOwn, kDataActual, kWhy, kDataIcs };
constexpr auto kDataFields = frame_fields(std::to_array<FieldSpec>({
    {"pmu_count_expected", "integer", "PMUs, as the configuration says"},
    {"pmu_count_actual", "integer", "PMUs that were readable"},
    {"told_for", "text", "why this one is told: begin, or status for a change of a PMU's status (ours)"},
}));

enum DataDetailField : std::size_t {
  kDataPmu,
  kTrigger,
  kUnlocked,
  kPmuQuality,
  kModified,
  kConfigChange,
  kPickup,
  kSorting,
  kSyncError,
  kError,
  kReal,
  kImaginary,
  kMagnitude,
  kAngle,
  kFrequency,
  kRocof,
  kAnalogs,
  kDigitals,
  kErrorName,
  kTriggerName,
  kDataSource,
  kDataStream,
  kDataDetailIcs
};
constexpr auto kDataDetailFields = with_ics(std::to_array<FieldSpec>({
    {"pmu_idx", "integer", "which PMU of the frame, from 0"},
    {"trigger_reason", "integer", "what set off its trigger"},
    {"unlocked_time", "integer", "0 locked, 1 to 3 unlocked for over 10, 100, 1000 s"},
    {"pmu_time_quality", "integer", "from 1, under 100 ns, to 7, over 10 ms; 0 not said"},
    {"data_modified", "boolean", "the values were changed on their way"},
    {"config_change", "boolean", "the configuration has changed or soon will"},
    {"pmu_trigger_pickup", "boolean", "its trigger is set off"},
    {"data_sorting_type", "boolean", "sorted by arrival, not by time"},
    {"pmu_sync_error", "boolean", "it has lost the time"},
    {"data_error_indicator", "integer", "0 good, 1 no data, 2 test mode, 3 PMU error"},
    {"est_rectangular_real", "list of text", "phasors' real parts, the first 64"},
    {"est_rectangular_imaginary", "list of text", "and imaginary parts"},
    {"est_polar_magnitude", "list of text", "phasors' magnitudes, the first 64; integers are not scaled"},
    {"est_polar_angle", "list of text", "and angles"},
    {"frequency", "real", "in Hz (ours)"},
    {"rocof", "real", "its change in Hz/s"},
    {"analog_data", "list of text", "the first 64 analogue values"},
    {"digital", "list of integer", "the first 64 words of digital states"},
    {"data_error", "text", "none, no data, test mode or PMU error (ours)"},
    {"trigger", "text", "what set off its trigger, in words (ours)"},
    {"data_source_id", "integer", "the PMU's number (ours)"},
    {"data_stream_id", "integer", "the stream (ours)"},
}));

enum SummaryField : std::size_t {
  kVersions,
  kStreams,
  kHistory,
  kSizeMin,
  kSizeMax,
  kSizeTotal,
  kDataFrames,
  kRates,
  kFrames,
  kSummaryIcs
};
constexpr auto kSummaryFields = with_ics(std::to_array<FieldSpec>({
    {"versions", "list of integer", "versions of the protocol (ours; `version` in ICSNPP)"},
    {"data_stream_ids", "list of integer", "the first 8 streams (ours; `data_stream_id` in ICSNPP)"},
    {"history", "text",
     "the first 64 commands: d data off, D data on, h header, 1 2 3 configurations, e extended, u unknown"},
    {"frame_size_min", "integer", "octets of the smallest frame"},
    {"frame_size_max", "integer", "octets of the largest"},
    {"frame_size_tot", "integer", "octets of all"},
    {"data_frame_count", "integer", "data frames, told or not"},
    {"data_rate", "list of integer", "rates of data, as configurations say"},
    {"frame_count", "integer", "frames of all kinds (ours)"},
}));

constexpr std::array<std::string_view, 1> kCommandService{"synchrophasor_cmd"}, kHeaderService{"synchrophasor_hdr"},
    kConfigService{"synchrophasor_cfg"}, kConfigDetailService{"synchrophasor_cfg_detail"},
    kDataService{"synchrophasor_data"}, kDataDetailService{"synchrophasor_data_detail"},
    kSummaryService{"synchrophasor"};
constexpr std::array<event::TypeSpec, 8> kTypes{
    {{"synchrophasor_cmd", "normwatch", kCommandService, kIcsCategory, kCommandFields, false},
     {"synchrophasor_hdr", "normwatch", kHeaderService, kIcsCategory, kHeaderFields, false},
     {"synchrophasor_cfg", "normwatch", kConfigService, kIcsCategory, kConfigFields, false},
     {"synchrophasor_cfg_detail", "normwatch", kConfigDetailService, kIcsPartCategory, kConfigDetailFields, false},
     {"synchrophasor_data", "normwatch", kDataService, kIcsCategory, kDataFields, false},
     {"synchrophasor_data_detail", "normwatch", kDataDetailService, kIcsPartCategory, kDataDetailFields, false},
     {"synchrophasor", "normwatch", kSummaryService, kIcsPartCategory, kSummaryFields, false},
     kKnownDeviceType}};

constexpr std::size_t kListMax = 64, kExtendedMax = 256;

EventWriter begin(std::size_t type, const SynFrame& frame, std::uint32_t time_base, Context& context) {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  EventWriter out = context.begin(type, context.now());
  out.set(kFrameType, Value::text(syn_type_name(frame.type)));
  out.set(kFrameSize, Value::integer(frame.size));
  std::uint64_t time = frame.second * kNanoseconds;
  if (frame.fraction < time_base) time += frame.fraction * kNanoseconds / time_base;
  out.set(kTime, Value::time(from_unix_nanoseconds(static_cast<std::int64_t>(time))));
  out.set(kStream, Value::integer(frame.stream));
  out.set(kVersion, Value::integer(frame.version));
  const unsigned quality = frame.quality & 0x0FU;
  out.set(kQuality, named(out, syn_quality_name(quality), quality));
  return out;
}

IcsCommand about(IcsOperation operation, std::uint16_t stream) {
  IcsCommand command{operation, {}, {}};
  command.target.append_number(stream);
  return command;
}

IcsCommand about_command(std::uint16_t code, std::uint16_t stream) {
  IcsCommand command = about(syn_operation(code), stream);
  if (code == kSynDataOff || code == kSynDataOn) command.value.append(code == kSynDataOn ? "start" : "stop");
  return command;
}

// What was asked for is an answer; else it is told unasked.
std::optional<IcsOutcome> outcome(const SynAnswer& answer) {
  return answer.asked ? std::optional{IcsOutcome::ok} : std::nullopt;
}

void set_names(EventWriter& out, std::size_t field, ByteReader& names, std::size_t count, bool third) {
  const auto slots = out.event().arena().make<Value>(out.wants(field) ? std::min(count, kListMax) : 0);
  std::size_t used = 0;
  for (std::size_t i = 0; i < count && names.ok(); ++i) {
    const Bytes name = syn_text(next_syn_name(names, third));
    if (names.ok() && used < slots.size()) slots[used++] = text_value(out, name);
  }
  set_list(out, field, slots.first(used));
}

void set_stations(EventWriter& out, const SynConfig& config) {
  if (!out.wants(kStations)) return;
  const auto slots = out.event().arena().make<Value>(std::min<std::size_t>(config.count, kListMax));
  ByteReader reader{config.pmus};
  SynPmu pmu;
  std::size_t used = 0;
  while (used < slots.size() && next_syn_pmu(reader, config.third, pmu)) slots[used++] = text_value(out, pmu.station);
  set_list(out, kStations, slots.first(used));
}

void tell_pmu(const SynFrame& frame, const SynConfig& config, const SynPmu& pmu, std::size_t index, Context& context) {
  EventWriter out = context.begin(kSynConfigDetails, context.now());
  out.set(kPmuIndex, Value::integer(static_cast<std::int64_t>(index)));
  set_text(out, kStation, pmu.station);
  out.set(kSource, Value::integer(pmu.id));
  for (std::size_t bit = 0; bit < 4; ++bit)
    out.set(kPolar + bit, Value::boolean((std::uint32_t{pmu.format} >> bit & 1U) != 0));
  out.set(kPhasorCount, Value::integer(pmu.phasors));
  out.set(kAnalogCount, Value::integer(pmu.analogs));
  out.set(kDigitalCount, Value::integer(pmu.digitals));
  ByteReader names{pmu.names};
  set_names(out, kPhasorNames, names, pmu.phasors, config.third);
  set_names(out, kAnalogNames, names, pmu.analogs, config.third);
  set_names(out, kDigitalNames, names, std::size_t{16} * pmu.digitals, config.third);
  if (config.third) {
    set_text(out, kService, Bytes{&pmu.service, 1});
    set_hex(out, kGlobal, pmu.global);
    out.set(kLatitude, Value::real(double{pmu.latitude}));
    out.set(kLongitude, Value::real(double{pmu.longitude}));
    out.set(kElevation, Value::real(double{pmu.elevation}));
    out.set(kWindow, Value::integer(pmu.window));
    out.set(kDelay, Value::integer(pmu.delay));
  }
  out.set(kNominal, Value::integer(pmu.nominal & 1U));
  out.set(kChanges, Value::integer(pmu.changes));
  out.set(kDetailType, Value::text(syn_type_name(frame.type)));
  out.set(kDetailStream, Value::integer(frame.stream));
  IcsCommand command = about(IcsOperation::read, frame.stream);
  command.target.append('/');
  command.target.append_number(pmu.id);
  command.value.append_escaped(pmu.station);
  write_ics(out, kConfigDetailIcs, command);
  context.emit();
}

Value number_text(EventWriter& out, double number) {
  IcsText text;
  text.append_real(static_cast<float>(number));
  return Value::text(out.event().keep(text.view()));
}

// Two numbers a phasor; an angle among integers is in 10^-4 rad, a magnitude without sign.
void set_phasors(EventWriter& out, const SynPmu& pmu, Bytes phasors) {
  const bool floats = (pmu.format & SynPmu::kPhasorFloat) != 0, polar = (pmu.format & SynPmu::kPolar) != 0;
  const std::size_t one = polar ? kMagnitude : kReal, other = polar ? kAngle : kImaginary;
  if (!out.wants(one) && !out.wants(other)) return;
  const std::size_t count = std::min<std::size_t>(pmu.phasors, kListMax);
  const auto firsts = out.event().arena().make<Value>(count), seconds = out.event().arena().make<Value>(count);
  ByteReader reader{phasors};
  for (std::size_t i = 0; i < std::min(firsts.size(), seconds.size()); ++i) {
    const double first = polar && !floats ? static_cast<double>(reader.u16be()) : syn_number(reader, floats);
    const double second = syn_number(reader, floats);
    firsts[i] = number_text(out, first);
    seconds[i] = number_text(out, polar && !floats ? second / 10000 : second);
  }
  set_list(out, one, firsts);
  set_list(out, other, seconds);
}

void set_analogs(EventWriter& out, const SynPmu& pmu, Bytes analogs) {
  const bool floats = (pmu.format & SynPmu::kAnalogFloat) != 0;
  const auto slots =
      out.event().arena().make<Value>(out.wants(kAnalogs) ? std::min<std::size_t>(pmu.analogs, kListMax) : 0);
  ByteReader reader{analogs};
  for (Value& slot : slots) slot = number_text(out, syn_number(reader, floats));
  set_list(out, kAnalogs, slots);
}

void tell_values(const SynFrame& frame, const SynPmu& pmu, const SynValues& values, std::size_t index,
                 Context& context) {
  const std::uint32_t stat = values.stat;
  EventWriter out = context.begin(kSynDataDetails, context.now());
  out.set(kDataPmu, Value::integer(static_cast<std::int64_t>(index)));
  out.set(kTrigger, Value::integer(stat & 0x0FU));
  out.set(kUnlocked, Value::integer(stat >> 4U & 3U));
  out.set(kPmuQuality, Value::integer(stat >> 6U & 7U));
  for (std::size_t bit = 0; bit < 5; ++bit) out.set(kModified + bit, Value::boolean((stat >> (9 + bit) & 1U) != 0));
  out.set(kError, Value::integer(stat >> 14U));
  out.set(kErrorName, Value::text(syn_error_name(stat >> 14U)));
  constexpr std::uint32_t kTriggered = 0x0800;
  if ((stat & kTriggered) != 0) out.set(kTriggerName, named(out, syn_trigger_name(stat & 0x0FU), stat & 0x0FU));
  set_phasors(out, pmu, values.phasors);
  out.set(kFrequency, Value::real(values.frequency));
  out.set(kRocof, Value::real(values.change));
  set_analogs(out, pmu, values.analogs);
  set_numbers(out, kDigitals, values.digitals.first(std::min(values.digitals.size(), 2 * kListMax)), 2);
  out.set(kDataSource, Value::integer(pmu.id));
  out.set(kDataStream, Value::integer(frame.stream));
  IcsCommand command = about(IcsOperation::read, frame.stream);
  command.target.append('/');
  command.target.append_number(pmu.id);
  command.value.append_real(static_cast<float>(values.frequency));
  write_ics(out, kDataDetailIcs, command);
  context.emit();
}

void set_numbers(EventWriter& out, std::size_t field, const SynSummary::Numbers& numbers) {
  const auto slots = out.event().arena().make<Value>(numbers.size);
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = Value::integer(numbers.values[i]);
  set_list(out, field, slots);
}

}  // namespace

std::span<const event::TypeSpec> synchrophasor_types() { return kTypes; }

void tell_syn_command(const SynFrame& frame, Context& context) {
  if (!context.wants(kSynCommands)) return;
  ByteReader reader{frame.data};
  const std::uint16_t code = reader.u16be();
  EventWriter out = begin(kSynCommands, frame, 0, context);
  out.set(kCommand, named(out, syn_command_name(code), code));
  out.set(kCode, Value::integer(code));
  set_numbers(out, kExtended, reader.rest().first(std::min(reader.rest().size(), kExtendedMax)), 1);
  write_ics(out, kCommandIcs, about_command(code, frame.stream));
  context.emit();
}

void tell_syn_unanswered(const SynRequest& request, Context& context) {
  if (!context.wants(kSynCommands)) return;
  EventWriter out = context.begin(kSynCommands, request.time);
  out.set(kFrameType, Value::text(syn_type_name(kSynCommand)));
  out.set(kStream, Value::integer(request.stream));
  out.set(kCommand, Value::text(syn_command_name(request.command)));
  out.set(kCode, Value::integer(request.command));
  write_ics(out, kCommandIcs, about_command(request.command, request.stream), IcsOutcome::no_answer);
  context.emit();
}

void tell_syn_header(const SynFrame& frame, const SynAnswer& answer, Context& context) {
  if (!context.wants(kSynHeaders)) return;
  EventWriter out = begin(kSynHeaders, frame, 0, context);
  set_text(out, kHeaderData, frame.data);
  if (answer.asked) out.set(kHeaderRtt, Value::interval(answer.rtt));
  IcsCommand command = about(IcsOperation::identify, frame.stream);
  command.value.append_escaped(syn_text(frame.data));
  write_ics(out, kHeaderIcs, command, outcome(answer));
  context.emit();
}

void tell_syn_config(const SynFrame& frame, const SynConfig& config, const SynConfigRead& read, const SynFrames& frames,
                     const SynAnswer& answer, Context& context) {
  const bool begins = !frames.several() || frames.in_order != 0;
  if (context.wants(kSynConfigs)) {
    EventWriter out = begin(kSynConfigs, frame, config.time_base, context);
    if (config.third) out.set(kPart, Value::integer(frames.last));
    if (begins) out.set(kExpected, Value::integer(config.count));
    if (begins) out.set(kActual, Value::integer(static_cast<std::int64_t>(read.pmus)));
    if (read.rate) out.set(kRate, Value::integer(*read.rate));
    if (begins) set_stations(out, config);
    if (answer.asked) out.set(kConfigRtt, Value::interval(answer.rtt));
    if (frames.several()) out.set(kConfigFrames, Value::integer(static_cast<std::int64_t>(frames.count)));
    if (frames.missing) out.set(kMissing, Value::integer(*frames.missing));
    write_ics(out, kConfigIcs, about(IcsOperation::read, frame.stream), outcome(answer));
    context.emit();
  }
  if (!context.wants(kSynConfigDetails)) return;
  ByteReader reader{config.pmus};
  SynPmu pmu;
  for (std::size_t i = 0; i < read.pmus && next_syn_pmu(reader, config.third, pmu); ++i)
    tell_pmu(frame, config, pmu, i, context);
}

void tell_syn_data(const SynFrame& frame, const SynLayout* layout, std::string_view why, Context& context) {
  if (context.wants(kSynDatas)) {
    EventWriter out = begin(kSynDatas, frame, layout == nullptr ? 0 : layout->time_base, context);
    if (layout != nullptr) {
      out.set(kDataExpected, Value::integer(static_cast<std::int64_t>(layout->pmus.size())));
      out.set(kDataActual, Value::integer(static_cast<std::int64_t>(layout->pmus.size())));
    }
    out.set(kWhy, Value::text(why));
    IcsCommand command = about(IcsOperation::read, frame.stream);
    if (layout != nullptr && wants_ics_texts(context, kSynDatas, kDataIcs)) {
      command.target.clear();
      ByteReader reader{frame.data};
      SynValues values;
      for (const SynPmu& pmu : layout->pmus) {
        if (command.target.full() || !next_syn_values(reader, pmu, values)) break;
        command.target.next();
        command.target.append_number(frame.stream);
        command.target.append('/');
        command.target.append_number(pmu.id);
        command.value.next();
        command.value.append_real(static_cast<float>(values.frequency));
      }
    }
    write_ics(out, kDataIcs, command);
    context.emit();
  }
  if (layout == nullptr || !context.wants(kSynDataDetails)) return;
  ByteReader reader{frame.data};
  SynValues values;
  for (std::size_t i = 0; i < layout->pmus.size() && next_syn_values(reader, layout->pmus[i], values); ++i)
    tell_values(frame, layout->pmus[i], values, i, context);
}

void tell_syn_summary(const SynSummary& summary, Context& context) {
  if (summary.frames == 0 || !context.wants(kSynSummaries)) return;
  EventWriter out = context.begin(kSynSummaries, summary.first);
  set_numbers(out, kVersions, summary.versions);
  set_numbers(out, kStreams, summary.streams);
  if (summary.commands != 0)
    out.set(kHistory, Value::text(out.event().keep({summary.history.data(), summary.commands})));
  out.set(kSizeMin, Value::integer(summary.size_min));
  out.set(kSizeMax, Value::integer(summary.size_max));
  out.set(kSizeTotal, Value::integer(static_cast<std::int64_t>(summary.octets)));
  out.set(kDataFrames, Value::integer(static_cast<std::int64_t>(summary.data_frames)));
  set_numbers(out, kRates, summary.rates);
  out.set(kFrames, Value::integer(static_cast<std::int64_t>(summary.frames)));
  IcsCommand command{IcsOperation::read, {}, {}};
  for (std::size_t i = 0; i < summary.streams.size; ++i) {
    command.target.next();
    command.target.append_number(summary.streams.values[i]);
  }
  write_ics(out, kSummaryIcs, command);
  context.emit();
}

}  // namespace nw::network
