// Frames of SMB for tests, as hexadecimal text for from_hex(): lengths and offsets are counted here, so that the tests
// show what they are about.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "fake_context.h"

namespace nw::network::smb_frames {

inline std::string number(std::uint64_t value, unsigned bytes) {
  std::string out;
  char digits[4];
  for (; bytes > 0; --bytes, value >>= 8U) {
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(value & 0xffU));
    out += digits;
  }
  return out;
}

inline std::string utf16(std::string_view text) {
  std::string out;
  for (const char c : text) out += number(static_cast<unsigned char>(c), 2);
  return out;
}

inline std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }
inline std::size_t size_of(std::string_view hex) { return from_hex(hex).size(); }

// Behind the header of a NetBIOS session.
inline std::string framed(const std::string& message) {
  const std::size_t size = size_of(message);
  return "00" + number(size >> 16U, 1) + number(size >> 8U, 1) + number(size, 1) + message;
}

struct Smb2 {
  unsigned command = 0;
  bool response = false;
  std::uint32_t status = 0;
  std::uint64_t message = 1;
  std::uint32_t tree = 5;
  std::uint64_t session = 7;
  std::uint32_t flags = 0;
  std::uint32_t next = 0;
};

inline std::string smb2(const Smb2& header, const std::string& body) {
  return "fe'SMB' 4000 0100" + number(header.status, 4) + number(header.command, 2) + "0100" +
         number(header.flags | (header.response ? 1U : 0U), 4) + number(header.next, 4) + number(header.message, 8) +
         zeros(4) + number(header.tree, 4) + number(header.session, 8) + zeros(16) + body;
}

constexpr std::size_t kSmb2Header = 64;

inline std::string tree_connect(std::string_view path) {
  return "0900 0000" + number(kSmb2Header + 8, 2) + number(2 * path.size(), 2) + utf16(path);
}
inline std::string tree_connected(unsigned kind) { return "1000" + number(kind, 1) + "00" + zeros(12); }

inline std::string create(std::string_view name, std::uint32_t options = 0) {
  return "3900 0000" + zeros(36) + number(options, 4) + number(kSmb2Header + 56, 2) + number(2 * name.size(), 2) +
         zeros(8) + utf16(name);
}
inline std::string file_id(unsigned file) { return number(file, 8) + number(file, 8); }
// 2024-01-01T00:00:00Z, and a second more for each of them: created, accessed, modified, changed.
inline std::string created(unsigned file, std::uint64_t size = 5) {
  constexpr std::uint64_t kFirst = 133'485'408'000'000'000, kSecond = 10'000'000;
  std::string times;
  for (unsigned i = 0; i < 4; ++i) times += number(kFirst + i * kSecond, 8);
  return "5900 0000 01000000" + times + zeros(8) + number(size, 8) + zeros(8) + file_id(file) + zeros(8);
}
inline std::string close(unsigned file) { return "1800 0000 00000000" + file_id(file); }
inline std::string closed() { return "3c00 0000" + zeros(56); }
inline std::string read(unsigned file, std::uint64_t position = 0) {
  return "3100 0000" + number(4096, 4) + number(position, 8) + file_id(file) + zeros(16);
}
inline std::string read_done(const std::string& data) {
  return "1100" + number(kSmb2Header + 16, 1) + "00" + number(size_of(data), 4) + zeros(8) + data;
}
inline std::string write(unsigned file, const std::string& data, std::uint64_t position = 0) {
  return "3100" + number(kSmb2Header + 48, 2) + number(size_of(data), 4) + number(position, 8) + file_id(file) +
         zeros(16) + data;
}
inline std::string written(std::uint32_t bytes) { return "1100 0000" + number(bytes, 4) + zeros(8); }
inline std::string transceive(unsigned file, const std::string& data) {
  return "3900 0000 17c01100" + file_id(file) + number(kSmb2Header + 56, 4) + number(size_of(data), 4) + zeros(4) +
         number(kSmb2Header + 56, 4) + zeros(16) + data;
}
inline std::string transceived(unsigned file, const std::string& data) {
  return "3100 0000 17c01100" + file_id(file) + number(kSmb2Header + 48, 4) + zeros(4) + number(kSmb2Header + 48, 4) +
         number(size_of(data), 4) + zeros(8) + data;
}
inline std::string set_info(unsigned file, unsigned kind, const std::string& information) {
  return "2100 01" + number(kind, 1) + number(size_of(information), 4) + number(kSmb2Header + 32, 2) + "0000 00000000" +
         file_id(file) + information;
}
inline std::string session_setup(const std::string& token) {
  return "1900 00 01 00000000 00000000" + number(kSmb2Header + 24, 2) + number(size_of(token), 2) + zeros(8) + token;
}
inline std::string session_set_up(const std::string& token) {
  return "0900 0000" + number(kSmb2Header + 8, 2) + number(size_of(token), 2) + token;
}
inline std::string refusal() { return "0900 0000 00000000 00"; }

// NTLM's messages ([MS-NLMP] 2.2.1.2 and 2.2.1.3).
inline std::string ntlm_field(std::size_t length, std::size_t offset) {
  return number(length, 2) + number(length, 2) + number(offset, 4);
}
inline std::string ntlm_pair(unsigned id, std::string_view text) {
  return number(id, 2) + number(2 * text.size(), 2) + utf16(text);
}
inline std::string ntlm_challenge(const std::string& pairs) {
  return "'NTLMSSP' 00 02000000" + ntlm_field(0, 56) + "01028a02" + zeros(16) + ntlm_field(size_of(pairs), 56) +
         zeros(8) + pairs;
}
inline std::string ntlm_challenge() {
  return ntlm_challenge(ntlm_pair(1, "NAS") + ntlm_pair(3, "nas.ot.lan") + ntlm_pair(5, "ot.lan") + "0000 0000");
}
inline std::string ntlm_authenticate(std::string_view domain, std::string_view user, std::string_view host,
                                     std::size_t proof_bytes) {
  const std::size_t base = 64, u = base + 2 * domain.size(), h = u + 2 * user.size(), p = h + 2 * host.size();
  return "'NTLMSSP' 00 03000000" + ntlm_field(0, p) + ntlm_field(proof_bytes, p) + ntlm_field(2 * domain.size(), base) +
         ntlm_field(2 * user.size(), u) + ntlm_field(2 * host.size(), h) + ntlm_field(0, p) + "01028a02" +
         utf16(domain) + utf16(user) + utf16(host) + zeros(proof_bytes);
}

// PDUs of DCE/RPC in little endian.
inline std::string rpc(unsigned type, unsigned call, const std::string& body, unsigned flags = 3,
                       std::size_t authentication = 0) {
  return "05 00" + number(type, 1) + number(flags, 1) + "10000000" + number(16 + size_of(body), 2) +
         number(authentication, 2) + number(call, 4) + body;
}
// Context 0 for svcctl.
inline std::string rpc_bind(unsigned context = 0) {
  return rpc(11, 1,
             "b810 b810 00000000 01 00 0000" + number(context, 2) +
                 "01 00 81bb7a36 4498 f135 ad32 98f038001003 02000000 045d888a eb1c c911 9fe8 08002b104860 02000000");
}
inline std::string rpc_bind_ack(std::string_view address) {
  return rpc(12, 1,
             "b810 b810 01000000" + number(address.size() + 1, 2) + "'" + std::string{address} +
                 "' 00 01 000000 0000 0000" + zeros(20));
}
inline std::string rpc_request(unsigned call, unsigned operation, unsigned context = 0) {
  return rpc(0, call, "10000000" + number(context, 2) + number(operation, 2) + zeros(16));
}
inline std::string rpc_response(unsigned call) { return rpc(2, call, "10000000 0000 00 00" + zeros(16)); }
inline std::string rpc_fault(unsigned call, std::uint32_t status) {
  return rpc(3, call, "20000000 0000 00 00" + number(status, 4) + zeros(4));
}

}  // namespace nw::network::smb_frames
