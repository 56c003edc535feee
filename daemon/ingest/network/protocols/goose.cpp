// GOOSE (IEC 61850-8-1): what happened in a substation, published right over Ethernet to a group. Each new state of a
// data set (stNum) is told at once and then again and again (sqNum), at the latest when timeAllowedtoLive is over.
// Nothing proves who sent it: whoever can send a frame with a higher stNum moves breakers.
//   | APPID u16 | length u16 | simulated:1 reserved | reserved u16 |
//   | 0x61 | gocbRef | timeAllowedtoLive | datSet | goID | t | stNum | sqNum | simulation | confRev | ndsCom | entries
//   | allData |
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include "ingest/network/protocols/goose_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/protocol.h"
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
  kIcs,
};

constexpr auto kFields = with_l2(std::to_array<event::FieldSpec>({
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
     "sq_num_jump, values_changed, conf_rev_changed, dataset_changed, entries_differ, late, silent (ours)"},
    {"st_num_step", "integer",
     "how far st_num is from that of the sender's message before, when it is another: 1 of a new state (ours)"},
}));

constexpr std::array<std::string_view, 1> kService{"goose"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"goose", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::size_t kGoose = 0, kValuesMax = 64, kReferenceMax = 255,
                      kValuesKept = 2048;  // octets, to compare them; an Ethernet frame has fewer
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x88b8};

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
  kAnomalies,
};
constexpr std::array<std::string_view, kAnomalies> kAnomalyNames{
    "other_source",   "st_num_backwards", "st_num_jump",     "sq_num_backwards", "sq_num_jump",
    "values_changed", "conf_rev_changed", "dataset_changed", "entries_differ",   "late",
    "silent"};
constexpr unsigned bit(Anomaly anomaly) noexcept { return 1U << anomaly; }

// One sender's messages of one control block.
struct Publisher {
  std::string name;    // its address, the control block's reference
  std::string values;  // the last ones, as they came
  Timestamp last{};
  std::uint64_t st_num = 0, sq_num = 0, conf_rev = 0;
  std::uint64_t dataset = 0;  // its hash
  std::chrono::milliseconds allowed{};
  std::uint16_t appid = 0;
  bool second = false;  // another sender published the same before
  bool silent = false;  // that was told
  L2Ends ends;

  [[nodiscard]] std::string_view reference() const noexcept {
    return std::string_view{name}.substr(ends.source.size());
  }
  [[nodiscard]] bool overdue(Timestamp now) const noexcept { return allowed.count() != 0 && now - last > allowed; }
};

class GooseAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    watch(context);
    GooseMessage message;
    if (const auto error = read_goose(frame.payload, message)) context.refused(*error);
    if (!message.head.has_head) return;
    const L2Ends ends{frame};
    tell(message, ends, judge(message, ends, context), context);
  }

 private:
  static constexpr std::chrono::minutes kForgotten{10};
  static constexpr std::uint64_t kAllowedMax = 3'600'000;  // an hour; some write days

  // With every frame one publisher in turn: has it fallen silent? Only frames tell the time, so the last one's silence
  // is never told.
  void watch(Context& context) {
    Publisher* publisher = publishers_.next();
    if (publisher == nullptr) return;
    if (!publisher->silent && publisher->overdue(context.now())) {
      publisher->silent = true;
      tell_silence(*publisher, context);
    }
    if (context.now() - publisher->last > std::max<Nanoseconds>(kForgotten, 2 * publisher->allowed))
      publishers_.remove(*publisher);
  }

  // Devices take what is missing for 0, and some look at the values of each message.
  static std::uint64_t state_of(const GooseMessage& message) noexcept { return message.st_num.value_or(0); }
  static std::string_view values_of(const GooseMessage& message) noexcept {
    return as_text(message.all_data.value_or(Bytes{})).substr(0, kValuesKept);
  }

  struct Judged {
    bool change = false;  // it tells something new
    unsigned anomalies = 0;
    std::optional<std::int64_t> step;
  };

  // Later messages are measured by this one.
  Judged judge(const GooseMessage& message, const L2Ends& ends, Context& context) {
    Judged out;
    if (message.gocb_ref.empty()) return out;
    name_.assign(ends.name());
    name_.append(as_text(message.gocb_ref.first(std::min(message.gocb_ref.size(), kReferenceMax))));
    Publisher* known = publishers_.find(name_);
    const bool first = known == nullptr;
    if (first) known = &open(ends, context);
    Publisher& is = *known;
    if (is.second) out.anomalies |= bit(kOtherSource);
    if (!first) {
      out.anomalies |= compare(is, message, context.now());
      if (is.st_num != state_of(message)) out.step = step(is.st_num, state_of(message));
    }
    const Publisher* before = is.second ? other(is) : nullptr;
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
    return out;
  }

  // Numbers of 32 bits by the standard; what is longer is cut, so that it can be said.
  static std::int64_t step(std::uint64_t from, std::uint64_t to) noexcept {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(to, kMost)) - static_cast<std::int64_t>(std::min(from, kMost));
  }

  Publisher& open(const L2Ends& ends, Context& context) {
    const std::string_view reference = std::string_view{name_}.substr(ends.source.size());
    const bool second =
        std::ranges::find(publishers_.all(), reference, &Publisher::reference) != publishers_.all().end();
    Publisher& fresh = publishers_.add(name_, context, [](const Publisher&) {});
    fresh.second = second;
    fresh.ends = ends;
    return fresh;
  }

  // Who was heard last of the others that publish the same: who subscribes has that one's state. Null: nobody.
  const Publisher* other(const Publisher& than) {
    const Publisher* out = nullptr;
    for (const Publisher& it : publishers_.all())
      if (&it != &than && it.reference() == than.reference() && (out == nullptr || it.last > out->last)) out = &it;
    return out;
  }

  static unsigned compare(const Publisher& before, const GooseMessage& message, Timestamp now) {
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
    if (before.overdue(now)) out |= bit(kLate);
    return out;
  }

  static void write_message(EventWriter& out, const GooseMessage& message) {
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

  // The data set's values, into the event and the command. Returns how many there are, or nothing when one is broken.
  std::optional<std::uint64_t> write_values(EventWriter& out, Bytes all_data, IcsText* value) {
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

  void tell(const GooseMessage& message, const L2Ends& ends, Judged judged, Context& context) {
    if (!context.wants(kGoose)) return;
    EventWriter out = context.begin(kGoose, context.now());
    write_l2(out, ends);
    write_message(out, message);
    IcsCommand command{judged.change              ? IcsOperation::control
                       : message.gocb_ref.empty() ? IcsOperation::other
                                                  : IcsOperation::subscribe,
                       {},
                       {}};
    const bool texts = wants_ics_texts(context, kGoose, kIcs);
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

  static void tell_silence(const Publisher& publisher, Context& context) {
    if (!context.wants(kGoose)) return;
    EventWriter out = context.begin(kGoose, publisher.last + publisher.allowed);
    write_l2(out, publisher.ends);
    set_hex_number(out, kAppid, publisher.appid);
    const Bytes octets = as_bytes(publisher.reference());
    out.set(kGocbRef, text_value(out, octets));
    out.set(kTimeAllowedToLive, Value::integer(publisher.allowed.count()));
    set_number(out, kStNum, publisher.st_num);
    set_number(out, kSqNum, publisher.sq_num);
    set_flags(out, kAnomaly, kAnomalyNames, bit(kSilent));
    IcsCommand command{IcsOperation::stop, {}, {}};
    command.target.append_escaped(octets);
    write_ics(out, kIcs, command);
    context.emit();
  }

  L2Streams<Publisher> publishers_;
  std::string name_, text_;  // of the current message; kept for their memory
};

}  // namespace

Protocol goose_protocol() {
  Protocol p;
  p.name = "goose";
  p.help = "GOOSE: what devices of a substation publish to each other";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<GooseAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
