#include "ingest/network/protocols/profinet_io_cm_blocks.h"

#include <algorithm>

#include "ingest/network/protocols/profinet_io_cm_names.h"

namespace nw::network {

namespace {

enum Block : std::uint16_t {
  kWriteRequest = 0x0008,
  kReadRequest = 0x0009,
  kRelationRequest = 0x0101,
  kExchangeRequest = 0x0102,
  kAlarmRequest = 0x0103,
  kExpectedSubmodules = 0x0104,
  kWriteResponse = 0x8008,
  kReadResponse = 0x8009,
  kRelationResponse = 0x8101,
  kExchangeResponse = 0x8102,
  kAlarmResponse = 0x8103,
  kDifferences = 0x8104,
  kServer = 0x8106,
};
constexpr std::uint16_t kMultipleWrite = 0xe040;  // the record is made of requests to write
constexpr std::size_t kCounted = 4, kHeader = 6;  // before what the length counts; before the contents
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// The steps of a connection, 0x0110 to 0x0118; their responses have the highest bit set.
constexpr bool is_control(std::uint16_t block) noexcept {
  const unsigned request = block & 0x7fffU;
  return request >= 0x0110 && request <= 0x0118;
}

// Octets of the contents, where they are always as many; else 0.
constexpr std::size_t fixed_contents(std::uint16_t type) noexcept {
  if (is_control(type)) return 26;
  switch (type) {
    case kWriteRequest:
    case kReadRequest:
    case kWriteResponse:
    case kReadResponse: return 58;
    case kRelationResponse: return 28;
    case kAlarmRequest: return 20;
    case kExchangeResponse:
    case kAlarmResponse: return 6;
    default: return 0;
  }
}

constexpr bool has_layout(std::uint16_t type) noexcept {
  return fixed_contents(type) != 0 || type == kRelationRequest || type == kExchangeRequest ||
         type == kExpectedSubmodules || type == kDifferences || type == kServer;
}

// Of these each one is read from its beginning to its end: a stranger's message must not have them read without end.
constexpr bool has_list(std::uint16_t type) noexcept {
  return type == kExchangeRequest || type == kExpectedSubmodules || type == kDifferences;
}

void pass_lists(ByteReader& in, std::size_t before, std::size_t width) noexcept {
  in.bytes(before);
  in.bytes(in.u16be() * width);
}

// Layouts as BlockReader has them. Octets of a block with its header; 0 when it has no layout, or its end is not there.
std::size_t laid_out(std::uint16_t type, Bytes block) noexcept {
  constexpr std::size_t kSubmodule = 14, kSecondDirection = 6, kState = 8;
  ByteReader in{block};
  in.bytes(kHeader + fixed_contents(type));
  if (type == kRelationRequest) pass_lists(in, 50, 1);
  if (type == kServer) pass_lists(in, 0, 1);
  if (type == kExchangeRequest) in.bytes(38);
  if (has_list(type)) {
    for (unsigned apis = in.u16be(); apis > 0 && in.ok(); --apis) {
      in.u32be();
      if (type == kExchangeRequest) {
        pass_lists(in, 0, 6);
        pass_lists(in, 0, 6);
      } else if (type == kExpectedSubmodules) {
        in.bytes(8);
        for (unsigned count = in.u16be(); count > 0 && in.ok(); --count) {
          in.bytes(6);
          const bool both = (in.u16be() & 3U) == 3;
          in.bytes(kSubmodule - 8 + (both ? kSecondDirection : 0));
        }
      } else {
        for (unsigned modules = in.u16be(); modules > 0 && in.ok(); --modules) pass_lists(in, 8, kState);
      }
    }
  }
  return in.ok() && has_layout(type) ? block.size() - in.rest().size() : 0;
}

std::uint16_t type_of(Bytes block) noexcept { return ByteReader{block}.u16be(); }

// Whether a block of a command begins here, by what hardly is so by chance: `strictly` with the right length and
// version, more than 40 bits, else with one of them.
bool is_command(Bytes block, bool strictly) noexcept {
  ByteReader in{block};
  const std::uint16_t type = in.u16be();
  const std::size_t told = kCounted + in.u16be();
  const std::uint16_t version = in.u16be();
  const bool command = is_control(type) || type == kWriteRequest || type == kReadRequest || type == kWriteResponse ||
                       type == kRelationRequest;
  if (!in.ok() || !command) return false;
  const std::size_t laid = laid_out(type, block);
  const bool length = laid == told, usual = version >> 8U == 1 && (version & 0xffU) <= 1;
  return laid != 0 && (strictly ? length && usual : length || usual);
}

bool has_command(Bytes bytes, std::size_t from, std::size_t to) noexcept {
  for (; from < to; ++from)
    if (is_command(bytes.subspan(from), true)) return true;
  return false;
}

Uuid read_uuid(ByteReader& in) noexcept {
  Uuid out{};
  std::ranges::copy(in.bytes(out.size()), out.begin());
  return out;
}

void append_slot(IcsText& out, std::uint32_t api, std::uint16_t slot, std::uint16_t subslot) {
  out.next();
  out.append_number(api);
  out.append('/');
  out.append_number(slot);
  out.append('/');
  out.append_number(subslot);
}

void append_place(IcsText& out, const IoCmPlace& place) {
  append_slot(out, place.api, place.slot, place.subslot);
  out.append("/0x");
  out.append_hex(place.index, 4);
}

void append_octets(IcsText& out, Bytes bytes) {
  if (bytes.empty()) return;
  out.next();
  for (const std::uint8_t byte : bytes) {
    if (out.full()) return;
    out.append_hex(byte, 2);
  }
}

class BlockReader {
 public:
  BlockReader(Bytes in, bool texts, IoCmContents& out) noexcept : in_{in}, texts_{texts}, out_{out} {}

  void read() {
    Ways ways{0, 0};
    for (std::size_t at = 0; at < in_.size() && !is_zero(in_.subspan(at)); at = ways.by_layout) {
      if (in_.size() - at < kHeader) return odd(IoCmOdd::kBlock);
      ways = tell(at);
      if (!ways.sure) return search(at + 1, ways);
    }
  }
  void search() { search(0, {}); }

 private:
  // Where the next block is, by what a device may go by; `sure` when there is no difference.
  struct Ways {
    std::size_t by_layout = kNowhere, by_length = kNowhere;
    bool sure = false;
  };

  void odd(std::uint8_t what) noexcept { out_.odd |= what; }

  // Along both ways, and at whatever looks like a command.
  void search(std::size_t from, Ways ways) {
    searching_ = true;
    for (std::size_t at = from; at + kHeader <= in_.size(); ++at) {
      const bool by_layout = at == ways.by_layout, by_length = at == ways.by_length;
      const Bytes rest = in_.subspan(at);
      const bool expected = (by_layout || by_length) && has_layout(type_of(rest));
      if (!by_layout && !by_length && !is_command(rest, false)) continue;
      const Ways next = expected || is_command(rest, false) ? tell(at) : pass(at);
      if (by_layout || ways.by_layout == kNowhere || ways.by_layout <= at) ways.by_layout = next.by_layout;
      if (by_length || ways.by_length == kNowhere || ways.by_length <= at) ways.by_length = next.by_length;
    }
  }

  // What nobody knows ends where its length says; zeros, where there are others.
  [[nodiscard]] Ways pass(std::size_t at) const noexcept {
    const Bytes rest = in_.subspan(at);
    ByteReader in{rest};
    const std::uint16_t type = in.u16be(), length = in.u16be();
    if (!in.ok()) return {};
    if (type == 0 && length == 0) {
      const auto other = std::ranges::find_if(rest, [](std::uint8_t byte) { return byte != 0; });
      std::size_t next = static_cast<std::size_t>(other - rest.begin());
      if (next == rest.size()) return {};
      if (!has_layout(type_of(rest.subspan(next)))) --next;  // the first octet of a type may be 0
      return {at + next, at + next, false};
    }
    const std::size_t told = kCounted + length;
    const bool fits = told >= kHeader && told <= rest.size();
    return fits ? Ways{at + told, at + told, false} : Ways{};
  }

  Ways tell(std::size_t at) {
    const Bytes rest = in_.subspan(at);
    const std::uint16_t type = type_of(rest);
    Ways next = pass(at);
    const bool fits = type != 0 && next.by_length != kNowhere;
    const std::size_t told = fits ? next.by_length - at : rest.size();
    const bool known = has_layout(type) && !(searching_ && has_list(type) && ++lists_ > kListsMax);
    const std::size_t laid = known ? laid_out(type, rest) : 0;
    if (known || fits) out_.blocks.add(type);
    record_.reset();
    multiple_.reset();
    if (known) contents(type, ByteReader{rest.first(laid != 0 ? laid : told)});
    if (known) next.by_layout = laid != 0 ? at + laid : kNowhere;
    next.sure = fits && (!known || (laid != 0 && laid <= told)) && !hides(at, told, laid);
    if (next.sure) next.by_layout = next.by_length;
    if (!next.sure) odd(IoCmOdd::kBlock);
    if (multiple_) check_multiple(next);
    return record_ ? behind_record(next, type) : next;
  }

  // What is longer than its layout is filled up, or of a later version; a block that begins there would be hidden.
  [[nodiscard]] bool hides(std::size_t at, std::size_t told, std::size_t laid) const noexcept {
    if (searching_) return false;  // nothing is passed over then
    const bool next = laid != 0 && laid + kHeader <= told && has_layout(type_of(in_.subspan(at + laid)));
    return next || has_command(in_, at + (laid != 0 ? laid : kHeader), at + told);
  }

  void contents(std::uint16_t type, ByteReader block) {
    block.bytes(kHeader);
    if (is_control(type)) return control(block);
    switch (type) {
      case kReadRequest:
      case kReadResponse:
      case kWriteRequest:
      case kWriteResponse: return record(type, block);
      case kRelationRequest: return relation(block, true);
      case kRelationResponse: return relation(block, false);
      case kExchangeRequest: return exchange(block, true);
      case kExchangeResponse: return exchange(block, false);
      case kAlarmRequest: return alarm(block, true);
      case kAlarmResponse: return alarm(block, false);
      case kExpectedSubmodules: return submodules(block);
      case kDifferences: return differences(block);
      case kServer: out_.responder_name = block.bytes(block.u16be()); break;
      default: break;
    }
  }

  // | 0 u16 | AR | session u16 | 0 u16, of plug alarms their number | command u16 | properties u16 |
  void control(ByteReader& block) {
    constexpr std::uint16_t kRelease = 4;
    block.u16be();
    const Uuid relation = read_uuid(block);
    block.u32be();
    const std::uint16_t command = block.u16be();
    if (!block.ok()) return;
    out_.relation = relation;
    out_.releases = out_.releases || (command & kRelease) != 0;
    // Each once: many of one would leave no room for another.
    const auto fresh = static_cast<std::uint16_t>(command & ~commands_);
    commands_ |= command;
    if (fresh == 0 && !out_.commands.empty()) return;
    append_io_cm_command(out_.commands, fresh);
    append_io_cm_command(out_.value, fresh);
  }

  // | kind u16 | AR | session u16 | hardware address 6 | of a request: object | properties u32 | timeout u16 |
  //   port u16 | name |
  void relation(ByteReader& block, bool request) {
    const std::uint16_t kind = block.u16be();
    const Uuid relation = read_uuid(block);
    block.bytes(8);
    if (!block.ok()) return;
    out_.relation = relation;
    out_.relation_kind = kind;
    if (!request) return;
    out_.initiator = read_uuid(block);
    block.u64be();
    out_.initiator_name = block.bytes(block.u16be());
  }

  // | kind u16 | number u16 | of a request: EtherType u16 | properties u32 | octets u16 | frame id u16 | of a request:
  //   clock u16 | reduction u16 | ... |
  void exchange(ByteReader& block, bool request) {
    IoCmExchange now;
    now.kind = block.u16be();
    block.u16be();
    if (request) {
      block.bytes(6);
      now.octets = block.u16be();
    }
    now.frame_id = block.u16be();
    if (request) {
      now.cycle = block.u16be();
      now.cycle *= block.u16be();
    }
    if (block.ok()) out_.exchanges.add(now);
  }

  // | kind u16 | of a request: EtherType u16 | properties u32 | timeout u16 | retries u16 | the sender's end u16 |
  void alarm(ByteReader& block, bool request) {
    block.bytes(request ? 12 : 2);
    const std::uint16_t end = block.u16be();
    if (block.ok()) out_.alarm_end = end;
  }

  // | APIs u16 | { API u32 | modules u16 | { slot u16 | module u32 | state u16 | submodules u16 | { subslot u16 |
  //   kind u32 | state u16 } } } |
  void differences(ByteReader& block) {
    constexpr std::uint16_t kProper = 2;
    for (unsigned apis = block.u16be(); apis > 0 && block.ok(); --apis) {
      IoCmDifference now;
      now.api = block.u32be();
      for (unsigned modules = block.u16be(); modules > 0 && block.ok(); --modules) {
        now.slot = block.u16be();
        block.u32be();
        now.state = block.u16be();
        now.of_module = true;
        if (block.ok() && now.state != kProper) out_.differences.add(now);
        now.of_module = false;
        for (unsigned count = block.u16be(); count > 0 && block.ok(); --count) {
          now.subslot = block.u16be();
          block.u32be();
          now.state = block.u16be();
          if (block.ok()) out_.differences.add(now);
        }
      }
    }
  }

  // | APIs u16 | { API u32 | slot u16 | module u32 | properties u16 | submodules u16 | { subslot u16 | kind u32 |
  //   properties u16 | of inputs, of outputs: direction u16, octets u16, u8, u8 } } |
  void submodules(ByteReader& block) {
    constexpr std::size_t kDescription = 6;
    constexpr unsigned kBothDirections = 3;
    for (unsigned apis = block.u16be(); apis > 0 && block.ok(); --apis) {
      IoCmSubmodule now;
      now.api = block.u32be();
      now.slot = block.u16be();
      now.module = block.u32be();
      block.u16be();
      for (unsigned count = block.u16be(); count > 0 && block.ok(); --count) {
        now.subslot = block.u16be();
        now.kind = block.u32be();
        const bool both = (block.u16be() & kBothDirections) == kBothDirections;
        block.bytes(both ? 2 * kDescription : kDescription);
        if (!block.ok()) return;
        out_.submodules.add(now);
        if (texts_) append_slot(out_.target, now.api, now.slot, now.subslot);
      }
    }
  }

  // | number u16 | AR | API u32 | slot u16 | subslot u16 | 0 u16 | index u16 | octets u32 | of responses: two values
  //   u16, of a write PNIOStatus | 0 |
  void record(std::uint16_t type, ByteReader& block) {
    block.u16be();
    const Uuid relation = read_uuid(block);
    IoCmPlace place;
    place.api = block.u32be();
    place.slot = block.u16be();
    place.subslot = block.u16be();
    block.u16be();
    place.index = block.u16be();
    const std::uint32_t length = block.u32be();
    if (!block.ok()) return;
    if (!out_.place) {
      out_.relation = relation;
      out_.place = place;
      out_.record_length = length;
    }
    out_.writes = out_.writes || type == kWriteRequest;
    if (type == kWriteResponse) {
      block.u32be();
      const std::uint32_t status = block.u32be();
      if (out_.status == 0) out_.status = status;
    }
    if (place.index == kMultipleWrite) {
      several_ = true;
      if (type == kWriteRequest) multiple_ = length;
      return;
    }
    if (texts_) append_place(out_.target, place);
    if (type == kWriteRequest || type == kReadResponse) record_ = length;
  }

  // The record is all the requests behind it.
  void check_multiple(const Ways& next) noexcept {
    const std::size_t begin = std::min({next.by_layout, next.by_length, in_.size()});
    const Bytes requests = in_.subspan(begin);
    if (*multiple_ > requests.size() || !is_zero(requests.subspan(*multiple_))) odd(IoCmOdd::kRecord);
  }

  // Where the block's length lies, the record may begin in two places: both are told, from the first begin to the last
  // end. What ends beyond the message is no record for some devices, which go on with what ought to be in it.
  Ways behind_record(Ways next, std::uint16_t type) {
    const std::size_t length = *record_;
    const std::size_t first = std::min(next.by_layout, next.by_length), last = std::max(next.by_layout, next.by_length);
    if (first == kNowhere) return next;
    const std::size_t begin = last == kNowhere ? first : last;
    const bool fits = length <= in_.size() - begin;
    const std::size_t end = fits ? begin + length : in_.size();
    const Bytes record = in_.subspan(first, end - first);
    if (type == kReadResponse && out_.record.empty()) out_.record = record;
    if (texts_) append_octets(out_.value, record);
    for (std::size_t* const way : {&next.by_layout, &next.by_length})
      if (*way != kNowhere && length <= in_.size() - *way) *way = behind_padding(*way + length);
    if (type != kWriteRequest) return next;
    const std::size_t inner = request_within(first, end);
    if (inner != kNowhere) next.by_layout = inner;
    if (!fits || inner != kNowhere || (!searching_ && has_command(in_, first, end))) {
      odd(IoCmOdd::kRecord);
      next.sure = false;
    }
    return next;
  }

  // Behind the block that a record of several begins with: some devices go on there, whatever the record's length.
  [[nodiscard]] std::size_t request_within(std::size_t begin, std::size_t end) const noexcept {
    const std::size_t inner = pass(begin).by_length;
    if (!several_ || inner >= end || inner < begin + kHeader || in_[begin + kCounted] != 1) return kNowhere;
    return type_of(in_.subspan(aligned(inner))) == kWriteRequest ? aligned(inner) : kNowhere;
  }

  [[nodiscard]] std::size_t aligned(std::size_t at) const noexcept {
    constexpr std::size_t kAlignment = 4;
    return std::min((at + kAlignment - 1) / kAlignment * kAlignment, in_.size());
  }

  // The next of several requests is aligned, but not every device cares.
  std::size_t behind_padding(std::size_t at) {
    if (!several_) return at;
    const std::size_t next = aligned(at);
    if (has_layout(type_of(in_.subspan(next))) || !has_layout(type_of(in_.subspan(at)))) return next;
    odd(IoCmOdd::kRecord);
    return at;
  }

  static constexpr unsigned kListsMax = 64;

  Bytes in_;
  bool texts_, several_ = false, searching_ = false;
  std::uint16_t commands_ = 0;                      // that were told
  unsigned lists_ = 0;                              // that were read while searching
  std::optional<std::uint32_t> record_, multiple_;  // octets behind the block that was read, of which kind
  IoCmContents& out_;
};

}  // namespace

void read_io_cm_blocks(Bytes blocks, bool texts, IoCmContents& out) { BlockReader{blocks, texts, out}.read(); }
void search_io_cm_blocks(Bytes bytes, bool texts, IoCmContents& out) { BlockReader{bytes, texts, out}.search(); }

}  // namespace nw::network
