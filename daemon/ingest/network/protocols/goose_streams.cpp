#include "ingest/network/protocols/goose_streams.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum Field : std::size_t {
  kAppid = kL2Fields,
  kLength,
  kGocbRef,
  kTimeAllowedToLive,
  kDataset,
  kGoId,
  kTimestamp,
  kQuality,
  kStNum,
  kSqNum,
  kSimulation,
  kConfRev,
  kNdsCom,
  kEntries,
  kAllData,
  kAnomaly,
  kStNumStep,
  kRouted,
  kIcs = kRouted + kRoutedFields,
};

constexpr auto kFields = with_l2(with_routed(std::to_array<event::FieldSpec>({
    {"appid", "text", "number of the application: 0x1, ..."},
    {"length", "integer", "octets of the message, as it says"},
    {"gocb_ref", "text", "the control block that publishes: device/node$GO$name"},
    {"time_allowed_to_live", "integer", "in how many ms the next message comes at the latest"},
    {"dataset", "text", "the data set that is published"},
    {"go_id", "text", "what the operator calls the message"},
    {"timestamp", "time", "when the state began, by the publisher's clock"},
    {"timestamp_quality", "text", "of that clock: 0x0, ..."},
    {"st_num", "integer", "number of the state"},
    {"sq_num", "integer", "how often the state was told before"},
    {"simulation", "boolean", "for tests: the message says so, or its head"},
    {"conf_rev", "integer", "version of the data set's configuration"},
    {"nds_com", "boolean", "the publisher needs commissioning"},
    {"num_dat_set_entries", "integer", "how many values the data set has, as it says"},
    {"all_data", "list of text", "its first 64 values: true, -5, 1.5, 0b0110, text, {a,b} (ours)"},
    {"anomaly", "list of text",
     "what does not follow from the messages before: other_source, st_num_backwards, st_num_jump, sq_num_backwards, "
     "sq_num_jump, values_changed, conf_rev_changed, dataset_changed, entries_differ, late, silent, signature_missing "
     "(ours)"},
    {"st_num_step", "integer",
     "how far st_num is from that of the sender's message before, when it is another: 1 of a new state (ours)"},
})));

constexpr std::array<std::string_view, 1> kService{"goose"};
constexpr std::size_t kValuesMax = 64, kReferenceMax = 255, kValuesKept = 2048;  // octets, to compare them
constexpr std::chrono::minutes kForgotten{10};
constexpr std::uint64_t kAllowedMax = 3'600'000;  // an hour; some write days

// A bit each.
enum Anomaly : unsigned {
  kOtherSource,
  kStNumBackwards,
  kStNumJump,
  kSqNumBackwards,
  kSqNumJump,
  kValuesChanged,
  kConfRevChanged,
  kDatasetChanged,
  kEntriesDiffer,
  kLate,
  kSilent,
  kSignatureMissing,
  kAnomalies,
};
constexpr std::array<std::string_view, kAnomalies> kAnomalyNames{
    "other_source",   "st_num_backwards", "st_num_jump",     "sq_num_backwards", "sq_num_jump",
    "values_changed", "conf_rev_changed", "dataset_changed", "entries_differ",   "late",
    "silent",         "signature_missing"};
constexpr unsigned bit(Anomaly anomaly) noexcept { return 1U << anomaly; }

// Devices take what is missing for 0, and some look at the values of each message.
std::uint64_t state_of(const GooseMessage& message) noexcept { return message.st_num.value_or(0); }
std::string_view values_of(const GooseMessage& message) noexcept {
  return as_text(message.all_data.value_or(Bytes{})).substr(0, kValuesKept);
}

// Numbers of 32 bits by the standard; what is longer is cut, so that it can be said.
std::int64_t step(std::uint64_t from, std::uint64_t to) noexcept {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(to, kMost)) - static_cast<std::int64_t>(std::min(from, kMost));
}

unsigned compare(const GoosePublisher& before, const GooseMessage& message, Timestamp now) {
  unsigned out = 0;
  const std::uint64_t state = state_of(message), repetition = message.sq_num.value_or(0);
  constexpr std::uint64_t kLast = 0xFFFFFFFF;  // both numbers go on with 1, stNum of a device that starts too
  if (state != before.st_num) {
    if (state < before.st_num && before.st_num != kLast) out |= bit(kStNumBackwards);
    if (state > before.st_num + 1) out |= bit(kStNumJump);
  } else if (repetition < before.sq_num && before.sq_num != kLast) {
    out |= bit(kSqNumBackwards);
  } else if (repetition > before.sq_num + 1) {
    out |= bit(kSqNumJump);
  }
  if (state == before.st_num && values_of(message) != before.values) out |= bit(kValuesChanged);
  if (message.conf_rev && *message.conf_rev != before.conf_rev) out |= bit(kConfRevChanged);
  if (hash64(as_text(message.dat_set)) != before.dataset) out |= bit(kDatasetChanged);
  if (before.allowed.count() != 0 && now > before.due()) out |= bit(kLate);
  return out;
}

void write_message(EventWriter& out, const GooseMessage& message) {
  set_hex_number(out, kAppid, message.head.appid);
  out.set(kLength, Value::integer(message.head.length));
  if (!message.gocb_ref.empty()) out.set(kGocbRef, text_value(out, message.gocb_ref));
  set_number(out, kTimeAllowedToLive, message.time_allowed_to_live);
  if (!message.dat_set.empty()) out.set(kDataset, text_value(out, message.dat_set));
  if (!message.go_id.empty()) out.set(kGoId, text_value(out, message.go_id));
  if (message.timestamp) {
    out.set(kTimestamp, Value::time(*message.timestamp));
    set_hex_number(out, kQuality, message.quality);
  }
  set_number(out, kStNum, message.st_num);
  set_number(out, kSqNum, message.sq_num);
  if (message.simulation || message.head.simulated)
    out.set(kSimulation, Value::boolean(message.head.simulated || *message.simulation));
  set_number(out, kConfRev, message.conf_rev);
  if (message.needs_commissioning) out.set(kNdsCom, Value::boolean(*message.needs_commissioning));
  set_number(out, kEntries, message.entries);
}

}  // namespace

const event::TypeSpec& goose_type() noexcept {
  static constexpr event::TypeSpec kType{"goose", "normwatch", kService, kIcsCategory, kFields, false};
  return kType;
}

void GooseStreams::take(const GooseMessage& message, const Iec61850Origin& origin, Context& context) {
  forget(context);
  tell(message, origin, judge(message, origin, context), context);
}

void GooseStreams::advance(Timestamp until, Timestamp known_from, Context& context) {
  const auto due = [](const GoosePublisher& it) {
    return it.silent || it.allowed.count() == 0 ? Timestamp::max() : it.due();
  };
  while (GoosePublisher* const publisher = publishers_.overdue(until, due)) {
    publisher->silent = true;
    tell_silence(*publisher, std::max(publisher->due(), known_from) + kLateness, context);
  }
}

// With every message one publisher in turn.
void GooseStreams::forget(Context& context) {
  GoosePublisher* const publisher = publishers_.next();
  if (publisher == nullptr) return;
  if (context.now() - publisher->last > std::max<Nanoseconds>(kForgotten, 2 * publisher->allowed))
    publishers_.remove(*publisher);
}

// Later messages are measured by this one.
GooseStreams::Judged GooseStreams::judge(const GooseMessage& message, const Iec61850Origin& origin, Context& context) {
  Judged out;
  if (message.gocb_ref.empty()) return out;
  name_.assign(origin.ends.name());
  name_.append(as_text(message.gocb_ref.first(std::min(message.gocb_ref.size(), kReferenceMax))));
  GoosePublisher* known = publishers_.find(name_);
  const bool first = known == nullptr;
  if (first) known = &open(origin, context);
  GoosePublisher& is = *known;
  if (is.second) out.anomalies |= bit(kOtherSource);
  if (!first) {
    out.anomalies |= compare(is, message, context.now());
    if (is.is_signed && !origin.is_signed()) out.anomalies |= bit(kSignatureMissing);
    if (is.st_num != state_of(message)) out.step = step(is.st_num, state_of(message));
  }
  const GoosePublisher* before = is.second ? other(is) : nullptr;
  if (before == nullptr && !first) before = &is;
  out.change = message.sq_num.value_or(0) == 0 ||
               (before != nullptr && (state_of(message) != before->st_num || values_of(message) != before->values));
  is.st_num = state_of(message);
  is.sq_num = message.sq_num.value_or(0);
  is.values = values_of(message);
  is.conf_rev = message.conf_rev.value_or(is.conf_rev);
  is.dataset = hash64(as_text(message.dat_set));
  is.allowed = std::chrono::milliseconds{std::min(message.time_allowed_to_live.value_or(0), kAllowedMax)};
  is.appid = message.head.appid;
  is.last = context.now();
  is.silent = false;
  is.is_signed = origin.is_signed();
  is.simulated = message.head.simulated || message.simulation.value_or(false);
  if (is.allowed.count() != 0) publishers_.expect(is.due());
  return out;
}

GoosePublisher& GooseStreams::open(const Iec61850Origin& origin, Context& context) {
  const std::string_view reference = std::string_view{name_}.substr(origin.ends.source.size());
  const bool second =
      std::ranges::find(publishers_.all(), reference, &GoosePublisher::reference) != publishers_.all().end();
  GoosePublisher& fresh = publishers_.add(name_, context, [](const GoosePublisher&) {});
  fresh.second = second;
  fresh.ends = origin.ends;
  return fresh;
}

// Who was heard last of the others that publish the same: who subscribes has that one's state. Null: nobody.
const GoosePublisher* GooseStreams::other(const GoosePublisher& than) {
  const GoosePublisher* out = nullptr;
  for (const GoosePublisher& it : publishers_.all())
    if (&it != &than && it.reference() == than.reference() && (out == nullptr || it.last > out->last)) out = &it;
  return out;
}

// The data set's values, into the event and the command. Returns how many there are, or nothing when one is broken.
std::optional<std::uint64_t> GooseStreams::write_values(EventWriter& out, Bytes all_data, IcsText* value) {
  const auto list = out.event().arena().make<Value>(out.wants(kAllData) ? kValuesMax : 0);
  GooseValues values{all_data};
  std::uint64_t count = 0;
  for (; values.next(text_); ++count) {
    if (count < list.size()) list[count] = Value::text(out.event().keep(text_));
    if (value == nullptr) continue;
    value->next();
    value->append(text_);
  }
  set_list(out, kAllData, list.first(std::min<std::size_t>(count, list.size())));
  return values.broken() ? std::optional<std::uint64_t>{} : count;
}

void GooseStreams::tell(const GooseMessage& message, const Iec61850Origin& origin, Judged judged, Context& context) {
  if (!context.wants(type_)) return;
  EventWriter out = context.begin(type_, context.now());
  write_origin(out, kRouted, origin);
  write_message(out, message);
  IcsCommand command{judged.change              ? IcsOperation::control
                     : message.gocb_ref.empty() ? IcsOperation::other
                                                : IcsOperation::subscribe,
                     {},
                     {}};
  const bool texts = wants_ics_texts(context, type_, kIcs);
  if (texts) command.target.append_escaped(message.gocb_ref);
  if (message.all_data) {
    const auto count = write_values(out, *message.all_data, texts ? &command.value : nullptr);
    if (count && message.entries && *count != *message.entries) judged.anomalies |= bit(kEntriesDiffer);
  }
  set_flags(out, kAnomaly, kAnomalyNames, judged.anomalies);
  if (judged.step) out.set(kStNumStep, Value::integer(*judged.step));
  write_ics(out, kIcs, command);
  context.emit();
}

void GooseStreams::tell_sealed(const Iec61850Origin& origin, bool encrypted, Context& context) const {
  network::tell_sealed(type_, kRouted, origin, encrypted, context);
}

void GooseStreams::tell_silence(const GoosePublisher& publisher, Timestamp known_at, Context& context) const {
  if (!context.wants(type_)) return;
  EventWriter out = context.begin(type_, publisher.due());
  out.event().known_at = known_at;
  write_l2(out, publisher.ends);
  set_hex_number(out, kAppid, publisher.appid);
  const Bytes octets = as_bytes(publisher.reference());
  out.set(kGocbRef, text_value(out, octets));
  out.set(kTimeAllowedToLive, Value::integer(publisher.allowed.count()));
  set_number(out, kStNum, publisher.st_num);
  set_number(out, kSqNum, publisher.sq_num);
  if (publisher.simulated) out.set(kSimulation, Value::boolean(true));
  set_flags(out, kAnomaly, kAnomalyNames, bit(kSilent));
  IcsCommand command{IcsOperation::stop, {}, {}};
  command.target.append_escaped(octets);
  write_ics(out, kIcs, command);
  context.emit();
}

}  // namespace nw::network
