#include "ingest/network/protocols/profinet_rt.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum RtField : std::size_t {
  kFrameId = kL2Fields,
  kClass,
  kState,
  kRun,
  kValid,
  kOk,
  kPrimary,
  kFrames,
  kDuration,
  kAnomaly,
  kRtIcs,
};

constexpr auto kRtFields = with_l2(std::to_array<event::FieldSpec>({
    {"frame_id", "integer", "number of the connection's data (ours)"},
    {"rt_class", "text", "rt_class_1, rt_class_2, rt_class_3, sync, fragment or other (ours)"},
    {"stream_state", "text", "what happens: begin, change or end (ours)"},
    {"provider_run", "boolean", "the sender's program runs (ours)"},
    {"data_valid", "boolean", "the data may be used (ours)"},
    {"station_ok", "boolean", "the sender reports no problem (ours)"},
    {"primary", "boolean", "of redundant connections the one that counts (ours)"},
    {"frames", "integer", "how many were seen so far (ours)"},
    {"stream_duration", "interval", "from the first frame to the last one so far (ours)"},
    {"anomaly", "list of text", "other_source or silent (ours)"},
}));

enum AlarmField : std::size_t {
  kAlarmFrameId = kL2Fields,
  kPriority,
  kPdu,
  kSourceEndpoint,
  kDestinationEndpoint,
  kSequence,
  kAckSequence,
  kAlarmType,
  kApi,
  kSlot,
  kSubslot,
  kModule,
  kSubmodule,
  kStatus,
  kAlarmIcs,
};

constexpr auto kAlarmFields = with_l2(std::to_array<event::FieldSpec>({
    {"frame_id", "integer", "64513 (0xfc01) or 65025 (0xfe01) (ours)"},
    {"priority", "text", "high or low (ours)"},
    {"pdu_type", "text", "data, nack, ack or error (ours)"},
    {"source_endpoint", "integer", "the sender's end of the alarm connection (ours)"},
    {"destination_endpoint", "integer", "the receiver's (ours)"},
    {"send_sequence", "integer", "number of the message (ours)"},
    {"ack_sequence", "integer", "of the last one that was received (ours)"},
    {"alarm_type", "text", "diagnosis, process, pull, plug, ... (ours)"},
    {"api", "integer", "the application process it is about (ours)"},
    {"slot", "integer", "the module's place (ours)"},
    {"subslot", "integer", "the submodule's place (ours)"},
    {"module_ident", "integer", "which module it is (ours)"},
    {"submodule_ident", "integer", "which submodule (ours)"},
    {"status", "text", "of an acknowledgement or an error, in hexadecimal: 0x00000000 is none (ours)"},
}));

constexpr std::array<std::string_view, 1> kRtService{"profinet_rt"}, kAlarmService{"profinet_alarm"};
constexpr event::TypeSpec kRtType{"profinet_rt", "normwatch", kRtService, kIcsCategory, kRtFields, false};
constexpr event::TypeSpec kAlarmSpec{"profinet_alarm", "normwatch", kAlarmService, kIcsCategory, kAlarmFields, false};

// A bit each.
enum Anomaly : unsigned { kOtherSource, kSilent };
constexpr std::array<std::string_view, 2> kAnomalyNames{"other_source", "silent"};

// Data status, section 4.7.2.2.
constexpr std::uint8_t kPrimaryBit = 0x01, kValidBit = 0x04, kRunBit = 0x10, kOkBit = 0x20;
constexpr std::uint8_t kTold = kPrimaryBit | kValidBit | kRunBit | kOkBit;

constexpr std::uint16_t kFragments = 0xff80, kFragmentsEnd = 0xff8f;

bool is_cyclic(std::uint16_t id) noexcept { return id >= 0x0100 && id < 0xfc00; }

std::string_view class_of(std::uint16_t id) noexcept {
  if (id < 0x0100 || (id >= 0xff00 && id <= 0xff43)) return "sync";
  if (id < 0x8000) return "rt_class_3";
  if (id < 0xc000) return "rt_class_2";
  if (id < 0xfc00) return "rt_class_1";
  return id >= kFragments && id <= kFragmentsEnd ? "fragment" : "other";
}

void write_stream(const ProfinetStream& stream, std::string_view state, unsigned anomalies, IcsOperation operation,
                  Timestamp time, Context& context) {
  if (!context.wants(kProfinetRt)) return;
  EventWriter out = context.begin(kProfinetRt, time);
  write_l2(out, stream.ends);
  out.set(kFrameId, Value::integer(stream.frame_id));
  out.set(kClass, Value::text(class_of(stream.frame_id)));
  out.set(kState, Value::text(state));
  if (is_cyclic(stream.frame_id)) {
    out.set(kRun, Value::boolean((stream.status & kRunBit) != 0));
    out.set(kValid, Value::boolean((stream.status & kValidBit) != 0));
    out.set(kOk, Value::boolean((stream.status & kOkBit) != 0));
    out.set(kPrimary, Value::boolean((stream.status & kPrimaryBit) != 0));
  }
  set_number(out, kFrames, stream.frames);
  out.set(kDuration, Value::interval(stream.last - stream.first));
  set_flags(out, kAnomaly, kAnomalyNames, anomalies);
  IcsCommand command{operation, {}, {}};
  if (stream.ends.known) append_hardware(command.target, stream.ends.source);
  command.target.append("/rt/");
  command.target.append_number(stream.frame_id);
  write_ics(out, kRtIcs, command);
  context.emit();
}

std::string_view alarm_name(std::uint16_t type) noexcept {
  static constexpr std::array<std::string_view, 0x16> kNames{"",
                                                             "diagnosis",
                                                             "process",
                                                             "pull",
                                                             "plug",
                                                             "status",
                                                             "update",
                                                             "redundancy",
                                                             "controlled_by_supervisor",
                                                             "released",
                                                             "plug_wrong_submodule",
                                                             "return_of_submodule",
                                                             "diagnosis_disappears",
                                                             "multicast_mismatch",
                                                             "port_data_change",
                                                             "sync_data_change",
                                                             "isochronous_mode_problem",
                                                             "network_component_problem",
                                                             "time_data_change",
                                                             "dynamic_frame_packing_problem",
                                                             "mrpd_problem",
                                                             "multiple_interface_mismatch"};
  if (type == 0x1e) return "upload_and_retrieval";
  if (type == 0x1f) return "pull_module";
  return type < kNames.size() ? kNames[type] : std::string_view{};
}

// | block type u16 | block length u16 | version u16 | alarm type u16 | API u32 | slot u16 | subslot u16 |, and of a
// notification | module u32 | submodule u32 | specifier u16 | details |, of an acknowledgement | specifier u16 | status
// u32 |
struct Alarm {
  std::uint16_t block = 0, type = 0, slot = 0, subslot = 0;
  std::uint32_t api = 0, module = 0, submodule = 0, status = 0;
  bool notification() const noexcept { return block < 0x8000; }
};

std::optional<Alarm> read_alarm(Bytes data) noexcept {
  ByteReader in{data};
  Alarm out;
  out.block = in.u16be();
  in.u16be();
  in.u16be();
  out.type = in.u16be();
  out.api = in.u32be();
  out.slot = in.u16be();
  out.subslot = in.u16be();
  if (out.notification()) {
    out.module = in.u32be();
    out.submodule = in.u32be();
    in.u16be();
  } else {
    in.u16be();
    out.status = in.u32be();
  }
  return in.ok() ? std::optional{out} : std::nullopt;
}

void set_status(EventWriter& out, std::uint32_t status) { out.set(kStatus, hex_value(out, status, 8)); }

void write_alarm(EventWriter& out, const Alarm& alarm) {
  out.set(kAlarmType, named(out, alarm_name(alarm.type), alarm.type));
  out.set(kApi, Value::integer(alarm.api));
  out.set(kSlot, Value::integer(alarm.slot));
  out.set(kSubslot, Value::integer(alarm.subslot));
  if (!alarm.notification()) return set_status(out, alarm.status);
  out.set(kModule, Value::integer(alarm.module));
  out.set(kSubmodule, Value::integer(alarm.submodule));
}

// The device's own address, slot and subslot.
void describe(const Alarm& alarm, Bytes device, IcsText& target) {
  append_hardware(target, device);
  target.append("/slot/");
  target.append_number(alarm.slot);
  target.append('/');
  target.append_number(alarm.subslot);
}

}  // namespace

const event::TypeSpec& profinet_rt_type() { return kRtType; }
const event::TypeSpec& profinet_alarm_type() { return kAlarmSpec; }

void ProfinetStreams::advance(Timestamp until, Context& context) {
  static constexpr std::chrono::seconds kSilence{5};
  const auto due = [](const ProfinetStream& it) { return it.last + kSilence; };
  while (ProfinetStream* const stream = streams_.overdue(until, due)) {
    const bool cyclic = is_cyclic(stream->frame_id);
    write_stream(*stream, "end", cyclic ? 1U << kSilent : 0U, cyclic ? IcsOperation::stop : IcsOperation::subscribe,
                 stream->last, context);
    streams_.remove(*stream);
  }
}

ProfinetStream& ProfinetStreams::open(std::uint16_t frame_id, const L2Ends& ends, Context& context) {
  const bool second = is_cyclic(frame_id) && ends.known && std::ranges::any_of(streams_.all(), [&](const auto& other) {
                        return other.frame_id == frame_id && other.ends.destination == ends.destination;
                      });
  ProfinetStream& fresh = streams_.add(name_, context, [&](const ProfinetStream& old) {
    write_stream(old, "end", 0, IcsOperation::subscribe, old.last, context);
  });
  fresh.first = context.now();
  fresh.frame_id = frame_id;
  fresh.second = second;
  fresh.ends = ends;
  return fresh;
}

// Cyclic data ends with | cycle counter u16 | data status u8 | transfer status u8 |.
void ProfinetStreams::frame(std::uint16_t frame_id, Bytes payload, const EthernetFrame& around, Context& context) {
  std::uint8_t status = 0;
  if (is_cyclic(frame_id)) {
    if (payload.size() < 4) return context.refused(DecodeError::truncated);
    status = payload[payload.size() - 2] & kTold;
  }
  // Fragments of one frame have numbers in turn.
  if (frame_id >= kFragments && frame_id <= kFragmentsEnd) frame_id = kFragments;
  const L2Ends ends{around};
  name_.assign(ends.name());
  name_.append(as_text(ends.destination));
  name_ += {static_cast<char>(frame_id >> 8U), static_cast<char>(frame_id & 0xFFU)};
  ProfinetStream* known = streams_.find(name_);
  const bool begins = known == nullptr;
  if (begins) known = &open(frame_id, ends, context);
  const std::uint8_t before = begins ? status : known->status;
  known->status = status;
  known->last = context.now();
  ++known->frames;
  if (!begins && before == status) return;
  const unsigned changed = before ^ status;
  const bool runs = (status & kRunBit) != 0;
  const IcsOperation operation = (changed & kRunBit) == 0 ? IcsOperation::subscribe
                                 : runs                   ? IcsOperation::start
                                                          : IcsOperation::stop;
  write_stream(*known, begins ? "begin" : "change", known->second ? 1U << kOtherSource : 0U, operation, context.now(),
               context);
}

void ProfinetStreams::finish(Context& context) {
  for (const ProfinetStream& stream : streams_.all())
    write_stream(stream, "end", 0, IcsOperation::subscribe, stream.last, context);
}

// | destination endpoint u16 | source endpoint u16 | version:4 type:4 | flags u8 | send sequence u16 | ack sequence u16
// | length u16 | data |
void tell_profinet_alarm(std::uint16_t frame_id, Bytes payload, const EthernetFrame& around, Context& context) {
  static constexpr std::array<std::string_view, 5> kPdus{"", "data", "nack", "ack", "error"};
  constexpr unsigned kData = 1, kNack = 2, kError = 4;
  ByteReader in{payload};
  const std::uint16_t destination = in.u16be(), source = in.u16be();
  const unsigned type = in.u8() & 0x0FU;
  in.u8();
  const std::uint16_t sequence = in.u16be(), ack = in.u16be();
  const std::size_t length = in.u16be();
  if (!in.ok()) return context.refused(DecodeError::truncated);
  const Bytes data = in.bytes(length);
  const auto alarm = type == kData ? read_alarm(data) : std::nullopt;
  if (!in.ok())
    context.refused(DecodeError::truncated);
  else if (type == 0 || type >= kPdus.size() || (type == kData && !alarm))
    context.refused(DecodeError::bad_value);

  if (!context.wants(kProfinetAlarm)) return;
  EventWriter out = context.begin(kProfinetAlarm, context.now());
  write_l2(out, L2Ends{around});
  out.set(kAlarmFrameId, Value::integer(frame_id));
  out.set(kPriority, Value::text(frame_id == 0xfc01 ? "high" : "low"));
  out.set(kPdu, named(out, type < kPdus.size() ? kPdus[type] : std::string_view{}, type));
  out.set(kSourceEndpoint, Value::integer(source));
  out.set(kDestinationEndpoint, Value::integer(destination));
  out.set(kSequence, Value::integer(sequence));
  out.set(kAckSequence, Value::integer(ack));
  IcsCommand command{alarm ? IcsOperation::diagnose : IcsOperation::other, {}, {}};
  std::optional<IcsOutcome> outcome;
  if (alarm) {
    write_alarm(out, *alarm);
    describe(*alarm, alarm->notification() ? around.source : around.destination, command.target);
    if (!alarm->notification()) outcome = alarm->status == 0 ? IcsOutcome::ok : IcsOutcome::refused;
  } else if (type == kError || type == kNack) {
    outcome = IcsOutcome::refused;
    ByteReader status{data};
    const std::uint32_t number = status.u32be();
    if (status.ok()) set_status(out, number);
  }
  if (!alarm) append_hardware(command.target, around.destination);
  write_ics(out, kAlarmIcs, command, outcome);
  context.emit();
}

}  // namespace nw::network
