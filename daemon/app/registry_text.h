// What the register says, for people and as JSON: `normwatch registry check`, `show` and `graph`. Own operators read
// it, so it names what no output would name.
#pragma once

#include <string>

#include "base/ip.h"
#include "base/time.h"
#include "context/registry/registry.h"
#include "context/registry/second_look.h"
#include "context/taxonomy/sectors.h"

namespace nw::app {

// Borrowed, as are the members of it.
struct RegisterView {
  const context::Registry& registry;
  const taxonomy::Sectors& sectors;
  Timestamp at;
};

// Lines that end with '\n'.
std::string asset_text(const RegisterView& view, const context::Asset& asset);
std::string address_text(const RegisterView& view, const IpAddress& address);
// One JSON object, without the end of the line.
std::string asset_json(const RegisterView& view, const context::Asset& asset);
std::string address_json(const RegisterView& view, const IpAddress& address);

std::string summary_text(const context::Registry& registry);
std::string summary_json(const context::Registry& registry, const Diagnostics& diagnostics);

// "a4, b7": the assets of a circle.
std::string circle_text(const std::vector<const context::Asset*>& circle);

enum class GraphFormat : unsigned char { dot, json, mermaid };
struct GraphOptions {
  GraphFormat format = GraphFormat::dot;
  const context::Asset* from = nullptr;  // only what it needs and what needs it, at any distance
  bool secret = false;                   // secret assets too
};
// `left_out`: secret assets that are not in it.
std::string graph_text(const context::Registry& registry, const GraphOptions& options, std::size_t& left_out);

}  // namespace nw::app
