#include "ingest/network/protocols/smb2.h"

#include <utility>

#include "ingest/network/protocols/smb2_message.h"
#include "ingest/network/protocols/smb_names.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

constexpr unsigned kMessagesMax = 64;  // in one frame; clients chain three or four
constexpr std::uint32_t kSuccess = 0, kPending = 0x103, kBufferOverflow = 0x80000005, kMoreProcessing = 0xC0000016;
// In a chain: the file of the message before it, which may have opened it.
constexpr SmbFileId kFileBefore{~std::uint64_t{0}, ~std::uint64_t{0}};

// Numbers of trees are a session's own, and a connection may have several sessions.
std::uint64_t tree_key(const Smb2Header& header) noexcept { return header.session << 32U ^ header.tree; }

class Smb2Frame {
 public:
  Smb2Frame(SmbSession& session, Context& context) : session_{session}, context_{context} {}

  void message(Bytes bytes, Smb2Header& header, bool cut) {
    if (header.related && !header.asynchronous && before_) {
      header.session = before_->session;
      header.tree = before_->tree;
    }
    alone_ = header.related && !tree_known_;
    tree_known_ = tree_known_ || !(header.asynchronous || alone_);
    const std::uint32_t tree_before = before_ ? before_->tree : 0;
    before_ = header;
    if (header.asynchronous) before_->tree = tree_before;  // it has none
    Smb2Body body;
    const auto command = static_cast<Smb2Command>(header.command);
    // An error has a body of its own, and an interim response none.
    const bool bodied = !header.response || header.status == kSuccess || header.status == kBufferOverflow ||
                        (header.status == kMoreProcessing && command == Smb2Command::session_setup);
    if (bodied) {
      const auto fault =
          header.response ? read_smb2_response(bytes, command, body) : read_smb2_request(bytes, command, body);
      if (fault && !cut) {
        context_.refused(*fault);
        body.data_at = 0;
      }
    }
    message_ = bytes;
    cut_ = cut;
    if (header.response)
      response(header, command, body);
    else
      request(header, command, body);
  }

 private:
  void request(const Smb2Header& header, Smb2Command command, const Smb2Body& body) {
    SmbRequest made;
    made.time = context_.now();
    made.id = header.message;
    made.command = header.command;
    made.tree = header.asynchronous ? 0 : tree_key(header);
    made.file = chained(header, command, body, made.opened_by);
    made.action = body.action;
    made.remove = body.delete_on_close;
    made.position = body.position;
    if (!body.name.empty()) made.name = text_of_utf16(body.name, kSmbNameBytesMax);
    if (command == Smb2Command::session_setup) session_.token(header.session, body.data, context_);
    const bool piped =
        command == Smb2Command::write || (command == Smb2Command::ioctl && body.control == kSmb2PipeTransceive);
    if (piped) session_.pipe_bytes(made.file, made.tree, body.data, false, context_);
    if (command == Smb2Command::write) transfer(made.file, true, body.position, body);
    // A cancellation has its request's number, and no response.
    if (command == Smb2Command::cancel) return tell(header, body, &made);
    session_.open(std::move(made), context_);
  }

  // The file of a request, as its chain says; if that is still to be opened, by which request.
  SmbFileId chained(const Smb2Header& header, Smb2Command command, const Smb2Body& body,
                    std::optional<std::uint64_t>& opened_by) {
    if (command == Smb2Command::create) {
      opener_ = header.message;
      chain_file_ = kFileBefore;
      return body.file;
    }
    // Samba takes the chain's file whatever is written there; an ECHO names none.
    const bool before = header.related && (body.file == kFileBefore || session_.find_file(body.file) == nullptr);
    if (!before) {
      chain_file_ = body.file;
      opener_.reset();
      return body.file;
    }
    opened_by = opener_;
    return chain_file_;
  }

  void response(const Smb2Header& header, Smb2Command command, const Smb2Body& body) {
    if (header.status == kPending) return;
    auto request = session_.close(header.message, header.command);
    if (request && request->file == kFileBefore) request->file = file_before_;
    tell(header, body, request ? &*request : nullptr);
    if (command == Smb2Command::session_setup) return session_setup(header, body);
    if (header.status != kSuccess && header.status != kBufferOverflow) return;
    const std::uint64_t tree = request && (header.asynchronous || alone_) ? request->tree : tree_key(header);
    switch (command) {
      case Smb2Command::tree_connect: return tree_connect(tree, body, request);
      case Smb2Command::tree_disconnect: return session_.remove_tree(tree, context_);
      case Smb2Command::create: return create(tree, body, request);
      default:
        if (request) change(*request, tree, command, body);
    }
  }

  void session_setup(const Smb2Header& header, const Smb2Body& body) {
    session_.token(header.session, body.data, context_);
    if (header.status != kMoreProcessing) session_.authenticated(header.session, header.status == kSuccess, context_);
  }

  void tree_connect(std::uint64_t key, const Smb2Body& body, std::optional<SmbRequest>& request) {
    SmbTree& tree = session_.add_tree(key, context_);
    tree.share = body.share;
    if (request) tree.path = std::move(request->name);
    session_.tell_mapping(tree, context_);
  }

  void create(std::uint64_t tree, const Smb2Body& body, std::optional<SmbRequest>& request) {
    SmbFile& file = session_.add_file(body.file, tree, context_);
    file_before_ = body.file;
    if (request) session_.opened(request->id, body.file);
    file.times = body.times;
    file.size = body.size;
    if (request) file.name = request->name.empty() ? "<share_root>" : std::move(request->name);
    session_.tell_file(SmbAction::open, file, context_);
    if (request && request->remove) session_.tell_file(SmbAction::remove, file, context_);
  }

  // What a response says of a file that is open.
  void change(SmbRequest& request, std::uint64_t tree, Smb2Command command, const Smb2Body& body) {
    if (command == Smb2Command::close) return session_.remove_file(request.file, context_);
    const bool transceived = command == Smb2Command::ioctl && body.control == kSmb2PipeTransceive;
    if (command == Smb2Command::read || transceived) session_.pipe_bytes(request.file, tree, body.data, true, context_);
    if (command == Smb2Command::read) transfer(request.file, false, request.position, body);
    SmbFile* const file = session_.find_file(request.file);
    if (file == nullptr) return;
    if (command == Smb2Command::read || command == Smb2Command::write)
      session_.tell_transfer(*file, command == Smb2Command::write, body.amount, context_);
    if (!request.action) return;
    std::string previous;
    if (*request.action == SmbAction::rename) previous = std::exchange(file->name, std::move(request.name));
    session_.tell_file(*request.action, *file, context_, previous);
  }

  // Data behind the fixed part of a message.
  void transfer(SmbFileId file, bool written, std::uint64_t position, const Smb2Body& body) {
    if (body.data_at < Smb2Header::kBytes) return;
    session_.data({file, written, position, body.data_at, body.amount}, message_, cut_, context_);
  }

  void tell(const Smb2Header& header, const Smb2Body& body, const SmbRequest* request) {
    if (!context_.wants(smb_type::kCommand)) return;
    SmbCommand told;
    told.version = "SMB2";
    told.name = smb2_command_name(header.command);
    told.number = header.command;
    if (header.response) told.status = header.status;
    if (body.dialect != 0) told.dialect = smb2_dialect_name(body.dialect);
    told.tree = session_.find_tree(request != nullptr ? request->tree : tree_key(header));
    session_.tell_command(told, request, context_);
  }

  SmbSession& session_;
  Context& context_;
  Bytes message_;
  bool cut_ = false;    // it goes on
  bool alone_ = false;  // a part of a chain, in a frame that does not say its tree
  bool tree_known_ = false;
  std::optional<Smb2Header> before_;
  SmbFileId file_before_{};
  // Of requests: the file that the chain is about, or which of them opens it.
  SmbFileId chain_file_ = kFileBefore;
  std::optional<std::uint64_t> opener_;
};

}  // namespace

void read_smb2(Bytes frame, bool cut, SmbSession& session, Context& context) {
  Smb2Frame chain{session, context};
  for (unsigned read = 0; !frame.empty(); ++read) {
    Smb2Header header;
    if (const auto fault = read_smb2_header(frame, header)) {
      if (!cut || *fault != DecodeError::truncated) context.refused(*fault);
      return;
    }
    if (read == kMessagesMax) return context.refused(DecodeError::limit);
    const bool last = header.next == 0;
    // A chain that does not lead on, or leads out.
    if (!last && (header.next < Smb2Header::kBytes || (header.next > frame.size() && !cut)))
      return context.refused(DecodeError::bad_value);
    const std::size_t length = last ? frame.size() : std::min(header.next, frame.size());
    chain.message(frame.first(length), header, cut && length == frame.size());
    frame = frame.subspan(length);
  }
}

bool is_smb2_bulk(Bytes head, SmbSession& session) {
  Smb2Header header;
  if (read_smb2_header(head, header) || header.next != 0) return false;
  const auto command = static_cast<Smb2Command>(header.command);
  if (header.response ? command != Smb2Command::read : command != Smb2Command::write) return false;
  Smb2Body body;
  if (!header.response) (void)read_smb2_request(head, command, body);
  const SmbFileId id = header.response ? session.file_of(header.message, header.command) : body.file;
  const SmbFile* const file = session.find_file(id);
  return file != nullptr && file->share == SmbShare::disk;
}

}  // namespace nw::network
