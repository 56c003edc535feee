#include "ingest/network/protocols/iec104_asdu.h"

#include <algorithm>
#include <bit>

namespace nw::network {

namespace {

using event::Value;
using enum Iec104Element;

// In octets, by element. A segment has as many more as its octet says.
constexpr auto kWidths = std::to_array<std::uint8_t>(
    {0, 1, 1, 1, 1, 4, 2, 2, 4, 5, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 7, 2, 1, 3, 1, 1});
static_assert(kWidths.size() == static_cast<std::size_t>(unread) + 1);

// Of one object without its address.
std::size_t object_width(const Iec104Type& type) {
  std::size_t sum = 0;
  for (const Iec104Element element : type.elements) sum += kWidths[static_cast<std::size_t>(element)];
  return sum;
}

std::uint32_t little(ByteReader& in, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::uint32_t{in.u8()} << (8 * i);
  return value;
}

bool fits(Bytes asdu, Iec104Widths widths, bool standard) {
  ByteReader in{asdu};
  Iec104Head head;
  if (!read_iec104_head(in, widths, head) || head.number == 0 || iec104_cause_name(head.cause).empty()) return false;
  // Commands and parameters have one object: what says otherwise is for stations that read the first and no more.
  const bool commands =
      head.type > kIec104LastMonitored && head.type < kIec104FileReady && head.type != kIec104EndOfInit;
  if (commands && (head.number != 1 || head.sequence)) return false;
  // Nobody has the common address 0. Tolerated where nothing else is in doubt.
  if (head.address == 0 && !standard) return false;
  const std::size_t size = object_width(*find_iec104_type(head.type)), number = head.number;
  return in.rest().size() == (head.sequence ? widths.object + number * size : number * (widths.object + size));
}

// Digits of a clock.
void append_digits(IcsText& text, unsigned number, unsigned digits) {
  unsigned unit = 1;
  for (unsigned i = 1; i < digits; ++i) unit *= 10;
  for (; unit > 0; unit /= 10) text.append(static_cast<char>('0' + number / unit % 10));
}

struct Flag {
  std::uint8_t bit;
  std::string_view name;
};
// Of a quality; the bits that are a value in one element are a flag in another.
constexpr std::array<Flag, 4> kQuality{
    {{0x10, "blocked"}, {0x20, "substituted"}, {0x40, "not_topical"}, {0x80, "invalid"}}};
constexpr Flag kOverflow{0x01, "overflow"}, kElapsedInvalid{0x08, "elapsed_invalid"};
constexpr std::array<Flag, 3> kCounter{{{0x20, "carry"}, {0x40, "adjusted"}, {0x80, "invalid"}}};
constexpr std::array<Flag, 6> kStarts{
    {{0x01, "general"}, {0x02, "L1"}, {0x04, "L2"}, {0x08, "L3"}, {0x10, "earth"}, {0x20, "reverse"}}};
constexpr std::array<Flag, 4> kCircuits{{{0x01, "general"}, {0x02, "L1"}, {0x04, "L2"}, {0x08, "L3"}}};

constexpr std::array<std::string_view, 2> kSingle{"OFF", "ON"};
constexpr std::array<std::string_view, 4> kDouble{"INTERMEDIATE", "OFF", "ON", "INDETERMINATE"};
constexpr std::array<std::string_view, 4> kDoubleCommand{"NOT_PERMITTED", "OFF", "ON", "NOT_PERMITTED"};
constexpr std::array<std::string_view, 4> kStep{"NOT_PERMITTED", "LOWER", "HIGHER", "NOT_PERMITTED"};

// The names of the flags that are set, divided by '+'.
void append_flags(IcsText& text, std::uint8_t octet, std::span<const Flag> flags) {
  for (const Flag& flag : flags) {
    if ((octet & flag.bit) == 0) continue;
    if (!text.empty()) text.append('+');
    text.append(flag.name);
  }
}

class ObjectReader {
 public:
  ObjectReader(const Iec104Head& head, bool texts, Arena& arena, Iec104Objects& out)
      : head_{head}, texts_{texts}, arena_{arena}, out_{out} {}

  void read(Iec104Element element, ByteReader& in) {
    if (element == none) return;
    if (element <= qdp) return monitored(element, in);
    if (element <= pattern) return command(element, in);
    if (element <= cp56) return clock(element, in);
    file(element, in);
  }
  void address(std::uint32_t number) { add(out_.addresses, Value::integer(number)); }

 private:
  void add(ValueList& list, Value value) {
    if (list.empty()) list.reserve(arena_, 2U * std::max<unsigned>(head_.number, 1));
    list.add(value);
  }
  void add(ValueList& list, const IcsText& text) { add(list, Value::text(arena_.copy(text.view()))); }

  void monitored(Iec104Element element, ByteReader& in) {
    switch (element) {
      case siq: return point(in.u8(), kSingle);
      case diq: return point(in.u8(), kDouble);
      case sep: {
        const std::uint8_t octet = in.u8();
        name(kDouble[octet & 3U]);
        return quality(octet, kElapsedInvalid);
      }
      case spe: return flags(in.u8(), kStarts);
      case oci: return flags(in.u8(), kCircuits);
      case qds: return quality(in.u8(), kOverflow);
      case qdp: return quality(in.u8(), kElapsedInvalid);
      case bcr: return counter(in);
      default: return number(element, in);
    }
  }

  // Values that are numbers.
  void number(Iec104Element element, ByteReader& in) {
    IcsText text;
    if (element == vti) {
      const std::uint8_t octet = in.u8();
      text.append_number(static_cast<std::int8_t>(octet << 1U) / 2);  // 7 bits with a sign
      if ((octet & 0x80U) != 0) text.append(" transient");
    } else if (element == bsi) {
      text.append("0x");
      text.append_hex(in.u32le(), 8);
    } else if (element == nva) {
      text.append_real(static_cast<float>(static_cast<std::int16_t>(in.u16le())) / 32768.0F);
    } else if (element == sva) {
      text.append_number(static_cast<std::int16_t>(in.u16le()));
    } else if (element == r32) {
      text.append_real(std::bit_cast<float>(in.u32le()));
    } else {  // scd: which are on, which have changed
      text.append("0x");
      text.append_hex(in.u16le(), 4);
      text.append("/0x");
      text.append_hex(in.u16le(), 4);
    }
    if (texts_) add(out_.values, text);
  }

  void point(std::uint8_t octet, std::span<const std::string_view> states) {
    name(states[octet & (states.size() - 1)]);
    quality(octet, {});
  }
  void counter(ByteReader& in) {
    IcsText text;
    text.append_number(static_cast<std::int32_t>(in.u32le()));
    if (texts_) add(out_.values, text);
    const std::uint8_t octet = in.u8();
    add(out_.counts, Value::integer(octet & 0x1fU));
    text.clear();
    append_flags(text, octet, kCounter);
    good(text);
  }
  void quality(std::uint8_t octet, Flag own) {
    IcsText text;
    append_flags(text, octet, {&own, 1});
    append_flags(text, octet, kQuality);
    good(text);
  }
  void good(const IcsText& text) {
    if (texts_) text.empty() ? add(out_.qualities, Value::text("good")) : add(out_.qualities, text);
  }
  void flags(std::uint8_t octet, std::span<const Flag> names) {
    IcsText text;
    append_flags(text, octet, names);
    if (texts_) text.empty() ? name("none") : add(out_.values, text);
  }
  void name(std::string_view state) {
    if (texts_) add(out_.values, Value::text(state));
  }

  void command(Iec104Element element, ByteReader& in) {
    if (element == pattern) {
      IcsText text;
      text.append("0x");
      text.append_hex(in.u16le(), 4);
      if (texts_) add(out_.values, text);
      return;
    }
    const std::uint8_t octet = in.u8();
    if (element == qualifier) return qualify(octet);
    if (element == sco) name(kSingle[octet & 1U]);
    if (element == dco) name(kDoubleCommand[octet & 3U]);
    if (element == rco) name(kStep[octet & 3U]);
    if (!out_.select) out_.select = (octet & 0x80U) != 0;
    qualify(element == qos ? octet & 0x7fU : octet >> 2U & 0x1fU);
  }
  void qualify(unsigned number) {
    if (!out_.qualifier) out_.qualifier = static_cast<std::uint8_t>(number);
  }

  // | ms u16 | IV, GEN, minute 6 bits | and, of 7 octets, | SU, hour 5 bits | day 5 bits | month 4 bits | year 7 bits |
  void clock(Iec104Element element, ByteReader& in) {
    const unsigned ms = in.u16le();
    if (element == cp16) return add(out_.elapsed, Value::interval(std::chrono::milliseconds{ms}));
    const unsigned minute = in.u8();
    IcsText text;
    bool summer = false;
    if (element == cp56) {
      const unsigned hour = in.u8(), day = in.u8(), month = in.u8(), year = in.u8() & 0x7fU;
      summer = (hour & 0x80U) != 0;
      append_digits(text, year < 70 ? 2000 + year : 1900 + year, 4);
      text.append('-');
      append_digits(text, month & 0x0fU, 2);
      text.append('-');
      append_digits(text, day & 0x1fU, 2);
      text.append('T');
      append_digits(text, hour & 0x1fU, 2);
      text.append(':');
    }
    append_digits(text, minute & 0x3fU, 2);
    text.append(':');
    append_digits(text, ms / 1000, 2);
    text.append('.');
    append_digits(text, ms % 1000, 3);
    if (summer) text.append(" summer");
    if ((minute & 0x40U) != 0) text.append(" substituted");
    if ((minute & 0x80U) != 0) text.append(" invalid");
    if (texts_) add(out_.times, text);
  }

  void file(Iec104Element element, ByteReader& in) {
    if (element == nof) return add(out_.files, Value::integer(in.u16le()));
    if (element == nos) return add(out_.sections, Value::integer(in.u8()));
    if (element == lof) return add(out_.sizes, Value::integer(little(in, 3)));
    const std::uint8_t octet = in.u8();
    if (element != segment || !in.ok()) return;
    add(out_.sizes, Value::integer(octet));
    in.bytes(octet);
  }

  const Iec104Head& head_;
  bool texts_;
  Arena& arena_;
  Iec104Objects& out_;
};

}  // namespace

Iec104Widths iec104_widths(unsigned index) {
  return {static_cast<std::uint8_t>(2 - (index & 1U)), static_cast<std::uint8_t>(2 - (index >> 1U & 1U)),
          static_cast<std::uint8_t>(3 - (index >> 2U & 1U))};
}

std::uint8_t iec104_fitting(Bytes asdu) {
  const Iec104Type* type = asdu.empty() ? nullptr : find_iec104_type(asdu.front());
  if (type == nullptr || type->elements[2] == segment) return kIec104WidthsAll;
  unsigned fitting = 0;
  for (unsigned i = 0; i < 8; ++i) fitting |= fits(asdu, iec104_widths(i), i == 0) ? 1U << i : 0U;
  return static_cast<std::uint8_t>(fitting);
}

bool read_iec104_head(ByteReader& in, Iec104Widths widths, Iec104Head& out) {
  out.type = in.u8();
  const std::uint8_t structure = in.u8(), cause = in.u8();
  out.sequence = (structure & 0x80U) != 0;
  out.number = structure & 0x7fU;
  out.test = (cause & 0x80U) != 0;
  out.negative = (cause & 0x40U) != 0;
  out.cause = cause & 0x3fU;
  if (widths.cause == 2) out.originator = in.u8();
  out.address = static_cast<std::uint16_t>(little(in, widths.address));
  return in.ok();
}

bool read_iec104_objects(ByteReader in, const Iec104Head& head, Iec104Widths widths, bool texts, Arena& arena,
                         Iec104Objects& out) {
  const Iec104Type* type = find_iec104_type(head.type);
  ObjectReader objects{head, texts, arena, out};
  const std::size_t width = type == nullptr ? 0 : object_width(*type);
  std::uint32_t address = 0;
  // Stations that do not look at the number take the first object.
  for (unsigned i = 0; i < std::max<unsigned>(head.number, 1); ++i) {
    const bool own = i == 0 || !head.sequence;
    address = own ? little(in, widths.object) : (address + 1) & 0xffffffU;
    if (!in.ok()) return false;
    // An object that is cut has its address told if that was there, and no element.
    const bool whole = width <= in.rest().size();
    if (own || whole) objects.address(address);
    if (type == nullptr) return head.number != 0;
    if (!whole) return false;
    for (const Iec104Element element : type->elements) objects.read(element, in);
    if (!in.ok()) return false;
  }
  return head.number != 0 && in.empty();
}

}  // namespace nw::network
