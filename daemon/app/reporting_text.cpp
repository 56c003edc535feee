#include "app/reporting_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace nw::app {

namespace {

using namespace reporting;

constexpr std::size_t kTextBytesMax = 1'024;

std::string shown(std::string_view text) { return printable(text, kTextBytesMax); }

template <class T>
std::vector<std::string_view> ids_of(const std::vector<T>& items) {
  std::vector<std::string_view> out;
  for (const T& item : items) out.push_back(item.id);
  return out;
}

Error bad(std::string text) { return Error{Errc::invalid_argument, std::move(text)}; }

std::string quoted(std::string_view text) { return '\'' + printable(text, 64) + '\''; }

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

void member(std::string_view name, std::string_view value, std::string& out) {
  out.append(out.back() == '{' ? "\"" : ",\"").append(name).append("\":");
  append_json_string(value, out);
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    append_json_string(item, out);
  }
  return out + ']';
}

std::string state_text(const Deadline& d) {
  std::string out{to_string(d.state)};
  std::ranges::replace(out, '_', ' ');
  if (!d.left) return out;
  return out + (*d.left < Nanoseconds{0} ? " by " + span_text(*d.left) : ", " + span_text(*d.left) + " left");
}

std::string limits_text(const ReportingStage& stage) {
  if (stage.limits.empty()) return "on request, after " + to_text(stage.after);
  std::string out;
  for (const Limit& limit : stage.limits) {
    out += (out.empty() ? "" : "; at the latest ") + to_text(limit);
    if (limit.only_if) out += " if " + to_text(*limit.only_if);
    if (limit.lapses_if_later)
      out += " (not if " + std::string{to_string(*limit.lapses_if_later)} + " is later than that)";
  }
  if (stage.while_ongoing) out += ", if the incident is still being handled then";
  if (stage.if_ongoing) out += "; if it is still being handled then, " + to_text(*stage.if_ongoing);
  return out;
}

std::string criteria_text(std::string_view title, const std::vector<Criterion>& criteria) {
  std::string out;
  for (const Criterion& c : criteria) {
    if (out.empty()) out = '\n' + std::string{title} + '\n';
    out += "  " + c.id + ": " + shown(c.text) + (c.role.empty() ? "" : " [" + c.role + ']') + "\n      " +
           shown(to_text(c.when)) + "\n      " + shown(c.source) +
           (c.review ? " (to be compared with the official text by a person)\n" : "\n");
  }
  return out;
}

}  // namespace

std::string in_zone(Timestamp t, const logs::TimeZone& zone) {
  const auto offset = zone.period(t).offset;
  if (offset.count() == 0 || t > Timestamp::max() - std::chrono::hours{24}) return to_rfc3339(t, 0);
  std::string out = to_rfc3339(t + offset, 0);
  out.pop_back();
  const auto minutes = std::abs(offset.count());
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return out + (offset.count() < 0 ? '-' : '+') + two(minutes / 60) + ':' + two(minutes % 60);
}

std::string span_text(Nanoseconds span) {
  const std::int64_t seconds = std::abs(std::chrono::duration_cast<std::chrono::seconds>(span).count());
  const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  const auto two = [](std::int64_t a, std::string_view unit, std::int64_t b, std::string_view rest) {
    std::string out = std::to_string(a) + ' ' + std::string{unit};
    if (b != 0) out += ' ' + std::to_string(b) + ' ' + std::string{rest};
    return out;
  };
  if (days != 0) return two(days, "d", hours % 24, "h");
  if (hours != 0) return two(hours, "h", minutes % 60, "min");
  return minutes != 0 ? two(minutes, "min", seconds % 60, "s") : std::to_string(seconds) + " s";
}

Result<> add_sending(std::string_view text, const ReportingRegime& regime, IncidentTimes& times) {
  const std::size_t equals = text.find('=');
  const std::string_view stage = text.substr(0, equals);
  if (equals == std::string_view::npos) return bad("--sent " + quoted(text) + ": write STAGE=TIME");
  if (regime.stage(stage) == nullptr)
    return bad("--sent: " + regime.id + " has no stage " + quoted(stage) + did_you_mean(stage, ids_of(regime.stages)));
  const auto time = parse_rfc3339(text.substr(equals + 1));
  if (!time) return bad("--sent " + quoted(stage) + ": " + time.error().what);
  times.sent[std::string{stage}].push_back(*time);
  return {};
}

Result<> add_fact(std::string_view text, const ReportingRegime& regime, Facts& facts) {
  const std::size_t equals = text.find('=');
  const std::string_view id = text.substr(0, equals);
  if (equals == std::string_view::npos) return bad("--fact " + quoted(text) + ": write FACT=VALUE");
  const std::string_view value = text.substr(equals + 1);
  const FactSpec* spec = regime.fact(id);
  if (spec == nullptr) {
    std::vector<std::string_view> known = ids_of(regime.facts);
    known.push_back(kOngoing);
    return bad("--fact: " + regime.id + " has no fact " + quoted(id) + did_you_mean(id, known));
  }
  if (facts.values.contains(id)) return bad("--fact " + quoted(id) + " is given twice");
  if (spec->number) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(number))
      return bad("--fact " + quoted(id) + ": " + quoted(value) + " is no number" +
                 (spec->unit.empty() ? "" : " of " + spec->unit));
    facts.values[spec->id] = number;
    return {};
  }
  const bool yes = value == "yes" || value == "true";
  if (!yes && value != "no" && value != "false")
    return bad("--fact " + quoted(id) + ": write yes or no; leave it out while nobody knows");
  facts.values[spec->id] = yes;
  return {};
}

Result<> add_role(std::string_view text, const ReportingRegime& regime, Facts& facts) {
  const std::vector<std::string_view> known = ids_of(regime.roles);
  if (std::ranges::find(known, text) == known.end())
    return bad("--role: " + regime.id + " has no role " + quoted(text) + did_you_mean(text, known));
  facts.roles.emplace(text);
  return {};
}

std::string clock_text(const ClockView& view) {
  std::string out = shown(view.regime.title) + ", at " + in_zone(view.now, view.zone) + " (" + view.zone_name + ")\n";
  for (const Deadline& d : view.deadlines) {
    const std::string due = d.due ? in_zone(*d.due, view.zone) : "-";
    out += "  " + padded(d.stage, 20) + ' ' + padded(due, 26) + state_text(d);
    if (d.sent) out += ", sent " + in_zone(*d.sent, view.zone);
    if (d.by == By::authority) out += " [owed by the authority]";
    out += '\n';
    for (const std::string& note : d.notes) out += "      " + shown(note) + '\n';
  }
  if (!view.regime.calendar_note.empty()) out += shown(view.regime.calendar_note) + '\n';
  if (view.significance != nullptr) {
    out += "significant: ";
    out += view.significance->proposal == Proposal::proposed       ? "proposed; a person confirms it\n"
           : view.significance->proposal == Proposal::not_proposed ? "not proposed; a person confirms it\n"
                                                                   : "cannot say\n";
    for (const std::string& reason : view.significance->reasons) out += "  " + shown(reason) + '\n';
  }
  for (const std::string& text : view.implausible) out += "warning: " + shown(text) + '\n';
  return out;
}

std::string clock_json(const ClockView& view) {
  std::string out = "{";
  member("regime", view.regime.id, out);
  member("now", to_rfc3339(view.now, 0), out);
  member("zone", view.zone_name, out);
  out += ",\"deadlines\":[";
  for (const Deadline& d : view.deadlines) {
    if (out.back() != '[') out += ',';
    out += '{';
    member("stage", d.stage, out);
    member("title", d.title, out);
    member("by", kBy[static_cast<std::size_t>(d.by)], out);
    member("state", to_string(d.state), out);
    if (d.due) {
      member("due", to_rfc3339(*d.due, 0), out);
      member("due_local", in_zone(*d.due, view.zone), out);
    }
    if (d.sent) member("sent", to_rfc3339(*d.sent, 0), out);
    if (d.left) out += ",\"left_seconds\":" + std::to_string(std::chrono::floor<std::chrono::seconds>(*d.left).count());
    out += ",\"notes\":" + json_list(d.notes) + '}';
  }
  out += ']';
  if (view.significance != nullptr) {
    out += ",\"significant\":{";
    member("proposal", to_string(view.significance->proposal), out);
    out += ",\"reasons\":" + json_list(view.significance->reasons) + '}';
  }
  return out + ",\"implausible\":" + json_list(view.implausible) + "}\n";
}

std::string regime_text(const ReportingRegime& regime) {
  std::string out = regime.id + ": " + shown(regime.title) + "\njurisdiction: " + shown(regime.jurisdiction) +
                    "\nsource: " + shown(regime.source) +
                    "\nclock starts with: " + std::string{to_string(regime.trigger)} + "\n\nStages\n";
  for (const ReportingStage& stage : regime.stages) {
    out += "  " + stage.id + ": " + shown(stage.title) + " (" + shown(stage.source) + ")\n      " +
           shown(limits_text(stage)) + '\n';
    if (stage.only_if) out += "      only if " + shown(to_text(*stage.only_if)) + '\n';
    if (stage.by == By::authority) out += "      owed by the authority\n";
    if (stage.review) out += "      to be compared with the official text by a person\n";
    std::string who, what;
    for (const std::string& one : stage.recipients) who += (who.empty() ? "" : ", ") + one;
    for (const std::string& one : stage.fields) what += (what.empty() ? "" : ", ") + one;
    if (!who.empty()) out += "      to: " + shown(who) + '\n';
    if (!what.empty()) out += "      says: " + shown(what) + '\n';
  }
  if (!regime.calendar_note.empty()) out += '\n' + shown(regime.calendar_note) + '\n';
  out += criteria_text("Significant (one is enough; a person confirms it)", regime.significance);
  out += criteria_text("Not significant", regime.not_significant);
  for (const auto& [title, specs] : {std::pair{"\nFacts\n", &regime.facts}, std::pair{"\nRoles\n", &regime.roles}}) {
    if (!specs->empty()) out += title;
    for (const FactSpec& spec : *specs)
      out += "  " + padded(spec.id, 22) + ' ' + shown(spec.title) +
             (spec.number ? " (a number" + (spec.unit.empty() ? "" : ", " + shown(spec.unit)) + ')' : std::string{}) +
             '\n';
  }
  return out;
}

std::string regime_json(const ReportingRegime& regime) {
  std::string out = "{";
  member("id", regime.id, out);
  member("title", regime.title, out);
  member("jurisdiction", regime.jurisdiction, out);
  member("source", regime.source, out);
  member("trigger", to_string(regime.trigger), out);
  out += ",\"stages\":[";
  for (const ReportingStage& stage : regime.stages) {
    if (out.back() != '[') out += ',';
    out += '{';
    member("id", stage.id, out);
    member("title", stage.title, out);
    member("source", stage.source, out);
    member("by", kBy[static_cast<std::size_t>(stage.by)], out);
    member("limits", limits_text(stage), out);
    if (stage.only_if) member("only_if", to_text(*stage.only_if), out);
    out += ",\"fields\":" + json_list(stage.fields) + ",\"recipients\":" + json_list(stage.recipients) + '}';
  }
  out += ']';
  for (const auto& [name, criteria] :
       {std::pair{"significance", &regime.significance}, std::pair{"not_significant", &regime.not_significant}}) {
    out += ",\"" + std::string{name} + "\":[";
    for (const Criterion& c : *criteria) {
      if (out.back() != '[') out += ',';
      out += '{';
      member("id", c.id, out);
      member("text", c.text, out);
      member("source", c.source, out);
      if (!c.role.empty()) member("for", c.role, out);
      member("when", to_text(c.when), out);
      out += '}';
    }
    out += ']';
  }
  return out + '}';
}

}  // namespace nw::app
