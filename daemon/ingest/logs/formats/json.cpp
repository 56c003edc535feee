// JSON lines (RFC 8259, one object per line) to events: nested names joined by dots, and of all that is in the line
// only what the Interest names, under the names of the source's field mapping. What is skipped is not checked: a fault
// inside a value that nobody wants goes unseen.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "ingest/logs/formats/json_reader.h"
#include "ingest/logs/formats/mapped_types.h"
#include "ingest/logs/formats/shared.h"
#include "ingest/logs/formats/table.h"
#include "ingest/logs/formats/time_zone.h"

namespace nw::logs {

namespace {

// Whether events of such a source get their type by the mapping's classes, or all have the one that it was given.
bool divided(const FormatOptions& options) {
  return options.mapping != nullptr && options.service.empty() && options.category.empty();
}

std::string base_path(const FormatOptions& options) {
  if (!options.path.empty()) return options.path;
  return divided(options) ? options.mapping->name : type_path("json", options);
}

// The event types that a source can have, and what is wanted of each.
class Kinds {
 public:
  struct Kind {
    event::TypeId type{};
    bool wanted = false, all = false;
    const event::LineFilter* filter = nullptr;  // all, of the lines that it lets through
    std::span<const event::FieldAlias> aliases;
  };

  void build(const event::Schema& schema, const event::Interest& interest, const FormatOptions& options) {
    kinds_.clear();
    const std::string base = base_path(options);
    choice_ = divided(options) ? MappedChoice{*options.mapping} : MappedChoice{};
    std::vector<std::string> paths{base};
    if (divided(options)) {
      paths.clear();
      for (MappedType& each : mapped_types(*options.mapping, base)) paths.push_back(std::move(each.path));
    }
    for (const std::string& path : paths) {
      const event::TypeId type = find_type(schema, path, options.product);
      kinds_.push_back({type, interest.wants(type), interest.wants_all(type), interest.line_filter(type),
                        schema.type(type).aliases});
    }
  }
  [[nodiscard]] std::vector<event::TypeId> types() const {
    std::vector<event::TypeId> out;
    for (const Kind& kind : kinds_) out.push_back(kind.type);
    return out;
  }
  [[nodiscard]] const std::vector<Kind>& all() const { return kinds_; }

  const Kind& of(JsonReader& reader) {
    return kinds_[choice_.of(reader.decider(0), [&] { return reader.decider(1); })];
  }

 private:
  std::vector<Kind> kinds_;
  MappedChoice choice_;
};

class JsonParser final : public LineParser {
 public:
  JsonParser(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
             const FormatOptions& options)
      : options_{options}, zone_{options} {
    subscribe(std::move(schema), std::move(interest));
  }

  LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) override {
    std::string_view body = trim(line);
    if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
    LineFault fault = LineFault::none;
    if (body.empty()) fault = LineFault::empty;
    if (body.size() > kLineBytesMax) fault = LineFault::too_long;
    const Kinds::Kind* kind = nullptr;
    if (fault == LineFault::none) fault = read(body, kind);
    if (fault == LineFault::none && kind->wanted) fault = fill(line, origin, *kind);
    if (fault != LineFault::none) {
      unparsed_.emit(line, fault, origin, event_, sink);
    } else if (kind->wanted) {
      sink.accept(event_);
    }
    return fault;
  }

  void subscribe(std::shared_ptr<const event::Schema> schema,
                 std::shared_ptr<const event::Interest> interest) override {
    schema_ = std::move(schema);
    interest_ = std::move(interest);
    kinds_.build(*schema_, *interest_, options_);
    names_.build(*schema_, *interest_, kinds_.types(), options_.mapping.get(), options_.time_field);
    host_field_ = event::kNoField;
    if (options_.mapping != nullptr && !options_.mapping->host.empty())
      host_field_ = schema_->find_field(options_.mapping->host).value_or(event::kNoField);
    ranks_.assign(schema_->field_count(), 0);
    const auto whole = [](const Kinds::Kind& kind) { return kind.all; };
    scope_ = std::ranges::any_of(kinds_.all(), whole) ? JsonReader::Scope::all : JsonReader::Scope::wanted;
    memories_.clear();
    event::Interest whole_lines = *interest_;
    for (const Kinds::Kind& kind : kinds_.all()) {
      if (kind.filter == nullptr) continue;
      whole_lines.want_all(kind.type);
      if (!memories_.contains(kind.filter)) memories_.emplace(kind.filter, kind.filter->make_memory());
    }
    if (!memories_.empty())
      whole_names_.build(*schema_, whole_lines, kinds_.types(), options_.mapping.get(), options_.time_field);
    unparsed_.subscribe(*schema_, *interest_, options_.product);
  }

 private:
  // Reads what the line's own type wants. That is known afterwards only; so the scope is that of the line before, which
  // is right mostly, and a line that wants more is read again.
  LineFault read(std::string_view body, const Kinds::Kind*& kind) {
    LineFault fault = reader_.read(body, names_, scope_);
    // What is wrong with it may lie in what nobody wants of such a line.
    if (fault != LineFault::none && scope_ == JsonReader::Scope::all)
      fault = reader_.read(body, names_, scope_ = JsonReader::Scope::wanted);
    if (fault != LineFault::none) return fault;
    kind = &kinds_.of(reader_);
    const bool whole = kind->filter != nullptr && passes(body, *kind->filter);
    all_ = kind->all || whole;
    const bool again = whole || (kind->all && scope_ == JsonReader::Scope::wanted);
    scope_ = kind->all ? JsonReader::Scope::all : JsonReader::Scope::wanted;
    return again ? reader_.read(body, whole ? whole_names_ : names_, JsonReader::Scope::all) : fault;
  }

  bool passes(std::string_view body, const event::LineFilter& filter) {
    return filter.wants_all(body, *memories_.find(&filter)->second);
  }

  LineFault fill(std::string_view line, const LineOrigin& origin, const Kinds::Kind& kind) {
    LogTime time{origin.receive_time, event::TimeQuality::received};
    const std::chrono::minutes zone = zone_.offset(origin.receive_time);
    // The offset is that of the time itself, which is known once it has been read with the one of now.
    if (reader_.time(zone, time) && time.quality == event::TimeQuality::guessed && zone_.offset(time.time) != zone)
      reader_.time(zone_.offset(time.time), time);
    event_.begin(kind.type, origin.source, time.time, origin.receive_time, time.quality);
    event_.ordinal = origin.ordinal;
    event_.raw = line;
    bool good = true;
    for (const JsonReader::Found& found : reader_.fields()) good = good && set(found, kind, time);
    for (const event::Event::Entry& entry : event_.entries()) ranks_[event::index(entry.field)] = 0;
    if (all_) {
      for (const JsonReader::Extra& extra : reader_.extras()) {
        event::Value value;
        good = good && reader_.value(extra.found, value);
        event_.set_extra(extra.name, value);
      }
    }
    return good ? LineFault::none : LineFault::not_json;
  }

  bool set(const JsonReader::Found& found, const Kinds::Kind& kind, const LogTime& time) {
    const event::FieldId field = found.slot->field;
    const bool wanted =
        all_ || event::index(field) < event::common_fields().size() || interest_->wants(kind.type, field);
    const auto alias = std::ranges::lower_bound(kind.aliases, field, {}, &event::FieldAlias::named);
    const bool aliased =
        alias != kind.aliases.end() && alias->named == field && interest_->wants(kind.type, alias->carried);
    constexpr event::FieldId host = event::common(event::Common::host);
    const bool names_host = field == host_field_;
    if (!wanted && !aliased && !names_host) return true;
    event::Value value;
    if (!reader_.value(found, value)) return false;
    if (field == event::common(event::Common::ts) && found.slot->time_rank != 0 &&
        found.slot->time_rank == reader_.time_rank())
      value = event::Value::time(time.time);
    // What calls itself `host` may be who collected the event: it counts where the mapping's field is missing.
    const bool second = field == host && host_field_ != event::kNoField;
    if (wanted) put(field, value, second ? kSecondHostRank : found.slot->rank);
    if (names_host && value.kind() == event::Value::Kind::text) put(host, value, found.slot->rank);
    // Under the rules' own name: only where the event lacks the name that its kind has for it.
    if (aliased) put(alias->carried, value, static_cast<std::uint8_t>(found.slot->rank + kAliasRank));
    return true;
  }

  // The best name of a field wins, whatever the order; of equal ones the last.
  void put(event::FieldId field, const event::Value& value, std::uint8_t rank) {
    std::uint8_t& held = ranks_[event::index(field)];
    if (held != 0 && held <= rank) return;
    held = static_cast<std::uint8_t>(rank + 1);
    event_.set(field, value);
  }

  static constexpr std::uint8_t kAliasRank = 101;  // behind every name of the field itself
  static constexpr std::uint8_t kSecondHostRank = 250;

  FormatOptions options_;
  ZoneClock zone_;
  std::shared_ptr<const event::Schema> schema_;
  std::shared_ptr<const event::Interest> interest_;
  Kinds kinds_;
  JsonNames names_;
  JsonNames whole_names_;  // for the lines that a filter lets through: as if their kind wanted every field always
  JsonReader reader_;
  JsonReader::Scope scope_ = JsonReader::Scope::wanted;
  bool all_ = false;                             // every field of the line at hand is wanted
  event::FieldId host_field_ = event::kNoField;  // whose value is the host
  std::unordered_map<const event::LineFilter*, std::unique_ptr<event::LineFilter::Memory>> memories_;
  std::vector<std::uint8_t> ranks_;  // by field, while an event is filled: the rank of what it holds + 1, or 0
  UnparsedEmitter unparsed_;
  event::Event event_;
};

}  // namespace

void declare_json(event::Schema& schema, const FormatOptions& options) {
  const std::string path = base_path(options);
  if (options.mapping != nullptr && !options.mapping->host.empty()) schema.add_field(options.mapping->host);
  if (divided(options)) {
    declare_mapped(schema, *options.mapping, path, options.product);
  } else {
    const std::array<std::string_view, 1> services{options.service}, categories{options.category};
    const event::TypeId type = schema.add_type({path,
                                                options.product,
                                                std::span{services}.first(options.service.empty() ? 0 : 1),
                                                std::span{categories}.first(options.category.empty() ? 0 : 1),
                                                {},
                                                true,
                                                true});
    if (options.mapping != nullptr) claim_all(schema, *options.mapping, type);
  }
  declare_unparsed(schema, options.product);
}

std::unique_ptr<LineParser> make_json(std::shared_ptr<const event::Schema> schema,
                                      std::shared_ptr<const event::Interest> interest, const FormatOptions& options) {
  return std::make_unique<JsonParser>(std::move(schema), std::move(interest), options);
}

}  // namespace nw::logs
