#include "ingest/logs/formats/message_index.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "base/hash.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kProgramBytesMax = 32;  // of the names in the table; a longer one is none of them

}  // namespace

MessageIndex::MessageIndex(std::span<const MessageFormat> formats) : formats_{formats} {
  NW_CHECK(formats.size() <= 64 && std::ranges::is_sorted(formats, {}, &MessageFormat::name));
  std::size_t programs = syslog_programs().size();
  for (const MessageFormat& format : formats) programs += format.programs.size();
  cells_.resize(std::bit_ceil(2 * programs));
  for (const SyslogProgram& program : syslog_programs()) cell(program.name) = {program.name, {kNone, program.kind}};
  for (std::size_t i = 0; i < formats.size(); ++i) {
    NW_CHECK(formats[i].make != nullptr && !formats[i].types.empty());
    for (const std::string_view name : formats[i].programs) {
      Cell& found = cell(name);
      NW_CHECK(found.program.format == kNone);
      found.name = name;
      found.program.format = i;
    }
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (formats[i].order != Order::headed) enveloped_ |= bit;
    if (formats[i].recognise == nullptr) continue;
    for (std::size_t byte = 0; byte < first_.size(); ++byte)
      if (formats[i].first_bytes.empty() ||
          formats[i].first_bytes.find(static_cast<char>(byte)) != std::string_view::npos)
        first_[byte] |= bit;
  }
}

MessageIndex::Cell& MessageIndex::cell(std::string_view name) {
  NW_CHECK(!name.empty() && name.size() <= kProgramBytesMax);
  std::size_t at = hash64(name) & (cells_.size() - 1);
  while (!cells_[at].name.empty() && cells_[at].name != name) at = (at + 1) & (cells_.size() - 1);
  return cells_[at];
}

MessageIndex::Program MessageIndex::program(std::string_view name) const noexcept {
  std::array<char, kProgramBytesMax> lower{};
  std::size_t size = 0;
  for (const char c : name) {
    if (c == '(') break;
    if (c == '/') {
      size = 0;
      continue;
    }
    // One too long may still turn out to be a directory.
    if (size < lower.size()) lower[size] = ascii_lower(c);
    ++size;
  }
  if (size == 0 || size > lower.size()) return {};
  const std::string_view key{lower.data(), size};
  for (std::size_t at = hash64(key) & (cells_.size() - 1);; at = (at + 1) & (cells_.size() - 1)) {
    if (cells_[at].name.empty()) return {};
    if (cells_[at].name == key) return cells_[at].program;
  }
}

std::size_t MessageIndex::recognise(const Message& message, Around around) const noexcept {
  const auto first = static_cast<unsigned char>(message.text.empty() ? '\0' : message.text.front());
  std::uint64_t left = first_[first];
  if (around == Around::envelope) left &= enveloped_;
  for (; left != 0; left &= left - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(left));
    if (formats_[i].recognise(message)) return i;
  }
  return kNone;
}

const MessageIndex& message_index() {
  static const MessageIndex kIndex{message_formats()};
  return kIndex;
}

}  // namespace nw::logs
