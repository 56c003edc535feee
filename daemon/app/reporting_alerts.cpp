#include "app/reporting_alerts.h"

#include <algorithm>

#include "app/config.h"
#include "record/entry.h"
#include "record/for_export.h"
#include "record/ledger/peek.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/note.h"

namespace nw::app {

namespace {

Result<record::Alert> alert_of(std::string_view payload, std::uint64_t index) {
  const auto wrong = [index](const std::string& why) {
    return Error{Errc::malformed, "ledger entry " + std::to_string(index) +
                                      ", which the incident store takes for an alert: " + why +
                                      "; normwatch record rebuild makes the store anew"};
  };
  const auto entry = record::parse_entry(payload);
  if (!entry) return wrong(entry.error().what);
  if (entry->type != record::kEntryAlert) return wrong("it is none");
  auto alert = record::Alert::from_json(entry->body);
  if (!alert) return wrong(alert.error().what);
  return record::for_export(std::move(*alert));
}

std::optional<std::uint64_t> signed_size(const std::filesystem::path& ledger) {
  const auto text = read_text_file((ledger / "tree/checkpoint").string(), merkle::kNoteBytesMax);
  if (!text) return std::nullopt;
  const auto note = merkle::Note::parse(*text);
  if (!note) return std::nullopt;
  const auto checkpoint = merkle::Checkpoint::parse(note->text);
  return checkpoint ? std::optional{checkpoint->head.size} : std::nullopt;
}

}  // namespace

Result<CaseEvidence> read_evidence(const std::filesystem::path& ledger, const record::CaseFile& file) {
  CaseEvidence out;
  out.left_out = file.alerts_left_out;
  std::vector<std::uint64_t> indices;
  for (const record::CaseAlert& alert : file.alerts) {
    out.left_out += alert.repeats;
    if (indices.size() < kEvidenceAlertsMax)
      indices.push_back(alert.entry);
    else
      ++out.left_out;
  }
  std::ranges::sort(indices);
  const auto entries = record::peek(ledger, indices);
  if (!entries) return entries.error();
  for (const record::Entry& entry : *entries) {
    auto alert = alert_of(entry.payload, entry.index);
    if (!alert) return alert.error();
    out.alerts.push_back(std::move(*alert));
  }
  out.checkpoint = signed_size(ledger);
  return out;
}

}  // namespace nw::app
