// Zeek's logs as tables (docs.zeek.org, "Zeek Log Formats and Inspection"; written by its ASCII writer). A table says
// what it holds before its first row, and again wherever a new one begins in the same stream:
//
//   #separator \x09              in this escaped form; stands between the parts of every later line
//   #set_separator ,             between the elements of a set or vector
//   #empty_field (empty)         a text or a list that is there and empty
//   #unset_field -               not there
//   #path conn                   which log: the event's type
//   #fields ts uid ...           the columns' names
//   #types time string ...       and types
//   1768464000.5 CAbcd1 ...      a row; bytes that would be taken for something else are \xNN, a backslash is two
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "ingest/logs/formats/mapped_types.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMapping = "zeek", kProduct = "zeek";
constexpr std::size_t kColumnsMax = 512;
constexpr std::size_t kElementsMax = 8192;  // of all lists of a row
constexpr std::size_t kMarkBytesMax = 64;   // of a separator, and of what stands for empty and unset

// Without the mapping there is one type, without a service.
constexpr auto kTypes = std::to_array<event::TypeSpec>({{"zeek", kProduct, {}, {}, {}, true, true}});

enum class Kind : std::uint8_t { text, address, boolean, integer, interval, real, time };

struct TypeName {
  std::string_view name;
  Kind kind;
};
// What is not here (enum, string, subnet, ...) is text.
constexpr auto kTypeNames = std::to_array<TypeName>({
    {"addr", Kind::address},
    {"bool", Kind::boolean},
    {"count", Kind::integer},
    {"double", Kind::real},
    {"int", Kind::integer},
    {"interval", Kind::interval},
    {"port", Kind::integer},
    {"time", Kind::time},
});
static_assert(std::ranges::is_sorted(kTypeNames, {}, &TypeName::name));

struct Column {
  OpenName name;
  event::FieldId common = event::kNoField;  // a field that events of any type have
  Kind kind = Kind::text;
  bool list = false;
};

int hex_digit(char c) {
  const char lower = ascii_lower(c);
  return ascii_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The byte that "\xNN" at the front means, or -1.
int escaped_byte(std::string_view text) {
  if (text.size() < 4 || text[0] != '\\' || text[1] != 'x') return -1;
  const int high = hex_digit(text[2]), low = hex_digit(text[3]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// Never longer than `text`. A backslash that begins neither escape is itself.
std::size_t unescape(std::string_view text, char* to) {
  char* const begin = to;
  while (!text.empty()) {
    std::size_t taken = 1;
    *to = text.front();
    if (const int byte = escaped_byte(text); byte >= 0) {
      *to = static_cast<char>(static_cast<unsigned char>(byte));
      taken = 4;
    } else if (text.starts_with("\\\\")) {
      taken = 2;
    }
    ++to;
    text.remove_prefix(taken);
  }
  return static_cast<std::size_t>(to - begin);
}

template <class Number>
bool number(std::string_view text, Number& out) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, out);
  return error == std::errc{} && at == end;
}

// Seconds, exact to the nanosecond when written as a decimal; Zeek writes what is far from 1 in powers of ten. Longer
// than 285 years either way: nothing.
std::optional<Nanoseconds> seconds(std::string_view text) {
  constexpr std::int64_t kMost = 9'000'000'000;
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  std::int64_t whole = 0, fraction = 0, scale = 100'000'000;
  std::size_t at = 0;
  for (; at < rest.size() && at <= 10 && ascii_digit(rest[at]); ++at) whole = whole * 10 + (rest[at] - '0');
  if (at == 0 || whole >= kMost) return std::nullopt;
  if (at < rest.size() && rest[at] == '.')
    for (++at; at < rest.size() && ascii_digit(rest[at]); ++at, scale /= 10) fraction += (rest[at] - '0') * scale;
  if (at == rest.size()) {
    const std::int64_t total = whole * 1'000'000'000 + fraction;
    return Nanoseconds{negative ? -total : total};
  }
  double real = 0;
  if (!number(text, real) || !(std::abs(real) < static_cast<double>(kMost))) return std::nullopt;
  return Nanoseconds{std::llround(real * 1e9)};
}

// What a cell of the type says; one that does not say it is kept as the text that it is.
event::Value typed(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::address:
      if (IpAddress address; IpAddress::parse_into(text, address)) return event::Value::address(address);
      break;
    case Kind::boolean:
      if (text == "T" || text == "F") return event::Value::boolean(text == "T");
      break;
    case Kind::integer:
      if (std::int64_t whole = 0; number(text, whole)) return event::Value::integer(whole);
      break;
    case Kind::interval:
      if (const auto length = seconds(text)) return event::Value::interval(*length);
      break;
    case Kind::real:
      if (double real = 0; number(text, real) && std::isfinite(real)) return event::Value::real(real);
      break;
    case Kind::time:
      if (const auto since = seconds(text)) return event::Value::time(Timestamp{*since});
      break;
    case Kind::text: break;
  }
  return event::Value::text(text);
}

// Hands over the parts of `text` between separators; false when `take` has enough.
template <class Take>
bool each_part(std::string_view text, std::string_view separator, const Take& take) {
  for (;;) {
    const std::size_t end = separator.size() == 1 ? text.find(separator.front()) : text.find(separator);
    if (!take(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + separator.size());
  }
}

class ZeekReader final : public MessageReader {
 public:
  // Null: no mapping.
  explicit ZeekReader(std::shared_ptr<const Mapping> mapping) : mapping_{std::move(mapping)} {
    if (mapping_ != nullptr) choice_ = MappedChoice{*mapping_};
    columns_.reserve(kColumnsMax);
    cells_.reserve(kColumnsMax);
  }

  LineFault read(const Message& message, MessageContext& out) override {
    const std::string_view line = message.text;
    if (line.empty()) return LineFault::empty;
    if (line.size() > kLineBytesMax) return LineFault::too_long;
    if (line.front() == '#') return head(line.substr(1));
    if (!ready_) return LineFault::bad_header;
    return out.wants(type_) ? row(line, message, out) : LineFault::none;
  }

 private:
  LineFault head(std::string_view line) {
    static constexpr std::string_view kFirst = "separator ";
    if (line.starts_with(kFirst)) {
      // A new table: nothing of the one before holds.
      reset();
      return mark(line.substr(kFirst.size()), separator_);
    }
    const std::size_t end = line.find(separator_);
    const std::string_view name = line.substr(0, end);
    const std::string_view rest =
        end == std::string_view::npos ? std::string_view{} : line.substr(end + separator_.size());
    if (name == "set_separator") return mark(rest, set_separator_);
    if (name == "empty_field") return mark(rest, empty_);
    if (name == "unset_field") return mark(rest, unset_);
    if (name == "path") type_ = choice_.of(rest, [] { return std::string_view{}; });
    if (name == "fields") return fields(rest);
    if (name == "types") return types(rest);
    return LineFault::none;  // open, close, and what people write there
  }

  void reset() {
    separator_ = "\t";
    set_separator_ = ",";
    empty_ = "(empty)";
    unset_ = "-";
    type_ = 0;
    columns_.clear();
    ready_ = false;
  }

  LineFault mark(std::string_view text, std::string& out) {
    if (text.empty() || text.size() > kMarkBytesMax) {
      ready_ = false;
      return LineFault::bad_header;
    }
    out.resize(text.size());
    out.resize(unescape(text, out.data()));
    return LineFault::none;
  }

  // Rows wait for the types: what `fields` alone says would make every value a text.
  LineFault fields(std::string_view names) {
    ready_ = false;
    time_ = kColumnsMax;
    columns_.clear();
    names_.assign(names);
    const bool fits = each_part(names_, separator_, [this](std::string_view name) {
      if (name.empty() || columns_.size() == kColumnsMax) return false;
      name = spelled(name);
      Column& column = columns_.emplace_back();
      column.name = OpenName{name};
      column.common = common_field(name);
      return true;
    });
    if (fits) return LineFault::none;
    columns_.clear();
    return LineFault::bad_header;
  }

  // The name that the mapping has for it.
  [[nodiscard]] std::string_view spelled(std::string_view name) const {
    if (mapping_ == nullptr) return name;
    const auto is = [name](const Mapping::Field& field) {
      return std::ranges::find(field.spellings, name) != field.spellings.end();
    };
    const auto found = std::ranges::find_if(mapping_->fields, is);
    return found == mapping_->fields.end() ? name : std::string_view{found->name};
  }

  LineFault types(std::string_view names) {
    std::size_t at = 0;
    const bool fits = each_part(names, separator_, [&](std::string_view name) {
      if (at == columns_.size()) return false;
      Column& column = columns_[at];
      // set[addr], vector[string], and table[count] of old.
      const std::size_t bracket = name.find('[');
      column.list = bracket != std::string_view::npos && name.back() == ']';
      if (column.list) name = name.substr(bracket + 1, name.size() - bracket - 2);
      const auto* const found = std::ranges::lower_bound(kTypeNames, name, {}, &TypeName::name);
      column.kind = found != kTypeNames.end() && found->name == name ? found->kind : Kind::text;
      if (column.kind == Kind::time && column.name.name == "ts") time_ = at;
      ++at;
      return true;
    });
    ready_ = fits && at == columns_.size();
    return ready_ ? LineFault::none : LineFault::bad_header;
  }

  LineFault row(std::string_view line, const Message& message, MessageContext& out) {
    cells_.clear();
    std::size_t elements = 0;
    const bool fits = each_part(line, separator_, [&](std::string_view cell) {
      if (cells_.size() == columns_.size()) return false;
      if (columns_[cells_.size()].list)
        (void)each_part(cell, set_separator_, [&](std::string_view) { return ++elements; });
      cells_.push_back(cell);
      return true;
    });
    if (!fits || cells_.size() != columns_.size()) return LineFault::bad_header;
    if (elements > kElementsMax) return LineFault::too_deep;
    LogTime time = message.time;
    if (time_ < cells_.size())
      if (const auto since = seconds(cells_[time_])) time = {Timestamp{*since}, event::TimeQuality::stated};
    MessageWriter event = out.begin(type_, message, time);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const Column& column = columns_[i];
      const bool common = column.common != event::kNoField;
      if (cells_[i] == unset_ || (!common && !event.wants_named(column.name))) continue;
      const event::Value value = column.list ? list(column, cells_[i], event) : scalar(column, cells_[i], event);
      if (common)
        event.event().set(column.common, value);
      else
        event.set(column.name, value);
    }
    out.emit();
    return LineFault::none;
  }

  event::Value scalar(const Column& column, std::string_view cell, MessageWriter& event) const {
    if (cell == empty_) return event::Value::text({});
    if (cell.find('\\') != std::string_view::npos) {
      // A line is far smaller than the arena.
      const std::span<char> room = event.event().arena().make<char>(cell.size());
      cell = {room.data(), unescape(cell, room.data())};
    }
    return typed(column.kind, cell);
  }

  event::Value list(const Column& column, std::string_view cell, MessageWriter& event) const {
    if (cell == empty_ || cell.empty()) return event::Value::list({});
    std::size_t count = 0;
    (void)each_part(cell, set_separator_, [&](std::string_view) { return ++count; });
    const std::span<event::Value> values = event.event().arena().make<event::Value>(count);
    auto* at = values.data();
    (void)each_part(cell, set_separator_, [&](std::string_view element) {
      *at++ = element == unset_ ? event::Value{} : scalar(column, element, event);
      return true;
    });
    return event::Value::list(values);
  }

  std::shared_ptr<const Mapping> mapping_;
  MappedChoice choice_;
  std::string separator_ = "\t", set_separator_ = ",", empty_ = "(empty)", unset_ = "-";
  std::string names_;  // of the columns; they view it
  std::vector<Column> columns_;
  std::vector<std::string_view> cells_;
  std::size_t type_ = 0;
  std::size_t time_ = kColumnsMax;  // the column that holds the event's time
  bool ready_ = false;              // columns and their types are known
};

class ZeekTypes final : public MessageTypes {
 public:
  explicit ZeekTypes(std::shared_ptr<const Mapping> mapping) : specs_{std::move(mapping), kProduct} {}
  [[nodiscard]] std::span<const event::TypeSpec> types() const noexcept override { return specs_.types(); }
  [[nodiscard]] std::unique_ptr<MessageReader> make() const override {
    return std::make_unique<ZeekReader>(specs_.mapping());
  }

 private:
  MappedSpecs specs_;
};

}  // namespace

const MessageFormat& zeek_tsv_format() {
  static constexpr MessageFormat kFormat{
      "zeek_tsv",
      "Zeek's logs as tables, with their own headers",
      kTypes,
      {},
      [](const Message& message) noexcept { return message.text.starts_with("#separator \\x"); },
      []() -> std::unique_ptr<MessageReader> { return std::make_unique<ZeekReader>(nullptr); },
      Order::headed,
      "#separator ",
      "#",
      [](const FormatOptions& options) -> std::shared_ptr<const MessageTypes> {
        const auto found = find_mapping(options, kMapping);
        return found == nullptr ? nullptr : std::make_shared<const ZeekTypes>(found);
      }};
  return kFormat;
}

}  // namespace nw::logs
