// What the text of a log line says, its envelope taken off. A message format is one file beside this one and one row in
// messages.cpp. Pure; nothing here throws; nothing is allocated per line once warm.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/hash.h"
#include "event/event_writer.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// A line with its envelope (syslog's header) taken off. Views into the line; empty: it names none.
struct Message {
  LineOrigin origin;
  std::string_view line;  // all of it
  int priority = -1;      // facility * 8 + severity, or -1
  LogTime time;           // quality `received`: the envelope has none
  std::string_view host, program, pid, msgid;
  std::string_view structured_data;  // RFC 5424: with its brackets and escapes, as it came
  std::string_view text;             // the message; without an envelope, the whole line
  // East of UTC, for times that state none: what it was, or is, at the envelope's time.
  std::chrono::minutes zone{0};
};

// A name that is looked up again and again, such as a column's: its hash is computed once.
struct OpenName {
  std::string_view name;
  std::uint64_t hash = 0;
  OpenName() = default;
  explicit OpenName(std::string_view text) noexcept : name{text}, hash{hash64(text)} {}
};

// The common field of that name, which is wanted with any event of the type; else kNoField.
event::FieldId common_field(std::string_view name) noexcept;

// The fields that somebody wants of a type whose fields nobody declared, by name.
class OpenFields {
 public:
  // The schema must live until the next build().
  void build(const event::Schema& schema, const event::Interest& interest, event::TypeId type);
  // Only those whose names begin with `prefix`, and of them only such as the schema knows: all() is false.
  void build_below(std::string_view prefix, const event::Schema& schema, const event::Interest& interest,
                   event::TypeId type);
  // kNoField: nobody named it.
  [[nodiscard]] event::FieldId find(std::string_view name) const noexcept {
    return none() ? event::kNoField : find(OpenName{name});
  }
  [[nodiscard]] event::FieldId find(const OpenName& name) const noexcept;
  // kNoField: the schema has no such field. After build().
  [[nodiscard]] event::FieldId known(std::string_view name) const noexcept {
    return schema_->find_field(name).value_or(event::kNoField);
  }
  [[nodiscard]] bool all() const noexcept { return all_; }  // also those that nobody named
  // The same of one line of a structured type: the Interest's filter lets it through. The worker's own: it has a
  // memory.
  [[nodiscard]] bool all_of(std::string_view line) const;
  [[nodiscard]] bool none() const noexcept { return !all_ && count_ == 0; }

 private:
  struct Cell {
    std::string_view name;  // the schema's
    event::FieldId field = event::kNoField;
  };
  std::vector<Cell> cells_;  // open addressing; a power of two
  std::size_t count_ = 0;
  bool all_ = false;
  const event::LineFilter* filter_ = nullptr;
  std::unique_ptr<event::LineFilter::Memory> memory_;
  const event::Schema* schema_ = nullptr;
};

// One event being written.
class MessageWriter : public event::EventWriter {
 public:
  // `event` has its raw line.
  MessageWriter(event::Event& event, std::span<const event::FieldId> ids, const OpenFields* open)
      : EventWriter{event, ids}, open_{open}, all_{open->all_of(event.raw)} {}

  using EventWriter::set;
  // A field that the TypeSpec does not declare (its type is open): a key of CEF, a column of a table. The name and the
  // value live as long as the message, or in the event's arena.
  void set(std::string_view name, const event::Value& value) { put(name, open_->find(name), value); }
  void set(const OpenName& name, const event::Value& value) { put(name.name, open_->find(name), value); }
  // Whether set(name, ...) would have an effect: for values that cost something to make.
  [[nodiscard]] bool wants_named(std::string_view name) const noexcept {
    return all_ || open_->find(name) != event::kNoField;
  }
  [[nodiscard]] bool wants_named(const OpenName& name) const noexcept {
    return all_ || open_->find(name) != event::kNoField;
  }
  // Somebody asks for it by name.
  [[nodiscard]] bool names(const OpenName& name) const noexcept { return open_->find(name) != event::kNoField; }
  // Nobody wants a field that is not declared: do not look for any.
  [[nodiscard]] bool closed() const noexcept { return !all_ && open_->none(); }

 private:
  void put(std::string_view name, event::FieldId field, const event::Value& value) {
    if (field == event::kNoField && all_ && !open_->all()) field = open_->known(name);
    if (field != event::kNoField) {
      event().set(field, value);
    } else if (all_) {
      event().set_extra(name, value);
    }
  }

  const OpenFields* open_;
  bool all_;  // also what nobody named, of this line
};

// What a reader may ask for during a call.
class MessageContext {
 public:
  virtual ~MessageContext() = default;
  // Whether events of the format's `type`-th TypeSpec are wanted: ask before reading further.
  [[nodiscard]] virtual bool wants(std::size_t type) const noexcept = 0;
  // Begins an event of the `type`-th TypeSpec; what the envelope says (host, program, pid, severity, message, ...) is
  // set. `time`: of the message itself, else pass message.time. Only when wanted.
  virtual MessageWriter begin(std::size_t type, const Message& message, const LogTime& time) = 0;
  // Hands the begun event on.
  virtual void emit() = 0;
};

// One format's state in one source and worker.
class MessageReader {
 public:
  virtual ~MessageReader() = default;
  // One message: no event (it is held to be joined, it is a head, nobody wants it), one, or more. With a fault, none:
  // the caller tells the line in another way. A message without an event counts as unwanted when out.wants() said no
  // during the call, else as joined: it became part of what other messages say.
  virtual LineFault read(const Message& message, MessageContext& out) = 0;
  // What is held and waits for more since before `now` is told; `end`: all of it, the source is over. Called every
  // second or so of the source's time. An event that was held carries the origin of one of its messages, and of none
  // that had an event of its own: the ordinal names what an event was read from.
  virtual void flush(Timestamp /*now*/, bool /*end*/, MessageContext& /*out*/) {}
};

// What of a format comes from data (a field mapping, the site's patterns) and not from its row.
class MessageTypes {
 public:
  virtual ~MessageTypes() = default;
  [[nodiscard]] virtual std::span<const event::TypeSpec> types() const noexcept = 0;  // in place of the row's
  // A reader for these types, which outlive it.
  [[nodiscard]] virtual std::unique_ptr<MessageReader> make() const = 0;
  // Every message is offered to it before the formats that know their own; what it cannot read goes on to them.
  [[nodiscard]] virtual bool first() const noexcept { return false; }
};

// How the messages of a format hang together.
enum class Order : std::uint8_t {
  alone,   // each says all that it means
  joined,  // several can make one event; those have MessageFormat::mark in them
  headed,  // one that begins with the mark says what those behind it mean; read only where no envelope is around them
};

struct MessageFormat {
  std::string_view name;  // "cef": what `format:` says in the configuration
  std::string_view help;
  std::span<const event::TypeSpec> types;  // its events; product, services and categories as Sigma names them
  // Programs (lower case, without directory) whose messages go to this format first. Sorted.
  std::span<const std::string_view> programs = {};
  // Whether the message looks like this format, whatever program wrote it. Cheap, and sure: what says yes must not take
  // lines of other formats. Null: by `programs` alone, or by configuration.
  bool (*recognise)(const Message&) noexcept = nullptr;
  std::unique_ptr<MessageReader> (*make)() = nullptr;
  Order order = Order::alone;
  std::string_view mark = {};
  // The bytes with which a text that recognise() says yes to can begin: others need no call. Empty: any byte.
  std::string_view first_bytes = {};
  // Formats with types that are data: null when the options hold none for it, and then `types` and `make` serve.
  std::shared_ptr<const MessageTypes> (*bind)(const FormatOptions&) = nullptr;
};

// Sorted by name (messages.cpp).
std::span<const MessageFormat> message_formats();

}  // namespace nw::logs
