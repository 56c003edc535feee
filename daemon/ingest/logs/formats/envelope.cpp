#include "ingest/logs/formats/envelope.h"

#include <algorithm>

#include "ingest/logs/formats/syslog_line.h"

namespace nw::logs {

namespace {

// Names as in Zeek's syslog.log; numbers from RFC 5424 tables 1 and 2.
constexpr std::array<std::string_view, 24> kFacilities{"KERN",   "USER",   "MAIL",   "DAEMON", "AUTH",     "SYSLOG",
                                                       "LPR",    "NEWS",   "UUCP",   "CRON",   "AUTHPRIV", "FTP",
                                                       "NTP",    "AUDIT",  "ALERT",  "CLOCK",  "LOCAL0",   "LOCAL1",
                                                       "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7"};
constexpr std::array<std::string_view, 8> kSeverities{"EMERG",   "ALERT",  "CRIT", "ERR",
                                                      "WARNING", "NOTICE", "INFO", "DEBUG"};

// In the order of Envelope::Field, then the common ones.
constexpr auto kSpecs = std::to_array<event::FieldSpec>({
    {"facility", "text", "KERN, AUTH, LOCAL0, ...: from the priority"},
    {"severity", "text", "EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG: from the priority"},
    {"priority", "integer", "facility * 8 + severity"},
    {"program", "text", "the tag (RFC 3164) or APP-NAME (RFC 5424)"},
    {"pid", "text", "the process, where it is named: a number, mostly"},
    {"msgid", "text", "MSGID (RFC 5424)"},
    {"structured_data", "text", "STRUCTURED-DATA (RFC 5424) as it came: [id name=\"value\"]"},
    {"message", "text", "the free text behind the header; without a header, the line"},
    {"host", "text", "the host that the line names, else the address that sent it"},
});

}  // namespace

std::span<const event::FieldSpec> envelope_fields() { return kSpecs; }

void Envelope::build(const event::Schema& schema, const event::Interest& interest, event::TypeId type,
                     std::span<const event::FieldSpec> own) {
  for (std::size_t i = 0; i < kFields; ++i) {
    const event::FieldId id = *schema.find_field(kSpecs[i].name);
    const bool ours = std::ranges::find(own, kSpecs[i].name, &event::FieldSpec::name) == own.end();
    ids_[i] = ours && interest.wants(type, id) ? id : event::kNoField;
  }
  parameters_.build_below(kParameterPrefix, schema, interest, type);
  text_ = !schema.type(type).structured;
}

void Envelope::fill(const Message& message, event::Event& event) {
  const auto set_text = [&](event::FieldId id, std::string_view text) {
    if (id != event::kNoField && !text.empty()) event.set(id, event::Value::text(text));
  };
  if (message.priority >= 0) fill_priority(message, event);
  constexpr event::FieldId host = event::common(event::Common::host);
  if (!message.host.empty()) {
    set_text(host, message.host);
  } else if (message.origin.peer) {
    peer_.clear();
    message.origin.peer->append_to(peer_);
    set_text(host, peer_);
  }
  set_text(ids_[program], message.program);
  set_text(ids_[pid], message.pid);
  set_text(ids_[msgid], message.msgid);
  set_text(ids_[structured_data], message.structured_data);
  if (!message.structured_data.empty() && !parameters_.none()) fill_parameters(message, event);
  if (text_) event.set(event::common(event::Common::message), event::Value::text(message.text));
}

void Envelope::fill_priority(const Message& message, event::Event& event) const {
  const auto number = static_cast<std::size_t>(message.priority);
  if (ids_[facility] != event::kNoField) event.set(ids_[facility], event::Value::text(kFacilities[number / 8]));
  if (ids_[severity] != event::kNoField) event.set(ids_[severity], event::Value::text(kSeverities[number % 8]));
  if (ids_[priority] != event::kNoField) event.set(ids_[priority], event::Value::integer(message.priority));
}

// Of a name that an element repeats, the last value.
void Envelope::fill_parameters(const Message& message, event::Event& event) {
  StructuredData parameters{message.structured_data};
  while (parameters.next()) {
    name_.assign(kParameterPrefix).append(parameters.id()).append(1, '.').append(parameters.name());
    const event::FieldId id = parameters_.find(name_);
    if (id != event::kNoField) event.set(id, event::Value::text(parameters.value(event.arena())));
  }
}

}  // namespace nw::logs
