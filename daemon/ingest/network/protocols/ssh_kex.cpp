#include "ingest/network/protocols/ssh_kex.h"

#include <algorithm>
#include <vector>

#include "ingest/network/protocols/digest.h"

namespace nw::network {
namespace {

constexpr std::size_t kCookieBytes = 16, kListsInMessage = 10;
constexpr std::string_view kNoAgreement = "Algorithm negotiation failed";  // Zeek's words

// The name at the front of `list`, which is taken off.
std::string_view take_name(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view name = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return name;
}

// RFC 4251 section 6: names are printable US-ASCII; so they need no escapes in an event.
bool printable(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte > 0x20 && byte < 0x7f; });
}

}  // namespace

bool read_ssh_kex(Bytes payload, SshKex& out) {
  ByteReader reader{payload};
  reader.u8();
  reader.bytes(kCookieBytes);
  for (std::size_t i = 0; i < kListsInMessage; ++i) {
    const Bytes list = reader.bytes(reader.u32be());
    if (!printable(list)) return false;
    if (i < SshKex::kLists) out.lists[i].assign(list.begin(), list.end());
  }
  reader.u8();
  reader.u32be();
  return reader.ok();
}

std::string_view ssh_agreed(std::string_view client, std::string_view server) {
  // Sorted, because lists of thousands of names are sent to make the naive search slow.
  std::vector<std::string_view> offered;
  while (!server.empty()) offered.push_back(take_name(server));
  std::ranges::sort(offered);
  while (!client.empty()) {
    const std::string_view name = take_name(client);
    if (std::ranges::binary_search(offered, name)) return name;
  }
  return {};
}

void append_ssh_agreed(const SshKex& client, const SshKex& server, SshKex::List to_server, SshKex::List to_client,
                       TextBuffer& out) {
  const auto agreed = [&](SshKex::List list) {
    const std::string_view name = ssh_agreed(client.lists[list], server.lists[list]);
    return name.empty() ? kNoAgreement : name;
  };
  const std::string_view there = agreed(to_server), back = agreed(to_client);
  if (there == back) return out.append(there);
  out.append("To server: ");
  out.append(there);
  out.append(", to client: ");
  out.append(back);
}

std::string ssh_hassh(const SshKex& kex, Direction sender) {
  const bool client = sender == Direction::to_responder;
  std::string text = kex.lists[SshKex::kKex];
  for (const SshKex::List list :
       client ? std::array{SshKex::kCipherToServer, SshKex::kMacToServer, SshKex::kCompressionToServer}
              : std::array{SshKex::kCipherToClient, SshKex::kMacToClient, SshKex::kCompressionToClient})
    text.append(";").append(kex.lists[list]);
  TextBuffer hex;
  hex.append_hex(Digest{DigestKind::md5, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}}.bytes());
  return std::string{hex.view()};
}

Bytes read_ssh_host_key(Bytes payload) {
  // RFC 4432; RFC 4253 section 8, RFC 5656 and what follows their pattern; RFC 4419, RFC 4462. 31 is a group of RFC
  // 4419, too, which no kind of key begins.
  constexpr auto kNumbers = std::to_array<std::uint8_t>({30, 31, 33});
  ByteReader reader{payload};
  const std::uint8_t number = reader.u8();
  const Bytes key = reader.bytes(reader.u32be());
  ByteReader inside{key};
  const Bytes kind = inside.bytes(inside.u32be());
  const bool good = std::ranges::find(kNumbers, number) != kNumbers.end() && !kind.empty() && printable(kind);
  return good && !inside.empty() ? key : Bytes{};
}

std::string ssh_fingerprint_sha256(Bytes key) {
  const Digest digest{DigestKind::sha256, key};
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  const int size = EVP_EncodeBlock(base64.data(), digest.bytes().data(), static_cast<int>(digest.bytes().size()));
  std::string text{"SHA256:"};
  text.append(base64.begin(), base64.begin() + size);
  text.erase(text.find_last_not_of('=') + 1);
  return digest.bytes().empty() ? std::string{} : text;
}

std::string ssh_fingerprint_md5(Bytes key) {
  const Digest digest{DigestKind::md5, key};
  TextBuffer hex;
  for (std::size_t i = 0; i < digest.bytes().size(); ++i) {
    if (i != 0) hex.append(':');
    hex.append_hex(digest.bytes().subspan(i, 1));
  }
  return std::string{hex.view()};
}

}  // namespace nw::network
