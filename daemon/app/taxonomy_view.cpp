#include "app/taxonomy_view.h"

#include <algorithm>
#include <array>

#include "app/embedded.h"
#include "app/taxonomies.h"
#include "base/text.h"
#include "detect/sigma/attack.h"

namespace nw::app {

namespace {

using Facts = std::vector<std::pair<std::string, std::vector<std::string>>>;

void add(Facts& facts, std::string_view key, std::string value) {
  if (!value.empty()) facts.emplace_back(key, std::vector<std::string>{std::move(value)});
}

std::string yes_no(bool answer) { return answer ? "yes" : "no"; }

bool view_attack(const Config&, Diagnostics& diagnostics, TaxonomyView& out) {
  constexpr std::string_view kFile = "config/taxonomy/attack.yaml";
  const auto attack = sigma::Attack::load(embedded_file(kFile), kFile, diagnostics);
  if (!attack) return false;
  out.version = attack->version;
  for (const std::string& tactic : attack->tactics) out.entries.push_back({tactic, "a tactic", {}, {}});
  for (const auto& [tactic, now] : attack->renamed_tactics)
    out.entries.push_back({tactic, "a tactic that was renamed", {}, {{"now", now}}});
  for (const auto& [technique, now] : attack->revoked)
    out.entries.push_back({technique, "a technique that was revoked", {}, {{"now", {now}}}});
  for (const auto& [technique, name] : attack->names)
    out.entries.push_back({technique, name, {}, {{"misp", {attack->misp_tag(technique)}}}});
  for (const std::string& technique : attack->deprecated)
    out.entries.push_back({technique, "a technique that was deprecated, without a successor", {}, {}});
  return true;
}

bool view_pap(const Config&, Diagnostics& diagnostics, TaxonomyView& out) {
  const auto pap = load_pap(diagnostics);
  if (!pap) return false;
  out.version = pap->version;
  for (const taxonomy::PapLabel& label : pap->labels) {
    TaxonomyEntry entry{label.id, label.title, label.aliases, {}};
    add(entry.facts, "permits", label.permits);
    add(entry.facts, "third parties may be asked", yes_no(label.third_parties));
    add(entry.facts, "may be touched or blocked", yes_no(label.active));
    add(entry.facts, "misp", label.misp);
    if (!label.aliases.empty()) entry.facts.emplace_back("also called", label.aliases);
    out.entries.push_back(std::move(entry));
  }
  return true;
}

bool view_rsit(const Config&, Diagnostics& diagnostics, TaxonomyView& out) {
  const auto rsit = load_rsit(diagnostics);
  if (!rsit) return false;
  out.version = rsit->version;
  for (const taxonomy::RsitClass& one : rsit->classes) {
    TaxonomyEntry whole{one.id, one.title, {}, {}};
    std::vector<std::string> types;
    for (const taxonomy::RsitType& type : one.types) types.push_back(type.id);
    whole.facts.emplace_back("types", std::move(types));
    out.entries.push_back(std::move(whole));
    for (const taxonomy::RsitType& type : one.types) {
      const std::string machine = one.id + "=\"" + type.id + '"';
      TaxonomyEntry entry{one.id + '.' + type.id, type.title, {machine}, {}};
      add(entry.facts, "machine tag", "rsit:" + machine);
      add(entry.facts, "idmef category", type.idmef);
      add(entry.facts, "intelmq type", type.intelmq);
      out.entries.push_back(std::move(entry));
    }
  }
  for (const auto& [name, near] : rsit->intelmq_only)
    out.entries.push_back({"intelmq:" + name, "a type that only IntelMQ has", {}, {{"read as", {near}}}});
  return true;
}

bool view_sectors(const Config& config, Diagnostics& diagnostics, TaxonomyView& out) {
  const auto sectors = load_sectors(config, diagnostics);
  if (!sectors) return false;
  out.version = sectors->version();
  for (const std::string_view id : sectors->ids()) {
    const taxonomy::Sector& sector = *sectors->find(id);
    TaxonomyEntry entry{sector.id, sector.scope, {}, {}};
    if (!sector.deprecated_since.empty()) {
      entry.title += " (deprecated)";
      add(entry.facts, "deprecated since", sector.deprecated_since);
      add(entry.facts, "use", sector.use);
    }
    add(entry.facts, "among the examples of A/RES/58/199", yes_no(sector.un_58_199));
    add(entry.facts, "among the examples of A/76/135", yes_no(sector.gge_2021));
    add(entry.facts, "note", sector.note);
    for (const taxonomy::SectorColumn& column : sectors->columns())
      if (const auto words = sectors->map(id, column.id); !words.empty())
        entry.facts.emplace_back(column.id, std::vector<std::string>{words.begin(), words.end()});
    out.entries.push_back(std::move(entry));
  }
  return true;
}

bool view_tlp(const Config&, Diagnostics& diagnostics, TaxonomyView& out) {
  const auto tlp = load_tlp(diagnostics);
  if (!tlp) return false;
  out.version = tlp->version;
  for (const taxonomy::TlpLabel& label : tlp->labels) {
    TaxonomyEntry entry{label.id, label.title, label.aliases, {}};
    const auto spelling = [](const std::string& text) { return text.empty() ? "cannot be said" : text; };
    add(entry.facts, "may be told", label.audience);
    add(entry.facts, "colour", label.colour);
    add(entry.facts, "stix", label.stix);
    add(entry.facts, "csaf 2.0", spelling(label.csaf20));
    add(entry.facts, "csaf 2.1", spelling(label.csaf21));
    add(entry.facts, "iodef", spelling(label.iodef));
    add(entry.facts, "misp", label.misp);
    if (!label.aliases.empty()) entry.facts.emplace_back("also called", label.aliases);
    out.entries.push_back(std::move(entry));
  }
  return true;
}

constexpr auto kTaxonomies = std::to_array<TaxonomyKind>({
    {"attack", "ATT&CK: tactics, techniques that are gone, names of others", view_attack},
    {"pap", "Permissible Actions Protocol: what may be done with an indicator", view_pap},
    {"rsit", "Reference Security Incident Taxonomy: kinds of incidents", view_rsit},
    {"sectors", "the register's sectors, and what other lists call them", view_sectors},
    {"tlp", "Traffic Light Protocol: who may be told", view_tlp},
});
static_assert(std::ranges::is_sorted(kTaxonomies, {}, &TaxonomyKind::name));

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + printable(word, 512);
  return out;
}

}  // namespace

std::span<const TaxonomyKind> taxonomies() { return kTaxonomies; }

Result<const TaxonomyKind*> find_taxonomy(std::string_view name) {
  const auto at = std::ranges::find(kTaxonomies, name, &TaxonomyKind::name);
  if (at != kTaxonomies.end()) return &*at;
  std::vector<std::string_view> known;
  for (const TaxonomyKind& kind : kTaxonomies) known.push_back(kind.name);
  return Error{Errc::invalid_argument, "no taxonomy is called '" + printable(name, 64) + "'" +
                                           did_you_mean(name, known) + "; 'normwatch taxonomy list' lists them"};
}

Result<const TaxonomyEntry*> find_entry(const TaxonomyKind& kind, const TaxonomyView& view, std::string_view entry) {
  const std::string whole = to_ascii_lower(entry);
  std::string_view name = whole;
  if (name.starts_with(kind.name) && name.size() > kind.name.size() &&
      (name[kind.name.size()] == ':' || name[kind.name.size()] == '.'))
    name.remove_prefix(kind.name.size() + 1);
  std::vector<std::string_view> known;
  for (const TaxonomyEntry& one : view.entries) {
    if (one.id == name || std::ranges::find(one.names, name) != one.names.end()) return &one;
    known.push_back(one.id);
  }
  return Error{Errc::invalid_argument, "'" + printable(entry, 96) + "' is not in the taxonomy '" +
                                           std::string{kind.name} + "'" + did_you_mean(name, known)};
}

std::string entry_text(const TaxonomyEntry& entry) {
  std::string out = entry.id + "  " + printable(entry.title, 512) + '\n';
  for (const auto& [key, values] : entry.facts) out += "  " + key + ": " + join(values) + '\n';
  return out;
}

std::string entries_text(const TaxonomyView& view) {
  std::size_t width = 0;
  for (const TaxonomyEntry& entry : view.entries) width = std::max(width, entry.id.size());
  std::string out;
  for (const TaxonomyEntry& entry : view.entries) {
    std::string id = entry.id;
    id.resize(width + 2, ' ');
    out += id + printable(entry.title, 512) + '\n';
  }
  return out;
}

std::string entry_json(const TaxonomyEntry& entry) {
  std::string out = "{\"id\":";
  append_json_string(entry.id, out);
  out += ",\"title\":";
  append_json_string(entry.title, out);
  for (const auto& [key, values] : entry.facts) {
    std::string name = key;
    std::ranges::replace(name, ' ', '_');
    out += ',';
    append_json_string(name, out);
    out += ":[";
    for (const std::string& value : values) {
      if (&value != values.data()) out += ',';
      append_json_string(value, out);
    }
    out += ']';
  }
  return out + '}';
}

}  // namespace nw::app
