// What a message does to a control system, in one vocabulary for all protocols of control systems: five fields at the
// end of each of their events, so that one rule covers every protocol; and two more of writes that are too long for
// these, since the register has limits of points.
//
// A request is told when it is seen, without outcome. Its response repeats operation and target and has the outcome. A
// request that is given up without a response is told once more, with the request's time and the outcome `no answer`.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// clang-format off
enum class IcsOperation : std::uint8_t {
  read,       // values, files' lists, states
  write,      // values that are data to the device: registers, tags, properties, set points
  control,    // a command to the process: a switch, a breaker, a control block
  program,    // what the device runs is loaded, changed or fetched: logic, configuration, firmware
  stop,       // the device or its program stops, or falls silent
  start,      // the device or its program runs, or speaks again
  restart,    // the device or a part of it starts anew
  time_set,   // its clock
  diagnose,   // counters, states, tests of the device itself
  identify,   // who the device is
  file,       // files that are no program
  subscribe,  // reports without further asking, and their end
  other,      // sessions, keep-alives, what nobody published
};
// clang-format on
std::string_view to_string(IcsOperation operation);

enum class IcsOutcome : std::uint8_t { ok, refused, no_answer };
std::string_view to_string(IcsOutcome outcome);

// All of one text of a message, where an IcsText is too short: in the decoder, and until another message needs it.
class IcsWhole {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{1} << 16U;  // "..." behind that

  // A text of which `first` was there already. Returns its turn: what others say is not of it.
  std::uint32_t begin(std::string_view first, std::string_view text);
  void append(std::uint32_t turn, std::string_view text);
  [[nodiscard]] bool full(std::uint32_t turn) const noexcept { return turn != turn_ || cut_; }
  [[nodiscard]] std::string_view view(std::uint32_t turn) const noexcept {
    return turn == turn_ ? std::string_view{text_} : std::string_view{};
  }

 private:
  std::string text_;
  std::uint32_t turn_ = 0;
  bool cut_ = false;
};
struct IcsWholes {
  IcsWhole target, value;
};

// A short text in place. What does not fit is cut off, and "..." says so.
class IcsText {
 public:
  static constexpr std::size_t kBytesMax = 120;

  IcsText() noexcept {}  // not defaulted, or braces would fill text_ with zeros

  // While it is empty: what will not fit is in `whole`, which outlives this text and its copies.
  void keep_whole(IcsWhole& whole) noexcept { whole_ = &whole; }
  void forget_whole() noexcept { whole_ = nullptr; }
  // All of it, when it is cut and was to be kept; until another message's is.
  [[nodiscard]] std::string_view whole() const noexcept {
    return whole_ != nullptr && cut_ ? whole_->view(turn_) : std::string_view{};
  }

  void append(std::string_view text) {
    if (text.empty()) return;
    if (cut_) return append_whole(text);
    if (text.size() > kBytesMax - size_) return cut(text);
    std::memcpy(text_.data() + size_, text.data(), text.size());
    size_ = static_cast<std::uint8_t>(size_ + text.size());
  }
  void append(char c) {
    if (cut_ || size_ == kBytesMax) return append(std::string_view{&c, 1});
    text_[size_++] = c;
  }
  void append_number(std::integral auto number) {
    constexpr std::size_t kDigitsMax = 24;
    if (!cut_ && kBytesMax - size_ >= kDigitsMax) {
      char* const end = std::to_chars(text_.data() + size_, text_.data() + kBytesMax, number).ptr;
      size_ = static_cast<std::uint8_t>(end - text_.data());
      return;
    }
    std::array<char, kDigitsMax> digits;
    append({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr});
  }
  // Two digits each, in lower case.
  void append_octets(Bytes octets);
  // `digits` at least, in lower case.
  void append_hex(std::uint64_t number, std::size_t digits = 1);
  // As few digits as tell the number apart from others of its width.
  void append_real(std::floating_point auto number) {
    std::array<char, 40> digits;
    append({digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr});
  }
  // Octets that people read, escaped as Zeek does.
  void append_escaped(Bytes bytes);
  // "first", or "first-last" when there are several.
  void append_range(std::uint64_t first, std::uint64_t count) {
    append_number(first);
    if (count < 2) return;
    append('-');
    append_number(first + count - 1);
  }
  // Between the parts of a list: nothing before the first, ',' before others.
  void next() {
    if (size_ != 0) append(',');
  }
  void clear() noexcept {
    size_ = 0;
    cut_ = false;
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  // Nothing more will be seen of what is appended.
  [[nodiscard]] bool full() const noexcept { return cut_ && (whole_ == nullptr || whole_->full(turn_)); }
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  void cut(std::string_view text);
  void append_whole(std::string_view text) {
    if (whole_ != nullptr) whole_->append(turn_, text);
  }

  IcsWhole* whole_ = nullptr;
  std::array<char, kBytesMax> text_;  // set up to size_
  std::uint8_t size_ = 0;
  bool cut_ = false;
  std::uint32_t turn_ = 0;  // of whole_, once it is cut
};

// What a request asks for; kept with it until the response. `target` names the point from the device inwards, its parts
// divided by '/', as the protocol's README line says; several points are divided by ','. `value` is in the same order.
struct IcsCommand {
  IcsOperation operation = IcsOperation::other;
  IcsText target, value;

  void forget_whole() noexcept {
    target.forget_whole();
    value.forget_whole();
  }
};

// Their order in an event: `first + kIcsTarget` is the target's position.
enum IcsField : std::size_t {
  kIcsOperation,
  kIcsTarget,
  kIcsValue,
  kIcsOutcome,
  kIcsReason,
  kIcsAllTargets,
  kIcsAllValues,
};

inline constexpr auto kIcsFields = std::to_array<event::FieldSpec>({
    {"ics.operation", "text",
     "what it does: read, write, control, program, stop, start, restart, time_set, diagnose, identify, file, "
     "subscribe or other (ours)"},
    {"ics.target", "text",
     "to which address, point or object, from the device inwards; several are divided by ',' (ours)"},
    {"ics.value", "text", "the value that is written or was read; several are divided by ',' (ours)"},
    {"ics.outcome", "text",
     "of a response: ok or refused; of a request that was given up: no answer; absent from requests (ours)"},
    {"ics.reason", "text", "why it was refused, in the protocol's own words (ours)"},
    {"ics.all_targets", "text", "all that a write names, where `ics.target` is cut (ours)"},
    {"ics.all_values", "text", "all that it writes, where `ics.value` is cut (ours)"},
});
// A message is one event of the category `ics`, so that a rule finds it once. Events that tell its parts again (one for
// each object, each control block) are of the other.
inline constexpr std::array<std::string_view, 1> kIcsCategory{"ics"}, kIcsPartCategory{"ics_part"};

// A type's own fields with those behind them.
template <std::size_t N>
constexpr std::array<event::FieldSpec, N + kIcsFields.size()> with_ics(const std::array<event::FieldSpec, N>& own) {
  std::array<event::FieldSpec, N + kIcsFields.size()> all;
  std::ranges::copy(kIcsFields, std::ranges::copy(own, all.begin()).out);
  return all;
}

// Whether target or value of the `type`-th event are wanted: making their texts costs something. `first` is the
// position of `ics.operation`.
inline bool wants_ics_texts(const Context& context, std::size_t type, std::size_t first) {
  return context.wants(type, first + kIcsTarget) || context.wants(type, first + kIcsValue);
}

// Before the texts of a request are made: what it writes will be told in full where that is wanted of the `type`-th
// event. `first` is the position of `ics.operation`.
void keep_whole(IcsText& target, IcsText& value, Context& context, std::size_t type, std::size_t first);
inline void keep_whole(IcsCommand& command, Context& context, std::size_t type, std::size_t first) {
  keep_whole(command.target, command.value, context, type, first);
}

// What write_ics() sets of a request that is kept whole.
void write_whole(EventWriter& out, std::size_t first, const IcsCommand& command);

// Sets the fields of the begun event. The texts are borrowed until it is emitted, those of a temporary are copied.
void write_ics(EventWriter& out, std::size_t first, IcsOperation operation, std::string_view target,
               std::string_view value, std::optional<IcsOutcome> outcome = {}, std::string_view reason = {});
void write_ics(EventWriter& out, std::size_t first, const IcsCommand& command, std::optional<IcsOutcome> outcome = {},
               std::string_view reason = {});
void write_ics(EventWriter& out, std::size_t first, IcsCommand&& command, std::optional<IcsOutcome> outcome = {},
               std::string_view reason = {});

}  // namespace nw::network
