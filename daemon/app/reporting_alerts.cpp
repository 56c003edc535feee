#include "app/reporting_alerts.h"

#include <algorithm>
#include <fcntl.h>

#include "app/config.h"
#include "record/entry.h"
#include "record/for_export.h"
#include "record/ledger/segment.h"
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

// The wanted entries of one file; `wanted` is sorted, and what was read is taken off its front.
Result<> read_segment(const record::SegmentFile& file, std::uint64_t behind, std::span<const std::uint64_t>& wanted,
                      std::vector<record::Alert>& out) {
  record::FileOps& ops = record::system_files();
  const auto fd = record::open_existing(ops, file.path, O_RDONLY);
  if (!fd) return fd.error();
  const std::string name = file.path.string();
  record::RecordReader reader{ops, *fd, name, 0, file.bytes};
  for (std::uint64_t index = file.first; !wanted.empty() && wanted.front() < behind; ++index) {
    const auto step = reader.next();
    if (!step) return step.error();
    if (*step == record::RecordReader::Step::fault) return record::damaged(name, reader.offset());
    if (*step == record::RecordReader::Step::end)
      return Error{Errc::not_found, "the ledger has no entry " + std::to_string(wanted.front()) +
                                        ", which the incident store names: are the two of one state directory?"};
    if (index != wanted.front()) continue;
    auto alert = alert_of(reader.payload(), index);
    if (!alert) return alert.error();
    out.push_back(std::move(*alert));
    wanted = wanted.subspan(1);
  }
  return {};
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
  const auto segments = record::list_segments(ledger / "journal");
  if (!segments) return segments.error();
  std::span<const std::uint64_t> wanted{indices};
  for (std::size_t i = 0; i < segments->size() && !wanted.empty(); ++i) {
    const std::uint64_t behind = i + 1 < segments->size() ? (*segments)[i + 1].first : UINT64_MAX;
    if (wanted.front() >= behind) continue;
    if (const auto read = read_segment((*segments)[i], behind, wanted, out.alerts); !read) return read.error();
  }
  if (!wanted.empty())
    return Error{Errc::not_found,
                 "the ledger in " + ledger.string() + " has no entry " + std::to_string(wanted.front())};
  out.checkpoint = signed_size(ledger);
  return out;
}

}  // namespace nw::app
