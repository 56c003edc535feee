// The fields of an audit record as values: numbers, addresses, text that was hexadecimal, sockets, system calls by
// name. Inner to this folder.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "ingest/logs/formats/audit_fields.h"
#include "ingest/logs/formats/audit_record.h"

namespace nw::logs {

class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // Whether the field may be set to an effect: asked where making the value costs something.
  [[nodiscard]] virtual bool wants(AuditName name) const = 0;
  // The name lives as long as the record; the value too, or in the arena. The last one of a name counts.
  virtual void set(AuditName name, const event::Value& value) = 0;
  virtual void set_common(event::Common field, const event::Value& value) = 0;
};

// What is kept from record to record, so that nothing is allocated for one.
struct AuditScratch {
  static constexpr std::size_t kOuterMax = 64;
  std::array<std::string_view, kOuterMax> outer{};  // the kernel's names in this record
  std::string pieces;                               // of one argument that was too long for one field: a1[0], a1[1]
  AuditName pieces_name;
};

constexpr std::size_t kAuditFieldsMax = 4096;  // in a record; the kernel writes at most 7,500 bytes of arguments in one
bool audit_record_fits(const AuditRecord& record) noexcept;

// Of a record that fits. An argument in pieces is set when the next one comes, which may be in another record of the
// event, or by end_audit_values().
void read_audit_values(const AuditRecord& record, Arena& arena, AuditScratch& scratch, AuditSink& sink);
void end_audit_values(Arena& arena, AuditScratch& scratch, AuditSink& sink);

}  // namespace nw::logs
