// Linux audit. Every record is an event at once, with the fields that the record names: so do Sigma's rules for
// `service: auditd` read it (type: EXECVE, a0: ...; type: SYSCALL, key: ...). When a record may be one of several of
// one event, they are held too, and the whole is one more event, of other log sources, so that no rule sees a fact
// twice:
//
//   auditd.process   category process_creation: an execve that succeeded, with Image, CommandLine, ...
//   auditd.file      category file_event: a call that created a file
//   auditd.network   category network_connection: connect and accept to an address
//   auditd.event     every other call
//
// all of them also of service auditd_event, for rules over whole events of any kind.
#include <algorithm>

#include "ingest/logs/formats/audit_fields.h"
#include "ingest/logs/formats/audit_join.h"
#include "ingest/logs/formats/linux_text.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

using event::Value;

constexpr auto kRecordFields = std::to_array<event::FieldSpec>({
    {"type", "text", "the record's type: SYSCALL, EXECVE, PATH, USER_LOGIN, ..."},
    {"serial", "integer", "with the time, the number of the event that the record is of"},
});

constexpr auto kOneFields = join_fields(kAuditFields, kRecordFields);
constexpr std::size_t kType = kAuditFieldCount, kSerial = kAuditFieldCount + 1;
static_assert(kOneFields[kType].name == "type" && kOneFields[kSerial].name == "serial");

constexpr auto kWholeFields = join_fields(
    kAuditFields,
    std::to_array<event::FieldSpec>({
        {"serial", "integer", "with the time, the event's number"},
        {"records", "list of text", "the types of its records, in their order"},
        {"ended_by", "text", "EOE, PROCTITLE, timeout, crowded (too many events at once), end (of the source)"},
        {"records_lost", "integer", "records that were too many to be held; absent: none"},
        {"cmdline", "text", "the arguments of EXECVE, with spaces between"},
    }));
constexpr auto kImageFields = join_fields(kWholeFields, std::to_array<event::FieldSpec>({
                                                            {"Image", "text", "as exe"},
                                                            {"ProcessId", "integer", "as pid"},
                                                            {"User", "text", "as UID, else as uid"},
                                                        }));
constexpr auto kProcessFields = join_fields(
    kImageFields,
    std::to_array<event::FieldSpec>({
        {"CommandLine", "text", "as cmdline, else as proctitle"},
        {"CurrentDirectory", "text", "as cwd"},
        {"LogonId", "integer", "as ses"},
        {"ParentProcessId", "integer", "as ppid"},
        {"ParentImage", "text", "the program that the parent was last seen to execute; absent where it was not seen"},
        {"ParentCommandLine", "text", "its command line, likewise"},
    }));
constexpr auto kFileFields =
    join_fields(kImageFields, std::to_array<event::FieldSpec>({
                                  {"TargetFilename", "list of text", "the files that were created, from the root"},
                              }));
constexpr auto kNetworkFields =
    join_fields(kImageFields, std::to_array<event::FieldSpec>({
                                  {"DestinationIp", "address", "connect: where to; also id.resp_h"},
                                  {"DestinationPort", "integer", "its port; also id.resp_p"},
                                  {"SourceIp", "address", "accept: where from; also id.orig_h"},
                                  {"SourcePort", "integer", "its port; also id.orig_p"},
                                  {"Initiated", "boolean", "true: connect; false: accept"},
                              }));

constexpr std::array<std::string_view, 2> kServices{"auditd", "syslog"};
constexpr std::array<std::string_view, 1> kWholeServices{"auditd_event"};
constexpr std::array<std::string_view, 1> kProcess{"process_creation"}, kFile{"file_event"},
    kNetwork{"network_connection"};
constexpr std::array<event::TypeSpec, 5> kTypes{{
    {"syslog.auditd", "linux", kServices, {}, kOneFields, true},
    {"auditd.event", "linux", kWholeServices, {}, kWholeFields, true},
    {"auditd.process", "linux", kWholeServices, kProcess, kProcessFields, true},
    {"auditd.file", "linux", kWholeServices, kFile, kFileFields, true},
    {"auditd.network", "linux", kWholeServices, kNetwork, kNetworkFields, true},
}};
static_assert(kTypes[audit_network].path == "auditd.network");

constexpr std::array<std::string_view, 4> kPrograms{"audisp-syslog", "audispd", "audit", "auditd"};

// Only what names a type and an event's number: other programs write "type=" too.
bool recognise(const Message& message) noexcept {
  std::string_view text = message.text;
  skip_spaces(text);
  skip_kernel_time(text);
  take(text, "audit: ");
  if (take(text, "node=")) {
    take_word(text);
    skip_spaces(text);
  }
  if (!take(text, "type=")) return false;
  const std::string_view type = take_word(text);
  return !type.empty() && (text.starts_with(" msg=audit(") || text.starts_with(" audit("));
}

class Record final : public AuditSink {
 public:
  explicit Record(MessageWriter& writer) : writer_{&writer} {}
  [[nodiscard]] bool wants(AuditName name) const override {
    return name.local < kAuditFieldCount ? writer_->wants(name.local) : writer_->wants_named(name.text);
  }
  void set(AuditName name, const Value& value) override { set_audit(*writer_, name, value); }
  void set_common(event::Common field, const Value& value) override { logs::set_common(*writer_, field, value); }

 private:
  MessageWriter* writer_;
};

class AuditdReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    AuditRecord record;
    switch (scan_audit(message, record)) {
      case AuditScan::record: break;
      case AuditScan::none: return read_other(message, out);
      case AuditScan::bad_header: return LineFault::bad_header;
      case AuditScan::bad_time: return LineFault::bad_time;
    }
    if (!audit_record_fits(record)) return LineFault::too_deep;
    if (out.wants(audit_one)) tell(record, message, out);
    join_.add(record, message, out);
    return LineFault::none;
  }
  void flush(Timestamp now, bool end, MessageContext& out) override { join_.flush(now, end, out); }

 private:
  // What the daemon says of itself has no record, but is its event; without a program it is nothing of audit's.
  static LineFault read_other(const Message& message, MessageContext& out) {
    if (message.program.empty()) return LineFault::bad_header;
    if (!out.wants(audit_one)) return LineFault::none;
    out.begin(audit_one, message, message.time);
    out.emit();
    return LineFault::none;
  }

  void tell(const AuditRecord& record, const Message& message, MessageContext& out) {
    MessageWriter writer = out.begin(audit_one, message, record.time);
    if (!record.node.empty()) set_common(writer, event::Common::host, Value::text(record.node));
    writer.set(kType, Value::text(record.type));
    if (record.serial >= 0) writer.set(kSerial, Value::integer(record.serial));
    if (!writer.closed()) {
      Record sink{writer};
      read_audit_values(record, writer.event().arena(), scratch_, sink);
      end_audit_values(writer.event().arena(), scratch_, sink);
    }
    out.emit();
  }

  AuditScratch scratch_;
  AuditJoin join_;
};

}  // namespace

const MessageFormat& auditd_format() {
  static constexpr MessageFormat kFormat{
      "auditd",      "Linux audit: audit.log, audisp's syslog, the kernel's log",
      kTypes,        kPrograms,
      recognise,     []() -> std::unique_ptr<MessageReader> { return std::make_unique<AuditdReader>(); },
      Order::joined, "audit("};
  return kFormat;
}

}  // namespace nw::logs
