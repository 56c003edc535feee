// JSON lines (RFC 8259, one object per line) to events: nested names joined by dots, and of all that is in the line
// only what the Interest names. simdjson's on-demand parser finds the structure and checks the encoding; the values
// that are wanted are read from its tokens, the rest is skipped over, so a fault inside a skipped value can go unseen.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <simdjson.h>
#include <unordered_map>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "ingest/logs/formats/json_text.h"
#include "ingest/logs/formats/log_time.h"
#include "ingest/logs/formats/shared.h"
#include "ingest/logs/formats/table.h"

namespace nw::logs {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kDepthMax = 32;               // nested objects and arrays that are entered
constexpr std::size_t kValuesMax = 8192;            // read from one line, list elements included
constexpr std::size_t kNameBytesMax = 256 * 1024;   // undeclared names of one line, after joining
constexpr std::size_t kBuffer = 3 * kLineBytesMax;  // mending a byte makes it three

constexpr std::array<std::string_view, 4> kTimeNames{"ts", "timestamp", "@timestamp", "time"};
// Names that hold one address wherever they occur: compared as addresses, not as text.
constexpr std::array<std::string_view, 5> kAddressNames{"dest_ip", "dst_ip", "id.orig_h", "id.resp_h", "src_ip"};

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return hash64(text); }
};

// What is known of one dotted name.
struct Slot {
  event::FieldId field = event::kNoField;  // wanted under this name
  bool prefix = false;                     // some wanted name begins with this one and a dot
  bool address = false;
  std::uint8_t time_rank = 0;  // 1: the first choice for the event's time
  [[nodiscard]] bool wanted() const { return field != event::kNoField; }
};

// Which names to read, as the subscription says.
class Names {
 public:
  void build(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
             const std::string& time_field) {
    slots_.clear();
    all_ = interest.wants_all(type);
    if (!interest.wants(type)) return;
    for (std::size_t i = 0; i < schema.field_count(); ++i) {
      const auto field = static_cast<event::FieldId>(i);
      if (i < event::common_fields().size() || interest.wants(type, field)) add(schema.field_name(field)).field = field;
    }
    if (!time_field.empty()) {
      add(time_field).time_rank = 1;
    } else {
      for (std::size_t i = 0; i < kTimeNames.size(); ++i)
        add(kTimeNames[i]).time_rank = static_cast<std::uint8_t>(i + 1);
    }
    for (const std::string_view name : kAddressNames)
      if (const auto found = slots_.find(name); found != slots_.end()) found->second.address = true;
  }
  [[nodiscard]] bool all() const { return all_; }
  [[nodiscard]] Slot find(std::string_view name) const {
    const auto found = slots_.find(name);
    return found == slots_.end() ? Slot{} : found->second;
  }

 private:
  Slot& add(std::string_view name) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1))
      slots_[std::string{name.substr(0, dot)}].prefix = true;
    return slots_[std::string{name}];
  }

  std::unordered_map<std::string, Slot, Hash, std::equal_to<>> slots_;
  bool all_ = false;
};

// Walks one line and gathers what is wanted. What it returns is valid until the next read().
class Reader {
 public:
  struct Field {
    event::FieldId field;   // kNoField: an extra
    std::string_view name;  // of an extra
    std::uint32_t order;
    event::Value value;
  };

  Reader() : buffer_(kBuffer + simdjson::SIMDJSON_PADDING) { strings_.reserve(kBuffer); }

  LineFault read(std::string_view line, const Names& names, std::chrono::minutes zone) {
    names_ = &names;
    zone_ = zone;
    fields_.clear();
    listed_.clear();
    strings_.clear();
    path_.clear();
    arena_.reset();
    values_ = name_bytes_ = arrays_ = 0;
    time_rank_ = 0;
    LineFault fault = walk(line);
    if (fault == LineFault::not_json && utf8_error_) {
      mended_.clear();
      append_mended_utf8(line, mended_);
      fault = walk(mended_);
    }
    if (fault == LineFault::none && names.all()) drop_repeated_extras();
    return fault;
  }

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  // Null when the line states no time that can be read.
  [[nodiscard]] const LogTime* time() const { return time_rank_ == 0 ? nullptr : &time_; }

 private:
  LineFault walk(std::string_view line) {
    std::memcpy(buffer_.data(), line.data(), line.size());
    std::memset(buffer_.data() + line.size(), 0, simdjson::SIMDJSON_PADDING);
    ondemand::document document;
    auto error = parser_.iterate(buffer_.data(), line.size(), buffer_.size()).get(document);
    utf8_error_ = error == simdjson::UTF8_ERROR;
    ondemand::object root;
    if (error != simdjson::SUCCESS || document.get_object().get(root) != simdjson::SUCCESS) return LineFault::not_json;
    const LineFault fault = object(root, 1);
    if (fault != LineFault::none) return fault;
    // Nothing may follow the object.
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? LineFault::none : LineFault::not_json;
  }

  LineFault object(ondemand::object& from, std::size_t depth) {
    if (depth > kDepthMax) return LineFault::too_deep;
    for (auto result : from) {
      ondemand::field member;
      if (std::move(result).get(member) != simdjson::SUCCESS) return LineFault::not_json;
      const std::size_t outer = path_.size();
      if (outer != 0) path_ += '.';
      if (!append_key(member.key().raw())) return LineFault::not_json;
      const LineFault fault = value(member.value(), names_->find(path_), depth);
      path_.resize(outer);
      if (fault != LineFault::none) return fault;
    }
    return LineFault::none;
  }

  LineFault value(ondemand::value& from, const Slot& slot, std::size_t depth) {
    ondemand::json_type type{};
    if (from.type().get(type) != simdjson::SUCCESS) return LineFault::not_json;
    const bool enter = slot.prefix || names_->all();
    if (type == ondemand::json_type::object) {
      if (!enter) return LineFault::none;
      ondemand::object inner;
      if (from.get_object().get(inner) != simdjson::SUCCESS) return LineFault::not_json;
      return object(inner, depth + 1);
    }
    if (type == ondemand::json_type::array) {
      if (!enter && !slot.wanted()) return LineFault::none;
      return array(from, slot, depth + 1);
    }
    if (!slot.wanted() && slot.time_rank == 0 && !names_->all()) return LineFault::none;
    return scalar(from, type, slot);
  }

  LineFault array(ondemand::value& from, const Slot& slot, std::size_t depth) {
    if (depth > kDepthMax) return LineFault::too_deep;
    ondemand::array elements;
    if (from.get_array().get(elements) != simdjson::SUCCESS) return LineFault::not_json;
    bool empty = true;
    ++arrays_;
    LineFault fault = LineFault::none;
    for (auto result : elements) {
      ondemand::value element;
      fault = std::move(result).get(element) == simdjson::SUCCESS ? value(element, slot, depth) : LineFault::not_json;
      if (fault != LineFault::none) break;
      empty = false;
    }
    --arrays_;
    if (fault != LineFault::none || arrays_ != 0) return fault;
    if (empty) return put(slot, event::Value::list({}));
    return put_lists();
  }

  LineFault scalar(ondemand::value& from, ondemand::json_type type, const Slot& slot) {
    const std::string_view token = trim(from.raw_json_token());
    event::Value read;
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        if (!string(from, token, text)) return LineFault::not_json;
        note_time(slot, text);
        read = event::Value::text(text);
        if (IpAddress address; slot.address && IpAddress::parse_into(text, address))
          read = event::Value::address(address);
        break;
      }
      case ondemand::json_type::number:
        if (!is_json_number(token)) return LineFault::not_json;
        note_time(slot, token);
        read = number(token);
        break;
      case ondemand::json_type::boolean:
        if (token != "true" && token != "false") return LineFault::not_json;
        read = event::Value::boolean(token == "true");
        break;
      default:
        if (token != "null") return LineFault::not_json;
    }
    if (slot.field == event::common(event::Common::ts) && time_rank_ == slot.time_rank && time_rank_ != 0)
      read = event::Value::time(time_.time);
    return put(slot, read);
  }

  // Into `out`: the buffer itself where there is no escape, else simdjson's memory, else (lone surrogates) ours.
  bool string(ondemand::value& from, std::string_view token, std::string_view& out) {
    if (token.size() < 2 || token.back() != '"') return false;
    const std::string_view body = token.substr(1, token.size() - 2);
    if (std::memchr(body.data(), '\\', body.size()) == nullptr) {
      out = body;
      return true;
    }
    if (from.get_string().get(out) == simdjson::SUCCESS) return true;
    // Never longer than what it was read from, so strings_ never moves.
    const std::size_t at = strings_.size();
    if (body.size() > strings_.capacity() - at || !append_unescaped(body, strings_)) return false;
    out = std::string_view{strings_}.substr(at);
    return true;
  }

  bool append_key(const char* key) {
    const char* const limit = buffer_.data() + buffer_.size();
    const char* end = key;
    bool escaped = false;
    for (; end < limit && *end != '"'; ++end) {
      if (*end != '\\') continue;
      escaped = true;
      ++end;
    }
    if (end >= limit) return false;
    const std::string_view body{key, static_cast<std::size_t>(end - key)};
    if (escaped) return append_unescaped(body, path_);
    path_ += body;
    return true;
  }

  // A whole number that 64 bits hold, else a real, else (too large for either) its own text.
  static event::Value number(std::string_view token) {
    const char* const first = token.data();
    const char* const last = first + token.size();
    if (std::all_of(first, last, [](char c) { return ascii_digit(c) || c == '-'; })) {
      std::int64_t whole = 0;
      return std::from_chars(first, last, whole).ec == std::errc{} ? event::Value::integer(whole)
                                                                   : event::Value::text(token);
    }
    double real = 0;
    return std::from_chars(first, last, real).ec == std::errc{} ? event::Value::real(real) : event::Value::text(token);
  }

  void note_time(const Slot& slot, std::string_view text) {
    if (slot.time_rank == 0 || arrays_ != 0 || (time_rank_ != 0 && time_rank_ < slot.time_rank)) return;
    LogTime read;
    std::string_view rest = text;
    if (parse_epoch(text, read.time)) {
      read.quality = event::TimeQuality::stated;
    } else if (scan_iso_time(rest, zone_, read) != TimeScan::good || !rest.empty()) {
      return;
    }
    time_ = read;
    time_rank_ = slot.time_rank;
  }

  LineFault put(const Slot& slot, const event::Value& read) {
    const bool extra = !slot.wanted();
    if (extra && (!names_->all() || path_ == "_path")) return LineFault::none;  // _path: the daemon writes its own
    std::string_view name;
    if (extra) {
      name_bytes_ += path_.size();
      if (name_bytes_ > kNameBytesMax) return LineFault::too_deep;
      name = arena_.copy(path_);
    }
    if (++values_ > kValuesMax) return LineFault::too_deep;
    auto& into = arrays_ == 0 ? fields_ : listed_;
    into.push_back({slot.field, name, static_cast<std::uint32_t>(values_), read});
    return LineFault::none;
  }

  static auto group(const Field& f) { return std::tuple{f.field, f.name}; }

  // The values met in one outermost array, one list per name, each in the order of the line.
  LineFault put_lists() {
    std::ranges::sort(listed_, {}, [](const Field& f) { return std::tuple{f.field, f.name, f.order}; });
    for (auto first = listed_.begin(); first != listed_.end();) {
      const auto last = std::find_if(first, listed_.end(), [&](const Field& f) { return group(f) != group(*first); });
      const auto list = arena_.make<event::Value>(static_cast<std::size_t>(last - first));
      std::transform(first, last, list.begin(), [](const Field& f) { return f.value; });
      fields_.push_back({first->field, first->name, first->order, event::Value::list(list)});
      first = last;
    }
    listed_.clear();
    return LineFault::none;
  }

  // Event::set() keeps the last value of a field; extras need it done here.
  void drop_repeated_extras() {
    std::ranges::sort(fields_, {}, [](const Field& f) { return std::tuple{f.field, f.name, f.order}; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i + 1 < fields_.size() && group(fields_[i]) == group(fields_[i + 1])) continue;
      fields_[kept++] = fields_[i];
    }
    fields_.resize(kept);
    std::ranges::sort(fields_, {}, &Field::order);
  }

  ondemand::parser parser_;
  std::vector<char> buffer_;
  std::string strings_, mended_, path_;
  std::vector<Field> fields_, listed_;
  Arena arena_;
  const Names* names_ = nullptr;
  std::chrono::minutes zone_{0};
  std::size_t values_ = 0, name_bytes_ = 0, arrays_ = 0;
  LogTime time_;
  std::uint8_t time_rank_ = 0;
  bool utf8_error_ = false;
};

class JsonParser final : public LineParser {
 public:
  JsonParser(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
             const FormatOptions& options)
      : options_{options} {
    subscribe(std::move(schema), std::move(interest));
  }

  LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) override {
    std::string_view body = trim(line);
    if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
    LineFault fault = LineFault::none;
    if (body.empty()) fault = LineFault::empty;
    if (body.size() > kLineBytesMax) fault = LineFault::too_long;
    if (fault == LineFault::none) fault = reader_.read(body, names_, options_.zone);
    if (fault != LineFault::none) {
      unparsed_.emit(line, fault, origin, event_, sink);
      return fault;
    }
    if (!wanted_) return fault;
    const LogTime* const stated = reader_.time();
    const LogTime time = stated != nullptr ? *stated : LogTime{origin.receive_time, event::TimeQuality::received};
    event_.begin(type_, origin.source, time.time, origin.receive_time, time.quality);
    event_.ordinal = origin.ordinal;
    event_.raw = line;
    for (const Reader::Field& field : reader_.fields()) {
      if (field.field != event::kNoField) {
        event_.set(field.field, field.value);
      } else {
        event_.set_extra(field.name, field.value);
      }
    }
    sink.accept(event_);
    return fault;
  }

  void subscribe(std::shared_ptr<const event::Schema> schema,
                 std::shared_ptr<const event::Interest> interest) override {
    type_ = find_type(*schema, path(options_), options_.product);
    wanted_ = interest->wants(type_);
    names_.build(*schema, *interest, type_, options_.time_field);
    unparsed_.subscribe(*schema, *interest, options_.product);
  }

  static std::string path(const FormatOptions& options) {
    return options.path.empty() ? type_path("json", options) : options.path;
  }

 private:
  FormatOptions options_;
  event::TypeId type_{};
  bool wanted_ = false;
  Names names_;
  Reader reader_;
  UnparsedEmitter unparsed_;
  event::Event event_;
};

}  // namespace

void declare_json(event::Schema& schema, const FormatOptions& options) {
  const std::string path = JsonParser::path(options);
  const std::array<std::string_view, 1> services{options.service}, categories{options.category};
  schema.add_type({path,
                   options.product,
                   std::span{services}.first(options.service.empty() ? 0 : 1),
                   std::span{categories}.first(options.category.empty() ? 0 : 1),
                   {},
                   true,
                   true});
  declare_unparsed(schema, options.product);
}

std::unique_ptr<LineParser> make_json(std::shared_ptr<const event::Schema> schema,
                                      std::shared_ptr<const event::Interest> interest, const FormatOptions& options) {
  return std::make_unique<JsonParser>(std::move(schema), std::move(interest), options);
}

}  // namespace nw::logs
