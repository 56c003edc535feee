// `normwatch ledger`: the ledger as a transparency log: its signed head, a check of all of it, and proofs that others
// verify without us. Reads the files, with or without a running daemon.
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "app/commands.h"
#include "base/byte_reader.h"
#include "base/text.h"
#include "base/time.h"
#include "record/ledger/durable_file.h"
#include "record/ledger/tree.h"
#include "record/ledger/tree_files.h"
#include "record/merkle/log_proof.h"

namespace nw::app {

namespace {

constexpr OptionSpec kLedgerJson{"json", "", "as JSON"};

constexpr OptionSpec kHeadOptions[] = {kLedgerJson, kFindConfig, kFindState};
constexpr CommandSpec kHeadSpec{
    "ledger show",
    "",
    "the ledger's signed head: how many entries, which root, who has signed",
    "What it says was not verified; `normwatch ledger verify` does that.\nExit status: 0, 65 the head is damaged, 66 "
    "nothing was signed yet.",
    kHeadOptions,
    0,
    0};

constexpr OptionSpec kVerifyOptions[] = {
    {"checkpoint", "FILE",
     "a signed head that somebody outside has kept: the ledger must continue it; may be given "
     "again"},
    {"key", "VKEY", "the ledger's public key, held beforehand; without it, signatures are not checked"},
    kLedgerJson,
    kFindConfig,
    kFindState};
constexpr CommandSpec kVerifySpec{
    "ledger verify",
    "[--checkpoint FILE]... [--key VKEY]",
    "read the whole ledger again: is it what was signed?",
    "Changes nothing; a daemon may be running. The first fault is named: an entry that was edited, removed or put in\n"
    "another order; a ledger that was cut or rolled back; a fork; another key; a damaged file.\n"
    "Exit status: 0 it is, 64 usage, 65 it is not, 66 nothing was signed yet, 74 it cannot be read.",
    kVerifyOptions,
    0,
    0};

constexpr OptionSpec kProveOptions[] = {
    {"out", "FILE", "where the proof goes (default: INDEX.tlog-proof); - is standard output"},
    {"entry", "FILE", "write the entry's bytes there, too: whoever verifies needs them"},
    kFindControl,
    kFindConfig,
    kFindState};
constexpr CommandSpec kProveSpec{
    "ledger prove",
    "INDEX",
    "write a proof that an entry is in the ledger (C2SP tlog-proof), with the signed head",
    "The head is kept, so that the proof can always be compared with the ledger.\nExit status: 0, 64 usage or no such "
    "entry, 65 the ledger is damaged, 66 nothing was signed yet, 73 the file cannot be written.",
    kProveOptions,
    1,
    1};

struct Found {
  std::string directory;
  record::TreeReader reader;
};

// The ledger that the options name; complains when there is none.
std::optional<Found> find_ledger(const Options& options, ExitCode& code) {
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    code = kExitConfig;
    return std::nullopt;
  }
  std::string directory = where->state_directory + "/ledger";
  auto reader = record::TreeReader::open(directory);
  if (!reader) {
    complain(reader.error().what +
             (reader.error().code == Errc::not_found
                  ? "; nothing was signed yet, or --state names another directory than the daemon's"
                  : ""));
    code = exit_code(reader.error().code);
    return std::nullopt;
  }
  return Found{std::move(directory), std::move(*reader)};
}

ExitCode ledger_failed(const Error& error) {
  complain(error.what);
  return exit_code(error.code);
}

std::string key_hex(std::uint32_t id) {
  std::array<char, 9> out{};
  std::snprintf(out.data(), out.size(), "%08x", id);
  return out.data();
}

// When a witness says that it signed: seconds before a signature of 64 bytes (C2SP tlog-cosignature).
std::optional<Timestamp> said_time(const merkle::NoteSignature& signature) {
  if (signature.bytes.size() != 8 + merkle::kSignatureBytes) return std::nullopt;
  ByteReader reader{Bytes{reinterpret_cast<const std::uint8_t*>(signature.bytes.data()), signature.bytes.size()}};
  const std::uint64_t seconds = reader.u64be();
  constexpr std::uint64_t kYear2200 = 7'258'118'400;
  if (seconds > kYear2200) return std::nullopt;
  return from_unix_nanoseconds(static_cast<std::int64_t>(seconds) * 1'000'000'000);
}

ExitCode show_head(const Options& options) {
  ExitCode code = kExitOk;
  const auto found = find_ledger(options, code);
  if (!found) return code;
  const auto halted = record::read_halted(record::system_files(), record::tree_folder(found->directory));
  if (!halted) return ledger_failed(halted.error());
  const auto note = found->reader.checkpoint();
  if (!note) {
    if (!halted->empty()) complain(*halted);
    return ledger_failed(note.error());
  }
  const auto head = merkle::Checkpoint::parse(note->text);
  if (!head) return ledger_failed(head.error());
  const auto kept = found->reader.heads();
  if (!kept) return ledger_failed(kept.error());
  if (options.has("json")) {
    std::string out = "{\"origin\":";
    append_json_string(head->origin, out);
    out += ",\"size\":" + std::to_string(head->head.size) + ",\"root\":\"" + merkle::to_base64(head->head.root) +
           "\",\"kept_heads\":" + std::to_string(kept->size()) + ",\"signatures\":[";
    for (std::size_t i = 0; i < note->signatures.size(); ++i) {
      out += i == 0 ? "{\"name\":" : ",{\"name\":";
      append_json_string(note->signatures[i].name, out);
      out += ",\"key_id\":\"" + key_hex(note->signatures[i].id) + '"';
      if (const auto time = said_time(note->signatures[i])) out += ",\"time\":\"" + to_rfc3339(*time, 0) + '"';
      out += '}';
    }
    out += ']';
    if (!halted->empty()) {
      out += ",\"halted\":";
      append_json_string(*halted, out);
    }
    std::puts((out + '}').c_str());
    return kExitOk;
  }
  std::printf("origin:  %s\nentries: %llu under the last signed head\nroot:    %s\n", printable(head->origin).c_str(),
              static_cast<unsigned long long>(head->head.size), merkle::to_base64(head->head.root).c_str());
  for (const merkle::NoteSignature& signature : note->signatures) {
    const auto time = said_time(signature);
    std::printf("signed:  %s (key id %s)%s\n", printable(signature.name).c_str(), key_hex(signature.id).c_str(),
                time ? (", as it says at " + to_rfc3339(*time, 0)).c_str() : "");
  }
  std::printf("kept:    %zu older heads, in %s/tree/heads\n", kept->size(), printable(found->directory, 4096).c_str());
  if (!halted->empty()) std::printf("HALTED:  %s\n", printable(*halted, 8192).c_str());
  return kExitOk;
}

std::string verified_json(const record::TreeVerified& verified, bool with_key) {
  std::string out = "{\"ok\":true,\"origin\":";
  append_json_string(verified.checkpoint.origin, out);
  return out + ",\"entries\":" + std::to_string(verified.entries) +
         ",\"unsigned_entries\":" + std::to_string(verified.unsigned_entries) +
         ",\"heads\":" + std::to_string(verified.heads) + ",\"root\":\"" +
         merkle::to_base64(verified.checkpoint.head.root) +
         "\",\"signatures_checked\":" + (with_key ? "true" : "false") + '}';
}

ExitCode verify_ledger(const Options& options) {
  record::TreeVerify wanted;
  if (options.has("key")) {
    auto key = merkle::VerifierKey::parse(std::string{trim(options.get("key"))});
    if (!key) {
      complain("--key: " + key.error().what);
      return kExitUsage;
    }
    wanted.key = std::move(*key);
  }
  for (const std::string& file : options.all("checkpoint")) {
    const auto bytes = record::read_file(record::system_files(), file, merkle::kNoteBytesMax);
    if (!bytes) return ledger_failed(bytes.error());
    auto note = merkle::Note::parse(*bytes);
    if (!note) {
      complain(printable(file, 4096) + ": is no signed head: " + note.error().what);
      return kExitUsage;
    }
    wanted.held.push_back(std::move(*note));
  }
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    return kExitConfig;
  }
  record::TreeFault fault = record::TreeFault::none;
  wanted.fault = &fault;
  const auto verified = record::verify_tree(where->state_directory + "/ledger", wanted);
  if (!verified) {
    if (options.has("json")) {
      std::string out = "{\"ok\":false,\"fault\":\"" + std::string{to_string(fault)} + "\",\"text\":";
      append_json_string(verified.error().what, out);
      std::puts((out + '}').c_str());
    } else if (fault != record::TreeFault::none) {
      std::printf("NOT as it was signed (%s): %s\n", std::string{to_string(fault)}.c_str(),
                  verified.error().what.c_str());
    } else {
      complain(verified.error().what);
    }
    return exit_code(verified.error().code);
  }
  if (options.has("json")) {
    std::puts(verified_json(*verified, wanted.key.has_value()).c_str());
    return kExitOk;
  }
  std::printf("ok: %llu entries of %s are as they were signed; %llu heads agree",
              static_cast<unsigned long long>(verified->entries), printable(verified->checkpoint.origin).c_str(),
              static_cast<unsigned long long>(verified->heads));
  if (verified->unsigned_entries != 0)
    std::printf("; %llu more are not under a head yet", static_cast<unsigned long long>(verified->unsigned_entries));
  std::printf("\nroot: %s\n", merkle::to_base64(verified->checkpoint.head.root).c_str());
  if (!wanted.key) std::puts("signatures were not checked: give the key that you hold, with --key");
  return kExitOk;
}

// The head that a proof goes to: a kept one, so that it stays comparable. Asks the daemon to keep the present one;
// without a daemon its last is kept already.
Result<merkle::Note> head_for_proof(const Options& options, const record::TreeReader& reader) {
  const auto kept = ask_daemon(options, "POST", "/ledger/keep-head");
  std::uint64_t size = 0;
  if (kept && kept->status == 200) {
    const std::string_view text = trim(kept->body);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error == std::errc{} && end == text.data() + text.size())
      if (auto note = reader.head(size)) return note;
  }
  return reader.checkpoint();
}

Result<> put_out(const std::string& file, std::string_view bytes) {
  if (file == "-") {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return {};
  }
  return record::write_file(record::system_files(), file, bytes, record::SyncBytes::now);
}

ExitCode prove_entry(const Options& options) {
  const std::string word = options.words()[0];
  const auto index = merkle::parse_decimal(word);
  if (!index) {
    complain("'" + printable(word, 64) + "' is no entry's number: " + index.error().what);
    return kExitUsage;
  }
  ExitCode code = kExitOk;
  const auto found = find_ledger(options, code);
  if (!found) return code;
  auto note = head_for_proof(options, found->reader);
  if (!note) return ledger_failed(note.error());
  const auto head = merkle::Checkpoint::parse(note->text);
  if (!head) return ledger_failed(head.error());
  if (*index >= head->head.size) {
    complain("entry " + std::to_string(*index) + " is not under a signed head yet: the last covers " +
             std::to_string(head->head.size) + " entries, 0 to " + std::to_string(head->head.size - 1));
    return kExitUsage;
  }
  const auto entry = found->reader.entry(*index, head->head.size);
  if (!entry) return ledger_failed(entry.error());
  auto hashes = found->reader.inclusion(*index, head->head.size);
  if (!hashes) return ledger_failed(hashes.error());
  if (const auto good =
          merkle::verify_inclusion(*index, head->head.size, merkle::leaf_hash(*entry), *hashes, head->head.root);
      !good) {
    complain(good.error().what + "; the ledger is not as it was signed: see `normwatch ledger verify`");
    return kExitData;
  }
  const merkle::LogProof proof{std::nullopt, *index, std::move(*hashes), std::move(*note)};
  const std::string out = options.get("out", word + ".tlog-proof");
  if (const auto put = put_out(out, proof.to_string()); !put) {
    complain(put.error().what);
    return kExitCannotCreate;
  }
  if (options.has("entry"))
    if (const auto put = put_out(options.get("entry"), *entry); !put) {
      complain(put.error().what);
      return kExitCannotCreate;
    }
  if (out != "-")
    std::printf("%s: entry %s in the ledger of %llu entries of %s\n", printable(out, 4096).c_str(), word.c_str(),
                static_cast<unsigned long long>(head->head.size), printable(head->origin).c_str());
  return kExitOk;
}

std::span<const Command> ledger_commands() {
  static constexpr std::array<Command, 3> kCommands{
      {{&kHeadSpec, show_head}, {&kVerifySpec, verify_ledger}, {&kProveSpec, prove_entry}}};
  return kCommands;
}

constexpr CommandSpec kLedgerSpec{"ledger", "", "what was recorded: its signed head, a check of it, proofs", "", {},
                                  0,        0};

}  // namespace

const Command kLedger{&kLedgerSpec, nullptr, ledger_commands};

}  // namespace nw::app
