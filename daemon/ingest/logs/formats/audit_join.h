// Holds the records of audit events until an event is whole, and tells it as one. The records' own events do not wait.
// Inner to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/logs/formats/audit_values.h"

namespace nw::logs {

// The types of auditd_format().
enum AuditType : std::uint8_t { audit_one, audit_whole, audit_process, audit_file, audit_network };

constexpr std::size_t kAuditEventsMax = 64;          // held at once; one more tells the oldest as it is
constexpr std::size_t kAuditRecordsMax = 256;        // of one event; the others are counted in records_lost
constexpr std::size_t kAuditBytesMax = 64 * 1024;    // of one event's lines, likewise
constexpr std::chrono::seconds kAuditPatience{2};    // auditd's own end_of_event_timeout
constexpr std::size_t kAuditProcessesMax = 1024;     // remembered as parents
constexpr std::size_t kAuditProcessBytesMax = 1024;  // of one's path and command line; a longer one is not

class AuditJoin {
 public:
  // After the record's own event. May tell an event, this one's or one that must make room.
  void add(const AuditRecord& record, const Message& message, MessageContext& out);
  void flush(Timestamp now, bool end, MessageContext& out);

 private:
  // Of a record: where its type and its fields stand in Group::text.
  struct Held {
    std::uint32_t type_at, type_bytes, body_at, body_bytes;
  };
  struct Group {
    std::uint64_t key = 0;  // of the host, the time and the serial
    bool used = false;
    bool skipped = false;     // nobody wants such events: its records are let go
    LineOrigin origin;        // of its last record
    Timestamp since;          // its first record was received
    std::uint64_t order = 0;  // in which the events began
    LogTime time;
    std::int64_t serial = -1;
    int priority = -1;
    std::string host, program, pid, node;
    std::string lines, text;
    std::vector<Held> held;
    std::uint32_t lost = 0;
  };
  struct Process {
    std::uint64_t key = 0;
    std::uint16_t image_bytes = 0, command_bytes = 0;
    std::array<char, kAuditProcessBytesMax> text;
  };
  // What its records say of the event as one.
  struct Kind;
  static Kind kind_of(const Group& group);
  class Whole;

  Group& group_of(std::uint64_t key, const AuditRecord& record, const Message& message, MessageContext& out);
  void hold(Group& group, const AuditRecord& record, const Message& message);
  void tell(Group& group, std::string_view ended_by, MessageContext& out);
  void write(const Group& group, Whole& whole, MessageWriter& writer);
  static AuditRecord record_of(const Group& group, const Held& held);
  void remember(std::uint64_t host, std::int64_t pid, std::string_view image, std::string_view command);
  [[nodiscard]] const Process* recall(std::uint64_t host, std::int64_t pid) const;

  std::array<Group, kAuditEventsMax> groups_;
  std::size_t used_ = 0;
  std::uint64_t begun_ = 0;
  AuditScratch scratch_;
  std::string command_;
  std::unique_ptr<std::array<Process, kAuditProcessesMax>> processes_;  // made when the first is remembered
};

}  // namespace nw::logs
