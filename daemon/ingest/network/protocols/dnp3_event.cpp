#include "ingest/network/protocols/dnp3_event.h"

#include <algorithm>

#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

constexpr auto kMessageFields = with_ics(std::to_array<FieldSpec>({
    {"fc_request", "text", "function of a request: READ, ...; a response has its request's; unknown-NN without a name"},
    {"fc_reply", "text", "function of a response: RESPONSE, UNSOLICITED_RESPONSE, AUTHENTICATE_RESP"},
    {"iin", "integer", "a response's internal indications, the first octet in the high place"},
    {"iin_flags", "list of text", "their names: DEVICE_RESTART, OBJECT_UNKNOWN, ... (ours)"},
    {"fc_code", "integer", "number of the message's function (ours)"},
    {"is_orig", "boolean", "sent by the master (ours)"},
    {"link_source", "integer", "the sending station's link address (ours)"},
    {"link_destination", "integer", "the link address that it is sent to; from 65533 on all stations (ours)"},
    {"sequence", "integer", "application sequence number (ours)"},
    {"confirm", "boolean", "the sender wants a CONFIRM (ours)"},
    {"objects", "list of text", "group and variation of the object headers: g12v1, ... (ours)"},
    {"file_name", "text", "file that it is about (ours)"},
    {"file_size", "integer", "its size, as said (ours)"},
    {"file_mode", "text", "what it is opened for: READ, WRITE, APPEND or NULL (ours)"},
    {"file_status", "text", "how that went: SUCCESS, PERMISSION_DENIED, ... (ours)"},
    {"link_function", "text", "of a link frame without data: REQUEST_LINK_STATUS, LINK_STATUS, ACK, ... (ours)"},
    {"data_length", "integer", "octets of the application message (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));

enum ObjectField : std::size_t {
  kObjectIsOrig,
  kObjectFunction,
  kObjectType,
  kObjectCount,
  kRangeLow,
  kRangeHigh,
  kObjectGroup,
  kObjectVariation,
  kObjectQualifier,
  kObjectSource,
  kObjectDestination,
  kPointIndexes,
  kPointValues,
  kObjectIcs,
};

constexpr auto kObjectFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the master"},
    {"function_code", "text", "the message's function: READ, RESPONSE, ..."},
    {"object_type", "text", "what the objects are: Single-bit Binary Input, ...; unknown when nobody published it"},
    {"object_count", "integer", "how many, as said; absent where all are meant"},
    {"range_low", "integer", "lowest index"},
    {"range_high", "integer", "highest index"},
    {"group", "integer", "the objects' group (ours)"},
    {"variation", "integer", "and variation (ours)"},
    {"qualifier", "integer", "how they are numbered: prefix code and range code (ours)"},
    {"link_source", "integer", "the sending station's link address (ours)"},
    {"link_destination", "integer", "the link address that it is sent to (ours)"},
    {"point_indexes", "list of integer", "the first 256 indices, where each is said (ours)"},
    {"point_values", "list of text", "the first 256 values; times are in seconds (ours)"},
}));

enum ControlField : std::size_t {
  kControlIsOrig,
  kBlockType,
  kControlFunction,
  kIndexNumber,
  kTripControlCode,
  kOperationType,
  kClearBit,
  kExecuteCount,
  kOnTime,
  kOffTime,
  kStatusCode,
  kAnalogValue,
  kControlSource,
  kControlDestination,
  kControlSequence,
  kControlIcs,
};

constexpr auto kControlFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the master"},
    {"block_type", "text", "Control Relay Output Block, Pattern Control Block, 16-Bit Analog Output Block, ..."},
    {"function_code", "text", "the message's function: SELECT, OPERATE, RESPONSE, ..."},
    {"index_number", "integer", "the output's index"},
    {"trip_control_code", "text", "Nul, Close or Trip"},
    {"operation_type", "text", "Nul, Pulse On, Pulse Off, Latch On or Latch Off"},
    {"clear_bit", "boolean", "what waits for this output is dropped"},
    {"execute_count", "integer", "how often"},
    {"on_time", "integer", "for how long it is on, in ms"},
    {"off_time", "integer", "for how long it is off, in ms"},
    {"status_code", "text", "in a response: Success, No Select, ..."},
    {"analog_value", "real", "the value for an analogue output (ours)"},
    {"link_source", "integer", "the sending station's link address (ours)"},
    {"link_destination", "integer", "the link address that it is sent to (ours)"},
    {"sequence", "integer", "application sequence number (ours)"},
}));

constexpr std::array<std::string_view, 1> kService{"dnp3"}, kObjectService{"dnp3_objects"},
    kControlService{"dnp3_control"};
constexpr std::array<event::TypeSpec, 4> kTypes{
    {{"dnp3", "normwatch", kService, kIcsCategory, kMessageFields, false},
     {"dnp3_objects", "normwatch", kObjectService, kIcsPartCategory, kObjectFields, false},
     {"dnp3_control", "normwatch", kControlService, kIcsPartCategory, kControlFields, false},
     kKnownDeviceType}};

constexpr std::size_t kPointsMax = 256;

void add_value(IcsText& out, const Dnp3Object& object, const Dnp3Point& point) {
  IcsText value;
  append_dnp3_value(value, object, point);
  if (value.empty()) return;
  out.next();
  out.append(value.view());
}

void add_reason(Dnp3Contents& out, std::string_view name, unsigned number) {
  if (out.reason.empty() && number != 0) append_dnp3_constant(out.reason, name, number);
}

// Whether a point may say why a request was refused, or which file it is about.
bool is_judged(const Dnp3Object& object) {
  return object.commands() || object.group == kDnp3FileGroup ||
         (object.group == kDnp3Authentication && object.variation == kDnp3AuthenticationError);
}

void judge_point(const Dnp3Object& object, const Dnp3Point& point, Dnp3Contents& out) {
  if (const auto control = read_dnp3_control(object, point)) {
    add_reason(out, dnp3_status_name(control->status), control->status);
  } else if (object.group == kDnp3FileGroup) {
    if (!read_dnp3_file(object.variation, point.contents, out.file)) out.broken = true;
    if (out.file.status) add_reason(out, dnp3_file_status_name(*out.file.status), *out.file.status);
  } else if (object.group == kDnp3Authentication) {
    if (const auto code = dnp3_authentication_error(point.contents))
      add_reason(out, dnp3_authentication_error_name(*code), *code);
  }
}

void gather_points(const Dnp3Object& object, bool with_texts, Dnp3Contents& out) {
  const bool judged = is_judged(object);
  Dnp3Points points{object};
  for (Dnp3Point point; (judged || (with_texts && !out.value.full())) && points.next(point);) {
    if (judged) judge_point(object, point, out);
    if (with_texts && !out.value.full()) add_value(out.value, object, point);
  }
}

std::string_view as_name(Bytes octets) { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }

// The file that an object is about; of several the last. Empty when it is of another group or nobody knows.
std::string_view file_of(const Dnp3Fragment& fragment, const Dnp3Object& object, const Dnp3FileNames& files) {
  if (object.group != kDnp3FileGroup) return {};
  Dnp3File file;
  Dnp3Points points{object};
  for (Dnp3Point point; points.next(point);) read_dnp3_file(object.variation, point.contents, file);
  if (!file.name.empty()) return as_name(file.name);
  const std::string_view opened = file.handle ? files.open.name(fragment.handle(*file.handle)) : std::string_view{};
  return opened.empty() ? files.asked : opened;
}

void append_file_target(IcsText& out, const Dnp3Fragment& fragment, const Dnp3Object& object,
                        const Dnp3FileNames& files) {
  append_dnp3_target(out, fragment.outstation(), object);
  const std::string_view name = file_of(fragment, object, files);
  if (name.empty()) return;
  out.append('/');
  out.append_escaped({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
}

// Classes are asked for by several headers: they are one target.
void gather_target(const Dnp3Fragment& fragment, const Dnp3Object& object, const Dnp3Files& files, bool same,
                   Dnp3Contents& out) {
  if (same && !object.first && !object.indexed()) return;
  append_file_target(out.target, fragment, object, {files, as_name(out.file.name)});
}

void set_indications(EventWriter& out, std::uint16_t iin) {
  out.set(kDnp3Iin, Value::integer(iin));
  if (iin == 0 || !out.wants(kDnp3IinFlags)) return;
  const auto slots = out.event().arena().make<Value>(16);
  std::size_t used = 0;
  for (unsigned bit = 0; bit < slots.size(); ++bit)
    if ((std::uint32_t{iin} >> bit & 1U) != 0) slots[used++] = Value::text(dnp3_indication_name(bit));
  set_list(out, kDnp3IinFlags, slots.first(used));
}

void set_object_names(EventWriter& out, const Dnp3Contents& contents) {
  const auto slots = out.event().arena().make<Value>(contents.kind_count);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    IcsText name;
    name.append('g');
    name.append_number(contents.kinds[i] >> 8U);
    name.append('v');
    name.append_number(contents.kinds[i] & 0xFFU);
    slots[i] = Value::text(out.event().keep(name.view()));
  }
  set_list(out, kDnp3ObjectNames, slots);
}

void set_file(EventWriter& out, const Dnp3File& file) {
  set_text(out, kDnp3FileName, file.name);
  if (file.size) out.set(kDnp3FileSize, Value::integer(*file.size));
  if (file.mode) out.set(kDnp3FileMode, named(out, dnp3_file_mode_name(*file.mode), *file.mode));
  if (file.status) out.set(kDnp3FileStatus, named(out, dnp3_file_status_name(*file.status), *file.status));
}

// The lowest and the highest index.
struct Range {
  std::optional<std::uint64_t> low{}, high{};

  void take(std::uint64_t index) {
    low = std::min(low.value_or(index), index);
    high = std::max(high.value_or(index), index);
  }
};

void set_range(EventWriter& out, const Range& range) {
  if (range.low) out.set(kRangeLow, Value::integer(static_cast<std::int64_t>(*range.low)));
  if (range.high) out.set(kRangeHigh, Value::integer(static_cast<std::int64_t>(*range.high)));
}

// All that is told of points, in one walk that ends when nothing more is wanted of them. `text`: for all values, or
// null.
void set_points(EventWriter& out, const Dnp3Object& object, IcsText* text) {
  const std::size_t most = std::min<std::uint64_t>(object.there, kPointsMax);
  const bool with_indexes = object.indexed() && out.wants(kPointIndexes);
  const bool with_values = object.has_contents && out.wants(kPointValues);
  const bool with_range = object.indexed() && (out.wants(kRangeLow) || out.wants(kRangeHigh));
  const auto indexes = out.event().arena().make<Value>(with_indexes ? most : 0);
  const auto values = out.event().arena().make<Value>(with_values ? most : 0);
  const std::size_t listed = std::max(indexes.size(), values.size());
  Range range;
  if (object.first) range = {*object.first, *object.first + object.count - 1};
  std::size_t read = 0, valued = 0;
  Dnp3Points points{object};
  const auto wanted = [&] { return read < listed || with_range || (text != nullptr && !text->full()); };
  for (Dnp3Point point; wanted() && points.next(point); ++read) {
    if (with_range) range.take(*point.index);
    if (read < indexes.size()) indexes[read] = Value::integer(*point.index);
    const bool into_text = text != nullptr && !text->full();
    if (read >= values.size() && !into_text) continue;
    IcsText value;
    append_dnp3_value(value, object, point);
    if (value.empty()) continue;
    if (read < values.size()) values[valued++] = Value::text(out.event().keep(value.view()));
    if (into_text) text->next(), text->append(value.view());
  }
  set_range(out, range);
  set_list(out, kPointIndexes, indexes.first(std::min(read, indexes.size())));
  set_list(out, kPointValues, values.first(valued));
}

void tell_object(const Dnp3Fragment& fragment, const Dnp3Object& object, IcsOperation operation,
                 const Dnp3Result& result, const Dnp3FileNames& files, Context& context) {
  EventWriter out = context.begin(kDnp3Objects, context.now());
  out.set(kObjectIsOrig, Value::boolean(!fragment.message.response()));
  set_dnp3_function(out, kObjectFunction, fragment.message.function);
  out.set(kObjectType, Value::text(object.kind == nullptr ? "unknown" : object.kind->name));
  if (object.count != 0) out.set(kObjectCount, Value::integer(static_cast<std::int64_t>(object.count)));
  out.set(kObjectGroup, Value::integer(object.group));
  out.set(kObjectVariation, Value::integer(object.variation));
  out.set(kObjectQualifier, Value::integer(object.qualifier));
  out.set(kObjectSource, Value::integer(fragment.source));
  out.set(kObjectDestination, Value::integer(fragment.destination));
  IcsCommand command{operation, {}, {}};
  const bool with_texts = wants_ics_texts(context, kDnp3Objects, kObjectIcs);
  set_points(out, object, with_texts ? &command.value : nullptr);
  if (with_texts) append_file_target(command.target, fragment, object, files);
  write_ics(out, kObjectIcs, command, result.outcome, out.event().keep(result.reason));
  context.emit();
}

void set_block(EventWriter& out, const Dnp3Control& control) {
  constexpr std::uint8_t kClear = 0x20;
  if (control.analog) return out.set(kAnalogValue, Value::real(*control.analog));
  out.set(kTripControlCode, named(out, dnp3_trip_name(control.code), control.code >> 6U));
  out.set(kOperationType, named(out, dnp3_control_name(control.code), control.code & 0x0FU));
  out.set(kClearBit, Value::boolean((control.code & kClear) != 0));
  out.set(kExecuteCount, Value::integer(control.count));
  out.set(kOnTime, Value::integer(control.on_time));
  out.set(kOffTime, Value::integer(control.off_time));
}

void tell_control(const Dnp3Fragment& fragment, const Dnp3Object& object, const Dnp3Point& point,
                  const Dnp3Control& control, const Dnp3Result& result, Context& context) {
  const bool response = fragment.message.response();
  EventWriter out = context.begin(kDnp3Controls, context.now());
  out.set(kControlIsOrig, Value::boolean(!response));
  out.set(kBlockType, Value::text(object.kind->name));
  set_dnp3_function(out, kControlFunction, fragment.message.function);
  if (point.index) out.set(kIndexNumber, Value::integer(*point.index));
  out.set(kControlSource, Value::integer(fragment.source));
  out.set(kControlDestination, Value::integer(fragment.destination));
  out.set(kControlSequence, Value::integer(fragment.message.sequence()));
  set_block(out, control);
  if (response) out.set(kStatusCode, named(out, dnp3_status_name(control.status), control.status));
  IcsCommand command{IcsOperation::control, {}, {}};
  if (wants_ics_texts(context, kDnp3Controls, kControlIcs)) {
    append_dnp3_point(command.target, fragment.outstation(), object, point.index);
    append_dnp3_value(command.value, object, point);
  }
  // Each block has a status of its own.
  IcsText reason;
  if (result.outcome) reason.append(dnp3_refusal(fragment.message.iin.value_or(0)));
  if (result.outcome && reason.empty() && control.status != 0)
    append_dnp3_constant(reason, dnp3_status_name(control.status), control.status);
  std::optional<IcsOutcome> outcome = result.outcome;
  if (outcome) outcome = reason.empty() ? IcsOutcome::ok : IcsOutcome::refused;
  write_ics(out, kControlIcs, command, outcome, out.event().keep(reason.view()));
  context.emit();
}

}  // namespace

std::span<const event::TypeSpec> dnp3_types() { return kTypes; }

Dnp3Contents gather_dnp3(const Dnp3Fragment& fragment, const Dnp3Files& files, Context& context) {
  Dnp3Contents out;
  const bool with_texts = wants_ics_texts(context, kDnp3Messages, kDnp3Ics);
  if (!fragment.message.response()) keep_whole(out.target, out.value, context, kDnp3Messages, kDnp3Ics);
  Dnp3Objects objects{fragment.message};
  std::optional<std::uint8_t> before;
  bool mixed = false;
  for (Dnp3Object object; objects.next(object); before = object.group) {
    if (!out.group) out.group = object.group, out.variation = object.variation;
    if (object.group != kDnp3Authentication) {
      mixed = mixed || (out.about && out.about != object.group);
      out.about = object.group;
    }
    if (out.kind_count < out.kinds.size())
      out.kinds[out.kind_count++] = static_cast<std::uint16_t>(object.group << 8U | object.variation);
    gather_points(object, with_texts, out);
    if (with_texts) gather_target(fragment, object, files, before == object.group, out);
  }
  out.file_name = as_name(out.file.name);
  if (out.file_name.empty() && out.file.handle) out.file_name = files.name(fragment.handle(*out.file.handle));
  if (mixed) out.about.reset();
  if (with_texts && out.target.empty()) out.target.append_number(fragment.outstation());
  out.broken = out.broken || objects.broken() || (fragment.message.response() && !fragment.message.iin);
  return out;
}

void set_dnp3_function(EventWriter& out, std::size_t field, std::uint8_t function) {
  if (out.wants(field)) out.set(field, named(out, dnp3_function_name(function), function));
}

EventWriter begin_dnp3(const Dnp3Fragment& fragment, const Dnp3Contents& contents, Context& context) {
  const Dnp3Message& message = fragment.message;
  EventWriter out = context.begin(kDnp3Messages, context.now());
  out.set(kDnp3FcCode, Value::integer(message.function));
  out.set(kDnp3IsOrig, Value::boolean(!message.response()));
  out.set(kDnp3Source, Value::integer(fragment.source));
  out.set(kDnp3Destination, Value::integer(fragment.destination));
  out.set(kDnp3Sequence, Value::integer(message.sequence()));
  out.set(kDnp3WantsConfirm, Value::boolean(message.wants_confirmation()));
  out.set(kDnp3DataLength, Value::integer(static_cast<std::int64_t>(fragment.octets.size())));
  if (message.iin) set_indications(out, *message.iin);
  if (contents.kind_count != 0 && out.wants(kDnp3ObjectNames)) set_object_names(out, contents);
  set_file(out, contents.file);
  return out;
}

void tell_dnp3_objects(const Dnp3Fragment& fragment, IcsOperation operation, const Dnp3Result& result,
                       const Dnp3FileNames& files, Context& context) {
  if (!context.wants(kDnp3Objects) && !context.wants(kDnp3Controls)) return;
  Dnp3Objects objects{fragment.message};
  for (Dnp3Object object; objects.next(object);) {
    if (context.wants(kDnp3Objects)) tell_object(fragment, object, operation, result, files, context);
    if (!object.commands() || !context.wants(kDnp3Controls)) continue;
    Dnp3Points points{object};
    for (Dnp3Point point; points.next(point);)
      if (const auto control = read_dnp3_control(object, point))
        tell_control(fragment, object, point, *control, result, context);
  }
}

}  // namespace nw::network
