#include "ingest/network/protocols/smb1.h"

#include <utility>

#include "ingest/network/protocols/smb1_message.h"
#include "ingest/network/protocols/smb_names.h"

namespace nw::network {

namespace {

constexpr unsigned kCommandsMax = 16;  // in one message; clients chain two or three
constexpr std::uint32_t kSuccess = 0, kMoreProcessing = 0xC0000016, kBufferOverflow = 0x80000005;
constexpr std::uint32_t kMoreData = 0x00EA0001;  // ERRDOS, ERRmoredata: the same in DOS' numbers

// Numbers of files are 16 bits. The other half tells them from SMB2's.
SmbFileId file_id(std::uint16_t number) noexcept { return {number, ~std::uint64_t{0}}; }
constexpr std::uint16_t kFileBefore = 0xffff;  // in a chain: the one that the command before it opened

// Paths begin at the share's root, with a backslash or without.
std::string file_name(std::string name) {
  if (!name.empty() && name.front() == '\\') name.erase(0, 1);
  return name;
}

class Smb1Frame {
 public:
  Smb1Frame(Bytes bytes, const Smb1Header& header, SmbSession& session, Context& context)
      : bytes_{bytes}, header_{header}, session_{session}, context_{context} {}

  void command(std::uint8_t command, const Smb1Block& block, bool cut) {
    Smb1Body body;
    // An error has a body without anything.
    const bool bodied = !header_.response || succeeded() || header_.status == kMoreProcessing;
    if (bodied) {
      const auto fault = header_.response ? read_smb1_response(bytes_, header_, command, block, body)
                                          : read_smb1_request(bytes_, header_, command, block, body);
      if (fault && !cut) {
        context_.refused(*fault);
        body.data_at = 0;
      }
    }
    cut_ = cut;
    if (header_.response)
      response(command, body);
    else
      request(command, body);
  }

 private:
  [[nodiscard]] bool succeeded() const noexcept {
    return header_.status == kSuccess || header_.status == kBufferOverflow || header_.status == kMoreData;
  }
  // A client numbers its requests per process.
  [[nodiscard]] std::uint64_t id() const noexcept { return std::uint64_t{header_.process} << 16U | header_.multiplex; }

  void request(std::uint8_t command, Smb1Body& body) {
    SmbRequest made;
    made.first_version = true;
    made.time = context_.now();
    made.id = id();
    made.command = command;
    made.sub_command = body.sub_command;
    made.user = header_.user;
    made.tree = header_.tree;
    made.file = file_id(body.file);
    made.action = body.action;
    made.remove = body.delete_on_close;
    made.amount = body.amount;
    made.name = std::move(body.name);
    made.new_name = file_name(std::move(body.new_name));
    if (command == smb1_command::kSessionSetup) {
      session_.token(header_.user, body.data, context_);
      if (!body.user.empty())
        session_.login(header_.user, std::move(body.user), std::move(body.domain), body.proof, context_);
    }
    made.position = body.position;
    if (body.pipe) session_.pipe_bytes(made.file, made.tree, body.data, false, context_);
    if (command == smb1_command::kWrite) transfer(made.file, true, made.position, body);
    if (!is_answered(command)) return tell(command, body, &made);
    session_.open(std::move(made), context_);
  }

  // A server's own requests break locks, and nobody answers; what belongs to another command is answered with that.
  [[nodiscard]] bool is_answered(std::uint8_t command) const noexcept {
    constexpr std::uint16_t kUnsolicited = 0xffff;
    using namespace smb1_command;
    return command != kNtCancel && command != kTransactionSecondary && command != kTransaction2Secondary &&
           command != kNtTransactSecondary && !(command == kLocking && header_.multiplex == kUnsolicited);
  }

  void response(std::uint8_t command, Smb1Body& body) {
    auto request = session_.close(id(), command);
    if (request && request->file == file_id(kFileBefore)) request->file = file_id(file_before_);
    if (command == smb1_command::kNegotiate && request) body.name = offered(request->name, body.dialect);
    tell(command, body, request ? &*request : nullptr);
    if (command == smb1_command::kSessionSetup) return session_setup(body, request);
    if (!succeeded()) return;
    using namespace smb1_command;
    switch (command) {
      case kTreeConnect:
      case kTreeConnectOld: return tree_connect(body, request);
      case kTreeDisconnect: return session_.remove_tree(header_.tree, context_);
      case kNtCreate:
      case kOpen: return open(body, request);
      default:
        if (request) change(*request, command, body);
    }
  }

  static std::string offered(std::string_view dialects, std::uint16_t place) {
    for (; place > 0; --place) {
      const std::size_t comma = dialects.find(',');
      if (comma == std::string_view::npos) return {};
      dialects.remove_prefix(comma + 1);
    }
    return std::string{dialects.substr(0, dialects.find(','))};
  }

  void session_setup(const Smb1Body& body, const std::optional<SmbRequest>& request) {
    session_.token(header_.user, body.data, context_);
    if (header_.status == kMoreProcessing) return;
    session_.authenticated(header_.user, header_.status == kSuccess, context_);
    // Without NTLM's messages only the answer has the number that the server gives.
    if (request) session_.authenticated(request->user, header_.status == kSuccess, context_);
  }

  void tree_connect(Smb1Body& body, std::optional<SmbRequest>& request) {
    SmbTree& tree = session_.add_tree(body.tree, context_);
    tree.service = std::move(body.service);
    tree.file_system = std::move(body.file_system);
    tree.share = tree.service == "IPC" ? SmbShare::pipe : tree.service == "LPT1:" ? SmbShare::print : SmbShare::disk;
    if (request) tree.path = std::move(request->name);
    session_.tell_mapping(tree, context_);
  }

  void open(const Smb1Body& body, std::optional<SmbRequest>& request) {
    SmbFile& file = session_.add_file(file_id(body.file), header_.tree, context_);
    file_before_ = body.file;
    file.times = body.times;
    file.size = body.size;
    if (file.share == SmbShare::unknown || body.share == SmbShare::pipe) file.share = body.share;
    if (request) file.name = file_name(std::move(request->name));
    if (request && file.name.empty()) file.name = "<share_root>";
    session_.tell_file(SmbAction::open, file, context_);
    if (request && request->remove) session_.tell_file(SmbAction::remove, file, context_);
  }

  // What a response says of a file: one that is open, or one that is named.
  void change(SmbRequest& request, std::uint8_t command, const Smb1Body& body) {
    using namespace smb1_command;
    if (command == kClose) return session_.remove_file(request.file, context_);
    if (command == kRead || command == kTransaction)
      session_.pipe_bytes(request.file, request.tree, body.data, true, context_);
    if (command == kDelete || command == kRename) return change_named(request, command);
    if (command == kRead) transfer(request.file, false, request.position, body);
    SmbFile* const file = session_.find_file(request.file);
    if (file == nullptr) return;
    if (command == kRead || command == kWrite)
      session_.tell_transfer(*file, command == kWrite, command == kRead ? body.amount : request.amount, context_);
    if (!request.action) return;
    std::string previous;
    if (*request.action == SmbAction::rename) previous = std::exchange(file->name, file_name(std::move(request.name)));
    session_.tell_file(*request.action, *file, context_, previous);
  }

  // Data behind the blocks of a message.
  void transfer(SmbFileId file, bool written, std::uint64_t position, const Smb1Body& body) {
    if (body.data_at < Smb1Header::kBytes) return;
    session_.data({file, written, position, body.data_at, static_cast<std::size_t>(body.amount)}, bytes_, cut_,
                  context_);
  }

  void change_named(SmbRequest& request, std::uint8_t command) {
    SmbFile file;
    file.tree = request.tree;
    file.name = file_name(std::move(request.name));
    if (command == smb1_command::kDelete) return session_.tell_file(SmbAction::remove, file, context_);
    const std::string previous = std::exchange(file.name, std::move(request.new_name));
    session_.tell_file(SmbAction::rename, file, context_, previous);
  }

  void tell(std::uint8_t command, const Smb1Body& body, const SmbRequest* request) {
    if (!context_.wants(smb_type::kCommand)) return;
    SmbCommand told;
    told.version = "SMB1";
    told.name = smb1_command_name(command);
    told.number = command;
    if (header_.response) told.status = header_.status;
    if (header_.response && command == smb1_command::kNegotiate) told.dialect = body.name;
    const std::uint16_t sub_command = request != nullptr ? request->sub_command : body.sub_command;
    const bool named = request != nullptr || !header_.response;
    if (command == smb1_command::kTransaction2 && named) told.sub_name = smb1_transaction2_name(sub_command);
    told.tree = session_.find_tree(request != nullptr ? request->tree : header_.tree);
    session_.tell_command(told, request, context_);
  }

  Bytes bytes_;
  const Smb1Header& header_;
  SmbSession& session_;
  Context& context_;
  std::uint16_t file_before_ = kFileBefore;
  bool cut_ = false;  // the message goes on
};

}  // namespace

void read_smb1(Bytes frame, bool cut, SmbSession& session, Context& context) {
  Smb1Header header;
  if (const auto fault = read_smb1_header(frame, header)) return context.refused(*fault);
  Smb1Frame message{frame, header, session, context};
  std::uint8_t command = header.command;
  std::size_t at = Smb1Header::kBytes;
  for (unsigned read = 0; command != smb1_command::kNone; ++read) {
    if (read == kCommandsMax) return context.refused(DecodeError::limit);
    Smb1Block block;
    if (const auto fault = read_smb1_block(frame, at, command, block)) {
      if (!cut) context.refused(*fault);
      // The header alone says what is asked.
      if (read == 0) message.command(command, {}, true);
      return;
    }
    message.command(command, block, cut);
    // A chain leads on only forwards.
    if (block.next_command != smb1_command::kNone && block.next <= at) return context.refused(DecodeError::bad_value);
    command = block.next_command;
    at = block.next;
  }
}

}  // namespace nw::network
