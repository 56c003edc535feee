#include "app/case_text.h"

#include <algorithm>

#include "base/text.h"
#include "record/incidents/case_state.h"
#include "record/needed_evidence.h"

namespace nw::app {

namespace {

constexpr std::size_t kTextMost = 4096;  // as much as a person may write

// A JSON object in the making.
class Json {
 public:
  Json& text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, out_);
    return *this;
  }
  Json& number(std::string_view name, std::uint64_t value) { return raw(name, std::to_string(value)); }
  Json& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  Json& raw(std::string_view name, std::string_view json) {
    key(name);
    out_ += json;
    return *this;
  }
  Json& time(std::string_view name, Timestamp value) { return text(name, to_rfc3339(value)); }
  Json& said(const record::Said& said) {
    text("by", said.by);
    raw("uid", std::to_string(said.uid));
    time("at", said.at);
    return number("entry", said.entry);
  }
  [[nodiscard]] std::string end() const { return out_ + '}'; }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    append_json_string(name, out_);
    out_ += ':';
  }
  std::string out_ = "{";
};

template <class Items, class Each>
std::string array_of(const Items& items, Each each) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += each(item);
  }
  return out + ']';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string groups_json(const std::vector<record::CaseGroup>& groups) {
  return array_of(groups, [](const record::CaseGroup& group) {
    return Json{}
        .text("group_key", group.group_key)
        .text("rule_id", group.rule_id)
        .text("rule_title", group.rule_title)
        .text("norm", group.norm)
        .number("alerts", group.alerts)
        .end();
  });
}

std::string who(const record::Said& said) {
  return printable(said.by, 128) + ", " + to_rfc3339(said.at, 0) + ", entry " + std::to_string(said.entry);
}

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string left{name};
  left.resize(std::max<std::size_t>(left.size() + 1, 14), ' ');
  out += "  " + left + printable(value, kTextMost) + '\n';
}

std::string values_of(const record::Act& act) {
  std::string out;
  for (const auto& [name, value] : act.values) out += "  " + name + ": " + printable(value, kTextMost);
  if (!act.why.empty()) out += "  why: " + printable(act.why, kTextMost);
  return out;
}

// What the norm wants of evidence, for the alerts that are shown.
std::string evidence_of(const record::CaseFile& file,
                        const std::vector<std::pair<std::uint64_t, record::Alert>>& alerts) {
  record::NeededEvidence needed;
  for (const auto& [entry, alert] : alerts) needed.add(alert);
  for (const record::CaseAlert& alert : file.alerts)
    for (const record::CaseKept& kept : alert.kept) needed.add(alert.id, kept.supplies);
  std::string out;
  for (const auto& item : needed.items())
    out += "  " + printable(item.text, kTextMost) + ": " + record::NeededEvidence::state(item) + '\n';
  return out.empty() ? out : "evidence that a case file needs, of the alerts below:\n" + out;
}

std::string stated(const record::CaseFile& file) {
  std::string out;
  for (const record::CaseText& factor : file.factors) {
    add(out, factor.name, factor.text);
    out += "                (" + who(factor.said) + ")\n";
  }
  for (const record::CaseText& hypothesis : file.hypotheses)
    add(out, "or else", hypothesis.text + " (" + who(hypothesis.said) + ")");
  for (const record::CaseMoment& moment : file.moments)
    add(out, moment.name, to_rfc3339(moment.time, 0) + " (" + who(moment.said) + ")");
  for (const record::CaseFact& fact : file.facts)
    add(out, "fact", fact.name + " = " + fact.value + " (" + who(fact.said) + ")");
  for (const record::CaseSignificance& one : file.significance)
    add(out, "significant",
        one.regime + ": " + (one.significant ? "yes" : "no") + " (" + who(one.said) + ") " + one.why);
  for (const record::CaseSent& sent : file.sent)
    add(out, "sent", sent.regime + " " + sent.stage + ", " + to_rfc3339(sent.time, 0) + " (" + who(sent.said) + ")");
  return out;
}

}  // namespace

std::string to_json(const record::Incident& incident, const std::vector<record::CaseGroup>& groups) {
  Json out;
  out.text("id", incident.id).text("state", incident.state).text("level", incident.level).text("norm", incident.norm);
  out.text("rule_id", incident.rule_id).text("rule_title", incident.rule_title).text("family", incident.family);
  out.text("asset", incident.asset).text("asset_name", incident.asset_name).text("asset_class", incident.asset_class);
  out.text("sector", incident.sector).text("actor", incident.actor).text("group_key", incident.group_key);
  out.text("assigned", incident.assigned).text("tlp", incident.tlp).text("pap", incident.pap);
  out.flag("exercise", incident.exercise);
  if (!incident.merged_into.empty()) out.text("merged_into", incident.merged_into);
  out.time("first_event", incident.first_event).time("last_event", incident.last_event);
  out.time("opened_at", incident.opened_at);
  out.text("first_alert", incident.first_alert).text("last_alert", incident.last_alert);
  out.number("alerts", incident.alerts).number("first_entry", incident.first_entry);
  out.number("last_entry", incident.last_entry).raw("groups", groups_json(groups));
  return out.end();
}

std::string to_json(const record::CaseFile& file) {
  Json out;
  out.raw("incident", to_json(file.incident, file.groups));
  out.text("missing_before_closing", missing_before_closing(file));
  out.raw("alerts", array_of(file.alerts, [](const record::CaseAlert& alert) {
            Json one;
            one.text("id", alert.id).number("entry", alert.entry).time("event_time", alert.event_time);
            one.time("receive_time", alert.receive_time).number("repeats", alert.repeats).text("level", alert.level);
            if (!alert.merged_from.empty()) one.text("merged_from", alert.merged_from);
            if (!alert.kept.empty())
              one.raw("kept", array_of(alert.kept, [](const record::CaseKept& kept) {
                        Json piece;
                        piece.number("entry", kept.entry).text("kind", kept.kind);
                        return piece.raw("supplies", array_of(kept.supplies, quoted)).end();
                      }));
            return one.end();
          }));
  out.number("alerts_left_out", file.alerts_left_out);
  out.raw("merged", array_of(file.merged, [](const std::string& id) { return quoted(id); }));
  out.raw("acts", array_of(file.acts, [](const record::CaseAct& act) {
            return Json{}
                .number("entry", act.entry)
                .time("at", act.at)
                .text("state", act.state)
                .raw("act", act.act.to_json())
                .end();
          }));
  const auto texts = [](const record::CaseText& text) {
    return Json{}.text("name", text.name).text("text", text.text).said(text.said).end();
  };
  out.raw("factors", array_of(file.factors, texts)).raw("hypotheses", array_of(file.hypotheses, texts));
  out.raw("moments", array_of(file.moments, [](const record::CaseMoment& moment) {
            return Json{}.text("name", moment.name).time("time", moment.time).said(moment.said).end();
          }));
  out.raw("facts", array_of(file.facts, [](const record::CaseFact& fact) {
            return Json{}.text("name", fact.name).text("value", fact.value).said(fact.said).end();
          }));
  out.raw("significance", array_of(file.significance, [](const record::CaseSignificance& one) {
            return Json{}
                .text("regime", one.regime)
                .flag("significant", one.significant)
                .text("proposal", one.proposal)
                .text("why", one.why)
                .said(one.said)
                .end();
          }));
  out.raw("sent", array_of(file.sent, [](const record::CaseSent& sent) {
            return Json{}
                .text("regime", sent.regime)
                .text("stage", sent.stage)
                .time("time", sent.time)
                .said(sent.said)
                .end();
          }));
  out.text("rsit", file.rsit).text("kind", file.kind);
  if (file.victims) out.number("victims", *file.victims);
  out.text("withheld", file.withheld);
  out.raw("shared_with", array_of(file.shared_with, [](const std::string& name) { return quoted(name); }));
  return out.end();
}

std::string line_of(const record::Incident& incident) {
  std::string level = incident.level, state = incident.state, norm = incident.norm.empty() ? "-" : incident.norm;
  level.resize(std::max<std::size_t>(level.size(), 8), ' ');
  state.resize(std::max<std::size_t>(state.size(), 12), ' ');
  norm.resize(std::max<std::size_t>(norm.size(), 4), ' ');
  std::string alerts = std::to_string(incident.alerts);
  if (alerts.size() < 4) alerts.insert(0, 4 - alerts.size(), ' ');
  std::string out = incident.id + "  " + level + "  " + state + "  norm " + norm + "  " + alerts +
                    (incident.alerts == 1 ? " alert   last " : " alerts  last ") + to_rfc3339(incident.last_event, 0) +
                    "  " + printable(incident.rule_title);
  if (!incident.asset.empty()) out += "  asset " + printable(incident.asset);
  if (!incident.assigned.empty()) out += "  with " + printable(incident.assigned);
  if (incident.exercise) out += "  exercise";
  if (!incident.merged_into.empty()) out += "  in " + incident.merged_into;
  return out;
}

std::string missing_before_closing(const record::CaseFile& file) {
  const auto state = record::case_state(file.incident.state);
  if (!state || !is_active(*state) || file.incident.exercise) return {};
  record::CaseSoFar so_far;
  for (const record::CaseText& factor : file.factors) so_far.factors.push_back(factor.name);
  std::string out = missing_factors(so_far);
  if (file.hypotheses.empty()) out += out.empty() ? "another explanation" : ", another explanation";
  return out;
}

std::string to_text(const record::CaseFile& file, const std::vector<std::pair<std::uint64_t, record::Alert>>& alerts) {
  const record::Incident& incident = file.incident;
  std::string out = incident.id + ": " + printable(incident.rule_title, 512) + '\n';
  add(out, "state", incident.merged_into.empty() ? incident.state : "merged into " + incident.merged_into);
  add(out, "level", incident.level);
  if (!incident.norm.empty()) add(out, "norm", "engages norm " + incident.norm);
  add(out, "asset",
      incident.asset.empty() ? std::string{}
                             : incident.asset + " " + incident.asset_name +
                                   (incident.asset_class.empty() ? "" : ", class " + incident.asset_class));
  add(out, "sector", incident.sector);
  add(out, "family", incident.family);
  add(out, "actor", incident.actor);
  add(out, "events", to_rfc3339(incident.first_event, 0) + " to " + to_rfc3339(incident.last_event, 0));
  add(out, "opened", to_rfc3339(incident.opened_at, 0));
  add(out, "alerts",
      std::to_string(incident.alerts) + ", ledger entries " + std::to_string(incident.first_entry) + " to " +
          std::to_string(incident.last_entry));
  add(out, "with", incident.assigned);
  add(out, "TLP, PAP",
      (incident.tlp.empty() ? "-" : incident.tlp) + ", " + (incident.pap.empty() ? "-" : incident.pap));
  if (incident.exercise) add(out, "exercise", "yes: part of an announced one");
  add(out, "class", file.rsit + (file.rsit.empty() || file.kind.empty() ? "" : ", ") + file.kind);
  if (file.victims) add(out, "abroad", std::to_string(*file.victims) + " victims");
  add(out, "withheld", file.withheld);
  for (const std::string& with : file.shared_with) add(out, "shared with", with);
  for (const std::string& id : file.merged) add(out, "counts here", id);
  add(out, "missing", missing_before_closing(file));
  out += stated(file);
  out += "rules:\n";
  for (const record::CaseGroup& group : file.groups)
    add(out, std::to_string(group.alerts), group.rule_title + " [" + group.rule_id + "], group " + group.group_key);
  out += evidence_of(file, alerts);
  out += "alerts:\n";
  for (const auto& [entry, alert] : alerts)
    out += "  entry " + std::to_string(entry) + "  " + to_rfc3339(alert.event_time, 0) + "  " + printable(alert.level) +
           "  " + printable(alert.rule_title) + "  " + printable(alert.id, 64) + '\n';
  if (const std::uint64_t all = file.alerts.size() + file.alerts_left_out; all > alerts.size())
    out += "  and " + std::to_string(all - alerts.size()) + " more (--alerts N, or --json for all ids)\n";
  out += "acts:\n";
  for (const record::CaseAct& act : file.acts)
    out += "  entry " + std::to_string(act.entry) + "  " + to_rfc3339(act.at, 0) + "  " + printable(act.act.by, 128) +
           "  " + std::string{to_string(act.act.kind)} + values_of(act.act) + '\n';
  return out;
}

}  // namespace nw::app
