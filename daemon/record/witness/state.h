// The witness's side: whose heads we sign, and the last one that we signed of each. A head is signed only when it
// continues that one, and only once the file that says so is on disk: never backwards, never a second history.
//
//   <directory>/<hex SHA-256 of the origin>    the head as a signed note: the log's signatures and ours
//   <directory>/origins                        every origin that was ever signed, one a line: on disk before the first
//                                              signature goes out, so that a head's file that is gone is missed
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/ledger/durable_file.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/witness/rate.h"

namespace nw::witness {

// In text/x.tlog.size a witness says how large the tree is that it knows.
constexpr std::string_view kSizeType = "text/x.tlog.size", kTextType = "text/plain; charset=utf-8";

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
  // Set when the log's own key has signed two heads of one size: nobody but its owner can do that.
  std::optional<merkle::Checkpoint> other_history;
};
// Every status that add() gives.
inline constexpr std::array<int, 8> kStatuses{200, 400, 403, 404, 409, 422, 429, 500};

class WitnessState {
 public:
  // Reads what was signed before. Errors: malformed (a file of ours is damaged: without it a second history could be
  // signed), invalid_argument (the key is none of a witness, or is a log's, too), those of the files. `key` and `ops`
  // are borrowed.
  static Result<std::unique_ptr<WitnessState>> open(const std::filesystem::path& directory,
                                                    std::span<const merkle::PolicyLog> logs,
                                                    const merkle::SignerKey& key,
                                                    record::FileOps& ops = record::system_files());

  // One request to add-checkpoint; `now` is the time that is signed. One thread.
  //   200  signed: a line of signature             400  no such request, or old > new
  //   403  no known key of the log has signed      404  a log that we do not witness
  //   409  `old` is not what we signed last, or the same size has another root: our size, in text/x.tlog.size
  //   422  the proof does not lead from `old` to the head     429  too often     500  the disk fails, nothing was
  //   signed
  Answer add(std::string_view request, Timestamp now);
  // What was signed last of the log: 200 or 404.
  [[nodiscard]] Answer shown(std::string_view origin) const;
  [[nodiscard]] std::vector<std::string> origins() const;
  [[nodiscard]] std::optional<merkle::TreeHead> last(std::string_view origin) const;

 private:
  struct Log {
    std::vector<merkle::VerifierKey> keys;
    std::optional<merkle::TreeHead> last;  // none: never signed
    merkle::Note note;                     // of it
    Rate writes;
  };
  WitnessState(std::filesystem::path directory, const merkle::SignerKey& key, record::FileOps& ops);
  Result<> read(const std::string& origin, Log& log);
  Result<> read_origins();
  Result<> list(const std::string& origin);
  Answer sign(Log& log, const std::string& origin, merkle::Note note, const merkle::TreeHead& head, Timestamp now);

  std::filesystem::path directory_;
  const merkle::SignerKey& key_;
  record::FileOps& ops_;
  std::map<std::string, Log, std::less<>> logs_;  // by origin
  std::set<std::string, std::less<>> signed_;     // as in the file `origins`
  Rate checks_;
};

}  // namespace nw::witness
