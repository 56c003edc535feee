// Plays messages to one message format, without an envelope around them, and tells its events.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "ingest/logs/formats/message.h"

namespace nw::logs {

// Every event as one line of NDJSON, all fields wanted; `ts` is the time that the reader gave. A fault is "fault:
// NAME".
class MessagePlay final : public MessageContext {
 public:
  // `options` for formats whose types are data. `wanted`: fields, in place of all.
  explicit MessagePlay(const MessageFormat& format, const FormatOptions& options = {},
                       std::initializer_list<std::string_view> wanted = {})
      : format_{format},
        types_{format.bind != nullptr ? format.bind(options) : nullptr},
        reader_{types_ ? types_->make() : format.make()} {
    for (const event::TypeSpec& spec : types_ ? types_->types() : format.types) {
      Bound& bound = bound_.emplace_back();
      bound.id = schema_.add_type(spec);
      if (wanted.size() == 0) interest_.want_all(bound.id);
      for (const std::string_view name : wanted) interest_.want(bound.id, schema_.add_field(name));
      for (const event::FieldSpec& field : spec.fields) {
        const event::FieldId id = schema_.add_field(field.name);
        bound.fields.push_back(interest_.wants(bound.id, id) ? id : event::kNoField);
      }
    }
    for (Bound& bound : bound_) bound.open.build(schema_, interest_, bound.id);
  }

  // 2026-01-15T08:00:00Z, when the lines are received.
  static Timestamp received() { return from_unix_nanoseconds(1'768'464'000'000'000'000); }

  static Message message(std::string_view text, std::string_view program = {}) {
    Message out;
    out.origin.receive_time = received();
    out.line = out.text = text;
    out.program = program;
    out.time = {received(), event::TimeQuality::received};
    return out;
  }

  // What came of it: events or the fault, a line each; "" when nothing did (yet).
  std::string play(std::string_view text, std::string_view program = {}) { return play(message(text, program)); }
  std::string play(const Message& message) {
    told_.clear();
    if (const LineFault fault = reader_->read(message, *this); fault != LineFault::none)
      told_ += "fault: " + std::string{to_string(fault)} + '\n';
    return told_;
  }
  std::string flush(Timestamp now, bool end) {
    told_.clear();
    reader_->flush(now, end, *this);
    return told_;
  }
  [[nodiscard]] const MessageFormat& format() const { return format_; }
  [[nodiscard]] const event::Schema& schema() const { return schema_; }

  [[nodiscard]] bool wants(std::size_t) const noexcept override { return true; }
  MessageWriter begin(std::size_t type, const Message& message, const LogTime& time) override {
    NW_CHECK(!open_);
    open_ = true;
    const Bound& bound = bound_.at(type);
    event_.begin(bound.id, message.origin.source, time.time, message.origin.receive_time, time.quality);
    event_.raw = message.line;
    return {event_, bound.fields, &bound.open};
  }
  void emit() override {
    NW_CHECK(open_);
    open_ = false;
    event::append_ndjson(event_, schema_, told_);
    told_ += '\n';
  }

 private:
  struct Bound {
    event::TypeId id{};
    std::vector<event::FieldId> fields;
    OpenFields open;
  };
  const MessageFormat& format_;
  std::shared_ptr<const MessageTypes> types_;
  event::Schema schema_;
  event::Interest interest_;
  std::vector<Bound> bound_;
  event::Event event_;
  std::unique_ptr<MessageReader> reader_;
  std::string told_;
  bool open_ = false;
};

}  // namespace nw::logs
