// A feed in CSV (RFC 4180): a header names the columns, in any order.
//
//   type,value,id,confidence,tlp,pap,labels,valid_from,valid_until,last_seen,comment
//   domain,c2.example.org,x-17,80,amber,red,"c2 botnet",2026-01-01T00:00:00Z,2026-06-01T00:00:00Z,,
//
// Only `value` must be there; a type that is missing or empty is what the value looks like. Lines that begin with '#'
// in front of the header are comments. Empty fields say nothing. `comment` is not kept.
#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "context/indicators/feed.h"

namespace nw::context {

namespace {

constexpr std::size_t kColumnsMax = 64, kRecordBytesMax = 64U << 10;

enum Column : std::size_t {
  kType,
  kValue,
  kId,
  kConfidence,
  kTlp,
  kPap,
  kLabels,
  kValidFrom,
  kValidUntil,
  kLastSeen,
  kComment,
  kColumns
};
constexpr auto kNames = std::to_array<std::string_view>(
    {"type", "value", "id", "confidence", "tlp", "pap", "labels", "valid_from", "valid_until", "last_seen", "comment"});
static_assert(kNames.size() == kColumns);

// Cuts records out of the text; quotes may hold commas, line ends, and "" for '"'.
class Records {
 public:
  explicit Records(std::string_view text) : rest_{text} {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);  // a byte order mark
  }

  enum class Next : std::uint8_t { record, end, unclosed, too_long };
  Next next(std::vector<std::string>& fields) {
    fields.clear();
    line_ += lines_;
    lines_ = 1;
    if (rest_.empty()) return Next::end;
    std::size_t at = 0;
    for (;;) {
      std::string& field = fields.emplace_back();
      if (at < rest_.size() && rest_[at] == '"') {
        for (++at;; ++at) {
          if (at >= rest_.size()) return Next::unclosed;
          if (at > kRecordBytesMax) return Next::too_long;
          if (rest_[at] == '"' && !(at + 1 < rest_.size() && rest_[at + 1] == '"')) break;
          if (rest_[at] == '"') ++at;
          if (rest_[at] == '\n') ++lines_;
          field += rest_[at];
        }
        ++at;
      }
      const std::size_t end = std::min(rest_.find_first_of(",\n", at), rest_.size());
      if (end > kRecordBytesMax || fields.size() > kColumnsMax) return Next::too_long;
      field += rest_.substr(at, end - at);
      at = end;
      if (at < rest_.size() && rest_[at] == ',') {
        ++at;
        continue;
      }
      if (field.ends_with('\r')) field.pop_back();
      rest_.remove_prefix(std::min(at + 1, rest_.size()));
      return Next::record;
    }
  }
  void skip_line() {
    rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
    line_ += 1;
  }
  [[nodiscard]] bool comment() const { return rest_.starts_with('#'); }
  [[nodiscard]] Mark mark() const { return {line_, 1}; }

 private:
  std::string_view rest_;
  std::size_t line_ = 1, lines_ = 0;
};

class CsvReader {
 public:
  CsvReader(std::string_view text, Feed& feed) : records_{text}, feed_{feed} {}

  void read() {
    while (records_.comment()) records_.skip_line();
    if (!next("the header") || !read_header()) return;
    while (next("a record"))
      if (!read_record()) return;
  }

 private:
  bool next(std::string_view what) {
    switch (records_.next(fields_)) {
      case Records::Next::record: return true;
      case Records::Next::end:
        if (what == "the header")
          feed_.error({}, "csv-syntax", "there is no header line", "begin the file with: type,value");
        return false;
      case Records::Next::unclosed:
        feed_.error(records_.mark(), "csv-syntax", "a quoted field that begins in this record never ends",
                    "close it with '\"'");
        return false;
      case Records::Next::too_long:
        feed_.error(records_.mark(), "csv-syntax", "a record of more than 64 columns or 64 KiB",
                    "look for a '\"' that is never closed");
        return false;
    }
    return false;
  }

  bool read_header() {
    at_.fill(fields_.size());
    bool good = true;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const std::string name = to_ascii_lower(trim(fields_[i]));
      const auto known = std::ranges::find(kNames, name);
      if (known == kNames.end()) {
        feed_.error(records_.mark(), "unknown-key",
                    "no column is called '" + printable(name, 64) + "'" + did_you_mean(name, kNames),
                    "the columns are type, value, id, confidence, tlp, pap, labels, valid_from, valid_until, last_seen "
                    "and comment");
        good = false;
        continue;
      }
      std::size_t& at = at_[static_cast<std::size_t>(known - kNames.begin())];
      if (at != fields_.size()) {
        feed_.error(records_.mark(), "duplicate-key", "two columns are called '" + name + "'", "rename one");
        good = false;
      }
      at = i;
    }
    if (at_[kValue] == fields_.size()) {
      feed_.error(records_.mark(), "missing-key", "no column is called 'value'", "begin the file with: type,value");
      good = false;
    }
    columns_ = fields_.size();
    return good;
  }

  std::string_view field(Column column) const {
    return at_[column] < fields_.size() ? trim(fields_[at_[column]]) : std::string_view{};
  }

  // False: the field is not empty and not a time.
  bool time(Column column, std::optional<Timestamp>& out) const {
    const std::string_view text = field(column);
    if (text.empty()) return true;
    const auto parsed = parse_rfc3339(text.size() == 10 ? std::string{text} + "T00:00:00Z" : std::string{text});
    if (parsed) out = *parsed;
    return parsed.has_value();
  }

  // What is wrong, or nothing.
  std::string read_details(IndicatorRecord& record, std::optional<Timestamp>& seen) const {
    record.id = field(kId);
    if (const std::string_view text = field(kConfidence); !text.empty()) {
      unsigned value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc{} || end != text.data() + text.size() || value > 100)
        return "confidence is a whole number from 0 to 100";
      record.confidence = static_cast<std::uint8_t>(value);
    }
    if (const std::string_view text = field(kTlp); !text.empty()) {
      const auto tlp = parse_tlp(text);
      if (!tlp) return "tlp is clear, green, amber, amber+strict or red";
      record.tlp = *tlp;
    }
    if (const std::string_view text = field(kPap); !text.empty()) {
      const auto pap = parse_pap(text);
      if (!pap) return "pap is clear, green, amber or red";
      record.pap = *pap;
    }
    for (const std::string_view label : split(field(kLabels), ' '))
      if (!label.empty()) record.labels.emplace_back(label);
    if (!time(kValidFrom, record.from) || !time(kValidUntil, record.until) || !time(kLastSeen, seen))
      return "times are written as 2026-01-31 or 2026-01-31T12:00:00Z";
    return {};
  }

  bool read_record() {
    if (fields_.size() == 1 && trim(fields_[0]).empty()) return true;  // an empty line
    const std::string_view value = field(kValue);
    if (fields_.size() != columns_) {
      feed_.refuse(
          Refusal::bad_value, value, records_.mark(),
          "the record has " + std::to_string(fields_.size()) + " columns, the header " + std::to_string(columns_));
      return true;
    }
    const std::string type = to_ascii_lower(field(kType));
    const auto kind = type.empty() ? guess_kind(refang(value)) : indicator_kind(type);
    if (!kind) {
      const auto names = indicator_kind_names();
      feed_.refuse(type.empty() ? Refusal::bad_value : Refusal::unsupported, type.empty() ? value : type,
                   records_.mark(), type.empty() ? "" : "no type has this name" + did_you_mean(type, names));
      return true;
    }
    IndicatorRecord record;
    std::optional<Timestamp> seen;
    if (std::string wrong = read_details(record, seen); !wrong.empty()) {
      feed_.refuse(Refusal::bad_value, value, records_.mark(), std::move(wrong));
      return true;
    }
    return feed_.add(*kind, value, std::move(record), seen, records_.mark());
  }

  Records records_;
  Feed& feed_;
  std::vector<std::string> fields_;
  std::array<std::size_t, kColumns> at_{};  // where each column stands; behind the last: nowhere
  std::size_t columns_ = 0;
};

}  // namespace

void read_csv_feed(std::string_view text, Feed& feed) { CsvReader{text, feed}.read(); }

}  // namespace nw::context
