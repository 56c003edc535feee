#include "context/indicators/set.h"

#include <algorithm>
#include <numeric>

#include "base/hash.h"
#include "base/text.h"

namespace nw::context {

namespace {

constexpr std::size_t kUrlPartsMax = 64;   // of a path that are tried as prefixes
constexpr std::size_t kEntryOverhead = 7;  // tag, size, number; its share of filter and offsets
constexpr std::size_t kDomainLabelsTop = 63;

std::int64_t seconds_of(Timestamp t) noexcept {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

std::size_t labels_in(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::ranges::count(name, '.')) + 1;
}

struct RecordHash {
  template <class Record>
  std::size_t operator()(const Record& r) const noexcept {
    std::uint64_t h = mix64(static_cast<std::uint64_t>(r.from));
    h = mix64(h ^ static_cast<std::uint64_t>(r.until));
    h = mix64(h ^ (std::uint64_t{r.source} << 32U | r.id));
    return mix64(h ^ (std::uint64_t{r.labels} << 24U | static_cast<std::uint64_t>(r.tlp) << 16U |
                      static_cast<std::uint64_t>(r.pap) << 8U | r.confidence));
  }
};

}  // namespace

std::shared_ptr<const IndicatorSet> IndicatorSet::empty() {
  std::uint64_t left_out = 0;
  return IndicatorBuilder{0, 0}.finish(left_out);
}

std::string_view IndicatorSet::text(std::uint32_t number) const noexcept {
  if (number == 0) return {};
  const std::uint32_t begin = text_ends_[number - 1];
  return std::string_view{texts_}.substr(begin, text_ends_[number] - begin);
}

void IndicatorSet::look(std::size_t table, IndicatorKind kind, std::string_view key, Timestamp now,
                        IndicatorSink sink) const {
  tables_[table].find(key, [&](std::uint32_t number) {
    const Record& record = records_[number];
    const std::int64_t second = seconds_of(now);
    if (second < record.from || (record.until != 0 && second >= record.until)) return;
    IndicatorHit hit;
    hit.kind = kind;
    hit.key = key;
    hit.info = {text(record.source), text(record.id), text(record.labels), record.tlp, record.pap, std::nullopt};
    if (record.confidence != kNoConfidence) hit.info.confidence = record.confidence;
    sink(hit);
  });
}

void IndicatorSet::find_name(std::string_view name, Timestamp now, IndicatorSink sink) const {
  IndicatorKey key;
  if (!name_key(name, key)) {
    // Of a name with a ':', and nothing else, this is an address of IPv6.
    IpAddress address;
    if (IpAddress::parse_into(name, address)) find_address(address, now, sink);
    return;
  }
  const std::string_view whole = key.view();
  if (ascii_digit(whole.back())) {
    IpAddress address;
    if (IpAddress::parse_into(whole, address)) return find_address(address, now, sink);
  }
  look(index(IndicatorKind::hostname), IndicatorKind::hostname, whole, now, sink);
  if (domain_labels_ == 0) return;
  std::size_t labels = labels_in(whole);
  for (std::string_view rest = whole;; --labels) {
    if (((domain_labels_ >> std::min(labels, kDomainLabelsTop)) & 1U) != 0)
      look(index(IndicatorKind::domain), IndicatorKind::domain, rest, now, sink);
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return;
    rest.remove_prefix(dot + 1);
  }
}

void IndicatorSet::find_address(const IpAddress& address, Timestamp now, IndicatorSink sink) const {
  IndicatorKey key;
  address_key(address, key);
  look(address.is_v4() ? kV4 : index(IndicatorKind::address), IndicatorKind::address, key.view(), now, sink);
  for (std::size_t word = 0; word < std::size(prefix_lengths_); ++word)
    for (std::uint64_t left = prefix_lengths_[word]; left != 0; left &= left - 1) {
      const auto bits = static_cast<unsigned>(word * 64 + static_cast<unsigned>(std::countr_zero(left)));
      prefix_key(IpPrefix{address, bits}, key);
      look(index(IndicatorKind::prefix), IndicatorKind::prefix, key.view(), now, sink);
    }
}

void IndicatorSet::find_url(std::string_view url_key, Timestamp now, IndicatorSink sink) const {
  look(index(IndicatorKind::url), IndicatorKind::url, url_key, now, sink);
  if (tables_[index(IndicatorKind::url_prefix)].size() == 0) return;
  const std::string_view path = url_key.substr(0, url_key.find('?'));
  const std::size_t scheme = path.find("://");
  std::size_t at = scheme == std::string_view::npos || scheme > path.find('/') ? 0 : scheme + 3;
  for (std::size_t parts = 0; parts < kUrlPartsMax; ++parts) {
    const std::size_t slash = path.find('/', at);
    if (slash == std::string_view::npos) return;
    look(index(IndicatorKind::url_prefix), IndicatorKind::url_prefix, path.substr(0, slash + 1), now, sink);
    at = slash + 1;
  }
}

void IndicatorSet::find_text(IndicatorKind kind, std::string_view text, Timestamp now, IndicatorSink sink) const {
  if (tables_[index(kind)].size() == 0) return;
  IndicatorKey key;
  const bool good = kind == IndicatorKind::ja4 ? ja4_key(text, key) : digest_key(text, fixed_size(kind), key);
  if (good) look(index(kind), kind, key.view(), now, sink);
}

std::size_t IndicatorSet::size(IndicatorKind kind) const noexcept {
  return tables_[index(kind)].size() + (kind == IndicatorKind::address ? tables_[kV4].size() : 0);
}

std::size_t IndicatorSet::size() const noexcept {
  return std::transform_reduce(tables_.begin(), tables_.end(), std::size_t{0}, std::plus{},
                               [](const CompactTable& table) { return table.size(); });
}

std::size_t IndicatorSet::bytes() const noexcept {
  std::size_t total = sizeof *this + records_.capacity() * sizeof(Record) + texts_.capacity() +
                      text_ends_.capacity() * sizeof(std::uint32_t);
  for (const CompactTable& table : tables_) total += table.bytes();
  return total;
}

struct IndicatorBuilder::Numbers {
  std::unordered_map<std::string, std::uint32_t> texts;
  std::unordered_map<IndicatorSet::Record, std::uint32_t, RecordHash> records;
};

IndicatorBuilder::IndicatorBuilder(std::size_t bytes_max, std::uint64_t seed)
    : bytes_max_{std::min(bytes_max, kBytesMost)},
      seed_{seed},
      set_{new IndicatorSet},
      numbers_{std::make_unique<Numbers>()} {
  for (std::size_t i = 0; i < kIndicatorKinds; ++i) inputs_.emplace_back(fixed_size(static_cast<IndicatorKind>(i)));
  inputs_.emplace_back(4);
  set_->text_ends_.push_back(0);
}
IndicatorBuilder::~IndicatorBuilder() = default;

Result<> IndicatorBuilder::take(std::size_t bytes) {
  if (bytes > bytes_max_ - bytes_)
    return Error{Errc::full, "the indicators need more than the " + std::to_string(bytes_max_) +
                                 " bytes that they may; raise 'indicators.bytes_max' or load fewer"};
  bytes_ += bytes;
  return {};
}

Result<std::uint32_t> IndicatorBuilder::text(std::string_view text) {
  if (text.empty()) return std::uint32_t{0};
  const auto [at, fresh] =
      numbers_->texts.try_emplace(std::string{text}, static_cast<std::uint32_t>(set_->text_ends_.size()));
  if (!fresh) return at->second;
  if (auto room = take(text.size() + sizeof(std::uint32_t)); !room) return room.error();
  set_->texts_ += text;
  set_->text_ends_.push_back(static_cast<std::uint32_t>(set_->texts_.size()));
  return at->second;
}

Result<std::uint32_t> IndicatorBuilder::record(const IndicatorRecord& record) {
  IndicatorSet::Record packed;
  // The epoch itself is no time that anybody states; 0 is "open".
  if (record.from) packed.from = seconds_of(*record.from);
  if (record.until) packed.until = std::max<std::int64_t>(seconds_of(*record.until), 1);
  packed.tlp = record.tlp;
  packed.pap = record.pap;
  if (record.confidence) packed.confidence = std::min<std::uint8_t>(*record.confidence, 100);
  std::string labels;
  for (const std::string& label : record.labels) labels.append(label) += IndicatorInfo::kLabelEnd;
  for (const auto& [from, to] :
       {std::pair{std::string_view{record.source}, &packed.source}, std::pair{std::string_view{record.id}, &packed.id},
        std::pair{std::string_view{labels}, &packed.labels}}) {
    const auto number = text(from);
    if (!number) return number.error();
    *to = *number;
  }
  const auto [at, fresh] = numbers_->records.try_emplace(packed, static_cast<std::uint32_t>(set_->records_.size()));
  if (!fresh) return at->second;
  if (set_->records_.size() >= kRecordsMax) return Error{Errc::full, "more than 16777216 different records"};
  if (auto room = take(sizeof packed); !room) return room.error();
  set_->records_.push_back(packed);
  return at->second;
}

Result<> IndicatorBuilder::add(IndicatorKind kind, std::string_view key, std::uint32_t record) {
  if (auto room = take(key.size() + kEntryOverhead); !room) return room;
  if (kind == IndicatorKind::prefix) {
    const unsigned bits = prefix_of(key).bits();
    set_->prefix_lengths_[bits / 64] |= std::uint64_t{1} << (bits % 64);
  } else if (kind == IndicatorKind::domain) {
    set_->domain_labels_ |= std::uint64_t{1} << std::min(labels_in(key), kDomainLabelsTop);
  }
  const bool v4 = kind == IndicatorKind::address && key.size() == 4;
  inputs_[v4 ? IndicatorSet::kV4 : index(kind)].add(key, record);
  return {};
}

std::shared_ptr<const IndicatorSet> IndicatorBuilder::finish(std::uint64_t& left_out) {
  numbers_ = std::make_unique<Numbers>();
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    set_->tables_[i] = CompactTable{inputs_[i], mix64(seed_ + i), left_out};
    inputs_[i] = TableInput{inputs_[i].size()};
  }
  set_->texts_.shrink_to_fit();
  set_->text_ends_.shrink_to_fit();
  set_->records_.shrink_to_fit();
  std::shared_ptr<IndicatorSet> done{new IndicatorSet};
  done->text_ends_.push_back(0);
  done.swap(set_);
  bytes_ = 0;
  return done;
}

}  // namespace nw::context
