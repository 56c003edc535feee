// What a syslog header says, as fields of any event that was read from behind it. Inner to this folder.
#pragma once

#include <array>
#include <span>
#include <string>

#include "event/event.h"
#include "event/schema.h"
#include "ingest/logs/formats/message.h"

namespace nw::logs {

// Of every type; the parameters of structured data besides, as `sd.ID.NAME`.
std::span<const event::FieldSpec> envelope_fields();
constexpr std::string_view kParameterPrefix = "sd.";

// For the events of one type.
class Envelope {
 public:
  // `own`: the fields that the type's format declares. Where it names one of ours, only the message speaks in it.
  // The schema must live until the next build().
  void build(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
             std::span<const event::FieldSpec> own);
  // Sets what is wanted, host and message always. The values live until the next call.
  void fill(const Message& message, event::Event& event);

 private:
  enum Field : unsigned char { facility, severity, priority, program, pid, msgid, structured_data, kFields };
  void fill_priority(const Message& message, event::Event& event) const;
  void fill_parameters(const Message& message, event::Event& event);

  std::array<event::FieldId, kFields> ids_{};
  OpenFields parameters_;
  bool text_ = true;         // the message is one that people read; else keywords would find the names in it
  std::string peer_, name_;  // scratch
};

}  // namespace nw::logs
