#include "context/registry/prefix_map.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace nw::context {

namespace {

constexpr WideKey kBlockFirst{0, 0xffff'0000'0000};
constexpr WideKey kBlockEnd{0, 0x1'0000'0000'0000};

// Written out, because compilers make one load of this, but not of the loop.
std::uint64_t big_endian(const std::uint8_t* at) noexcept {
  const auto byte = [at](unsigned i) { return std::uint64_t{at[i]} << (56 - 8 * i); };
  return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
}

// An IPv4 address as a key of its own.
WideKey narrow_key(std::uint64_t low) noexcept { return {low << 32U, 0}; }

bool all_zero_from(const WideKey& key, unsigned position) noexcept {
  if (position >= 128) return true;
  if (position >= 64) return key.low << (position - 64) == 0;
  return key.high << position == 0 && key.low == 0;
}

constexpr std::uint32_t kRangesOfLines = 25;       // what two steps of lines hold: 5 × 5
constexpr unsigned kSkipMin = 8;                   // fewer bits in common are left to the lines
constexpr unsigned kSkipMax = 63, kSkipEnd = 112;  // what is compared at once; a line needs 16 bits behind it

// From `position` on.
unsigned common_bits(const WideKey& a, const WideKey& b, unsigned position) noexcept {
  const auto high = static_cast<unsigned>(std::countl_zero(a.high ^ b.high));
  const unsigned all = high < 64 ? high : 64 + static_cast<unsigned>(std::countl_zero(a.low ^ b.low));
  return std::min({all, kSkipEnd, position + kSkipMax}) - std::min(position, kSkipEnd);
}

}  // namespace

WideKey wide_key(const IpAddress& address) noexcept {
  const auto& bytes = address.bytes();
  return {big_endian(bytes.data()), big_endian(bytes.data() + 8)};
}

WideKey last_key(const IpPrefix& prefix) noexcept {
  WideKey key = wide_key(prefix.address());
  const unsigned bits = prefix.bits();
  if (bits < 64) {
    key.high |= ~std::uint64_t{0} >> bits;
    key.low = ~std::uint64_t{0};
  } else if (bits < 128) {
    key.low |= ~std::uint64_t{0} >> (bits - 64);
  }
  return key;
}

std::vector<RangeTable::Change> RangeTable::changes(unsigned position, std::uint32_t in_force,
                                                    std::uint32_t end) const {
  std::vector<Change> out;
  for (std::uint32_t i = in_force + 1, next = 0; i < end; i = next) {
    const auto piece_of = [&](std::uint32_t at) { return top_bits(bits_from(ranges_[at].start, position), 16); };
    const std::uint64_t piece = piece_of(i);
    for (next = i + 1; next < end && piece_of(next) == piece;) ++next;
    const auto short_piece = static_cast<std::uint16_t>(piece);
    // What held before this value ends with the value before it, where it was not replaced there.
    if (!out.empty() && out.back().further && out.back().piece + 1U < piece)
      out.push_back({static_cast<std::uint16_t>(out.back().piece + 1), false, i - 1, i});
    const bool exact = all_zero_from(ranges_[i].start, position + 16);
    if (exact && next == i + 1)
      out.push_back({short_piece, false, i, next});
    else
      out.push_back({short_piece, true, exact ? i : i - 1, next});
  }
  if (!out.empty() && out.back().further && out.back().piece < 0xffff)
    out.push_back({static_cast<std::uint16_t>(out.back().piece + 1), false, end - 1, end});
  return out;
}

std::uint32_t RangeTable::plain_line(std::uint32_t answer) {
  const auto [at, fresh] = plain_.try_emplace(answer, static_cast<std::uint32_t>(lines_.size()));
  if (fresh) {
    Line& line = lines_.emplace_back();
    std::ranges::fill(line.answers, answer);
  }
  return at->second;
}

std::uint32_t RangeTable::add_step(Step step) {
  steps_.push_back(step);
  return static_cast<std::uint32_t>(steps_.size() - 1);
}

// Stops that one line cannot hold are divided among lines at the same position, as in a B-tree: whatever the
// stops, that is one step more.
std::uint32_t RangeTable::line_of(unsigned position, std::uint32_t before, const Stop* from, std::size_t count) {
  if (count == 0) return plain_line(before);
  Line line{};
  if (count <= kStartsMax) {
    line.answers[0] = before;
    for (std::size_t i = 0; i < kStartsMax; ++i) {
      line.starts[i] = from[std::min(i, count - 1)].piece;
      line.answers[i + 1] = from[std::min(i, count - 1)].answer;
    }
  } else {
    constexpr std::size_t kParts = kStartsMax + 1;
    const auto part = [&](std::size_t i) { return count * i / kParts; };
    for (std::size_t i = 0; i < kParts; ++i) {
      // The part's first stop is where it begins, so it is what holds before the others of the part.
      const std::size_t first = part(i), rest = i == 0 ? 0 : first + 1;
      const std::uint32_t lower =
          line_of(position, i == 0 ? before : from[first].answer, from + rest, part(i + 1) - rest);
      Step step;
      step.position = static_cast<std::uint8_t>(position);
      step.first = static_cast<std::uint32_t>(choices_.size());
      choices_.push_back(lower);
      line.answers[i] = kFurther | add_step(step);
      if (i > 0) line.starts[i - 1] = from[first].piece;
    }
  }
  lines_.push_back(line);
  return static_cast<std::uint32_t>(lines_.size() - 1);
}

// About two lines for a range: most then hold at most what a line can.
void RangeTable::choose(Step& step, std::uint32_t in_force, std::uint32_t end) {
  const unsigned position = step.position + step.skip;
  const auto wanted = static_cast<unsigned>(std::bit_width(end - in_force));
  // The last bit is left to the lines, so that they have a position.
  const unsigned bits = std::min({wanted, kBitsMax, 127 - position});
  step.bits = static_cast<std::uint8_t>(bits);
  step.first = static_cast<std::uint32_t>(choices_.size());
  choices_.resize(choices_.size() + (std::size_t{1} << bits));
  std::uint32_t i = in_force + 1;
  for (std::uint32_t choice = 0; choice >> bits == 0; ++choice) {
    const std::uint32_t begin = i;
    while (i < end && top_bits(bits_from(ranges_[i].start, position), bits) == choice) ++i;
    const bool exact = i > begin && all_zero_from(ranges_[begin].start, position + bits);
    const std::uint32_t line = line_for(position + bits, exact ? begin : begin - 1, i);
    choices_[step.first + choice] = line;
  }
}

std::uint32_t RangeTable::step_for(unsigned position, std::uint32_t in_force, std::uint32_t end) {
  Step step;
  step.position = static_cast<std::uint8_t>(position);
  if (end - in_force > 1) {
    const unsigned same = common_bits(ranges_[in_force + 1].start, ranges_[end - 1].start, position);
    if (same >= kSkipMin) {
      step.skip = static_cast<std::uint8_t>(same);
      step.same = top_bits(bits_from(ranges_[end - 1].start, position), same) << (64 - same);
      step.below = ranges_[in_force].answer;
      step.above = ranges_[end - 1].answer;
      position += same;
      if (all_zero_from(ranges_[in_force + 1].start, position)) ++in_force;
    }
  }
  if (end - in_force > kRangesOfLines) {
    choose(step, in_force, end);
  } else {
    const std::uint32_t line = line_for(position, in_force, end);
    step.first = static_cast<std::uint32_t>(choices_.size());
    choices_.push_back(line);
  }
  return add_step(step);
}

std::uint32_t RangeTable::line_for(unsigned position, std::uint32_t in_force, std::uint32_t end) {
  if (end - in_force > kRangesOfLines) return plain_line(kFurther | step_for(position, in_force, end));
  std::vector<Stop> stops;
  for (const Change& change : changes(position, in_force, end))
    stops.push_back({change.piece, change.further ? kFurther | step_for(position + 16, change.in_force, change.end)
                                                  : ranges_[change.in_force].answer});
  return line_of(position, ranges_[in_force].answer, stops.data(), stops.size());
}

void RangeTable::finish() {
  NW_CHECK(!ranges_.empty() && ranges_.front().start == WideKey{});
  count_ = ranges_.size();
  root_ = step_for(0, 0, static_cast<std::uint32_t>(count_));
  steps_.shrink_to_fit();
  choices_.shrink_to_fit();
  lines_.shrink_to_fit();
  ranges_ = {};
  plain_ = {};
}

void PrefixMap::add(const WideKey& start, std::uint32_t answer) {
  if (start >= kBlockFirst && !in_block_) {
    in_block_ = true;
    if (start > kBlockFirst) narrow_.add(WideKey{}, last_);
  }
  if (start >= kBlockEnd && !past_block_) {
    past_block_ = true;
    if (start > kBlockEnd) wide_.add(kBlockEnd, last_);
  }
  if (in_block_ && !past_block_)
    narrow_.add(narrow_key(start.low & 0xffff'ffff), answer);
  else
    wide_.add(start, answer);
  last_ = answer;
}

void PrefixMap::finish() {
  if (!in_block_) narrow_.add(WideKey{}, last_);
  if (!past_block_) wide_.add(kBlockEnd, last_);
  narrow_.finish();
  wide_.finish();
}

std::uint32_t PrefixMap::find(const IpAddress& address) const noexcept {
  const WideKey key = wide_key(address);
  if (key.high == 0 && key.low >> 32U == 0xffff) return narrow_.find(narrow_key(key.low));
  return wide_.find(key);
}

}  // namespace nw::context
