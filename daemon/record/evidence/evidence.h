// What lies beside the ledger for an alert: its clear values, the packets of its flow, the log line. Sealed for the
// custodians when it is written (the daemon itself cannot read it back), committed to in the ledger, and deleted by age
// or one by one, while every proof stays valid.
//
//   put() x n -> sync() -> the ledger's entry with the commitments        read() -> open_evidence(secret key)
//
// A segment of objects has one random data key, sealed for the epoch's evidence key at its head
// (libsodium's sealed box); objects are XChaCha20-Poly1305 under it. So an object costs microseconds.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/ledger/durable_file.h"
#include "record/privacy/commitment.h"
#include "record/privacy/kdf.h"
#include "record/privacy/sealing.h"

namespace nw::record {

enum class EvidenceKind : unsigned char { values, packets, line };
inline constexpr std::array<std::string_view, 3> kEvidenceKinds{"values", "packets", "line"};
constexpr std::string_view to_string(EvidenceKind kind) noexcept {
  return kEvidenceKinds[static_cast<std::size_t>(kind)];
}

constexpr std::size_t kEvidenceBytesMax = 64U << 20;  // of one object, clear

// What an object is, without what it says.
struct EvidenceObject {
  std::string alert;  // its id, 32 hex digits
  EvidenceKind kind = EvidenceKind::values;
  privacy::Epoch epoch;  // whose evidence key opens it
  Timestamp stored{};
  std::uint64_t bytes = 0;  // clear
  bool erased = false;
};

class EvidenceStore {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t bytes_max = std::uint64_t{10} << 30;  // on disk
    std::uint64_t segment_bytes = std::uint64_t{16} << 20;
    // For another process than the daemon: changes nothing, passes over what a crash left; put(), erase() and purge()
    // refuse.
    bool read_only = false;
  };
  // Finds what is there; what a crash cut off at the end is cut, and said in the log. Errors: io, no_permission, in_use
  // (another process writes there).
  static Result<std::unique_ptr<EvidenceStore>> open(const Options& options, FileOps& ops = system_files());
  virtual ~EvidenceStore() = default;

  // To whom objects are sealed from now on; a segment of its own begins. None: put() refuses with `unavailable`.
  virtual void use(privacy::Epoch epoch, const std::optional<privacy::PublicKey>& evidence) = 0;
  // One object; `nonce` is the commitment's (record/privacy/commitment.h), and is sealed with the bytes. On disk after
  // sync(). Errors: full (the quota, or the disk), io, invalid_argument (too large, no id), unavailable: nothing was
  // added; the caller goes on without.
  virtual Result<> put(std::string_view alert, EvidenceKind kind, const privacy::Nonce& nonce, std::string_view bytes,
                       Timestamp now) = 0;
  // When it fails, what was put since the last one is not there, also what other threads have put: each of them is told
  // by its own next sync().
  virtual Result<> sync() = 0;

  // Any thread. In the order they were stored.
  [[nodiscard]] virtual std::vector<EvidenceObject> of(std::string_view alert) const = 0;
  // An object as it lies there, with its segment's head: what open_evidence() takes. not_found: none, or erased.
  [[nodiscard]] virtual Result<std::string> read(std::string_view alert, EvidenceKind kind) const = 0;
  // Overwrites what the object says, on disk; its stub stays. The number of objects.
  virtual Result<std::size_t> erase(std::string_view alert, std::optional<EvidenceKind> kind) = 0;
  // Calls `see`, without a lock, with what was stored before `before` and is not erased: so that it can be said before
  // it is deleted.
  virtual void older(Timestamp before, const std::function<void(const EvidenceObject&)>& see) const = 0;
  // Deletes what was stored before `before` and that `held` does not name: segments of which nothing is left as files,
  // else in place. `held` is called without a lock. `removed`: their alerts, the first kRemovedMax of them.
  static constexpr std::size_t kRemovedMax = 4096;
  struct Purged {
    std::uint64_t objects = 0, bytes = 0, held = 0, overdue = 0;  // overdue: could not be deleted
    std::optional<Timestamp> oldest;                              // of what is still there and overdue
    std::string fault;                                            // why not all
    std::vector<std::string> removed;
  };
  virtual Purged purge(Timestamp before, const std::function<bool(const EvidenceObject&)>& held) = 0;

  struct Totals {
    // Objects that are not erased; bytes on disk; refused: put() said full or io.
    std::uint64_t objects = 0, bytes = 0, segments = 0, refused = 0;
  };
  [[nodiscard]] virtual Totals totals() const = 0;
};

struct OpenedEvidence {
  EvidenceObject object;
  privacy::Nonce nonce{};
  std::string bytes;
};
// Opens what read() gave. `no_permission`: it is not for this key; `malformed`: it was changed.
Result<OpenedEvidence> open_evidence(std::string_view sealed, const privacy::PublicKey& key,
                                     const privacy::Key32& secret_key);

}  // namespace nw::record
