// What the fuzz targets of message formats share: any bytes as one message, with every field wanted and with none, as
// when no rule names one. Never a crash; events or a fault, not both, and the same whatever is wanted.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {

// Wants the events of a format, and no field of them.
class BareContext final : public MessageContext {
 public:
  explicit BareContext(const MessageFormat& format) : reader_{format.make()} {
    for (const event::TypeSpec& spec : format.types) {
      Bound& bound = bound_.emplace_back();
      bound.id = schema_.add_type(spec);
      interest_.want(bound.id);
      bound.fields.assign(spec.fields.size(), event::kNoField);
    }
    for (Bound& bound : bound_) bound.open.build(schema_, interest_, bound.id);
  }
  // How many events came of it; -1: a fault.
  int play(const Message& message) {
    events_ = 0;
    return reader_->read(message, *this) == LineFault::none ? events_ : -1;
  }

  [[nodiscard]] bool wants(std::size_t) const noexcept override { return true; }
  MessageWriter begin(std::size_t type, const Message& message, const LogTime& time) override {
    const Bound& bound = bound_.at(type);
    event_.begin(bound.id, message.origin.source, time.time, message.origin.receive_time, time.quality);
    event_.raw = message.line;
    return {event_, bound.fields, &bound.open};
  }
  void emit() override { ++events_; }

 private:
  struct Bound {
    event::TypeId id{};
    std::vector<event::FieldId> fields;
    OpenFields open;
  };
  event::Schema schema_;
  event::Interest interest_;
  std::vector<Bound> bound_;
  event::Event event_;
  std::unique_ptr<MessageReader> reader_;
  int events_ = 0;
};

// For formats whose messages stand alone: each is one event or a fault.
inline void fuzz_message(const MessageFormat& format, const std::uint8_t* data, std::size_t size) {
  static MessagePlay all{format};
  static BareContext bare{format};
  const Message message = MessagePlay::message({reinterpret_cast<const char*>(data), size});
  if (format.recognise != nullptr) (void)format.recognise(message);
  const std::string told = all.play(message);
  const int events = told.starts_with("fault: ") ? -1 : told.starts_with("{\"_path\":") ? 1 : 0;
  if (events == 0 || bare.play(message) != events) std::abort();
}

}  // namespace nw::logs
