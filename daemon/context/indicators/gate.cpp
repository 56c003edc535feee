#include "context/indicators/gate.h"

#include <algorithm>

#include "base/text.h"
#include "context/indicators/url.h"

namespace nw::context {

namespace {

// IANA's special-purpose registries (RFC 6890), of what is not one host's or one network's; those for documentation
// stay, since nobody has them. Lengths are of the 128-bit form.
struct Special {
  std::array<std::uint8_t, 16> address;
  unsigned bits;
};
constexpr std::array<std::uint8_t, 16> v4(std::uint8_t a, std::uint8_t b = 0, std::uint8_t c = 0, std::uint8_t d = 0) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}
constexpr auto kSpecial = std::to_array<Special>({
    {v4(0), 96 + 8},
    {v4(10), 96 + 8},
    {v4(100, 64), 96 + 10},
    {v4(127), 96 + 8},
    {v4(169, 254), 96 + 16},
    {v4(172, 16), 96 + 12},
    {v4(192, 168), 96 + 16},
    {v4(224), 96 + 4},
    {v4(240), 96 + 4},
    {{}, 127},           // :: and ::1
    {{0xfc}, 7},         // unique local
    {{0xfe, 0x80}, 10},  // link-local
    {{0xff}, 8},         // multicast
});

bool overlap(const IpPrefix& a, const IpPrefix& b) noexcept {
  return a.bits() <= b.bits() ? a.contains(b.address()) : b.contains(a.address());
}

bool special(const IpPrefix& prefix) noexcept {
  return std::ranges::any_of(kSpecial, [&](const Special& s) {
    return overlap({IpAddress::from_bytes(s.address), s.bits}, prefix);
  });
}

// `sorted`: what contains another comes before it, and none of them contain each other once folded.
void fold(std::vector<IpPrefix>& prefixes) {
  std::ranges::sort(prefixes);
  std::vector<IpPrefix> kept;
  for (const IpPrefix& prefix : prefixes)
    if (kept.empty() || !kept.back().contains(prefix.address())) kept.push_back(prefix);
  prefixes = std::move(kept);
}

bool touches(const std::vector<IpPrefix>& sorted, const IpPrefix& prefix) noexcept {
  const auto after = std::ranges::upper_bound(sorted, prefix);
  return (after != sorted.end() && overlap(*after, prefix)) ||
         (after != sorted.begin() && overlap(*std::prev(after), prefix));
}

IpPrefix range_of(IndicatorKind kind, std::string_view key) noexcept {
  if (kind == IndicatorKind::prefix) return prefix_of(key);
  return {IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(key.data()), key.size()}), 128};
}

}  // namespace

IndicatorGate::IndicatorGate(std::vector<IpPrefix> own) : own_{std::move(own)}, builder_{kBytesMax, 0} { fold(own_); }

Refusal IndicatorGate::warn(std::string_view value, std::string_view list) {
  const auto guessed = guess_kind(value);
  if (!guessed) return Refusal::bad_value;
  IndicatorKind kind = *guessed;
  IndicatorKey key;
  // A list may name what is too wide for an indicator: a whole top-level domain.
  if (const Refusal why = indicator_key(kind, value, key); why != Refusal::none && why != Refusal::too_wide) return why;
  IndicatorRecord record;
  record.source = list;
  const auto number = builder_.record(record);
  if (!number || !builder_.add(kind, key.view(), *number)) return Refusal::repeated;
  if (kind == IndicatorKind::address || kind == IndicatorKind::prefix) listed_.push_back(range_of(kind, key.view()));
  ++warned_;
  return Refusal::none;
}

Refusal IndicatorGate::warn_substring(std::string_view value) {
  if (value.empty() || substrings_.size() == kSubstringsMax) return Refusal::repeated;
  substrings_.push_back(to_ascii_lower(value));
  ++warned_;
  return Refusal::none;
}

void IndicatorGate::close() {
  std::uint64_t left_out = 0;
  lists_ = builder_.finish(left_out);
  fold(listed_);
}

bool IndicatorGate::on_list(IndicatorKind kind, std::string_view key, std::string& list) const {
  const std::size_t before = list.size();
  bool found = false;
  const auto sink = [&](const IndicatorHit& hit) {
    if (!found) list.append(hit.info.source);
    found = true;
  };
  const Timestamp now{};
  switch (kind) {
    case IndicatorKind::domain:
    case IndicatorKind::hostname: lists_->find_name(key, now, sink); break;
    case IndicatorKind::address:
    case IndicatorKind::prefix: {
      const IpPrefix range = range_of(kind, key);
      lists_->find_address(range.address(), now, sink);
      found = touches(listed_, range);
      if (found && list.size() == before) list += "a listed address within it";
      break;
    }
    case IndicatorKind::url:
    case IndicatorKind::url_prefix: lists_->find_url(key, now, sink); break;
    default: {
      // What a digest is of, a list does not say.
      const std::string text = indicator_text(kind, key);
      if (const auto guessed = guess_kind(text)) lists_->find_text(*guessed, text, now, sink);
    }
  }
  if (found || substrings_.empty()) return found;
  const std::string text = indicator_text(kind, key);
  const auto part = std::ranges::find_if(substrings_, [&](const std::string& s) { return text.find(s) != text.npos; });
  if (part != substrings_.end()) list.append("part '").append(*part) += '\'';
  return part != substrings_.end();
}

Refusal IndicatorGate::judge(IndicatorKind kind, std::string_view key, std::string& list) const {
  list.clear();
  std::optional<IpPrefix> range;
  if (kind == IndicatorKind::address || kind == IndicatorKind::prefix) range = range_of(kind, key);
  IpAddress host;
  if ((kind == IndicatorKind::url || kind == IndicatorKind::url_prefix) &&
      IpAddress::parse_into(host_of_url(key), host))
    range = IpPrefix{host, 128};
  if (range && special(*range)) return Refusal::special;
  if (range && touches(own_, *range)) return Refusal::own;
  return on_list(kind, key, list) ? Refusal::warning_list : Refusal::none;
}

}  // namespace nw::context
