// What alerts of single events and of rules over time have in common: how a field is put, the rule, the asset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/snapshot.h"
#include "event/event.h"
#include "record/alert.h"

namespace nw::app {

std::string text_of(const event::Event& event, event::Common field);  // empty: it is not there
// Whom a log line names as its sender. Of a flow, `host` is a name that a stranger wrote (HTTP's Host header): empty.
std::string host_of(const event::Event& event);
std::uint16_t port_of(const event::Event& event, event::Common field);  // 0: not there, or no port

// What a rule says of itself in every alert: title, level, tags, norm.
void set_rule(const sigma::RuleInfo& rule, const Snapshot& snapshot, record::Alert& alert);
// `asset` is one of the register's. A secret one keeps its id only; its class and sector serve our own records.
void set_asset(const context::Asset& asset, const context::Registry& registry, record::Alert& alert);
// Whether another end of what the alert is about, which has all its members by now, belongs to a secret asset.
void set_secret_end(const context::Registry& registry, record::Alert& alert);
void set_maintenance(const context::UnderMaintenance& under, record::Alert& alert);
// What the regime in force at the alert's event time makes of it: citations, level, TLP, retention; and the evidence
// that its norm wants. After set_rule(), set_asset() and the marks of indicators; `asset`: null: none is designated,
// and every period covers it.
void set_regime(const Snapshot& snapshot, const context::Asset* asset, record::Alert& alert);

}  // namespace nw::app
