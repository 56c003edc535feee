#include "ingest/network/protocols/smb_session.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocols/smb_names.h"
#include "ingest/network/protocols/values.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

namespace command {
enum : std::size_t {
  kCommand,
  kSubCommand,
  kArgument,
  kStatus,
  kStatusCode,
  kRtt,
  kVersion,
  kDialect,
  kTree,
  kTreeService,
  kEncrypted,
  kCompressed,
};
}
constexpr auto kCommandFields = std::to_array<FieldSpec>({
    {"command", "text", "NEGOTIATE_PROTOCOL, SESSION_SETUP, CREATE, READ, ...; unknown-NN when it has no name"},
    {"sub_command", "text", "of SMB1's TRANSACTION2: FIND_FIRST2, QUERY_PATH_INFORMATION, ..."},
    {"argument", "text", "file, pipe or share that the command is about"},
    {"status", "text", "the server's answer: SUCCESS, ACCESS_DENIED, ...; unknown-NN; absent when it was not seen"},
    {"status_code", "integer", "its number (ours)"},
    {"rtt", "interval", "from the request to its response; absent when one of them was not seen"},
    {"version", "text", "SMB1 or SMB2, which SMB3 is too"},
    {"dialect", "text", "that a server chose when negotiating: 2.10, 3.11, NT LM 0.12, ... (ours)"},
    {"tree", "text", "share that it is on: \\\\server\\share"},
    {"tree_service", "text", "kind of that share: DISK, PIPE, PRINT; what SMB1's server calls it, where it says"},
    {"encrypted", "boolean", "from here on messages are encrypted, told once a connection (ours)"},
    {"compressed", "boolean", "a message is compressed and not looked into, told once a connection (ours)"},
});

namespace files {
enum : std::size_t {
  kAction,
  kPath,
  kName,
  kSize,
  kPreviousName,
  kModified,
  kAccessed,
  kCreated,
  kChanged,
  kBytesRead,
  kBytesWritten,
  kFolder,
  kExtension,
  kPreviousExtension,
};
}
constexpr auto kFileFields = std::to_array<FieldSpec>({
    {"action", "text",
     "SMB::FILE_OPEN, _READ, _WRITE (the first of each open file), _CLOSE, _DELETE, _RENAME, _SET_ATTRIBUTE; "
     "SMB::PIPE_... and SMB::PRINT_... likewise"},
    {"path", "text", "share that it is on: \\\\server\\share"},
    {"name", "text", "file or pipe; <share_root> for the share itself"},
    {"size", "integer", "bytes that it had when it was opened"},
    {"prev_name", "text", "its name before a rename"},
    {"times.modified", "time", "last change of what is in it, as the server said when it was opened"},
    {"times.accessed", "time", "last use"},
    {"times.created", "time", "creation"},
    {"times.changed", "time", "last change of its attributes"},
    {"bytes_read", "integer", "bytes read while it was open, told when it closes (ours)"},
    {"bytes_written", "integer", "bytes written while it was open, told when it closes (ours)"},
    {"folder", "text", "the part of `name` before the file's own; absent right below the share (ours)"},
    {"extension", "text", "what stands behind the last dot of the file's own name; empty without one (ours)"},
    {"prev_extension", "text", "the same of `prev_name` (ours)"},
});

namespace mapping {
enum : std::size_t { kPath, kService, kFileSystem, kShareType };
}
constexpr auto kMappingFields = std::to_array<FieldSpec>({
    {"path", "text", "share that was connected: \\\\server\\share"},
    {"service", "text", "what SMB1's server calls it: A:, IPC, LPT1:, COMM"},
    {"native_file_system", "text", "file system, where SMB1's server says: NTFS, ..."},
    {"share_type", "text", "DISK, PIPE or PRINT"},
});

constexpr std::array<std::string_view, 1> kCommandService{"smb_cmd"}, kFileService{"smb_files"},
    kMappingService{"smb_mapping"};
constexpr std::array<event::TypeSpec, 6> kTypes{
    {{"smb_cmd", "normwatch", kCommandService, kCommandService, kCommandFields, false},
     {"smb_files", "normwatch", kFileService, kFileService, kFileFields, false},
     {"smb_mapping", "normwatch", kMappingService, kMappingService, kMappingFields, false},
     kDceRpcType,
     kNtlmType,
     kFilesType}};

constexpr std::size_t kRequestsMax = 256;  // open ones per connection; Windows' credits allow a few hundred
constexpr std::size_t kTreesMax = 64;      // connected shares
constexpr std::size_t kFilesMax = 512;     // open files and pipes
constexpr std::size_t kLoginsMax = 16;     // authentications under way
constexpr std::uint64_t kPositionMax = std::uint64_t{1} << 62U;  // behind it: all bits set, at the file's end
constexpr std::size_t kWaitingBytesMax = 256 * 1024;             // of PDUs that are not whole, all pipes together

struct NameParts {
  std::string_view folder, extension;
};

// A dot at the beginning of the file's own name (.profile) begins no extension.
NameParts parts_of(std::string_view name) {
  const std::size_t slash = name.rfind('\\'), dot = name.rfind('.');
  const std::size_t own = slash == std::string_view::npos ? 0 : slash + 1;
  NameParts out{name.substr(0, own == 0 ? 0 : own - 1), {}};
  if (dot != std::string_view::npos && dot > own) out.extension = name.substr(dot + 1);
  return out;
}

Value keep(EventWriter& out, std::string_view text) { return Value::text(out.event().keep(text)); }

std::string_view share_name(SmbShare share) noexcept {
  switch (share) {
    case SmbShare::disk: return "DISK";
    case SmbShare::pipe: return "PIPE";
    case SmbShare::print: return "PRINT";
    case SmbShare::unknown: break;
  }
  return {};
}

// By SmbAction, for files, pipes and printers.
constexpr std::array<std::array<std::string_view, 7>, 3> kActions{
    {{"SMB::FILE_OPEN", "SMB::FILE_READ", "SMB::FILE_WRITE", "SMB::FILE_CLOSE", "SMB::FILE_DELETE", "SMB::FILE_RENAME",
      "SMB::FILE_SET_ATTRIBUTE"},
     {"SMB::PIPE_OPEN", "SMB::PIPE_READ", "SMB::PIPE_WRITE", "SMB::PIPE_CLOSE", "SMB::PIPE_DELETE", "SMB::PIPE_RENAME",
      "SMB::PIPE_SET_ATTRIBUTE"},
     {"SMB::PRINT_OPEN", "SMB::PRINT_READ", "SMB::PRINT_WRITE", "SMB::PRINT_CLOSE", "SMB::PRINT_DELETE",
      "SMB::PRINT_RENAME", "SMB::PRINT_SET_ATTRIBUTE"}}};

std::string_view action_name(SmbAction action, SmbShare share) noexcept {
  const std::size_t kind = share == SmbShare::pipe ? 1 : share == SmbShare::print ? 2 : 0;
  return kActions[kind][static_cast<std::size_t>(action)];
}

// The oldest of a full table goes; `last` has it once more.
void make_room(auto& table, std::size_t entries_max, Context& context, const auto& last) {
  if (table.size() < entries_max) return;
  context.refused(DecodeError::limit);
  last(table.front());
  table.erase(table.begin());
}

bool begins_dce_rpc(Bytes bytes) noexcept {
  DceRpcHeader header;
  return !read_dce_rpc_header(bytes, header) && header.length == bytes.size();
}

}  // namespace

std::span<const event::TypeSpec> smb_types() { return kTypes; }

void SmbSession::open(SmbRequest request, Context& context) {
  make_room(requests_, kRequestsMax, context, [&](const SmbRequest& oldest) { tell_unanswered(oldest, context); });
  requests_.push_back(std::move(request));
}

void SmbSession::opened(std::uint64_t id, SmbFileId file) {
  for (SmbRequest& request : requests_) {
    if (request.opened_by != id) continue;
    request.file = file;
    request.opened_by.reset();
  }
}

std::optional<SmbRequest> SmbSession::close(std::uint64_t id, std::uint16_t command) {
  const auto at = std::ranges::find_if(
      requests_, [&](const SmbRequest& request) { return request.id == id && request.command == command; });
  if (at == requests_.end()) return {};
  std::optional<SmbRequest> request{std::move(*at)};
  requests_.erase(at);
  return request;
}

SmbFileId SmbSession::file_of(std::uint64_t id, std::uint16_t command) const {
  const auto at = std::ranges::find_if(
      requests_, [&](const SmbRequest& request) { return request.id == id && request.command == command; });
  return at == requests_.end() ? SmbFileId{} : at->file;
}

SmbTree& SmbSession::add_tree(std::uint64_t id, Context& context) {
  remove_tree(id, context);
  make_room(trees_, kTreesMax, context, [](const SmbTree&) {});
  SmbTree& tree = trees_.emplace_back();
  tree.id = id;
  return tree;
}

SmbTree* SmbSession::find_tree(std::uint64_t id) {
  const auto at = std::ranges::find(trees_, id, &SmbTree::id);
  return at == trees_.end() ? nullptr : &*at;
}

void SmbSession::remove_tree(std::uint64_t id, Context& context) {
  // The server closes what was open on it.
  for (SmbFile& file : files_)
    if (file.tree == id) close_file(file, context);
  std::erase_if(files_, [&](const SmbFile& file) { return file.tree == id; });
  std::erase_if(trees_, [&](const SmbTree& tree) { return tree.id == id; });
}

SmbFile& SmbSession::add_file(SmbFileId id, std::uint64_t tree, Context& context) {
  if (SmbFile* const before = find_file(id)) {
    end_file(*before, context);
    files_.erase(files_.begin() + (before - files_.data()));
  }
  make_room(files_, kFilesMax, context, [&](SmbFile& oldest) { end_file(oldest, context); });
  SmbFile& file = files_.emplace_back();
  file.id = id;
  file.tree = tree;
  if (const SmbTree* known = find_tree(tree)) file.share = known->share;
  return file;
}

// What was opened last is used most.
SmbFile* SmbSession::find_file(SmbFileId id) {
  const auto at = std::find_if(files_.rbegin(), files_.rend(), [&](const SmbFile& file) { return file.id == id; });
  return at == files_.rend() ? nullptr : &*at;
}

void SmbSession::end_file(SmbFile& file, Context& context) {
  if (file.pipe) file.pipe->session.finish(context);
  for (const auto& content : file.content)
    if (content) content->reader.end(context);
}

void SmbSession::close_file(SmbFile& file, Context& context) {
  end_file(file, context);
  tell_file(SmbAction::close, file, context);
}

void SmbSession::remove_file(SmbFileId id, Context& context) {
  SmbFile* const file = find_file(id);
  if (file == nullptr) return;
  close_file(*file, context);
  files_.erase(files_.begin() + (file - files_.data()));
}

void SmbSession::tell_command(SmbCommand told, const SmbRequest* request, Context& context) {
  using namespace command;
  if (!context.wants(smb_type::kCommand)) return;
  EventWriter out = context.begin(smb_type::kCommand, request != nullptr ? request->time : context.now());
  out.set(kCommand, named(out, told.name, told.number));
  if (!told.sub_name.empty()) out.set(kSubCommand, Value::text(told.sub_name));
  if (told.argument.empty() && request != nullptr) {
    const SmbFile* const file = find_file(request->file);
    told.argument = !request->name.empty() || file == nullptr ? request->name : file->name;
  }
  if (!told.argument.empty() && out.wants(kArgument)) out.set(kArgument, keep(out, told.argument));
  if (told.status) {
    if (out.wants(kStatus)) out.set(kStatus, named(out, nt_status_name(*told.status), *told.status));
    out.set(kStatusCode, Value::integer(*told.status));
    if (request != nullptr) out.set(kRtt, Value::interval(context.now() - request->time));
  }
  out.set(kVersion, Value::text(told.version));
  if (!told.dialect.empty()) out.set(kDialect, keep(out, told.dialect));
  if (told.tree != nullptr) {
    if (!told.tree->path.empty()) out.set(kTree, keep(out, told.tree->path));
    const std::string_view service = told.tree->service.empty() ? share_name(told.tree->share) : told.tree->service;
    if (!service.empty()) out.set(kTreeService, keep(out, service));
  }
  if (told.encrypted) out.set(kEncrypted, Value::boolean(true));
  if (told.compressed) out.set(kCompressed, Value::boolean(true));
  context.emit();
}

void SmbSession::tell_unanswered(const SmbRequest& request, Context& context) {
  SmbCommand told;
  told.version = request.first_version ? "SMB1" : "SMB2";
  told.number = request.command;
  told.name = request.first_version ? smb1_command_name(request.command) : smb2_command_name(request.command);
  if (request.first_version && request.command == kSmb1Transaction2)
    told.sub_name = smb1_transaction2_name(request.sub_command);
  told.tree = find_tree(request.tree);
  tell_command(told, &request, context);
}

void SmbSession::tell_mapping(const SmbTree& tree, Context& context) {
  using namespace mapping;
  if (!context.wants(smb_type::kMapping)) return;
  EventWriter out = context.begin(smb_type::kMapping, context.now());
  if (!tree.path.empty()) out.set(kPath, keep(out, tree.path));
  if (!tree.service.empty()) out.set(kService, keep(out, tree.service));
  if (!tree.file_system.empty()) out.set(kFileSystem, keep(out, tree.file_system));
  if (const std::string_view type = share_name(tree.share); !type.empty()) out.set(kShareType, Value::text(type));
  context.emit();
}

void SmbSession::tell_file(SmbAction action, const SmbFile& file, Context& context, std::string_view previous_name) {
  using namespace files;
  if (!context.wants(smb_type::kFiles)) return;
  EventWriter out = context.begin(smb_type::kFiles, context.now());
  out.set(kAction, Value::text(action_name(action, file.share)));
  if (const SmbTree* const tree = find_tree(file.tree); tree != nullptr && !tree->path.empty())
    out.set(kPath, keep(out, tree->path));
  if (!file.name.empty()) {
    const NameParts parts = parts_of(file.name);
    out.set(kName, keep(out, file.name));
    if (!parts.folder.empty() && out.wants(kFolder)) out.set(kFolder, keep(out, parts.folder));
    if (out.wants(kExtension)) out.set(kExtension, keep(out, parts.extension));
  }
  out.set(kSize, Value::integer(static_cast<std::int64_t>(file.size)));
  if (!previous_name.empty()) {
    out.set(kPreviousName, keep(out, previous_name));
    if (out.wants(kPreviousExtension)) out.set(kPreviousExtension, keep(out, parts_of(previous_name).extension));
  }
  const auto set_time = [&out](std::size_t field, std::uint64_t filetime) {
    if (const auto time = time_of_filetime(filetime)) out.set(field, Value::time(*time));
  };
  set_time(kModified, file.times.modified);
  set_time(kAccessed, file.times.accessed);
  set_time(kCreated, file.times.created);
  set_time(kChanged, file.times.changed);
  if (action == SmbAction::close) {
    out.set(kBytesRead, Value::integer(static_cast<std::int64_t>(file.bytes_read)));
    out.set(kBytesWritten, Value::integer(static_cast<std::int64_t>(file.bytes_written)));
  }
  context.emit();
}

void SmbSession::tell_transfer(SmbFile& file, bool written, std::uint64_t bytes, Context& context) {
  (written ? file.bytes_written : file.bytes_read) += bytes;
  bool& told = written ? file.write_told : file.read_told;
  if (!std::exchange(told, true)) tell_file(written ? SmbAction::write : SmbAction::read, file, context);
}

void SmbSession::data(const SmbTransfer& transfer, Bytes message, bool cut, Context& context) {
  if (!context.wants(smb_type::kContent)) return;
  const SmbFile* const file = find_file(transfer.file);
  // Of a share whose connecting was not seen most are disks; a pipe that carries DCE/RPC is known by now.
  if (file == nullptr || (file->share != SmbShare::disk && file->share != SmbShare::unknown)) return;
  SmbTransfer here = transfer;
  more(here, message, context);
  if (cut) going_on_ = here;
}

void SmbSession::more(SmbTransfer& transfer, Bytes bytes, Context& context) {
  const std::size_t before = std::min(transfer.before, bytes.size());
  transfer.before -= before;
  content(transfer, bytes.subspan(before, std::min(transfer.left, bytes.size() - before)), 0, context);
}

void SmbSession::lost(SmbTransfer& transfer, std::size_t bytes, Context& context) {
  const std::size_t before = std::min(transfer.before, bytes);
  transfer.before -= before;
  content(transfer, {}, std::min(transfer.left, bytes - before), context);
}

// `bytes`, or so many that are missing, at the transfer's place.
void SmbSession::content(SmbTransfer& transfer, Bytes bytes, std::size_t missing, Context& context) {
  if (bytes.empty() && missing == 0) return;
  SmbFile* const file = find_file(transfer.file);
  if (file == nullptr) return;
  auto& known = file->content[transfer.written ? 1 : 0];
  if (!known) {
    known = std::make_unique<SmbContent>();
    const Direction direction = transfer.written ? Direction::to_responder : Direction::to_originator;
    known->reader.begin({smb_type::kContent, "SMB", direction, 0}, ++contents_, context);
    known->reader.set_readable_name(file->name);
    if (!transfer.written && !file->write_told) known->reader.set_total(file->size);
  }
  if (transfer.position > kPositionMax) transfer.position = known->next;
  const std::uint64_t begin = transfer.position, end = begin + bytes.size() + missing;
  transfer.position = end;
  transfer.left -= bytes.size() + missing;
  // What is written again makes another file of it; what is read again is as it was.
  if (begin < known->next && transfer.written) known->reader.gap(0, context);
  if (end <= known->next) return;
  if (const std::uint64_t hole = begin + missing; hole > known->next)
    known->reader.gap(hole - std::exchange(known->next, hole), context);
  known->reader.data(bytes.last(static_cast<std::size_t>(end - known->next)), context);
  known->next = end;
}

void SmbSession::pipe_bytes(SmbFileId id, std::uint64_t tree, Bytes bytes, bool from_server, Context& context) {
  if (!context.wants(smb_type::kDceRpc) && !context.wants(smb_type::kNtlm)) return;
  SmbFile* file = find_file(id);
  if (file == nullptr || file->share == SmbShare::unknown) {
    if (!begins_dce_rpc(bytes)) return;
    if (file == nullptr) file = &add_file(id, tree, context);
    file->share = SmbShare::pipe;
  }
  if (file->share != SmbShare::pipe) return;
  if (!file->pipe) {
    file->pipe = std::make_unique<SmbPipe>();
    if (!file->name.empty()) file->pipe->session.name_pipe("\\pipe\\" + file->name);
  }
  SmbPipe& pipe = *file->pipe;
  if (pipe.other) return;
  bool& lost = pipe.lost[from_server ? 1 : 0];
  DceRpcHeader header;
  if (lost && read_dce_rpc_header(bytes, header)) return;
  lost = false;
  auto& waiting = pipe.waiting[from_server ? 1 : 0];
  const std::size_t had = waiting.size();
  if (had != 0) {
    waiting.insert(waiting.end(), bytes.begin(), bytes.end());
    bytes = waiting;
  }
  // A pipe of another kind is no fault.
  pipe.other = !pipe.spoken && read_dce_rpc_header(bytes, header) == DecodeError::bad_value;
  const std::size_t done = pipe.other ? Analyzer::kGiveUp : pipe.session.read(bytes, from_server, context);
  pipe.other = done == Analyzer::kGiveUp;
  pipe.spoken = pipe.spoken || done != 0;
  const Bytes rest = pipe.other ? Bytes{} : bytes.subspan(done);
  if (had != 0)
    waiting.erase(waiting.begin(), waiting.end() - static_cast<std::ptrdiff_t>(rest.size()));
  else
    waiting.assign(rest.begin(), rest.end());
  if (waiting.empty() || waiting_bytes() <= kWaitingBytesMax) return;
  context.refused(DecodeError::limit);
  pipe.other = true;
  waiting = {};
}

void SmbSession::lost_in_pipes(bool from_server) {
  const std::size_t side = from_server ? 1 : 0;
  for (SmbFile& file : files_) {
    if (!file.pipe) continue;
    file.pipe->session.skip(~std::uint64_t{0}, from_server);
    file.pipe->waiting[side].clear();
    file.pipe->lost[side] = true;
  }
}

std::size_t SmbSession::waiting_bytes() const {
  std::size_t sum = 0;
  for (const SmbFile& file : files_)
    if (file.pipe) sum += file.pipe->waiting[0].size() + file.pipe->waiting[1].size();
  return sum;
}

SmbSession::Login& SmbSession::find_login(std::uint64_t id, Context& context) {
  const auto at = std::ranges::find(logins_, id, &Login::id);
  if (at != logins_.end()) return *at;
  make_room(logins_, kLoginsMax, context, [&](Login& oldest) { tell_login(oldest, {}, context); });
  return logins_.emplace_back(Login{id, {}});
}

void SmbSession::token(std::uint64_t id, Bytes token, Context& context) {
  NtlmExchange alone;
  const bool known = std::ranges::find(logins_, id, &Login::id) != logins_.end();
  NtlmExchange& exchange = known ? find_login(id, context).ntlm : alone;
  if (const auto fault = exchange.take(token)) context.refused(*fault);
  if (!known && alone.open()) find_login(id, context).ntlm = std::move(alone);
}

void SmbSession::login(std::uint64_t id, std::string user, std::string domain, std::size_t proof_bytes,
                       Context& context) {
  find_login(id, context).ntlm.answered(std::move(user), std::move(domain), proof_bytes);
}

void SmbSession::authenticated(std::uint64_t id, bool success, Context& context) {
  const auto at = std::ranges::find(logins_, id, &Login::id);
  if (at == logins_.end()) return;
  tell_login(*at, at->ntlm.authenticated() ? std::optional{success} : std::nullopt, context);
  logins_.erase(at);
}

void SmbSession::tell_login(Login& login, std::optional<bool> success, Context& context) {
  if (!context.wants(smb_type::kNtlm)) return;
  EventWriter out = context.begin(smb_type::kNtlm, context.now());
  login.ntlm.write(out, success);
  context.emit();
}

void SmbSession::finish(Context& context) {
  for (const SmbRequest& request : requests_) tell_unanswered(request, context);
  requests_.clear();
  for (Login& login : logins_) tell_login(login, {}, context);
  logins_.clear();
  for (SmbFile& file : files_) end_file(file, context);
  files_.clear();
}

}  // namespace nw::network
