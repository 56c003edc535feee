// Files that hold a secret: read only when nobody else can read them, written so that nobody ever could, and wiped from
// our memory behind the reading.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "record/ledger/durable_file.h"

namespace nw::record {

constexpr std::size_t kSecretFileBytesMax = 16U << 10;

// Text that is wiped when it goes; it does not grow, so no copy stays behind.
class SecretText {
 public:
  SecretText() = default;
  explicit SecretText(std::string text) : text_{std::move(text)} {}
  SecretText(SecretText&& other) noexcept;
  SecretText& operator=(SecretText&& other) noexcept;
  ~SecretText() { wipe(); }
  [[nodiscard]] std::string_view view() const noexcept { return text_; }
  // Without the line end that editors and `echo` put there.
  [[nodiscard]] std::string_view line() const noexcept;
  void wipe() noexcept;

 private:
  std::string text_;
};

// Whose word it is that nobody else reads a file: systemd's, for a credential (its access list shows as the group's
// bits), or the file's own mode.
enum class Guarded : unsigned char { by_systemd, by_mode };

// Errors: not_found; no_permission (others may read it: says the chmod to type; or it belongs to another user);
// malformed (no regular file, too large); io.
Result<SecretText> read_secret(FileOps& ops, const std::filesystem::path& file, Guarded guarded);
// Replaces the file as a whole, mode 0600, on disk when it returns.
Result<> write_secret(FileOps& ops, const std::filesystem::path& file, std::string_view bytes);
// Makes it with mode 0700 when it is not there. `no_permission`: it is, and others may put files there.
Result<> make_secret_directory(FileOps& ops, const std::filesystem::path& directory);
// Overwrites what the file says, and unlinks it. On a disk that copies on write an old block may stay behind.
Result<> destroy_file(FileOps& ops, const std::filesystem::path& file);

// The kernel's random bytes (getrandom). A kernel that gives none ends the program: there is no key without them.
struct KernelRandom {
  void operator()(std::span<std::uint8_t> out) const;
};
inline constexpr KernelRandom kernel_random;  // lives for good: privacy::Random borrows it

}  // namespace nw::record
