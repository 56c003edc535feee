// What a connection of SMB is about, whatever the version: shares that are connected, files and pipes that are open,
// requests that wait for their response; and the events that tell of them, with the fields of Zeek's smb_cmd.log,
// smb_files.log and smb_mapping.log. What is read and written passes by: `files` tells of it when a file is closed.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/dce_rpc_session.h"
#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/ntlm.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The types of smb_protocol(), in its order.
namespace smb_type {
enum : std::size_t { kCommand, kFiles, kMapping, kDceRpc, kNtlm, kContent };
}
std::span<const event::TypeSpec> smb_types();

constexpr std::size_t kSmbNameBytesMax = 1024;  // of a path that is kept; Windows' own limit is 260 letters by default

enum class SmbShare : std::uint8_t { unknown, disk, pipe, print };

// What was done to a file or pipe.
enum class SmbAction : std::uint8_t { open, read, write, close, remove, rename, set_attribute };

struct SmbFileId {
  std::uint64_t persistent = 0, fleeting = 0;
  friend bool operator==(const SmbFileId&, const SmbFileId&) = default;
};

struct SmbTree {
  std::uint64_t id = 0;
  SmbShare share = SmbShare::unknown;
  std::string path, service, file_system;
};

// An open pipe that carries DCE/RPC: the association, and by direction the bytes of a PDU that is not whole.
struct SmbPipe {
  DceRpcSession session{{smb_type::kDceRpc, smb_type::kNtlm}};
  std::array<std::vector<std::uint8_t>, 2> waiting;
  std::array<bool, 2> lost{};  // what comes next may be the middle of a PDU
  bool spoken = false;         // a PDU was seen
  bool other = false;          // it speaks something else
};

// What is read from a file or written to it, in the order of its positions.
struct SmbContent {
  FileReader reader;
  std::uint64_t next = 0;  // the position behind what came
};

// Data of a file in a message, as far as it is still to come.
struct SmbTransfer {
  SmbFileId file;
  bool written = false;
  std::uint64_t position = 0;  // in the file
  std::size_t before = 0;      // bytes of the message before it
  std::size_t left = 0;
};

struct SmbFile {
  SmbFileId id;
  std::uint64_t tree = 0;
  SmbShare share = SmbShare::unknown;
  std::string name;
  std::uint64_t size = 0;
  struct Times {
    std::uint64_t modified = 0, accessed = 0, created = 0, changed = 0;  // FILETIME
  } times;
  std::uint64_t bytes_read = 0, bytes_written = 0;
  bool read_told = false, write_told = false;
  std::unique_ptr<SmbPipe> pipe;
  std::array<std::unique_ptr<SmbContent>, 2> content;  // read, written
};

struct SmbRequest {
  Timestamp time;
  std::uint64_t id = 0;
  std::uint16_t command = 0;
  std::uint16_t sub_command = 0;
  std::uint64_t tree = 0;
  SmbFileId file;
  std::string name;                        // the file's, the share's, or what an open file is renamed to
  std::string new_name;                    // what a named file is renamed to
  std::uint64_t amount = 0;                // bytes that are written
  std::uint64_t position = 0;              // where in the file is read or written
  std::optional<SmbAction> action;         // what it does to a file, when the server agrees
  bool remove = false;                     // the file goes when it is closed
  bool first_version = false;              // of SMB1
  std::optional<std::uint64_t> opened_by;  // the request ahead in its chain that opens the file, while that waits
  std::uint16_t user = 0;                  // of SMB1, as the client numbers its logon before it has another number
};

// A command as it is told.
struct SmbCommand {
  std::string_view version, name, sub_name, dialect;
  std::uint16_t number = 0;
  std::optional<std::uint32_t> status;
  std::string_view argument;
  const SmbTree* tree = nullptr;
  bool encrypted = false, compressed = false;
};

class SmbSession {
 public:
  // Requests: the oldest goes when there are too many, and is then told without a response.
  void open(SmbRequest request, Context& context);
  // What request `id` was to open is open: those behind it in its chain are about this file.
  void opened(std::uint64_t id, SmbFileId file);
  // The open request with this id and command, taken out.
  std::optional<SmbRequest> close(std::uint64_t id, std::uint16_t command);
  // The file that it is about, as long as it is open.
  [[nodiscard]] SmbFileId file_of(std::uint64_t id, std::uint16_t command) const;

  SmbTree& add_tree(std::uint64_t id, Context& context);
  SmbTree* find_tree(std::uint64_t id);
  void remove_tree(std::uint64_t id, Context& context);

  SmbFile& add_file(SmbFileId id, std::uint64_t tree, Context& context);
  SmbFile* find_file(SmbFileId id);
  // Tells that it was closed.
  void remove_file(SmbFileId id, Context& context);

  // `request` is null when it was not seen; without `status` there was no response.
  void tell_command(SmbCommand command, const SmbRequest* request, Context& context);
  void tell_mapping(const SmbTree& tree, Context& context);
  void tell_file(SmbAction action, const SmbFile& file, Context& context, std::string_view previous_name = {});
  // Counts, and tells the first of each open file.
  void tell_transfer(SmbFile& file, bool written, std::uint64_t bytes, Context& context);

  // The data that `message` has for a file on a disk; `cut`: the message goes on.
  void data(const SmbTransfer& transfer, Bytes message, bool cut, Context& context);
  // What is still to come of the last message's data.
  [[nodiscard]] SmbTransfer take_transfer() noexcept { return std::exchange(going_on_, {}); }
  // The next bytes of a message that goes on; so many that are missing in it.
  void more(SmbTransfer& transfer, Bytes bytes, Context& context);
  void lost(SmbTransfer& transfer, std::size_t bytes, Context& context);

  // What went through an open pipe. A file that was not seen being opened is taken for one when `bytes` say so.
  void pipe_bytes(SmbFileId id, std::uint64_t tree, Bytes bytes, bool from_server, Context& context);

  // Messages of a side are lost: what waited in pipes has lost its rest.
  void lost_in_pipes(bool from_server);

  // A security token of the authentication that belongs to session `id`, and its outcome.
  void token(std::uint64_t id, Bytes token, Context& context);
  // The same in SMB1's own fields.
  void login(std::uint64_t id, std::string user, std::string domain, std::size_t proof_bytes, Context& context);
  void authenticated(std::uint64_t id, bool success, Context& context);

  void finish(Context& context);

 private:
  struct Login {
    std::uint64_t id = 0;
    NtlmExchange ntlm;
  };
  void tell_unanswered(const SmbRequest& request, Context& context);
  void tell_login(Login& login, std::optional<bool> success, Context& context);
  void close_file(SmbFile& file, Context& context);
  static void end_file(SmbFile& file, Context& context);
  void content(SmbTransfer& transfer, Bytes bytes, std::size_t missing, Context& context);
  [[nodiscard]] std::size_t waiting_bytes() const;
  Login& find_login(std::uint64_t id, Context& context);

  std::vector<SmbRequest> requests_;  // oldest first, as in all of these
  std::vector<SmbTree> trees_;
  std::vector<SmbFile> files_;
  std::vector<Login> logins_;
  SmbTransfer going_on_;
  std::uint32_t contents_ = 0;  // that were told, or will be
};

}  // namespace nw::network
