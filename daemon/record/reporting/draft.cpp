#include "record/reporting/draft.h"

#include <algorithm>

#include "base/text.h"
#include "context/norms/norms.h"
#include "context/norms/wording.h"
#include "context/taxonomy/tlp_order.h"
#include "record/reporting/template.h"

namespace nw::reporting {

namespace {

constexpr std::size_t kEvidenceBytesMax = 1'024;
constexpr std::size_t kSubjectBytesMax = 400;  // a line of a mail has at most 998 (RFC 5322 section 2.1.1)

// A label that is missing or unknown is the strictest: a mistake must not widen who is told.
std::string label(const std::string& tlp) {
  std::string id = to_ascii_lower(trim(tlp));
  if (id.starts_with("tlp:")) id.erase(0, 4);
  const auto& known = taxonomy::kTlpLabels;
  if (std::ranges::find(known, id) == known.end()) id = known.back();
  std::transform(id.begin(), id.end(), id.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return "TLP:" + id;
}

class Filler {
 public:
  Filler(const ReportingRegime& regime, const ReportedIncident& incident, std::vector<std::string>& missing)
      : regime_{regime}, incident_{incident}, missing_{missing} {}

  std::string operator()(std::string_view name) const {
    const bool is_fact = name.starts_with(kFactPrefix);
    const std::string text = is_fact ? fact(name.substr(kFactPrefix.size())) : field(name);
    if (!text.empty()) return text;
    std::string title =
        is_fact ? regime_.fact(name.substr(kFactPrefix.size()))->title : std::string{find_field(name)->title};
    std::string out = "[missing: " + title + ']';
    if (std::ranges::find(missing_, title) == missing_.end()) missing_.push_back(std::move(title));
    return out;
  }

 private:
  [[nodiscard]] std::string field(std::string_view name) const { return find_field(name)->text(incident_); }

  [[nodiscard]] std::string fact(std::string_view id) const {
    const auto found = incident_.facts.values.find(id);
    if (found == incident_.facts.values.end()) return {};
    if (const bool* flag = std::get_if<bool>(&found->second)) return *flag ? "yes" : "no";
    const FactSpec& spec = *regime_.fact(id);
    return number_text(std::get<double>(found->second)) + (spec.unit.empty() ? "" : ' ' + spec.unit);
  }

  const ReportingRegime& regime_;
  const ReportedIncident& incident_;
  std::vector<std::string>& missing_;
};

void hold(std::string word, std::vector<std::string>& held) {
  if (std::ranges::find(held, word) == held.end()) held.push_back(std::move(word));
}

}  // namespace

Result<Draft> draft_report(const ReportingRegime& regime, std::string_view stage, const ReportedIncident& incident,
                           const Deadline* deadline, const context::WordingGate* gate) {
  const ReportingStage* found = regime.stage(stage);
  if (found == nullptr) {
    std::vector<std::string_view> known;
    for (const ReportingStage& one : regime.stages) known.push_back(one.id);
    return Error{Errc::not_found,
                 regime.id + " has no stage '" + printable(stage, 64) + '\'' + did_you_mean(stage, known)};
  }
  if (found->body.empty())
    return Error{Errc::not_found, "the stage '" + found->id + "' of " + regime.id + " has no template"};
  Draft out;
  out.stage = found->id;
  out.tlp = label(incident.tlp);
  out.recipients = found->recipients;
  const Filler filler{regime, incident, out.missing};
  const std::string subject = fill(found->subject, filler), body = fill(found->body, filler);
  out.subject = out.tlp + " DRAFT: " + printable(subject, kSubjectBytesMax);
  out.body = out.tlp + "\nDRAFT, not sent. A person completes it and answers for it.\n" + regime.title + ", " +
             found->title + " (" + found->source + ")\n";
  if (deadline != nullptr && deadline->due) out.body += "Due: " + to_rfc3339(*deadline->due, 0) + '\n';
  out.body += '\n' + body;
  if (!out.body.ends_with('\n')) out.body += '\n';
  if (!incident.evidence.empty()) out.body += "\nEvidence: " + printable(incident.evidence, kEvidenceBytesMax) + '\n';
  if (!out.missing.empty()) {
    out.body += "\nMissing:\n";
    for (const std::string& title : out.missing) out.body += "- " + title + '\n';
  }
  out.body += '\n' + std::string{context::kNotAttribution} + '\n' + out.tlp + '\n';
  for (const std::string* text : {&out.subject, &out.body}) {
    for (std::string& word : context::forbidden_words(*text)) hold(std::move(word), out.held);
    if (gate != nullptr)
      for (context::WordingFinding& finding : gate->check(*text)) hold(std::move(finding.word), out.held);
  }
  return out;
}

}  // namespace nw::reporting
