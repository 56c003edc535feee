#include "ingest/logs/formats/message_parser.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/text.h"
#include "ingest/logs/formats/envelope.h"
#include "ingest/logs/formats/shared.h"
#include "ingest/logs/formats/syslog_line.h"
#include "ingest/logs/formats/table.h"
#include "ingest/logs/formats/time_zone.h"

namespace nw::logs {

namespace {

using Around = MessageIndex::Around;

// The formats that a parser may come to.
std::span<const MessageFormat> reachable(const Reading& reading) {
  const auto all = reading.index->formats();
  return reading.reach == Reach::one ? all.subspan(reading.one, 1) : all;
}

// What the configuration says is of the lines that say nothing of themselves, and of programs under Unix; a firewall
// among them stays one, unless the source holds nothing else.
std::string_view product_of(const event::TypeSpec& spec, const FormatOptions& options, Reach reach) {
  const bool known = !spec.product.empty() && spec.product != kSyslogProduct;
  if (options.product.empty() || (known && reach != Reach::one)) return spec.product;
  return options.product;
}

// What stands in place of a row's types and reader, where these are data; null: nothing.
std::shared_ptr<const MessageTypes> bound_types(const MessageFormat& format, const FormatOptions& options) {
  return format.bind == nullptr ? nullptr : format.bind(options);
}

std::string_view unparsed_product(const FormatOptions& options, const Reading& reading) {
  if (reading.reach != Reach::one) return syslog_product(options);
  return product_of(reachable(reading).front().types.front(), options, reading.reach);
}

void declare_type(event::Schema& schema, const event::TypeSpec& spec, const FormatOptions& options, Reach reach) {
  std::vector<std::string_view> services{spec.services.begin(), spec.services.end()};
  if (!options.service.empty()) services.push_back(options.service);
  std::vector<std::string_view> categories{spec.categories.begin(), spec.categories.end()};
  if (!options.category.empty()) categories.push_back(options.category);
  std::vector<event::FieldSpec> fields{spec.fields.begin(), spec.fields.end()};
  fields.insert(fields.end(), envelope_fields().begin(), envelope_fields().end());
  const std::string path = type_path(spec.path, options);
  schema.add_type({path, product_of(spec, options, reach), services, categories, fields, spec.open, spec.structured,
                   kParameterPrefix});
}

// One type of events as the parser writes it.
struct Bound {
  event::TypeId id{};
  bool wanted = false;
  std::vector<event::FieldId> fields;  // by position in the TypeSpec; kNoField: nobody wants it
  OpenFields open;
  Envelope envelope;
};

class MessageParser final : public LineParser, private MessageContext {
 public:
  MessageParser(std::shared_ptr<const event::Schema> schema, std::shared_ptr<const event::Interest> interest,
                const FormatOptions& options, const Reading& reading)
      : options_{options},
        zone_{options},
        reading_{reading},
        index_{*reading.index},
        types_(index_.formats().size()),
        readers_(index_.formats().size()) {
    for (const MessageFormat& format : reachable(reading_)) {
      types_[position(format)] = bound_types(format, options_);
      const MessageTypes* const types = types_[position(format)].get();
      if (types != nullptr && types->first()) first_.push_back(position(format));
    }
    if (reading_.reach == Reach::any) json_ = make_json(schema, interest, options);
    subscribe(std::move(schema), std::move(interest));
  }

  LineFault line(std::string_view line, const LineOrigin& origin, event::EventSink& sink) override {
    sink_ = &sink;
    told_ = 0;
    if (json_ && is_object(line)) return json_->line(line, origin, sink);
    SyslogLine parsed;
    const LineFault fault = parse(line, origin.receive_time, parsed);
    if (fault == LineFault::empty || fault == LineFault::too_long) return unparsed(line, fault, origin);
    switch (reading_.reach) {
      case Reach::any: return read_any(line, origin, fault, parsed);
      case Reach::one: return read_one(line, origin, fault, parsed);
      default: return fault == LineFault::none ? read_enveloped(line, origin, parsed) : unparsed(line, fault, origin);
    }
  }

  void flush(Timestamp now, bool end, event::EventSink& sink) override {
    sink_ = &sink;
    for (const std::size_t format : made_) {
      current_ = format;
      readers_[format]->flush(now, end, *this);
    }
  }

  [[nodiscard]] std::uint64_t joined() const noexcept override { return joined_; }

  void subscribe(std::shared_ptr<const event::Schema> schema,
                 std::shared_ptr<const event::Interest> interest) override {
    bound_.clear();
    bound_.resize(index_.formats().size());
    for (const MessageFormat& format : reachable(reading_)) {
      std::vector<Bound>& bound = bound_[position(format)];
      const MessageTypes* const types = types_[position(format)].get();
      for (const event::TypeSpec& spec : types != nullptr ? types->types() : format.types)
        bind(*schema, *interest, type_of(*schema, spec), spec.fields, bound.emplace_back());
    }
    if (reading_.reach != Reach::one) {
      const auto types = plain_types(*schema, options_);
      for (std::size_t i = 0; i < types.size(); ++i) bind(*schema, *interest, types[i], {}, plain_[i]);
    }
    unparsed_.subscribe(*schema, *interest, unparsed_product(options_, reading_));
    if (json_) {
      json_->subscribe(schema, std::move(interest));
      broken_object_ = find_type(*schema, "unparsed", options_.product);
    }
    schema_ = std::move(schema);
  }

 private:
  [[nodiscard]] std::size_t position(const MessageFormat& format) const {
    return static_cast<std::size_t>(&format - index_.formats().data());
  }
  [[nodiscard]] event::TypeId type_of(const event::Schema& schema, const event::TypeSpec& spec) const {
    return find_type(schema, type_path(spec.path, options_), product_of(spec, options_, reading_.reach));
  }

  static void bind(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
                   std::span<const event::FieldSpec> fields, Bound& out) {
    out.id = type;
    out.wanted = interest.wants(type);
    out.fields.clear();
    for (const event::FieldSpec& spec : fields) {
      const event::FieldId id = *schema.find_field(spec.name);
      const bool common = event::index(id) < event::common_fields().size();
      out.fields.push_back(common || interest.wants(type, id) ? id : event::kNoField);
    }
    out.open.build(schema, interest, type);
    out.envelope.build(schema, interest, type, fields);
  }

  // The offset is that of the time itself, which is known once it has been read with the one of now.
  LineFault parse(std::string_view line, Timestamp received, SyslogLine& parsed) {
    offset_ = zone_.offset(received);
    const LineFault fault = parse_syslog(line, received, offset_, parsed);
    if (fault != LineFault::none || parsed.time.quality != event::TimeQuality::guessed) return fault;
    const std::chrono::minutes own = zone_.offset(parsed.time.time);
    if (own == offset_) return fault;
    offset_ = own;
    return parse_syslog(line, received, offset_, parsed);
  }

  // A byte order mark, spaces and '{'.
  static bool is_object(std::string_view line) {
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    std::size_t at = 0;
    while (at < line.size() && ascii_space(line[at])) ++at;
    return at < line.size() && line[at] == '{';
  }

  // More than one of its parts, or the priority, says that it is a syslog header. A time alone, or `name[1]:`, may also
  // be how a message without a header begins.
  static bool sure(const SyslogLine& parsed) {
    return parsed.priority >= 0 || (dated(parsed) && !parsed.program.empty());
  }
  static bool dated(const SyslogLine& parsed) { return parsed.time.quality != event::TimeQuality::received; }

  LineFault read_any(std::string_view line, const LineOrigin& origin, LineFault fault, const SyslogLine& parsed) {
    // Below the head of a table its rows do not show whose they are.
    if (table_ != MessageIndex::kNone && parsed.priority < 0) {
      take_bare(line, origin);
      if (read(table_) == LineFault::none) return LineFault::none;
    }
    if (fault == LineFault::none && (sure(parsed) || known_behind(line, origin, parsed)))
      return read_enveloped(line, origin, parsed);
    take_bare(line, origin);
    if (read_first()) return LineFault::none;
    if (const std::size_t format = index_.recognise(message_, Around::nothing); format != MessageIndex::kNone) {
      const LineFault of_message = read(format);
      if (of_message == LineFault::none && index_.formats()[format].order == Order::headed) table_ = format;
      if (of_message == LineFault::none || told_ != 0) return of_message;
      if (fault != LineFault::none) return unparsed(line, of_message, origin);
      take(line, origin, parsed);
      tell_plain(index_.program(parsed.program).kind);
      return of_message;
    }
    return fault == LineFault::none ? read_enveloped(line, origin, parsed) : unparsed(line, fault, origin);
  }

  // RFC 3164's time, and RFC 3339's with its 'T', are a header when a format knows what stands behind them. (W3C's
  // lines begin with a date and a blank.)
  bool known_behind(std::string_view line, const LineOrigin& origin, const SyslogLine& parsed) {
    if (!dated(parsed) || (ascii_digit(line.front()) && line.substr(0, 11).back() != 'T')) return false;
    take(line, origin, parsed);
    if (reading_.reach != Reach::one) return index_.recognise(message_, Around::envelope) != MessageIndex::kNone;
    const MessageFormat& format = index_.formats()[reading_.one];
    return format.recognise != nullptr && format.recognise(message_);
  }

  LineFault read_enveloped(std::string_view line, const LineOrigin& origin, const SyslogLine& parsed) {
    take(line, origin, parsed);
    if (read_first() || read_object(origin)) return LineFault::none;
    const MessageIndex::Program program = index_.program(parsed.program);
    const std::size_t format =
        program.format != MessageIndex::kNone ? program.format : index_.recognise(message_, Around::envelope);
    LineFault fault = LineFault::none;
    if (format != MessageIndex::kNone) {
      fault = read(format);
      if (fault == LineFault::none || told_ != 0) return fault;
    }
    tell_plain(program.kind);
    return fault;
  }

  // A JSON object behind the header, also behind the cookie of CEE (1.0.1: "@cee:"). False when it is none, or is
  // broken: then nothing was told.
  bool read_object(const LineOrigin& origin) {
    std::string_view text = message_.text;
    if (!json_ || text.empty()) return false;
    if (text.starts_with("@cee:")) text.remove_prefix(5);
    return is_object(text) && json_->line(text, origin, behind_header_) == LineFault::none;
  }

  // An object's event with what only the header says: the host, and the time when the object has none.
  class BehindHeader final : public event::EventSink {
   public:
    explicit BehindHeader(MessageParser& parser) : parser_{parser} {}
    void accept(event::Event& event) override {
      if (event.type() == parser_.broken_object_) return;  // the line is told as a plain one
      const Message& message = parser_.message_;
      event.raw = message.line;
      if (!message.host.empty() && event.get(event::Common::host) == nullptr)
        event.set(event::common(event::Common::host), event::Value::text(message.host));
      if (event.time_quality() == event::TimeQuality::received) event.redate(message.time.time, message.time.quality);
      parser_.sink_->accept(event);
    }

   private:
    MessageParser& parser_;
  };

  // What looks like a header may be part of the message: the format decides.
  LineFault read_one(std::string_view line, const LineOrigin& origin, LineFault fault, const SyslogLine& parsed) {
    const bool header = fault == LineFault::none && (sure(parsed) || dated(parsed));
    const bool header_first = header && (sure(parsed) || known_behind(line, origin, parsed));
    LineFault first = LineFault::none;
    for (const bool enveloped : {header_first, !header_first}) {
      if (enveloped && !header) continue;
      if (enveloped)
        take(line, origin, parsed);
      else
        take_bare(line, origin);
      const LineFault of_message = read(reading_.one);
      if (of_message == LineFault::none || told_ != 0) return of_message;
      if (first == LineFault::none) first = of_message;
    }
    return unparsed(line, first, origin);
  }

  void take(std::string_view line, const LineOrigin& origin, const SyslogLine& parsed) {
    message_.origin = origin;
    message_.line = line;
    message_.priority = parsed.priority;
    message_.time = parsed.time;
    message_.host = parsed.host;
    message_.program = parsed.program;
    message_.pid = parsed.pid;
    message_.msgid = parsed.msgid;
    message_.structured_data = parsed.structured_data;
    message_.text = parsed.message;
    message_.zone = offset_;
  }
  void take_bare(std::string_view line, const LineOrigin& origin) {
    SyslogLine nothing;
    nothing.time = {origin.receive_time, event::TimeQuality::received};
    nothing.message = without_end(line);
    take(line, origin, nothing);
  }

  LineFault read(std::size_t format) {
    current_ = format;
    refused_ = false;
    std::unique_ptr<MessageReader>& reader = readers_[format];
    if (!reader) {
      reader = types_[format] != nullptr ? types_[format]->make() : index_.formats()[format].make();
      made_.push_back(format);
    }
    const LineFault fault = reader->read(message_, *this);
    if (fault == LineFault::none && told_ == 0 && !refused_) ++joined_;
    return fault;
  }

  // By the formats that are asked before all others.
  bool read_first() {
    return std::ranges::any_of(first_, [this](std::size_t format) { return read(format) == LineFault::none; });
  }

  LineFault unparsed(std::string_view line, LineFault fault, const LineOrigin& origin) {
    unparsed_.emit(line, fault, origin, event_, *sink_);
    return fault;
  }

  void tell_plain(SyslogKind kind) {
    Bound& bound = plain_[static_cast<std::size_t>(kind)];
    if (!bound.wanted) return;
    begin_event(bound, message_, message_.time);
    sink_->accept(event_);
  }

  void begin_event(Bound& bound, const Message& message, const LogTime& time) {
    event_.begin(bound.id, message.origin.source, time.time, message.origin.receive_time, time.quality);
    event_.ordinal = message.origin.ordinal;
    event_.raw = message.line;
    bound.envelope.fill(message, event_);
  }

  [[nodiscard]] bool wants(std::size_t type) const noexcept override {
    const bool wanted = bound_[current_][type].wanted;
    if (!wanted) refused_ = true;
    return wanted;
  }
  MessageWriter begin(std::size_t type, const Message& message, const LogTime& time) override {
    Bound& bound = bound_[current_][type];
    begin_event(bound, message, time);
    return {event_, bound.fields, &bound.open};
  }
  void emit() override {
    part_ = event_.ordinal == last_ordinal_ ? part_ + 1 : 0;
    last_ordinal_ = event_.ordinal;
    event_.part = part_;
    ++told_;
    sink_->accept(event_);
  }

  FormatOptions options_;
  ZoneClock zone_;
  Reading reading_;
  const MessageIndex& index_;
  std::shared_ptr<const event::Schema> schema_;  // what `open` and `envelope` look names up in
  std::vector<std::vector<Bound>> bound_;        // by format and type
  std::array<Bound, kSyslogKinds> plain_;        // by SyslogKind; not for Reach::one
  UnparsedEmitter unparsed_;
  std::vector<std::size_t> first_;    // of them those that say so
  std::unique_ptr<LineParser> json_;  // Reach::any
  BehindHeader behind_header_{*this};
  event::TypeId broken_object_{};                           // json_'s `unparsed`
  std::vector<std::shared_ptr<const MessageTypes>> types_;  // by format; null: the row's
  std::vector<std::unique_ptr<MessageReader>> readers_;     // by format, made when the first message comes
  std::vector<std::size_t> made_;                           // the formats that have one, in that order
  std::size_t table_ = MessageIndex::kNone;                 // Reach::any: the format of the last head of a table
  // Of the call at hand.
  event::EventSink* sink_ = nullptr;
  std::chrono::minutes offset_{0};  // of the zone
  Message message_;
  event::Event event_;
  std::size_t current_ = 0;       // format
  std::size_t told_ = 0;          // events
  mutable bool refused_ = false;  // the reader asked for a type that nobody wants

  std::uint64_t joined_ = 0;
  std::uint64_t last_ordinal_ = static_cast<std::uint64_t>(-1);
  std::uint32_t part_ = 0;  // of the last event
};

}  // namespace

void declare_messages(event::Schema& schema, const FormatOptions& options, const Reading& reading) {
  if (reading.reach == Reach::any) declare_json(schema, options);
  if (reading.reach != Reach::one) declare_plain(schema, options);
  for (const MessageFormat& format : reachable(reading)) {
    const auto types = bound_types(format, options);
    for (const event::TypeSpec& spec : types != nullptr ? types->types() : format.types)
      declare_type(schema, spec, options, reading.reach);
  }
  declare_unparsed(schema, unparsed_product(options, reading));
}

std::unique_ptr<LineParser> make_message_parser(std::shared_ptr<const event::Schema> schema,
                                                std::shared_ptr<const event::Interest> interest,
                                                const FormatOptions& options, const Reading& reading) {
  NW_CHECK(reading.reach != Reach::none);
  return std::make_unique<MessageParser>(std::move(schema), std::move(interest), options, reading);
}

}  // namespace nw::logs
