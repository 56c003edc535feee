#include "ingest/logs/formats/audit_values.h"

#include <algorithm>

#include "ingest/logs/formats/audit_names.h"
#include "ingest/logs/formats/linux_text.h"

namespace nw::logs {

namespace {

using event::Value;

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kUnsetId = "4294967295";  // (uid_t)-1: nobody logged in
constexpr char kKeySeparator = '\x01';               // AUDIT_KEY_SEPARATOR

enum class Kind : std::uint8_t {
  plain,
  number,
  encoded,  // "text", or its hexadecimal digits
  title,    // encoded, with NUL between the arguments
  key,      // encoded, with 0x01 between the keys
  id,       // of a user or group: a number, and a name that two of them have everywhere
  host,
  peer,  // the host at the other end
  near_port,
  far_port,
  arch,
  call,
  socket,
};

struct Kinded {
  std::string_view name;
  Kind kind;
  std::string_view meaning = {};  // of an id: the field that an enriching daemon writes its name to
};
// By auparse's tables of field types.
constexpr auto kKinds = std::to_array<Kinded>({
    {"acct", Kind::encoded},      {"addr", Kind::peer},           {"arch", Kind::arch},
    {"argc", Kind::number},       {"auid", Kind::id, "AUID"},     {"cgroup", Kind::encoded},
    {"cmd", Kind::encoded},       {"comm", Kind::encoded},        {"cwd", Kind::encoded},
    {"daddr", Kind::host},        {"data", Kind::encoded},        {"device", Kind::encoded},
    {"dir", Kind::encoded},       {"egid", Kind::id, "EGID"},     {"euid", Kind::id, "EUID"},
    {"exe", Kind::encoded},       {"exit", Kind::number},         {"fd", Kind::number},
    {"file", Kind::encoded},      {"fsgid", Kind::id, "FSGID"},   {"fsuid", Kind::id, "FSUID"},
    {"gid", Kind::id, "GID"},     {"grp", Kind::encoded},         {"id", Kind::number},
    {"info", Kind::encoded},      {"inode", Kind::number},        {"invalid_context", Kind::encoded},
    {"item", Kind::number},       {"items", Kind::number},        {"key", Kind::key},
    {"ksize", Kind::number},      {"laddr", Kind::host},          {"lport", Kind::near_port},
    {"name", Kind::encoded},      {"new-chardev", Kind::encoded}, {"new-disk", Kind::encoded},
    {"new-fs", Kind::encoded},    {"new-net", Kind::encoded},     {"new-rng", Kind::encoded},
    {"new_group", Kind::encoded}, {"oauid", Kind::id, "OAUID"},   {"ocomm", Kind::encoded},
    {"ogid", Kind::id, "OGID"},   {"old-auid", Kind::number},     {"old-chardev", Kind::encoded},
    {"old-disk", Kind::encoded},  {"old-fs", Kind::encoded},      {"old-net", Kind::encoded},
    {"old-rng", Kind::encoded},   {"old-ses", Kind::number},      {"opid", Kind::number},
    {"oses", Kind::number},       {"ouid", Kind::id, "OUID"},     {"path", Kind::encoded},
    {"pid", Kind::number},        {"ppid", Kind::number},         {"proctitle", Kind::title},
    {"profile", Kind::encoded},   {"root_dir", Kind::encoded},    {"rport", Kind::far_port},
    {"saddr", Kind::socket},      {"ses", Kind::number},          {"sgid", Kind::id, "SGID"},
    {"sig", Kind::number},        {"spid", Kind::number},         {"suid", Kind::id, "SUID"},
    {"sw", Kind::encoded},        {"syscall", Kind::call},        {"uid", Kind::id, "UID"},
    {"vm", Kind::encoded},        {"watch", Kind::encoded},
});
static_assert(std::ranges::is_sorted(kKinds, {}, &Kinded::name));

struct Known {
  AuditName name;
  Kind kind = Kind::plain;
  AuditName meaning;
};
// Those, and the declared ones that are text as they stand.
constexpr std::size_t kKnownCount =
    kKinds.size() + static_cast<std::size_t>(std::ranges::count_if(kAuditFields, [](const event::FieldSpec& field) {
      return std::ranges::find(kKinds, field.name, &Kinded::name) == kKinds.end();
    }));
constexpr auto kKnown = [] {
  std::array<Known, kKnownCount> out{};
  std::size_t at = 0;
  for (const Kinded& row : kKinds)
    out[at++] = {{row.name, audit_local(row.name)}, row.kind, {row.meaning, audit_local(row.meaning)}};
  for (const event::FieldSpec& field : kAuditFields)
    if (std::ranges::find(kKinds, field.name, &Kinded::name) == kKinds.end())
      out[at++] = {{field.name, audit_local(field.name)}, Kind::plain, {}};
  return out;
}();

// By open addressing: a record has some thirty fields.
constexpr std::size_t kCells = 512;
constexpr std::size_t cell_of(std::string_view name) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
  // The factors are such that the names of SYSCALL and PATH rarely meet; found by trying.
  return (name.size() * 122 + byte(0) * 227 + byte(name.size() / 2) * 66 + byte(name.size() - 1) * 105) % kCells;
}
constexpr auto kKnownCells = [] {
  std::array<std::uint8_t, kCells> out{};  // position + 1, or 0
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    std::size_t at = cell_of(kKnown[i].name.text);
    while (out[at] != 0) at = (at + 1) % kCells;
    out[at] = static_cast<std::uint8_t>(i + 1);
  }
  return out;
}();
static_assert(kKnown.size() < kCells / 2 && kKnown.size() < 255);

const Known* known(std::string_view name) noexcept {
  if (name.empty()) return nullptr;
  for (std::size_t at = cell_of(name); kKnownCells[at] != 0; at = (at + 1) % kCells) {
    const Known& row = kKnown[kKnownCells[at] - 1U];
    if (row.name.text == name) return &row;
  }
  return nullptr;
}

// The number of an argument's name: 12 of "a12", "a12_len" and "a12[3]"; `rest` is what follows it. False: none.
bool argument(std::string_view name, std::string_view& rest) noexcept {
  if (name.size() < 2 || name[0] != 'a' || !ascii_digit(name[1])) return false;
  std::size_t end = 1;
  while (end < name.size() && ascii_digit(name[end])) ++end;
  rest = name.substr(end);
  return rest.empty() || rest == "_len" || rest.front() == '[';
}

class Reader {
 public:
  Reader(const AuditRecord& record, Arena& arena, AuditScratch& scratch, AuditSink& sink) noexcept
      : record_{record}, arena_{arena}, scratch_{scratch}, sink_{sink} {}

  void all() {
    AuditFields fields{record_.body};
    const bool arguments = record_.type == "EXECVE";
    const bool inner = record_.body.find("msg='") != kNone;
    std::size_t outer = 0;
    for (AuditField field; fields.next(field);) {
      if (!field.nested) {
        if (inner && outer < AuditScratch::kOuterMax) scratch_.outer[outer++] = field.name;
      } else if (std::ranges::find(scratch_.outer.begin(), scratch_.outer.begin() + static_cast<std::ptrdiff_t>(outer),
                                   field.name) != scratch_.outer.begin() + static_cast<std::ptrdiff_t>(outer)) {
        continue;  // user space does not overrule the kernel
      }
      std::string_view rest;
      if (arguments && argument(field.name, rest)) {
        read_argument(field, rest);
      } else {
        read(field);
      }
    }
  }

 private:
  static bool unset(const AuditField& field) noexcept {
    return !field.quoted && (field.value.empty() || field.value == "?" || field.value == "(null)");
  }

  void read(const AuditField& field) {
    if (unset(field)) return;
    const Known* const row = known(field.name);
    if (row == nullptr) return sink_.set({field.name}, Value::text(field.value));
    const std::string_view value = field.value;
    switch (row->kind) {
      case Kind::plain: return sink_.set(row->name, Value::text(value));
      case Kind::number: return set_number(row->name, value);
      case Kind::encoded:
      case Kind::title:
      case Kind::key: return read_encoded(*row, field);
      case Kind::id: return read_id(*row, value);
      case Kind::host:
      case Kind::peer: return read_host(*row, value);
      case Kind::near_port:
      case Kind::far_port:
        sink_.set(row->name, integer_or_text(value));
        if (row->kind == Kind::far_port) set_port(event::Common::orig_p, value);
        if (row->kind == Kind::near_port && crypto()) set_port(event::Common::resp_p, value);
        return;
      case Kind::arch: return read_arch(*row, value);
      case Kind::call: return read_call(*row, value);
      case Kind::socket: return read_socket(*row, value);
    }
  }

  void set_number(AuditName name, std::string_view value) {
    if (sink_.wants(name)) sink_.set(name, integer_or_text(value));
  }

  void read_id(const Known& row, std::string_view value) {
    set_number(row.name, value);
    if (value == "0") sink_.set(row.meaning, Value::text("root"));
    if (value == kUnsetId || value == "-1") sink_.set(row.meaning, Value::text("unset"));
  }

  // What is not eight digits is a name already: "arch=x86_64" of an interpreted log.
  void read_arch(const Known& row, std::string_view value) {
    arch_ = value;
    sink_.set(row.name, Value::text(value));
    const std::string_view name = value.size() == 8 ? audit_arch(value) : value;
    if (!name.empty()) sink_.set(audit_name("ARCH"), Value::text(name));
  }

  void read_call(const Known& row, std::string_view value) {
    std::int64_t number = 0;
    const bool numbered = parse_integer(value, number);
    sink_.set(row.name, numbered ? Value::integer(number) : Value::text(value));
    const std::string_view name = numbered ? audit_syscall(arch_, number) : value;
    if (!name.empty()) sink_.set(audit_name("SYSCALL"), Value::text(name));
  }

  void read_host(const Known& row, std::string_view value) {
    const Value host = address_or_text(value);
    sink_.set(row.name, host);
    if (host.kind() != Value::Kind::address) return;
    if (row.kind == Kind::peer) sink_.set_common(event::Common::orig_h, host);
    if (row.name.text == "daddr" || (row.name.text == "laddr" && crypto()))
      sink_.set_common(event::Common::resp_h, host);
  }

  // A socket's bytes in SOCKADDR; an address where packets are told of.
  void read_socket(const Known& row, std::string_view value) {
    AuditSocket socket;
    if (!read_audit_socket(value, socket)) {
      const Value host = address_or_text(value);
      sink_.set(row.name, host);
      if (host.kind() == Value::Kind::address) sink_.set_common(event::Common::orig_h, host);
      return;
    }
    sink_.set(row.name, Value::text(value));
    sink_.set(audit_name("saddr_fam"), Value::text(socket.family));
    if (socket.port >= 0) {
      sink_.set(audit_name("laddr"), Value::address(socket.address));
      sink_.set(audit_name("lport"), Value::integer(socket.port));
    }
    if (!socket.path.empty() && sink_.wants(audit_name("path")))
      sink_.set(audit_name("path"), Value::text(decoded(socket.path)));
  }

  void read_encoded(const Known& row, const AuditField& field) {
    if (!sink_.wants(row.name)) return;
    std::string_view text = field.quoted ? field.value : decoded(field.value);
    if (row.kind == Kind::key) return set_keys(row.name, text);
    if (row.kind == Kind::title && text.find('\0') != kNone) {
      while (text.ends_with('\0')) text.remove_suffix(1);
      const std::span<char> copy = arena_.make<char>(text.size());
      if (copy.size() != text.size()) return;
      std::ranges::replace_copy(text, copy.begin(), '\0', ' ');
      text = {copy.data(), copy.size()};
    }
    sink_.set(row.name, Value::text(text));
  }

  void set_keys(AuditName name, std::string_view text) {
    const auto count = static_cast<std::size_t>(std::ranges::count(text, kKeySeparator)) + 1;
    if (count == 1) return sink_.set(name, Value::text(text));
    const std::span<Value> keys = arena_.make<Value>(count);
    for (Value& key : keys) {
      const std::string_view one = text.substr(0, text.find(kKeySeparator));
      key = Value::text(one);
      text.remove_prefix(std::min(one.size() + 1, text.size()));
    }
    sink_.set(name, Value::list(keys));
  }

  // Of digits, their text; else what stands there.
  std::string_view decoded(std::string_view digits) {
    const std::size_t bytes = audit_hex_bytes(digits);
    if (bytes == 0) return digits;
    const std::span<char> text = arena_.make<char>(bytes);
    if (text.size() != bytes) return digits;  // the event's memory is spent
    audit_hex_decode(digits, text.data());
    return {text.data(), text.size()};
  }

  void read_argument(const AuditField& field, std::string_view rest) {
    AuditName name{field.name.substr(0, field.name.size() - rest.size())};
    if (const Known* const row = known(name.text); row != nullptr) name = row->name;
    if (name.text != scratch_.pieces_name.text) end_audit_values(arena_, scratch_, sink_);
    if (rest == "_len" || !sink_.wants(name)) return;
    const std::string_view text = field.quoted ? field.value : decoded(field.value);
    if (rest.empty()) return sink_.set(name, Value::text(text));
    scratch_.pieces_name = name;
    scratch_.pieces.append(text);
  }

  [[nodiscard]] bool crypto() const noexcept { return record_.type.starts_with("CRYPTO_"); }
  void set_port(event::Common field, std::string_view text) {
    if (const std::int64_t port = parse_port(text); port >= 0) sink_.set_common(field, Value::integer(port));
  }

  const AuditRecord& record_;
  Arena& arena_;
  AuditScratch& scratch_;
  AuditSink& sink_;
  std::string_view arch_;
};

}  // namespace

bool audit_record_fits(const AuditRecord& record) noexcept {
  if (record.body.size() <= 2 * kAuditFieldsMax) return true;  // a field is no shorter than "a="
  return std::ranges::count(record.body, '=') <= static_cast<std::ptrdiff_t>(kAuditFieldsMax);
}

void read_audit_values(const AuditRecord& record, Arena& arena, AuditScratch& scratch, AuditSink& sink) {
  Reader{record, arena, scratch, sink}.all();
}

void end_audit_values(Arena& arena, AuditScratch& scratch, AuditSink& sink) {
  if (!scratch.pieces_name.text.empty()) sink.set(scratch.pieces_name, Value::text(arena.copy(scratch.pieces)));
  scratch.pieces_name = {};
  scratch.pieces.clear();
}

}  // namespace nw::logs
