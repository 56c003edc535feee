#include "ingest/logs/transports/utf16_lines.h"

#include <algorithm>

namespace nw::logs {

namespace {

constexpr unsigned kReplacement = 0xfffd;

void append_utf8(unsigned point, std::string& out) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((point >> shift) & 0x3fU)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

constexpr bool high_surrogate(unsigned unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool low_surrogate(unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

}  // namespace

unsigned Utf16Lines::unit_at(std::string_view units, std::size_t at) const {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(units[i])); };
  return order_ == Order::little ? byte(at) | byte(at + 1) << 8U : byte(at) << 8U | byte(at + 1);
}

void Utf16Lines::feed(std::string_view chunk, LineFramer::Take take) {
  if (chunk.empty()) return;
  if (!half_.empty()) {
    const std::string unit = half_ + chunk.front();
    half_.clear();
    chunk.remove_prefix(1);
    feed_units(unit, take);
  }
  const std::string_view whole = chunk.substr(0, chunk.size() / 2 * 2);
  feed_units(whole, take);
  half_ = chunk.substr(whole.size());
}

void Utf16Lines::feed_units(std::string_view units, LineFramer::Take take) {
  const std::uint64_t base = fed_;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = units.find('\n', at)) != std::string_view::npos; ++at) {
    const std::size_t unit = at / 2 * 2;  // 0x0A is half of many others
    if (unit_at(units, unit) != '\n') continue;
    hold(units.substr(from, unit - from), take);
    give(take, false);
    skipping_ = false;
    at = unit + 1;
    from = unit + 2;
    line_at_ = base + from;
  }
  hold(units.substr(from), take);
  fed_ = base + units.size();
}

void Utf16Lines::finish(LineFramer::Take take) {
  give(take, false);
  half_.clear();
  skipping_ = false;
  line_at_ = fed_;
}

void Utf16Lines::hold(std::string_view units, LineFramer::Take take) {
  if (skipping_) return;
  const std::size_t room = 2 * line_bytes_max_ - std::min(held_.size(), 2 * line_bytes_max_);
  held_.append(units.substr(0, room));
  if (units.size() <= room) return;
  give(take, true);
  skipping_ = true;
}

void Utf16Lines::give(LineFramer::Take take, bool cut) {
  text_.clear();
  for (std::size_t at = 0; at + 1 < held_.size(); at += 2) {
    unsigned point = unit_at(held_, at);
    const unsigned next = at + 3 < held_.size() ? unit_at(held_, at + 2) : 0;
    if (high_surrogate(point) && low_surrogate(next)) {
      point = 0x10000 + ((point - 0xd800) << 10U) + (next - 0xdc00);
      at += 2;
    } else if (high_surrogate(point) || low_surrogate(point)) {
      point = kReplacement;
    }
    append_utf8(point, text_);
  }
  held_.clear();
  while (!text_.empty() && text_.back() == '\r') text_.pop_back();
  if (text_.size() > line_bytes_max_) {
    std::size_t end = line_bytes_max_;
    while (end > 0 && (static_cast<unsigned char>(text_[end]) & 0xc0U) == 0x80U) --end;
    text_.resize(end);
    cut = true;
  }
  if (!text_.empty()) take(text_, cut);
}

}  // namespace nw::logs
