// SSH's key exchange: what each side offers in KEXINIT (RFC 4253 section 7.1), what they agree on, HASSH; the server's
// key. No state.
//
// | message u8 = 20 | cookie 16 | ten lists, each | length u32 | names with ',' between | | first follows u8 | 0 u32 |
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

struct SshKex {
  // In the order of the message; two lists of languages follow, which nobody uses.
  enum List : std::size_t {
    kKex,
    kHostKey,
    kCipherToServer,
    kCipherToClient,
    kMacToServer,
    kMacToClient,
    kCompressionToServer,
    kCompressionToClient,
    kLists,
  };
  std::array<std::string, kLists> lists;
};

// `payload` begins with the message number. False when the lists do not fit into it or are no text.
bool read_ssh_kex(Bytes payload, SshKex& out);

// The first name of the client's list that is in the server's too; empty when there is none.
std::string_view ssh_agreed(std::string_view client, std::string_view server);
// The same for a list of each direction, as Zeek writes it: one name, or both when they differ.
void append_ssh_agreed(const SshKex& client, const SshKex& server, SshKex::List to_server, SshKex::List to_client,
                       TextBuffer& out);

// HASSH of a client, HASSHServer of a server: MD5, in hex, of what it offers for the direction it sends in. Empty when
// the library refuses MD5.
std::string ssh_hassh(const SshKex& kex, Direction sender);

// The server's key, if `payload` is the message of the server that has it: | message u8 | length u32 | key | ..., where
// a key is | length u32 | kind | ...; else empty.
Bytes read_ssh_host_key(Bytes payload);
// As ssh-keygen writes them: SHA256:Base64, and MD5 as aa:bb:... Empty when the library refuses the digest.
std::string ssh_fingerprint_sha256(Bytes key);
std::string ssh_fingerprint_md5(Bytes key);

}  // namespace nw::network
