#include "ingest/logs/formats/audit_join.h"

#include <algorithm>

#include "base/hash.h"
#include "ingest/logs/formats/audit_names.h"
#include "ingest/logs/formats/linux_text.h"

namespace nw::logs {

namespace {

using event::Value;

constexpr std::size_t kNamesMax = 64;  // paths of one event that are told; the kernel's PATH records are fewer

// What of a system call decides the kind of the event.
struct Call {
  std::string_view name;
  bool success = false;
};

Call call_of(const AuditRecord& record) noexcept {
  Call call;
  std::string_view arch;
  AuditFields fields{record.body};
  for (AuditField field; fields.next(field) && field.name != "exit";) {
    if (field.name == "arch") arch = field.value;
    if (field.name == "success") call.success = field.value == "yes";
    if (field.name == "syscall") {
      std::int64_t number = 0;
      call.name = parse_integer(field.value, number) ? audit_syscall(arch, number) : field.value;
    }
  }
  // An enriching daemon's name of it comes last, and it knows best.
  if (const auto named = record.body.rfind("SYSCALL="); named != std::string_view::npos) {
    const std::string_view name = record.body.substr(named + 8);
    call.name = name.substr(0, name.find(' '));
  }
  return call;
}

bool starts_process(const Call& call) noexcept {
  return call.success && (call.name == "execve" || call.name == "execveat");
}
bool accepts(const Call& call) noexcept { return call.name == "accept" || call.name == "accept4"; }

// Whether it is the address of a host: sockets have many kinds.
bool has_address(const AuditRecord& record) noexcept {
  AuditFields fields{record.body};
  for (AuditField field; fields.next(field);)
    if (AuditSocket socket; field.name == "saddr" && read_audit_socket(field.value, socket)) return socket.port >= 0;
  return false;
}

std::uint64_t host_hash(std::string_view node, std::string_view host) noexcept {
  return hash64(node.empty() ? host : node);
}

bool wanted(const MessageContext& out) noexcept {
  return out.wants(audit_whole) || out.wants(audit_process) || out.wants(audit_file) || out.wants(audit_network);
}

}  // namespace

struct AuditJoin::Kind {
  AuditType type = audit_whole;
  Call call;
  bool program = false;  // there are EXECVE records
};

// Writes an event of all its records.
class AuditJoin::Whole final : public AuditSink {
 public:
  Whole(MessageWriter& writer, std::string& command, bool program)
      : writer_{&writer}, command_{command}, program_{program} {
    command_.clear();
  }

  void begin_record(std::string_view type) {
    path_ = type == "PATH" || type == "KERN_MODULE";
    arguments_ = type == "EXECVE";
    call_ = type == "SYSCALL";
  }

  [[nodiscard]] bool wants(AuditName) const override { return true; }
  void set(AuditName field, const Value& value) override {
    const std::string_view name = field.text;
    if (path_) {
      if (name == "name" && names_count_ < kNamesMax) names_[names_count_++] = value;
      if (name == "nametype") set_nametype(value);
      return;
    }
    const bool argument = name.size() >= 2 && name[0] == 'a' && ascii_digit(name[1]);
    if (argument && call_ && program_) return;  // the call's are pointers to those
    if (argument && arguments_) {
      if (!command_.empty()) command_ += ' ';
      command_.append(value.as_text());
    }
    keep(name, value);
    set_audit(*writer_, field, value);
  }
  void set_common(event::Common field, const Value& value) override { logs::set_common(*writer_, field, value); }

  void finish(AuditType type, const Call& call) {
    list("name", {names_.data(), names_count_});
    list("nametype", {nametypes_.data(), nametypes_count_});
    if (!command_.empty()) text("cmdline", command_);
    if (type == audit_network) finish_network(call);
    if (type == audit_file && created_count_ > 0) list("TargetFilename", {created_.data(), created_count_});
    if (type == audit_process || type == audit_file || type == audit_network) {
      value("Image", exe_);
      value("ProcessId", pid_);
      value("User", user_.kind() == Value::Kind::null ? uid_ : user_);
    }
    if (type != audit_process) return;
    value("CommandLine", command_line());
    value("CurrentDirectory", cwd_);
    value("ParentProcessId", ppid_);
    value("LogonId", session_);
  }
  void finish_parent(std::string_view image, std::string_view command) {
    text("ParentImage", image);
    if (!command.empty()) text("ParentCommandLine", command);
  }

  [[nodiscard]] std::int64_t pid() const noexcept { return number(pid_); }
  [[nodiscard]] std::int64_t parent() const noexcept { return number(ppid_); }
  [[nodiscard]] std::string_view image() const noexcept { return plain(exe_); }
  [[nodiscard]] Value command_line() const noexcept { return command_.empty() ? title_ : Value::text(command_); }
  static std::string_view plain(const Value& value) noexcept {
    return value.kind() == Value::Kind::text ? value.as_text() : std::string_view{};
  }

 private:
  static std::int64_t number(const Value& value) noexcept {
    return value.kind() == Value::Kind::integer ? value.as_integer() : -1;
  }
  void keep(std::string_view name, const Value& value) noexcept {
    if (name == "exe") exe_ = value;
    if (name == "pid") pid_ = value;
    if (name == "ppid") ppid_ = value;
    if (name == "uid") uid_ = value;
    if (name == "UID") user_ = value;
    if (name == "ses") session_ = value;
    if (name == "cwd") cwd_ = value;
    if (name == "proctitle") title_ = value;
    if (name == "laddr") address_ = value;
    if (name == "lport") port_ = value;
  }
  // The record's name came before it. A relative one is told from where the process is.
  void set_nametype(const Value& type) {
    if (nametypes_count_ < kNamesMax) nametypes_[nametypes_count_++] = type;
    if (plain(type) != "CREATE" || names_count_ == 0 || created_count_ >= kNamesMax) return;
    const std::string_view name = plain(names_[names_count_ - 1]), where = plain(cwd_);
    if (name.empty()) return;
    if (name.front() == '/' || where.empty()) {
      created_[created_count_++] = Value::text(name);
      return;
    }
    const std::size_t slash = where.ends_with('/') ? 0 : 1;
    const std::span<char> path = writer_->event().arena().make<char>(where.size() + slash + name.size());
    if (path.empty()) return;
    std::ranges::copy(where, path.begin());
    path[where.size() + slash - 1] = '/';
    std::ranges::copy(name, path.begin() + static_cast<std::ptrdiff_t>(where.size() + slash));
    created_[created_count_++] = Value::text({path.data(), path.size()});
  }
  void finish_network(const Call& call) {
    const bool inward = accepts(call);
    value(inward ? "SourceIp" : "DestinationIp", address_);
    value(inward ? "SourcePort" : "DestinationPort", port_);
    writer_->set("Initiated", Value::boolean(!inward));
    if (address_.kind() == Value::Kind::address)
      set_common(inward ? event::Common::orig_h : event::Common::resp_h, address_);
    if (port_.kind() == Value::Kind::integer) set_common(inward ? event::Common::orig_p : event::Common::resp_p, port_);
  }
  void value(std::string_view name, const Value& value) {
    if (value.kind() != Value::Kind::null) writer_->set(name, value);
  }
  void text(std::string_view name, std::string_view text) { writer_->set(name, Value::text(text)); }
  void list(std::string_view name, std::span<const Value> values) {
    if (values.empty()) return;
    const std::span<Value> kept = writer_->event().arena().make<Value>(values.size());
    if (kept.size() != values.size()) return;
    std::ranges::copy(values, kept.begin());
    writer_->set(name, Value::list(kept));
  }

  MessageWriter* writer_;
  std::string& command_;
  bool program_;
  bool path_ = false, arguments_ = false, call_ = false;
  Value exe_, pid_, ppid_, uid_, user_, session_, cwd_, title_, address_, port_;
  std::array<Value, kNamesMax> names_{}, nametypes_{}, created_{};
  std::size_t names_count_ = 0, nametypes_count_ = 0, created_count_ = 0;
};

void AuditJoin::add(const AuditRecord& record, const Message& message, MessageContext& out) {
  if (record.serial < 0 || !audit_type_joins(record.type) || !wanted(out)) return;
  std::uint64_t key = host_hash(record.node, message.host);
  key = mix64(key ^ static_cast<std::uint64_t>(record.serial));
  key = mix64(key ^ static_cast<std::uint64_t>(to_unix_nanoseconds(record.time.time)));
  const bool end = record.type == "EOE";
  if (end && std::ranges::none_of(groups_, [&](const Group& g) { return g.used && g.key == key; })) return;
  Group& group = group_of(key, record, message, out);
  if (record.type == "SYSCALL") {
    const Call call = call_of(record);
    const bool process = starts_process(call), network = call.name == "connect" || accepts(call);
    group.skipped = process   ? !out.wants(audit_process)
                    : network ? !out.wants(audit_network) && !out.wants(audit_whole)
                              : !out.wants(audit_file) && !out.wants(audit_whole);
  }
  group.origin = message.origin;
  if (!end) hold(group, record, message);
  // The kernel writes PROCTITLE last but for EOE, which the daemon's files do not have.
  if (end || record.type == "PROCTITLE") tell(group, end ? "EOE" : "PROCTITLE", out);
}

void AuditJoin::flush(Timestamp now, bool end, MessageContext& out) {
  if (used_ == 0) return;
  for (Group& group : groups_)
    if (group.used && (end || now - group.since >= kAuditPatience)) tell(group, end ? "end" : "timeout", out);
}

AuditJoin::Group& AuditJoin::group_of(std::uint64_t key, const AuditRecord& record, const Message& message,
                                      MessageContext& out) {
  Group* free = nullptr;
  Group* oldest = nullptr;
  for (Group& group : groups_) {
    if (group.used && group.key == key) return group;
    if (!group.used) {
      if (free == nullptr) free = &group;
    } else if (oldest == nullptr || group.order < oldest->order) {
      oldest = &group;
    }
  }
  if (free == nullptr) {
    tell(*oldest, "crowded", out);
    free = oldest;
  }
  ++used_;
  free->used = true;
  free->skipped = false;
  free->key = key;
  free->since = message.origin.receive_time;
  free->order = begun_++;
  free->time = record.time;
  free->serial = record.serial;
  free->priority = message.priority;
  free->host = message.host;
  free->program = message.program;
  free->pid = message.pid;
  free->node = record.node;
  free->lines.clear();
  free->text.clear();
  free->held.clear();
  free->lost = 0;
  return *free;
}

void AuditJoin::hold(Group& group, const AuditRecord& record, const Message& message) {
  if (group.skipped) return;
  const std::size_t bytes = group.lines.size() + message.line.size() + group.text.size() + record.body.size();
  if (group.held.size() >= kAuditRecordsMax || bytes > kAuditBytesMax || !audit_record_fits(record)) {
    ++group.lost;
    return;
  }
  if (!group.lines.empty()) group.lines += '\n';
  group.lines.append(message.line);
  Held held{};
  held.type_at = static_cast<std::uint32_t>(group.text.size());
  held.type_bytes = static_cast<std::uint32_t>(record.type.size());
  group.text.append(record.type);
  held.body_at = static_cast<std::uint32_t>(group.text.size());
  held.body_bytes = static_cast<std::uint32_t>(record.body.size());
  group.text.append(record.body);
  group.held.push_back(held);
}

AuditRecord AuditJoin::record_of(const Group& group, const Held& held) {
  const std::string_view text = group.text;
  AuditRecord record;
  record.type = text.substr(held.type_at, held.type_bytes);
  record.body = text.substr(held.body_at, held.body_bytes);
  return record;
}

AuditJoin::Kind AuditJoin::kind_of(const Group& group) {
  Kind kind;
  bool creates = false, addressed = false;
  for (const Held& held : group.held) {
    const AuditRecord record = record_of(group, held);
    if (record.type == "SYSCALL") kind.call = call_of(record);
    kind.program = kind.program || record.type == "EXECVE";
    creates = creates || (record.type == "PATH" && record.body.find("nametype=CREATE") != std::string_view::npos);
    addressed = addressed || (record.type == "SOCKADDR" && has_address(record));
  }
  if (starts_process(kind.call)) {
    kind.type = audit_process;
  } else if (addressed && (kind.call.name == "connect" || (kind.call.success && accepts(kind.call)))) {
    kind.type = audit_network;
  } else if (creates && kind.call.success) {
    kind.type = audit_file;
  }
  return kind;
}

void AuditJoin::tell(Group& group, std::string_view ended_by, MessageContext& out) {
  group.used = false;
  --used_;
  if (group.skipped || group.held.size() < 2) return;  // one record's own event says it all
  const Kind kind = kind_of(group);
  if (!out.wants(kind.type)) return;
  Message message;
  message.origin = group.origin;
  message.line = message.text = group.lines;
  message.priority = group.priority;
  message.time = group.time;
  message.host = group.host;
  message.program = group.program;
  message.pid = group.pid;
  MessageWriter writer = out.begin(kind.type, message, group.time);
  writer.event().part = 1;  // its last record's own event is 0
  if (!group.node.empty()) set_common(writer, event::Common::host, Value::text(group.node));
  writer.set("serial", Value::integer(group.serial));
  writer.set("ended_by", Value::text(ended_by));
  if (group.lost > 0) writer.set("records_lost", Value::integer(group.lost));
  Whole whole{writer, command_, kind.program};
  write(group, whole, writer);
  whole.finish(kind.type, kind.call);
  const std::uint64_t host = host_hash(group.node, group.host);
  const Process* const parent = kind.type == audit_process ? recall(host, whole.parent()) : nullptr;
  if (parent != nullptr) {
    const std::string_view text{parent->text.data(), std::size_t{parent->image_bytes} + parent->command_bytes};
    whole.finish_parent(text.substr(0, parent->image_bytes), text.substr(parent->image_bytes));
  }
  out.emit();
  if (kind.type == audit_process) remember(host, whole.pid(), whole.image(), Whole::plain(whole.command_line()));
}

// What the others say first, then the call, whose fields are the process's, then the program's arguments.
void AuditJoin::write(const Group& group, Whole& whole, MessageWriter& writer) {
  Arena& arena = writer.event().arena();
  const std::span<Value> types = arena.make<Value>(group.held.size());
  for (int pass = 0; pass < 3; ++pass) {
    for (std::size_t i = 0; i < group.held.size(); ++i) {
      const AuditRecord record = record_of(group, group.held[i]);
      if (pass == 0 && i < types.size()) types[i] = Value::text(record.type);
      const int turn = record.type == "SYSCALL" ? 1 : record.type == "EXECVE" ? 2 : 0;
      if (turn != pass) continue;
      whole.begin_record(record.type);
      read_audit_values(record, arena, scratch_, whole);
    }
    end_audit_values(arena, scratch_, whole);
  }
  writer.set("records", Value::list(types));
}

namespace {

std::uint64_t process_key(std::uint64_t host, std::int64_t pid) noexcept {
  return mix64(host ^ static_cast<std::uint64_t>(pid)) | 1U;
}

}  // namespace

void AuditJoin::remember(std::uint64_t host, std::int64_t pid, std::string_view image, std::string_view command) {
  if (pid <= 0 || image.empty() || image.size() > kAuditProcessBytesMax) return;
  if (processes_ == nullptr) processes_ = std::make_unique<std::array<Process, kAuditProcessesMax>>();
  const std::uint64_t key = process_key(host, pid);
  Process& process = (*processes_)[(key >> 1U) % kAuditProcessesMax];
  if (image.size() + command.size() > kAuditProcessBytesMax) command = {};  // better none than half of one
  process.key = key;
  process.image_bytes = static_cast<std::uint16_t>(image.size());
  process.command_bytes = static_cast<std::uint16_t>(command.size());
  std::ranges::copy(image, process.text.begin());
  std::ranges::copy(command, process.text.begin() + static_cast<std::ptrdiff_t>(image.size()));
}

const AuditJoin::Process* AuditJoin::recall(std::uint64_t host, std::int64_t pid) const {
  if (pid <= 0 || processes_ == nullptr) return nullptr;
  const std::uint64_t key = process_key(host, pid);
  const Process& process = (*processes_)[(key >> 1U) % kAuditProcessesMax];
  return process.key == key ? &process : nullptr;
}

}  // namespace nw::logs
