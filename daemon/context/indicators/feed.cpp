#include "context/indicators/feed.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nw::context {

namespace {

constexpr auto kFormats = std::to_array<FeedFormat>({
    {"csv", "columns with a header line: type, value, ... (RFC 4180)", read_csv_feed},
    {"list", "a value a line, # begins a comment", read_list_feed},
    {"misp", "MISP's JSON: events, or their values", read_misp_feed},
    {"stix", "a STIX 2.1 bundle", read_stix_feed},
});
static_assert(std::ranges::is_sorted(kFormats, {}, &FeedFormat::name));

}  // namespace

std::span<const FeedFormat> feed_formats() { return kFormats; }

const FeedFormat* find_feed_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &FeedFormat::name);
  return found == kFormats.end() ? nullptr : &*found;
}

const FeedFormat* guess_feed_format(std::string_view name, std::string_view text) {
  if (name.ends_with(".csv")) return find_feed_format("csv");
  if (name.ends_with(".txt") || name.ends_with(".list")) return find_feed_format("list");
  const std::string_view begin = trim(text.substr(0, 4096));
  if (begin.empty() || (begin.front() != '{' && begin.front() != '[')) return nullptr;
  return find_feed_format(begin.find("\"bundle") != std::string_view::npos ? "stix" : "misp");
}

std::string_view without_comment(std::string_view line) noexcept {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || ascii_space(line[i - 1]))) return trim(line.substr(0, i));
  return trim(line);
}

Feed::Feed(const FeedOptions& options, const IndicatorGate& gate, IndicatorBuilder& builder, Refusals& refusals,
           Diagnostics& diagnostics)
    : options_{options}, gate_{gate}, builder_{builder}, refusals_{refusals}, diagnostics_{diagnostics} {}

void Feed::refuse(Refusal why, std::string_view what, Mark mark, std::string hint) {
  refusals_.add(why, options_.file, mark, what, std::move(hint));
}

void Feed::error(Mark mark, std::string_view code, std::string text, std::string hint) {
  diagnostics_.error(options_.file, mark, code, std::move(text), std::move(hint));
}

bool Feed::add(IndicatorKind kind, std::string_view value, IndicatorRecord record, std::optional<Timestamp> seen,
               Mark mark) {
  if (full_) return false;
  const std::string meant = refang(trim(value));
  IndicatorKey key;
  if (const Refusal why = indicator_key(kind, meant, key); why != Refusal::none) {
    refuse(why, meant, mark);
    return true;
  }
  std::string list;
  if (const Refusal why = gate_.judge(kind, key.view(), list); why != Refusal::none) {
    refuse(why, meant, mark, std::move(list));
    return true;
  }
  if (!record.until && options_.expires_after)
    record.until = seen.value_or(options_.file_time) + *options_.expires_after;
  if (record.until && *record.until <= options_.now) {
    refuse(Refusal::expired, meant, mark);
    return true;
  }
  record.source = options_.source;
  record.tlp = std::max(record.tlp, options_.tlp);
  record.pap = std::max(record.pap, options_.pap);
  if (record.labels.size() > kLabelsMax) record.labels.resize(kLabelsMax);
  record.id.resize(std::min(record.id.size(), kTextMax));
  for (std::string& label : record.labels) {
    label.resize(std::min(label.size(), kTextMax));
    std::ranges::replace(label, IndicatorInfo::kLabelEnd, ' ');
  }
  const auto number = builder_.record(record);
  const Result<> done = number ? builder_.add(kind, key.view(), *number) : Result<>{number.error()};
  if (!done) {
    full_ = true;
    error(mark, "indicators-too-large", done.error().what);
    return false;
  }
  ++added_;
  return true;
}

}  // namespace nw::context
