// The daemon's keys. Long-lived ones come from systemd's credentials or a directory; what is made each month (the keys
// of an epoch) lies in the state directory, wrapped under one of them, and sealed for the custodians.
//
//   credentials or directory:   normwatch.ledger   a signed-note key (record/merkle/note.h), type 0x01, name = origin
//                               normwatch.witness  likewise, type 0x04
//                               normwatch.wrap     64 hex digits: wraps what is below
//   <state>/keys/epochs:        <yyyy-mm>.wrapped              this month's keys, deleted when it is over
//                               <yyyy-mm>.<purpose>.sealed     record/privacy/sealing.h; purpose: pseudonyms, evidence
//
// None of them is ever in YAML, the environment, a log or a core dump; their memory is locked.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/merkle/note.h"
#include "record/privacy/kdf.h"
#include "record/privacy/sealing.h"

namespace nw::record {

inline constexpr std::string_view kLedgerKey = "normwatch.ledger", kWitnessKey = "normwatch.witness",
                                  kWrapKey = "normwatch.wrap";

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
  static Result<std::unique_ptr<Keys>> open(Options options);
  virtual ~Keys() = default;

  [[nodiscard]] virtual const merkle::SignerKey& ledger() const = 0;
  [[nodiscard]] virtual const merkle::SignerKey& witness() const = 0;
  // Of the month: made, wrapped and sealed when they are not there yet; those of months that are over are deleted.
  // `made`: what a key-rotate entry says of it, when something was made or deleted (JSON objects).
  virtual Result<EpochSecrets> epoch(privacy::Epoch epoch, std::vector<std::string>& made) = 0;
};

// Sealed keys that lie there, by month and purpose ("pseudonyms", "evidence"): for reveals, and for the job that
// deletes what is too old.
struct SealedFile {
  privacy::Epoch epoch;
  std::string purpose;
  std::filesystem::path file;
};
Result<std::vector<SealedFile>> sealed_files(const std::filesystem::path& epochs);

// No core dumps, and this process's memory stays out of the swap as far as its limits allow; what could not be had is
// said in the log. Call it before a key is read.
void protect_memory();

}  // namespace nw::record
