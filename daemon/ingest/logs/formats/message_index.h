// Which format reads a message: by the program that wrote it, else by its own looks. Inner to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ingest/logs/formats/message.h"
#include "ingest/logs/formats/syslog.h"

namespace nw::logs {

class MessageIndex {
 public:
  static constexpr std::size_t kNone = 0xff;  // no format

  // The formats are sorted by name, at most 64, and outlive it. No two claim a program.
  explicit MessageIndex(std::span<const MessageFormat> formats);

  struct Program {
    std::size_t format = kNone;  // position in formats()
    SyslogKind kind = SyslogKind::plain;
  };
  // The name as lines write it: "/usr/sbin/CRON", "sshd(pam_unix)".
  [[nodiscard]] Program program(std::string_view name) const noexcept;

  enum class Around : std::uint8_t { nothing, envelope };
  // The first that says yes, or kNone.
  [[nodiscard]] std::size_t recognise(const Message& message, Around around) const noexcept;

  [[nodiscard]] std::span<const MessageFormat> formats() const noexcept { return formats_; }

 private:
  struct Cell {
    std::string_view name;  // empty: a free cell
    Program program;
  };
  Cell& cell(std::string_view name);

  std::span<const MessageFormat> formats_;
  std::vector<Cell> cells_;                 // open addressing; a power of two
  std::array<std::uint64_t, 256> first_{};  // by a text's first byte: one bit for each format that may know it
  std::uint64_t enveloped_ = 0;             // formats that are read behind an envelope
};

// Of message_formats().
const MessageIndex& message_index();

}  // namespace nw::logs
