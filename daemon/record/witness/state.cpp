#include "record/witness/state.h"

#include <algorithm>
#include <fcntl.h>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "record/merkle/cosignature.h"
#include "record/witness/request.h"

namespace nw::witness {

namespace {

// A check of signatures costs some 60 us: strangers can take 1 % of a core by it.
constexpr double kChecksPerSecond = 200, kChecksBurst = 400;
// Of each log: heads that continue the last cost a sync of the disk. Logs sign once a second at most.
constexpr double kWritesPerSecond = 4, kWritesBurst = 16;

constexpr const char* kOriginsFile = "origins";
constexpr std::size_t kOriginsBytesMax = std::size_t{1} << 20U;

Answer refused(int status, const std::string& why) { return {status, std::string{kTextType}, why + '\n', {}}; }

Answer other_size(const std::optional<merkle::TreeHead>& last) {
  return {409, std::string{kSizeType}, std::to_string(last ? last->size : 0) + '\n', {}};
}

std::uint64_t seconds(Timestamp now) {
  const auto count = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

}  // namespace

WitnessState::WitnessState(std::filesystem::path directory, const merkle::SignerKey& key, record::FileOps& ops)
    : directory_{std::move(directory)}, key_{key}, ops_{ops}, checks_{kChecksPerSecond, kChecksBurst} {}

Result<std::unique_ptr<WitnessState>> WitnessState::open(const std::filesystem::path& directory,
                                                         std::span<const merkle::PolicyLog> logs,
                                                         const merkle::SignerKey& key, record::FileOps& ops) {
  if (key.verifier().type != merkle::KeyType::cosignature)
    return Error{Errc::invalid_argument,
                 "the witness's key '" + key.verifier().name +
                     "' is no key for cosignatures (type 4); make one with: normwatch keys init"};
  std::unique_ptr<WitnessState> state{new WitnessState{directory, key, ops}};
  for (const merkle::PolicyLog& log : logs) {
    if (log.key.key == key.verifier().key)
      return Error{Errc::invalid_argument, "the log '" + printable(log.key.name) +
                                               "' has the key of this witness; nobody can be its own witness"};
    auto [at, added] = state->logs_.try_emplace(log.key.name, Log{{}, {}, {}, Rate{kWritesPerSecond, kWritesBurst}});
    at->second.keys.push_back(log.key);
  }
  if (auto made = record::make_directories(ops, directory); !made) return made.error();
  if (auto read = state->read_origins(); !read) return read.error();
  for (auto& [origin, log] : state->logs_) {
    if (auto read = state->read(origin, log); !read) return read.error();
    // The process ended between the two files, or the list is gone.
    if (log.last)
      if (auto listed = state->list(origin); !listed) return listed.error();
  }
  return state;
}

Result<> WitnessState::read_origins() {
  const std::filesystem::path file = directory_ / kOriginsFile;
  const auto bytes = record::read_file(ops_, file, kOriginsBytesMax);
  if (!bytes && bytes.error().code == Errc::not_found) return {};
  const auto damaged = [&](const std::string& why) {
    return Error{Errc::malformed, file.string() + ", the list of the logs that were ever signed here, is damaged: " +
                                      why + "; bring it back from a backup, with the heads beside it"};
  };
  if (!bytes) return bytes.error().code == Errc::malformed ? damaged("it has over 1 MiB") : bytes.error();
  std::string_view rest = *bytes;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (end == 0) return damaged("a line is empty");
    if (end == std::string_view::npos) return damaged("its last line is cut");
    signed_.emplace(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return {};
}

// Nothing to do for an origin that is listed.
Result<> WitnessState::list(const std::string& origin) {
  if (signed_.contains(origin)) return {};
  std::string bytes;
  for (const std::string& each : signed_) bytes += each + '\n';
  bytes += origin + '\n';
  if (bytes.size() > kOriginsBytesMax) return Error{Errc::full, "the list of origins has over 1 MiB"};
  if (auto kept = record::replace_file(ops_, directory_ / kOriginsFile, bytes); !kept) return kept;
  signed_.insert(origin);
  return {};
}

Result<> WitnessState::read(const std::string& origin, Log& log) {
  const std::filesystem::path file = directory_ / log_id(origin);
  auto opened = record::open_existing(ops_, file, O_RDONLY);
  if (!opened && opened.error().code != Errc::not_found) return opened.error();
  if (!opened && signed_.contains(origin))
    return Error{Errc::malformed,
                 file.string() + ", the last head that was signed of '" + printable(origin) +
                     "', is missing, though that log was signed here (" + (directory_ / kOriginsFile).string() +
                     "); bring it back from a backup. Without it a second history of that log could be signed: if it "
                     "is lost, ask the log's owner for a new origin"};
  if (!opened) return {};
  std::string bytes(kRequestBytesMax + 1, '\0');
  const auto got = record::read_at(ops_, *opened, bytes.data(), bytes.size(), 0, file.string());
  if (!got) return got.error();
  bytes.resize(*got);
  const auto damaged = [&](const std::string& why) {
    return Error{Errc::malformed,
                 file.string() + ", the last head that was signed of '" + printable(origin) + "', is damaged: " + why +
                     "; bring it back from a backup. Without it a second history of that log could be signed: if it is "
                     "lost, ask the log's owner for a new origin"};
  };
  if (bytes.size() > kRequestBytesMax) return damaged("it has over 64 KiB");
  auto note = merkle::Note::parse(bytes);
  if (!note) return damaged(note.error().what);
  const auto checkpoint = merkle::Checkpoint::parse(note->text);
  if (!checkpoint) return damaged(checkpoint.error().what);
  if (checkpoint->origin != origin) return damaged("it is of '" + printable(checkpoint->origin) + "'");
  // A signature of an earlier key of ours cannot be checked any more; the head counts all the same.
  const auto ours = [this](const merkle::NoteSignature& one) {
    return one.name == key_.verifier().name && one.id == key_.verifier().id;
  };
  if (std::any_of(note->signatures.begin(), note->signatures.end(), ours))
    if (auto verified = merkle::verify_note(*note, std::span{&key_.verifier(), 1}); !verified)
      return damaged(verified.error().what);
  log.last = checkpoint->head;
  log.note = std::move(*note);
  return {};
}

Answer WitnessState::add(std::string_view request, Timestamp now) {
  auto parsed = AddRequest::parse(request);
  if (!parsed) return refused(400, parsed.error().what);
  if (parsed->checkpoint.to_string().size() > kCheckpointBytesMax)
    return refused(400, "the checkpoint has over 4 KiB; send it with the log's own signatures only");
  const auto checkpoint = merkle::Checkpoint::parse(parsed->checkpoint.text);
  if (!checkpoint) return refused(400, "the checkpoint: " + checkpoint.error().what);
  const auto at = logs_.find(checkpoint->origin);
  if (at == logs_.end()) return refused(404, "this log is not witnessed here");
  Log& log = at->second;
  if (!checks_.take(now)) return refused(429, "too many requests; try again in a while");
  const auto signatures = merkle::verify_note(parsed->checkpoint, log.keys);
  if (!signatures) return refused(403, "not signed by a known key of the log: " + signatures.error().what);

  const merkle::TreeHead& head = checkpoint->head;
  if (parsed->old_size > head.size) return refused(400, "the old size is larger than the checkpoint's");
  if (parsed->old_size != (log.last ? log.last->size : 0)) {
    Answer answer = other_size(log.last);
    if (log.last && log.last->size == head.size && log.last->root != head.root) answer.other_history = *checkpoint;
    return answer;
  }
  if (parsed->old_size == 0) {
    // Every tree begins with the empty one: there is nothing to prove.
    if (!parsed->proof.empty()) return refused(422, "from the empty tree on there is no proof");
  } else if (log.last->size == head.size && log.last->root != head.root) {
    Answer answer = other_size(log.last);
    answer.other_history = *checkpoint;
    return answer;
  } else if (auto proved = merkle::verify_consistency(*log.last, head, parsed->proof); !proved) {
    return refused(422, "the checkpoint does not continue the one that was signed last: " + proved.error().what);
  }

  // Of the others' signatures nothing is known.
  merkle::Note note{parsed->checkpoint.text, {}};
  for (const merkle::NoteSignature& one : parsed->checkpoint.signatures)
    if (std::any_of(log.keys.begin(), log.keys.end(),
                    [&](const merkle::VerifierKey& key) { return key.name == one.name && key.id == one.id; }) &&
        std::find(note.signatures.begin(), note.signatures.end(), one) == note.signatures.end())
      note.signatures.push_back(one);
  return sign(log, at->first, std::move(note), head, now);
}

Answer WitnessState::sign(Log& log, const std::string& origin, merkle::Note note, const merkle::TreeHead& head,
                          Timestamp now) {
  const auto signature = merkle::cosign(note.text, key_, seconds(now));
  if (!signature) return refused(500, "the checkpoint could not be signed");
  note.signatures.push_back(*signature);
  // The same head again is signed with another time, and needs no write: strangers may send it as often as they like.
  if (log.last != head) {
    if (!log.writes.take(now)) return refused(429, "too many new checkpoints of this log; try again in a while");
    const std::string bytes = note.to_string();
    auto kept = bytes.size() > kRequestBytesMax
                    ? Result<>{Error{Errc::full, "the head has over 64 KiB with its signatures"}}
                    : record::replace_file(ops_, directory_ / log_id(origin), bytes);
    // The list behind the file, or a process that ends between the two would miss a file that never was.
    if (kept) kept = list(origin);
    if (!kept) {
      log_error("witness_state_unwritten",
                "the head of another's log could not be kept, and so was not signed; look at the disk",
                {{"origin", printable(origin)}, {"error", kept.error().what}});
      return refused(500, "the head could not be kept here, so it is not signed");
    }
    log.last = head;
  }
  log.note = std::move(note);
  return {200, std::string{kTextType}, signature->to_line(), {}};
}

Answer WitnessState::shown(std::string_view origin) const {
  const auto at = logs_.find(origin);
  if (at == logs_.end() || !at->second.last) return refused(404, "nothing of this log was signed here");
  return {200, std::string{kTextType}, at->second.note.to_string(), {}};
}

std::vector<std::string> WitnessState::origins() const {
  std::vector<std::string> out;
  for (const auto& [origin, log] : logs_) out.push_back(origin);
  return out;
}

std::optional<merkle::TreeHead> WitnessState::last(std::string_view origin) const {
  const auto at = logs_.find(origin);
  return at == logs_.end() ? std::nullopt : at->second.last;
}

}  // namespace nw::witness
