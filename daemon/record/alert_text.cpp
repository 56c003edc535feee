// Alerts as prose. Wording contract: norms.md 1.7. What was observed, which asset, which norm it engages, why, and that
// it is not an attribution. Everything that came from outside goes through printable(): a log line must not be able to
// move the operator's cursor or repaint the screen.
#include <string>
#include <string_view>

#include "base/text.h"
#include "context/norms/norms.h"
#include "record/alert.h"
#include "record/fold.h"
#include "record/maintenance_digest.h"

namespace nw::record {

namespace {

constexpr std::string_view kReset = "\x1b[0m", kBold = "\x1b[1m", kDim = "\x1b[2m";
constexpr std::size_t kAtomsShown = 16;
constexpr std::size_t kProseBytesMax = 512;
constexpr std::size_t kServicesShown = 8;

// Indexed by level_rank() + 1. Widths are equal, so that titles stand in one column.
struct LevelStyle {
  std::string_view name, colour;
};
constexpr LevelStyle kLevelStyles[] = {
    {"ALERT   ", "\x1b[1m"},    {"INFO    ", "\x1b[2m"},    {"LOW     ", "\x1b[36m"},
    {"MEDIUM  ", "\x1b[1;33m"}, {"HIGH    ", "\x1b[1;31m"}, {"CRITICAL", "\x1b[1;37;41m"},
};

class Page {
 public:
  explicit Page(bool colour) : colour_{colour} {}

  void styled(std::string_view text, std::string_view style) {
    if (colour_) out_ += style;
    out_ += text;
    if (colour_) out_ += kReset;
  }
  // "  label    text"; nothing when the text is empty.
  void line(std::string_view label, std::string_view text) {
    if (text.empty()) return;
    out_ += "  ";
    std::string padded{label};
    padded.resize(9, ' ');
    styled(padded, kDim);
    out_.append(text).append("\n");
  }
  std::string& text() { return out_; }

 private:
  bool colour_;
  std::string out_;
};

// `part` after what is there already, with `between` if both are.
void join(std::string& out, std::string_view part, std::string_view between) {
  if (part.empty()) return;
  if (!out.empty()) out += between;
  out += part;
}

std::string end_text(const std::string& address, std::uint16_t port) {
  if (address.empty()) return {};
  const std::string shown = printable(address);
  if (port == 0) return shown;
  const bool v6 = shown.find(':') != std::string::npos;
  return (v6 ? '[' + shown + ']' : shown) + ':' + std::to_string(port);
}

std::string asset_text(const Alert& alert) {
  std::string out = printable(alert.asset);
  if (!alert.asset_name.empty()) join(out, '"' + printable(alert.asset_name) + '"', " ");
  std::string kind = printable(alert.sector);
  join(kind, printable(alert.asset_class), ", ");
  if (!kind.empty()) join(out, '(' + kind + ')', " ");
  return out;
}

std::string flow_text(const Alert& alert) {
  std::string out = end_text(alert.source_address, alert.source_port);
  join(out, end_text(alert.destination_address, alert.destination_port), " -> ");
  join(out, printable(alert.protocol), " ");
  return out;
}

std::string atom_text(const AlertAtom& atom) {
  std::string out = atom.field.empty() ? std::string{"the line"} : printable(atom.field);
  join(out, printable(atom.op), " ");
  if (!atom.pattern.empty()) join(out, printable(atom.pattern), " ");
  return out + " (" + printable(atom.value) + ')';
}

std::string observed_text(const Alert& alert) {
  std::string out = printable(alert.path);
  if (!alert.source.empty())
    join(out, "source " + printable(alert.source) + " no. " + std::to_string(alert.ordinal), ", ");
  if (!alert.time_quality.empty() && alert.time_quality != "capture")
    join(out, "time " + printable(alert.time_quality), ", ");
  if (alert.packets_lost > 0 || alert.stream_gap_bytes > 0 || alert.flow_gap_bytes > 0) {
    join(out, "coverage: " + coverage_text(alert), ", ");
  }
  return out;
}

std::string norm_text(const Alert& alert) {
  if (!alert.norm_text.empty()) return printable(alert.norm_text, kProseBytesMax);
  return alert.norm.empty() ? std::string{} : "engages norm " + printable(alert.norm);
}

std::string listed(const std::vector<std::string>& texts, std::string_view between) {
  std::string out;
  for (const std::string& text : texts) join(out, printable(text), between);
  return out.size() > kProseBytesMax ? printable(out, kProseBytesMax) : out;
}

std::string impact_text(const Alert& alert) {
  if (alert.impact.empty()) return {};
  std::string out;
  for (std::size_t i = 0; i < alert.impact.size() && i < kServicesShown; ++i)
    join(out, printable(alert.impact[i]), "; ");
  if (alert.impact.size() > kServicesShown) out += "; and more, in the ledger";
  return "if it fails: " + out;
}

std::string level_text(const Alert& alert) {
  if (alert.rule_level.empty()) return {};
  const bool raised = level_rank(alert.level) > level_rank(alert.rule_level);
  return "the rule's is " + printable(alert.rule_level) +
         (raised ? "; raised here: a protected object, in the regime in force" : "; it lowers it here");
}

// Peacetime is what holds unless people determined otherwise.
std::string regime_text(const Alert& alert) {
  std::string out = alert.regime == "armed_conflict" ? "armed conflict" : printable(alert.regime);
  if (!alert.regime_kind.empty()) join(out, '(' + printable(alert.regime_kind) + ')', " ");
  if (!alert.regime_basis.empty()) join(out, "set by people: " + printable(alert.regime_basis, kProseBytesMax), ", ");
  return out;
}

// "TLP:AMBER+STRICT, to be kept 365 days"
std::string share_text(const Alert& alert) {
  std::string out;
  for (const char c : alert.tlp) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (!out.empty()) out = "TLP:" + printable(out);
  if (alert.retain_days != 0) join(out, "to be kept " + std::to_string(alert.retain_days) + " days", ", ");
  return out;
}

std::string work_text(const Alert& alert) {
  if (alert.maintenance.empty()) return {};
  std::string out = printable(alert.maintenance);
  if (!alert.maintenance_until.empty()) out += ", until " + printable(alert.maintenance_until);
  if (alert.quiet) return out + ": belongs to this planned work, pages nobody";
  return alert.rule_id == kMaintenanceDigestRule ? out : out + ": this is not part of the planned work";
}

std::string refs_text(const Alert& alert) {
  std::string out = "rule " + printable(alert.rule_id);
  if (!alert.uid.empty()) join(out, "uid " + printable(alert.uid), ", ");
  if (!alert.community_id.empty()) join(out, "community id " + printable(alert.community_id), ", ");
  join(out, "alert " + printable(alert.id), ", ");
  if (alert.shortened) join(out, "shortened: the event was too large to keep whole", ", ");
  return out;
}

// "TIME  LEVEL  TITLE"; alerts and folds name these alike.
template <class Named>
void head(Page& page, Timestamp time, const Named& named) {
  const LevelStyle& style = kLevelStyles[level_rank(named.level) + 1];
  page.text() += to_rfc3339(time) + "  ";
  page.styled(style.name, style.colour);
  page.text() += "  ";
  page.styled(printable(named.rule_title.empty() ? named.rule_id : named.rule_title), kBold);
}

}  // namespace

std::string coverage_text(const Alert& alert) {
  std::string out;
  if (alert.packets_seen != 0)
    out = std::to_string(alert.packets_lost) + " packets lost, " + std::to_string(alert.packets_seen) + " seen";
  if (alert.stream_gap_bytes != 0) join(out, std::to_string(alert.stream_gap_bytes) + " bytes of TCP never seen", "; ");
  if (alert.flow_gap_bytes != 0)
    join(out, std::to_string(alert.flow_gap_bytes) + " bytes of this flow never seen", "; ");
  return out;
}

std::string to_text(const Alert& alert, bool colour, std::optional<std::uint64_t> entry) {
  Page page{colour};
  head(page, alert.event_time, alert);
  page.text() += '\n';

  page.line("observed", observed_text(alert));
  page.line("asset", asset_text(alert));
  page.line("impact", impact_text(alert));
  page.line("flow", flow_text(alert));
  page.line("host", printable(alert.host));
  page.line("level", level_text(alert));
  page.line("work", work_text(alert));
  page.line("norm", norm_text(alert));
  page.line("regime", regime_text(alert));
  page.line("law", listed(alert.hooks, "; "));
  std::string_view label = "why";
  for (std::size_t i = 0; i < alert.atoms.size() && i < kAtomsShown; ++i, label = "")
    page.line(label, atom_text(alert.atoms[i]));
  if (alert.atoms.size() > kAtomsShown)
    page.line("", "and " + std::to_string(alert.atoms.size() - kAtomsShown) + " more");
  page.line("note", context::kNotAttribution);
  page.line("missing", listed(alert.missing_evidence, "; "));
  page.line("limits", listed(alert.limits, " "));
  page.line("share", share_text(alert));
  page.line("ledger", entry ? "entry " + std::to_string(*entry) : std::string{});
  page.line("refs", refs_text(alert));
  return std::move(page.text());
}

std::string to_text(const Fold& fold, bool colour) {
  Page page{colour};
  head(page, fold.last, fold);
  std::string& out = page.text();
  out += ": " + std::to_string(fold.folded) + " more";
  join(out, printable(fold.asset), " at ");
  join(out, printable(fold.place), fold.asset.empty() ? " at " : ", ");
  join(out, printable(fold.actor), " from ");
  out += ", " + std::to_string(fold.count) + " in all since " + to_rfc3339(fold.first);
  return out + " (alert " + printable(fold.id) + ")\n";
}

}  // namespace nw::record
