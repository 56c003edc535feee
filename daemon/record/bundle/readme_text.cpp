#include <map>

#include "base/text.h"
#include "record/bundle/collect.h"
#include "record/entry.h"
#include "record/needed_evidence.h"

namespace nw::bundle {

namespace {

constexpr std::string_view kWhatItIs = R"(What this is

  incident.json    the incident as it stood where this was made; which alerts and entries belong to it
  entries/         entries of the ledger, byte for byte: alerts, what people did about them, and what was in force:
                   rules, register, regime, how well the sensor saw and how its clock ran
  proofs/          for each entry, that it is in the ledger (C2SP tlog-proof; each file stands alone)
  checkpoint-new   the signed head of the ledger by which the proofs go
  checkpoint-old, consistency   an older head that was already known, and that the newer one continues it
  heads/, tsr/     heads that were stamped, and their RFC 3161 stamps
  evidence/        what alerts commit to: sealed (only custodians can open it), or opened, with its nonce
  rules/, norms/   the rules of these alerts, the list of the pack that they are from, and the norm catalogue;
                   each has the hash that the entry `rules-load` before the alert names
  register/        of the register, what is said of the assets of this incident. The register itself has the hash in
                   the file's name and in the entry; it is not here, so this extract can be compared only by somebody
                   who may see it
  MANIFEST         the SHA-256 of each file: sha256sum -c MANIFEST
  handover         the signatures of who gave this and who took it, when they have signed

)";

constexpr std::string_view kHowToCheck = R"(How to check it, offline

  You need a policy file: the public keys of this ledger and of its witnesses. Take it from somewhere else than this
  bundle, at best from before the incident; keys that come with the evidence prove nothing.

    normwatch evidence verify FILE --policy POLICY [--old-checkpoint FILE] [--key VKEY]
    nwverify.py bundle FILE --policy POLICY        a second program, written apart, in plain Python

  Of a stamp:  openssl ts -verify -data heads/N -in tsr/N.tsr -CAfile ROOTS -attime TIME

What it proves, when both say ok

  - These entries were in the ledger, as they stand here, and in this order, before the witnesses' times.
  - Nobody has changed, removed or inserted an entry since, nor shown the witnesses another history.
  - What was opened is what the alert committed to when it was made; rules and norms are those that were in force.

What it does not prove

  - That the sensor was honest, well placed, or saw everything. Heartbeats and `drop` entries say what it lost.
  - That its clock was right. Heartbeats and `clock` entries say how it ran; cosignatures and stamps are others' clocks.
  - That an address was real, or who stood behind it. An alert engages a norm; it does not say who acted.
  - That nothing else belongs to the incident: whoever made the bundle chose the entries.

)";

// An alert lists what was missing when it was made; entries `evidence` behind it say what was kept of that.
std::string needed_text(const Entries& entries) {
  record::NeededEvidence needed;
  for (const auto& [number, entry] : entries) {
    const auto view = record::parse_entry(entry.bytes);
    if (!view || view->type != record::kEntryAlert) continue;
    if (const auto alert = record::Alert::from_json(view->body)) needed.add(*alert);
  }
  for (const auto& [number, entry] : entries) {
    const auto view = record::parse_entry(entry.bytes);
    if (!view || view->type != record::kEntryEvidence) continue;
    if (const auto kept = record::KeptEvidence::from_json(view->body)) needed.add(kept->alert, kept->supplies);
  }
  std::string out;
  for (const auto& item : needed.items())
    out += "  - " + printable(item.text, 512) + ": " + record::NeededEvidence::state(item) + '\n';
  return out.empty() ? out : "\nWhat a case file needs of evidence\n\n" + out;
}

}  // namespace

std::string readme_text(const Collected& collected) {
  const CaseIndex& index = collected.index;
  const auto made = [&](std::string_view member) { return printable(text_member(index.made, member), 1024); };
  std::string out = "Evidence of incident " + index.incident + "\n\nmade " + made("at") + " by " + made("by") +
                    " with normwatch " + made("program") + "\nwhy: " + made("why") + "\n\n";
  out += kWhatItIs;
  std::map<std::string, std::size_t> types;
  for (const auto& [number, entry] : collected.entries) ++types[entry.type];
  out += "The entries\n\n";
  for (const auto& [type, count] : types) {
    std::string line = "  " + type;
    line.resize(20, ' ');
    out += line + std::to_string(count) + '\n';
  }
  out += "\nThe rules of the alerts\n\n";
  std::map<std::string, std::string> rules;  // by id: title and norm
  for (const auto& [number, entry] : collected.entries)
    if (entry.type == record::kEntryAlert)
      rules.emplace(text_member(entry.body, "rule_id"),
                    std::string{text_member(entry.body, "rule_title")} + "; " +
                        (text_member(entry.body, "norm").empty()
                             ? "no norm"
                             : "engages norm " + std::string{text_member(entry.body, "norm")}) +
                        "; " + std::string{text_member(entry.body, "rule_file")});
  for (const auto& [id, text] : rules) out += "  " + printable(id, 64) + "  " + printable(text, 512) + '\n';
  out += needed_text(collected.entries);
  out += "\nWhat could not be put in\n\n";
  if (index.missing.empty()) out += "  nothing is missing\n";
  for (const std::string& text : index.missing) out += "  - " + printable(text, 512) + '\n';
  return out.append("\n").append(kHowToCheck);
}

}  // namespace nw::bundle
