#include "ingest/flows/exporters.h"

#include <algorithm>
#include <iterator>

namespace nw::flows {

Exporter& Exporters::of(const std::optional<IpAddress>& address, Timestamp now) {
  const IpAddress key = address.value_or(IpAddress{});
  // Mostly it is the one before.
  if (all_.empty() || all_.front().address != key) {
    const auto found = by_address_.find(key);
    if (found != by_address_.end()) {
      all_.splice(all_.begin(), all_, found->second);
    } else {
      if (all_.size() >= limits_.exporters) {
        ++counters_.exporters_evicted;
        drop(std::prev(all_.end()));
      }
      all_.emplace_front();
      all_.front().address = key;
      if (address) all_.front().text = key.to_string();
      by_address_.emplace(key, all_.begin());
    }
  }
  all_.front().heard = now;
  return all_.front();
}

DomainState& Exporters::domain(Exporter& exporter, std::uint8_t protocol, std::uint64_t number) {
  auto& domains = exporter.domains;
  if (!domains.empty() && domains.front().protocol == protocol && domains.front().number == number)
    return domains.front();
  const auto found = exporter.by_domain.find({protocol, number});
  if (found != exporter.by_domain.end()) {
    domains.splice(domains.begin(), domains, found->second);
    return domains.front();
  }
  if (domains.size() >= limits_.domains) {
    ++counters_.domains_evicted;
    DomainState& last = domains.back();
    while (!last.templates.empty()) erase(exporter, last.templates.begin()->second);
    exporter.entries -= last.domain.entries();
    entries_ -= last.domain.entries();
    exporter.by_domain.erase({last.protocol, last.number});
    domains.pop_back();
  }
  domains.emplace_front();
  domains.front().protocol = protocol;
  domains.front().number = number;
  exporter.by_domain.emplace(std::pair{protocol, number}, domains.begin());
  return domains.front();
}

Template* Exporters::find(Exporter& exporter, DomainState& domain, std::uint16_t id, Timestamp now) {
  const auto found = domain.templates.find(id);
  if (found == domain.templates.end()) return nullptr;
  const auto at = found->second;
  if (now - at->refreshed > limits_.template_life) {
    ++counters_.expired;
    erase(exporter, at);
    return nullptr;
  }
  exporter.templates.splice(exporter.templates.begin(), exporter.templates, at);
  return &*at;
}

Template& Exporters::put(Exporter& exporter, DomainState& domain, std::uint16_t id, Layout layout, Timestamp now) {
  auto& templates = exporter.templates;
  if (const auto found = domain.templates.find(id); found != domain.templates.end()) {
    Template& held = *found->second;
    held.refreshed = now;
    if (held.layout != layout) {
      ++counters_.changed;
      held.layout = std::move(layout);
      held.plan_of = 0;
    }
    templates.splice(templates.begin(), templates, found->second);
    return held;
  }
  ++counters_.learned;
  if (templates.size() >= limits_.templates || !make_room(exporter, templates_, limits_.templates_all)) {
    ++counters_.templates_evicted;
    erase(exporter, std::prev(templates.end()));
  }
  templates.emplace_front();
  Template& added = templates.front();
  added.id = id;
  added.layout = std::move(layout);
  added.refreshed = now;
  added.domain = &domain;
  domain.templates.emplace(id, templates.begin());
  ++templates_;
  return added;
}

void Exporters::withdraw(Exporter& exporter, DomainState& domain, std::uint16_t id) {
  for (auto at = domain.templates.begin(); at != domain.templates.end();) {
    const auto here = at++;
    const bool options = here->second->layout.options;
    if (here->first != id && !(id == 2 && !options) && !(id == 3 && options)) continue;
    ++counters_.withdrawn;
    erase(exporter, here->second);
  }
}

void Exporters::learn(Exporter& exporter, DomainState& domain, const Record& record) {
  const std::size_t before = domain.domain.entries();
  // What replaces an entry needs no room, and nobody has to go for it.
  bool fits = flows::learn(record, 0, domain.domain);
  if (!fits && exporter.entries < limits_.entries && make_room(exporter, entries_, limits_.entries_all))
    fits = flows::learn(record, limits_.entries - exporter.entries, domain.domain);
  if (!fits) ++counters_.entries_refused;
  const std::size_t added = domain.domain.entries() - before;
  exporter.entries += added;
  entries_ += added;
}

bool Exporters::restore(Exporter& exporter, DomainState& domain, Domain known) {
  const std::size_t added = known.entries();
  if (domain.domain.entries() != 0 || exporter.entries + added > limits_.entries ||
      entries_ + added > limits_.entries_all)
    return false;
  domain.domain = std::move(known);
  exporter.entries += added;
  entries_ += added;
  return true;
}

void Exporters::expire(Timestamp now) {
  while (!all_.empty() && now - all_.back().heard > 2 * limits_.template_life) {
    counters_.expired += all_.back().templates.size();
    drop(std::prev(all_.end()));
  }
}

void Exporters::clear() {
  while (!all_.empty()) drop(all_.begin());
}

void Exporters::drop(std::list<Exporter>::iterator exporter) {
  templates_ -= exporter->templates.size();
  entries_ -= exporter->entries;
  by_address_.erase(exporter->address);
  all_.erase(exporter);
}

void Exporters::erase(Exporter& exporter, std::list<Template>::iterator at) {
  at->domain->templates.erase(at->id);
  exporter.templates.erase(at);
  --templates_;
}

bool Exporters::make_room(const Exporter& exporter, const std::size_t& held, std::size_t most) {
  while (held >= most) {
    if (&all_.back() == &exporter) return false;
    ++counters_.exporters_evicted;
    drop(std::prev(all_.end()));
  }
  return true;
}

}  // namespace nw::flows
