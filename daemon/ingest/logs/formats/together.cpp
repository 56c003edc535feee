#include "ingest/logs/formats/together.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "ingest/logs/formats/message.h"

namespace nw::logs {

namespace {

// By the mark's last byte, which is rarer than its first: "audit(".
bool contains(std::string_view line, std::string_view mark) {
  for (std::size_t at = mark.size() - 1; at < line.size(); ++at) {
    const void* const found = std::memchr(line.data() + at, mark.back(), line.size() - at);
    if (found == nullptr) return false;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - line.data());
    if (line.substr(0, at + 1).ends_with(mark)) return true;
  }
  return false;
}

}  // namespace

Together::Together(const Format& format) : Together{format, message_formats()} {}

Together::Together(const Format& format, std::span<const MessageFormat> formats) {
  if (format.reach == Reach::none) return;
  if (format.reach == Reach::one) {
    all_ = format.message->order != Order::alone;
    return;
  }
  for (const MessageFormat& each : formats) {
    NW_CHECK(each.order == Order::alone || !each.mark.empty());
    if (each.order == Order::joined) inside_.push_back(each.mark);
    if (each.order == Order::headed && format.reach == Reach::any) in_front_.push_back(each.mark);
  }
}

bool Together::line(std::string_view line) {
  if (all_) return true;
  const auto begins = [line](std::string_view mark) { return line.starts_with(mark); };
  all_ = std::ranges::any_of(in_front_, begins);
  return all_ || std::ranges::any_of(inside_, [line](std::string_view mark) { return contains(line, mark); });
}

}  // namespace nw::logs
