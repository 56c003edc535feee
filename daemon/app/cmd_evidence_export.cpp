// `normwatch evidence export`: an incident's entries with their proofs, and what they name, as one file.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/commands.h"
#include "app/evidence_files.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/bundle/layout.h"
#include "record/bundle/manifest.h"
#include "record/bundle/tree_view.h"
#include "record/entry.h"
#include "record/evidence/evidence.h"
#include "record/merkle/checkpoint.h"

namespace nw::app {

namespace {

using bundle::Collected;
using bundle::Files;

constexpr OptionSpec kOptions[] = {
    {"incident", "ID", "which: NW-2026-000001"},
    {"out", "FILE", "the bundle; must not be there yet"},
    {"by", "NAME", "who exports it: an opaque id of staff; stands in the ledger and in the bundle"},
    {"why", "TEXT", "for whom, and on whose authority; likewise"},
    {"old-checkpoint", "FILE", "a head that the receiver holds: the bundle then proves that it is continued"},
    {"evidence", "", "the sealed objects of the alerts, too: only custodians can open them"},
    {"opened", "DIR", "objects that custodians opened, with their nonces; they are told in clear"},
    {"sign", "KEY", "sign the bundle's MANIFEST with this signed-note key, as the one who gives it"},
    {"secret-assets", "", "the receiver may know of assets that are secret: entries cannot be shortened"},
    {"offline", "", "no daemon runs: nobody notes the export in the ledger"},
    {"config", "FILE", "the daemon's configuration: its rules, norms, register and state directory"},
    {"state", "DIR", "the daemon's state directory (default /var/lib/normwatch)"},
    {"control", "SOCKET", "the daemon's control socket (default: <state>/control.sock)"}};
constexpr CommandSpec kSpec{
    "evidence export",
    "--incident ID --out FILE --by NAME --why TEXT",
    "write a bundle of an incident: entries, proofs, rules, norms, evidence, and what they prove in words",
    "The export is an entry of the ledger, written before the file is.\nExit status: 0, 64 something is missing, 65 "
    "ledger, store or key do not fit, 66 no such incident, 69 no daemon answers (or --offline is missing), 73 the "
    "file is there already, 78 the configuration has errors.",
    kOptions,
    0,
    0};

ExitCode told_failure(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitUsage
         : error.code == Errc::in_use         ? kExitCannotCreate
                                              : exit_code(error.code);
}

// Whoever may see the bundle sees the ids of assets in its entries.
bool tells_secret_asset(const Collected& collected) {
  return std::any_of(collected.entries.begin(), collected.entries.end(), [](const auto& item) {
    const auto& body = item.second.body;
    const auto* end = body.if_contains("secret_end");
    return item.second.type == record::kEntryAlert && (bundle::text_member(body, "disclosure") == "secret" ||
                                                       (end != nullptr && end->is_bool() && end->as_bool()));
  });
}

std::vector<std::string> assets_of(const Collected& collected) {
  std::vector<std::string> out;
  for (const auto& [index, entry] : collected.entries)
    if (entry.type == record::kEntryAlert) out.emplace_back(bundle::text_member(entry.body, "asset"));
  return out;
}

Result<> add_sealed(Collected& collected, const std::string& state_directory) {
  record::EvidenceStore::Options options;
  options.directory = state_directory + "/evidence";
  options.read_only = true;
  const auto store = record::EvidenceStore::open(options);
  if (!store) return store.error();
  bundle::add_evidence(collected,
                       [&](std::string_view alert, record::EvidenceKind kind) { return (*store)->read(alert, kind); });
  return {};
}

// The daemon writes who exported what; false: it did not, and was told.
bool noted(const Options& options, std::size_t entries, const Files& files) {
  std::string body = "{\"act\":\"evidence-export\"";
  for (const char* name : {"by", "why", "incident"}) {
    body += ",\"" + std::string{name} + "\":";
    append_json_string(options.get(name), body);
  }
  const auto note = merkle::Note::parse(files.at(std::string{bundle::kCheckpoint}));
  const auto head = note ? merkle::Checkpoint::parse(note->text) : note.error();
  body += ",\"manifest_sha256\":\"" + merkle::to_hex(merkle::sha256(files.at(std::string{bundle::kManifest}))) +
          "\",\"evidence\":\"" +
          (options.has("opened")     ? "opened"
           : options.has("evidence") ? "sealed"
                                     : "none") +
          "\",\"head\":" + std::to_string(head ? head->head.size : 0) + ",\"entries\":" + std::to_string(entries) + '}';
  const auto answer = ask_daemon(options, "POST", "/operator", std::move(body));
  if (answer && answer->status == 200) return true;
  complain(answer ? "the daemon refuses to note the export, so nothing was written: " + answer->body
                  : answer.error().what +
                        "\nnothing was written, since the ledger must know of it; when no daemon is "
                        "to run, say --offline and keep a record of your own");
  return false;
}

Result<Collected> collect_all(const Options& options, const Whereabouts& where, const Config& config,
                              Diagnostics& diagnostics) {
  auto wanted = read_case(where.state_directory, options.get("incident"));
  if (!wanted) return wanted.error();
  wanted->by = options.get("by");
  wanted->why = options.get("why");
  wanted->program = std::string{version()};
  wanted->at = wall_now();
  if (options.has("old-checkpoint")) {
    auto old = read_checkpoint_file(options.get("old-checkpoint"));
    if (!old) return old.error();
    wanted->old_checkpoint = std::move(*old);
  }
  std::optional<merkle::Policy> policy;
  if (!config.record.witness.policy.empty()) {
    policy = read_policy_file(config.record.witness.policy, diagnostics);
    if (policy) wanted->policy = &*policy;
  }
  const auto ledger = bundle::open_tree_view(where.state_directory + "/ledger");
  if (!ledger) return ledger.error();
  auto collected = bundle::collect(*wanted, **ledger);
  if (!collected) return collected.error();
  if (tells_secret_asset(*collected) && !options.has("secret-assets"))
    return Error{Errc::invalid_argument,
                 "alerts of this incident name an asset that is secret, and an entry cannot be shortened without "
                 "losing its proof: say --secret-assets if the receiver may know"};
  if (const auto pack = read_pack(config, assets_of(*collected), diagnostics)) bundle::add_pack(*collected, *pack);
  if (options.has("evidence"))
    if (auto added = add_sealed(*collected, where.state_directory); !added) return added.error();
  if (options.has("opened")) {
    const auto opened = read_opened(options.get("opened"));
    if (!opened) return opened.error();
    if (auto added = bundle::add_opened(*collected, *opened); !added) return added.error();
  }
  return collected;
}

ExitCode export_bundle(const Options& options) {
  for (const char* name : {"incident", "out", "by", "why"}) {
    if (!trim(options.get(name)).empty()) continue;
    complain("--" + std::string{name} + " is missing; see --help");
    return kExitUsage;
  }
  if (std::error_code ignored; std::filesystem::exists(options.get("out"), ignored))
    return told_failure(Error{Errc::in_use, options.get("out") + ": is there already, and is not written over"});
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    return kExitConfig;
  }
  Diagnostics diagnostics;
  const auto config = load_config(options.get("config"), diagnostics);
  if (!config) return report(diagnostics, nullptr);
  std::optional<merkle::SignerKey> giver;
  if (options.has("sign")) {
    auto key = read_signer(options.get("sign"));
    if (!key) return told_failure(key.error());
    giver.emplace(std::move(*key));
  }
  auto collected = collect_all(options, *where, *config, diagnostics);
  if (!diagnostics.ok()) return report(diagnostics, &*config);
  if (!collected) return told_failure(collected.error());
  for (const std::string& missing : collected->index.missing) complain("not in the bundle: " + printable(missing, 512));
  const std::string incident = collected->index.incident;
  const std::size_t alerts = collected->index.alerts.size(), entries = collected->index.entries.size();
  auto files = bundle::finish(std::move(*collected));
  if (!files) return told_failure(files.error());
  if (giver)
    if (const auto signed_now = bundle::sign_handover(*files, incident, *giver); !signed_now)
      return told_failure(signed_now.error());
  const auto bytes = bundle::write_archive(*files);
  if (!bytes) return told_failure(bytes.error());
  if (options.has("offline"))
    complain("the ledger does not know of this export (--offline): keep a record of your own");
  else if (!noted(options, entries, *files))
    return kExitUnavailable;
  if (const auto written = write_new_file(options.get("out"), *bytes); !written) return told_failure(written.error());
  std::printf("%s: %zu alerts of %s, %zu entries with proofs, %zu files, %zu bytes\n",
              printable(options.get("out")).c_str(), alerts, incident.c_str(), entries, files->size(), bytes->size());
  return kExitOk;
}

}  // namespace

extern const Command kEvidenceExport;
const Command kEvidenceExport{&kSpec, export_bundle};

}  // namespace nw::app
