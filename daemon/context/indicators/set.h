// The indicators of all feeds, to be asked by many threads at once: immutable, no locks, no allocation per question. A
// reload builds a new set and swaps it with the rules.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/function_ref.h"
#include "base/ip.h"
#include "base/result.h"
#include "base/time.h"
#include "context/indicators/kind.h"
#include "context/indicators/table.h"
#include "context/indicators/value.h"

namespace nw::context {

// What a feed says of an indicator. Held once for all indicators that have the same.
struct IndicatorRecord {
  std::string source, id;  // id: the feed's own; may be empty
  Tlp tlp = Tlp::unset;
  Pap pap = Pap::unset;
  std::optional<Timestamp> from, until;    // valid [from, until), kept to the second
  std::optional<std::uint8_t> confidence;  // 0 to 100, as in STIX
  std::vector<std::string> labels;
};

// The same as a set gives it back. Views live as long as the set.
struct IndicatorInfo {
  static constexpr char kLabelEnd = '\n';  // behind each label

  std::string_view source, id, labels;
  Tlp tlp = Tlp::unset;
  Pap pap = Pap::unset;
  std::optional<std::uint8_t> confidence;
};

struct IndicatorHit {
  IndicatorKind kind{};
  std::string_view key;  // borrowed for the call; indicator_text() makes it readable
  IndicatorInfo info;
};
using IndicatorSink = FunctionRef<void(const IndicatorHit&)>;

class IndicatorSet {
 public:
  // One that knows nothing.
  static std::shared_ptr<const IndicatorSet> empty();

  // Each calls `sink` for every record of every indicator that fits and is in force at `now`.
  // A name, and the domains that it lies in; of an address as text, that.
  void find_name(std::string_view name, Timestamp now, IndicatorSink sink) const;
  // An address, and the prefixes that it lies in.
  void find_address(const IpAddress& address, Timestamp now, IndicatorSink sink) const;
  // In the form of url.h: the URL, and the prefixes that it begins with. Not its host: that is a name of its own.
  void find_url(std::string_view url_key, Timestamp now, IndicatorSink sink) const;
  // A digest in hexadecimal, or a JA4.
  void find_text(IndicatorKind kind, std::string_view text, Timestamp now, IndicatorSink sink) const;

  [[nodiscard]] std::size_t size(IndicatorKind kind) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;  // of memory

 private:
  friend class IndicatorBuilder;
  IndicatorSet() = default;

  struct Record {
    std::int64_t from = 0, until = 0;  // seconds; 0: open
    std::uint32_t source = 0, id = 0, labels = 0;
    Tlp tlp{};
    Pap pap{};
    std::uint8_t confidence = kNoConfidence;
    bool operator==(const Record&) const = default;
  };
  static constexpr std::uint8_t kNoConfidence = 255;
  static constexpr std::size_t kV4 = kIndicatorKinds, kTables = kIndicatorKinds + 1;  // IPv4 addresses have their own

  [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;
  void look(std::size_t table, IndicatorKind kind, std::string_view key, Timestamp now, IndicatorSink sink) const;

  std::array<CompactTable, kTables> tables_;
  std::vector<Record> records_;
  std::string texts_;
  std::vector<std::uint32_t> text_ends_;  // of each text in texts_; number 0 is the empty one
  std::uint64_t prefix_lengths_[3] = {};  // bit n: a prefix of n bits is there
  std::uint64_t domain_labels_ = 0;       // bit n: a domain of n labels; 63: or more
};

// Gathers indicators and makes a set of them.
class IndicatorBuilder {
 public:
  static constexpr std::size_t kBytesMost = (std::size_t{1} << 32) - 1;  // of one table: its offsets have 32 bits
  static constexpr std::size_t kRecordsMax = std::size_t{1} << 24;

  // `bytes_max`: of memory of the finished set; the building takes about twice as much besides. `seed`: random, unless
  // nobody else chooses what goes in.
  IndicatorBuilder(std::size_t bytes_max, std::uint64_t seed);
  ~IndicatorBuilder();

  // A number for add(), the same for the same record. Error `full`.
  Result<std::uint32_t> record(const IndicatorRecord& record);
  // `key` is what indicator_key() made. Error `full`: it would not fit into bytes_max.
  Result<> add(IndicatorKind kind, std::string_view key, std::uint32_t record);
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // `left_out` grows by records of one value beyond CompactTable::kNumbersMax. The builder is empty afterwards.
  std::shared_ptr<const IndicatorSet> finish(std::uint64_t& left_out);

 private:
  struct Numbers;
  Result<std::uint32_t> text(std::string_view text);
  Result<> take(std::size_t bytes);

  std::size_t bytes_max_, bytes_ = 0;
  std::uint64_t seed_;
  std::vector<TableInput> inputs_;
  std::shared_ptr<IndicatorSet> set_;
  std::unique_ptr<Numbers> numbers_;
};

}  // namespace nw::context
