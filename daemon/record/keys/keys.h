// The daemon's keys. Long-lived ones come from systemd's credentials or a directory; what is made each month (the keys
// of an epoch) lies in the state directory, wrapped under one of them, and sealed for the custodians.
//
//   credentials or directory:   normwatch.ledger   a signed-note key (record/merkle/note.h), type 0x01, name = origin
//                               normwatch.witness  likewise, type 0x04
//                               normwatch.wrap     64 hex digits: wraps what is below
//   <state>/keys/epochs:        <yyyy-mm>.wrapped              this month's keys, deleted when it is over
//                               <yyyy-mm>.<purpose>.sealed     record/privacy/sealing.h; purpose: pseudonyms, evidence
//                               <yyyy-mm>.<purpose>-2.sealed   another key of that month and purpose: evidence after
//                                                              custodians changed, or a month that came back
//
// None of them is ever in YAML, the environment, a log or a core dump; their memory is locked.
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/keys/secret_file.h"
#include "record/ledger/durable_file.h"
#include "record/merkle/note.h"
#include "record/privacy/kdf.h"
#include "record/privacy/sealing.h"

namespace nw::record {

inline constexpr std::string_view kLedgerKey = "normwatch.ledger", kWitnessKey = "normwatch.witness",
                                  kWrapKey = "normwatch.wrap";

// How long the keys of a month outlive it: for what is still under way.
inline constexpr Nanoseconds kLateFor = std::chrono::hours{1};

// The keys of one month. `evidence` is the public half; the secret half is sealed at once and never kept.
struct EpochSecrets {
  privacy::Epoch epoch;
  privacy::Key32 pseudonyms;                   // master of privacy::EpochKeys
  std::optional<privacy::PublicKey> evidence;  // none: no custodians, so nothing clear is kept
};

class Keys {
 public:
  struct Options {
    std::filesystem::path credentials;  // $CREDENTIALS_DIRECTORY; empty: none
    std::filesystem::path directory;    // keys that are not among the credentials
    std::filesystem::path epochs;       // <state>/keys/epochs
    std::string operator_id;
    std::string origin;                          // the name for a ledger key that has to be made
    std::vector<privacy::Custodian> custodians;  // empty: none
  };
  // Reads what is there and makes in `directory` what is not, with a warning in the log. Errors: malformed and
  // no_permission (a file that others may read, too), io; each names the file and the way out.
  static Result<std::unique_ptr<Keys>> open(Options options, FileOps& ops = system_files());
  virtual ~Keys() = default;

  [[nodiscard]] virtual const merkle::SignerKey& ledger() const = 0;
  [[nodiscard]] virtual const merkle::SignerKey& witness() const = 0;
  // What alerts' ids are made with, over months and restarts: nobody without it gets from an id to what it was made of.
  [[nodiscard]] virtual const privacy::Key32& ids() const = 0;
  // Of the month: made, wrapped and sealed when they are not there yet, and sealed anew when the custodians are others
  // than they were. `made`: what key-rotate entries say of it (JSON objects). Errors: malformed (not wrapped with this
  // key, or of another operator), io, full, no_permission, unavailable.
  virtual Result<EpochSecrets> epoch(privacy::Epoch epoch, std::vector<std::string>& made) = 0;
  // Deletes the wrapped keys of every month that has been over for kLateFor at `now`; what a crash left half-written
  // goes, too. The sealed copies stay for the custodians.
  virtual Result<> retire(Timestamp now, std::vector<std::string>& made) = 0;
  // Others reveal from now on; epoch() seals for them.
  virtual void custodians(std::vector<privacy::Custodian> custodians) = 0;
  // What open() made, as key-rotate entries say it.
  [[nodiscard]] virtual const std::vector<std::string>& made() const = 0;
};

// For the commands, which make and show keys without a daemon.
enum class KeyName : unsigned char { ledger, witness, wrap };
inline constexpr std::array<std::string_view, 3> kKeyNames{kLedgerKey, kWitnessKey, kWrapKey};
constexpr std::string_view file_of(KeyName key) noexcept { return kKeyNames[static_cast<std::size_t>(key)]; }
// The name of the witness key beside a ledger of this name.
std::string witness_name(std::string_view origin);
// A new key's text, as its file has it. `origin`: of the ledger; the wrap key has no name.
Result<SecretText> make_key(KeyName key, std::string_view origin);
// What of a key's text everybody may know: a vkey, or a fingerprint of the wrap key. `malformed` says what it should
// be.
Result<std::string> public_part(KeyName key, std::string_view text);
// Where a key lies: among the credentials, else in the directory. `not_found`: in neither.
Result<std::filesystem::path> find_key(const Keys::Options& options, KeyName key);
Result<SecretText> read_key(const Keys::Options& options, KeyName key, FileOps& ops = system_files());
// Wraps every epoch's keys with another wrap key: their number. What a run that was cut off did already counts as
// done; a file that neither key opens stops it before anything is changed.
Result<std::size_t> rewrap(const Keys::Options& options, std::string_view old_key, std::string_view new_key,
                           FileOps& ops = system_files());

// Sealed keys that lie there, by month and purpose ("pseudonyms", "evidence"): for reveals, and for the job that
// deletes what is too old.
struct SealedFile {
  privacy::Epoch epoch;
  std::string purpose;  // without the number: of one month and purpose there may be several, try each
  std::filesystem::path file;
};
// In the order of months, purposes and numbers. No such directory: none.
Result<std::vector<SealedFile>> sealed_files(const std::filesystem::path& epochs);

// No core dumps, and this process's memory stays out of the swap as far as its limits allow; what could not be had is
// said in the log. Call it before a key is read.
void protect_memory();

}  // namespace nw::record
