// Frames of SMB1 for tests, as smb_frames.h.
#pragma once

#include <string>

#include "smb_frames.h"

namespace nw::network::smb_frames {

struct Smb1 {
  unsigned command = 0;
  bool response = false;
  std::uint32_t status = 0;
  unsigned multiplex = 1;
  unsigned tree = 5;
  unsigned user = 7;
  bool unicode = true;
};

constexpr std::size_t kSmb1Header = 32;

inline std::string smb1_block(const std::string& words, const std::string& bytes) {
  return number(size_of(words) / 2, 1) + words + number(size_of(bytes), 2) + bytes;
}
inline std::string smb1(const Smb1& header, const std::string& blocks) {
  return "ff'SMB'" + number(header.command, 1) + number(header.status, 4) + (header.response ? "80" : "00") +
         (header.unicode ? "01c0" : "0140") + zeros(12) + number(header.tree, 2) + "1111" + number(header.user, 2) +
         number(header.multiplex, 2) + blocks;
}
inline std::string smb1(const Smb1& header, const std::string& words, const std::string& bytes) {
  return smb1(header, smb1_block(words, bytes));
}

const std::string kNoAndX = "ff 00 0000";
// Where the bytes of the first block begin.
inline std::size_t bytes_at(const std::string& words) { return kSmb1Header + 3 + size_of(words); }

// A text in UTF-16 with its NUL, behind a byte where the offset is odd.
inline std::string text_at(std::size_t offset, std::string_view text) {
  return (offset % 2 != 0 ? "00" : "") + utf16(text) + "0000";
}

inline std::string tree_connect1(unsigned multiplex, std::string_view path) {
  const std::string words = kNoAndX + "0000 0100";
  return smb1({0x75, false, 0, multiplex}, words, "00" + text_at(bytes_at(words) + 1, path) + "'A:' 00");
}
inline std::string tree_connected1(unsigned multiplex, std::string_view service, std::string_view system) {
  const std::string words = kNoAndX + "0100", name = "'" + std::string{service} + "' 00";
  return smb1({0x75, true, 0, multiplex}, words, name + text_at(bytes_at(words) + size_of(name), system));
}
inline std::string nt_create(unsigned multiplex, std::string_view name, std::uint32_t options = 0) {
  const std::string words = kNoAndX + "00" + number(2 * name.size(), 2) + zeros(32) + number(options, 4) + zeros(5);
  return smb1({0xa2, false, 0, multiplex}, words, text_at(bytes_at(words), name));
}
// Times as created() has them.
inline std::string nt_created(unsigned multiplex, unsigned file, unsigned kind = 0) {
  constexpr std::uint64_t kFirst = 133'485'408'000'000'000, kSecond = 10'000'000;
  std::string times;
  for (unsigned i = 0; i < 4; ++i) times += number(kFirst + i * kSecond, 8);
  return smb1(
      {0xa2, true, 0, multiplex},
      kNoAndX + "00" + number(file, 2) + zeros(4) + times + zeros(12) + number(5, 8) + number(kind, 2) + zeros(3), "");
}
// A position beyond 4 GiB needs two words more.
inline std::string read1(unsigned multiplex, unsigned file, std::uint64_t position = 0) {
  const std::string high = number(position >> 32U, 4);
  return smb1({0x2e, false, 0, multiplex}, kNoAndX + number(file, 2) + number(position, 4) + zeros(10) + high, "");
}
inline std::string read_done1(unsigned multiplex, const std::string& data) {
  constexpr std::size_t kData = kSmb1Header + 3 + 24;
  return smb1({0x2e, true, 0, multiplex}, kNoAndX + zeros(6) + number(size_of(data), 2) + number(kData, 2) + zeros(10),
              data);
}
inline std::string write1(unsigned multiplex, unsigned file, const std::string& data, std::uint64_t position = 0) {
  constexpr std::size_t kData = kSmb1Header + 3 + 28;
  return smb1({0x2f, false, 0, multiplex},
              kNoAndX + number(file, 2) + number(position, 4) + zeros(8) + zeros(2) + number(size_of(data), 2) +
                  number(kData, 2) + number(position >> 32U, 4),
              data);
}
inline std::string written1(unsigned multiplex, unsigned bytes) {
  return smb1({0x2f, true, 0, multiplex}, kNoAndX + number(bytes, 2) + zeros(6), "");
}
// TRANSACTION and TRANSACTION2; `name` and padding to the parameters are the bytes before them.
inline std::string transaction(unsigned command, unsigned multiplex, const std::string& setup, const std::string& name,
                               const std::string& parameters, const std::string& data) {
  const std::size_t at = kSmb1Header + 3 + 28 + size_of(setup) + size_of(name);
  return smb1({command, false, 0, multiplex},
              zeros(18) + number(size_of(parameters), 2) + number(at, 2) + number(size_of(data), 2) +
                  number(at + size_of(parameters), 2) + number(size_of(setup) / 2, 1) + "00" + setup,
              name + parameters + data);
}
inline std::string transacted(unsigned command, unsigned multiplex, const std::string& data) {
  constexpr std::size_t kData = kSmb1Header + 3 + 20;
  return smb1({command, true, 0, multiplex}, zeros(12) + number(size_of(data), 2) + number(kData, 2) + zeros(4), data);
}

}  // namespace nw::network::smb_frames
