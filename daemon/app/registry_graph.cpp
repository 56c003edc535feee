// The dependencies of a register as a picture: DOT (Graphviz), Mermaid or JSON. An arrow goes from what needs to what
// is needed; edges inside a circle are marked.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "app/registry_text.h"
#include "base/text.h"

namespace nw::app {

namespace {

namespace json = boost::json;
using context::Asset;
using context::Dependency;

struct Edge {
  const Asset *from, *to;
  const Dependency* need;
  bool circle = false;
};

struct Picture {
  std::vector<const Asset*> assets;  // by id
  std::vector<Edge> edges;
};

// What `from` reaches along `next`, itself too.
std::set<const Asset*> reach(const Asset* from, const std::multimap<const Asset*, const Asset*>& next) {
  std::set<const Asset*> seen{from};
  std::vector<const Asset*> open{from};
  while (!open.empty()) {
    const auto [begin, end] = next.equal_range(open.back());
    open.pop_back();
    for (auto at = begin; at != end; ++at)
      if (seen.insert(at->second).second) open.push_back(at->second);
  }
  return seen;
}

Picture draw(const context::Registry& registry, const GraphOptions& options, std::size_t& left_out) {
  std::map<const Asset*, std::size_t> circles;
  const auto found = context::dependency_circles(registry);
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const Asset* asset : found[i]) circles.emplace(asset, i);
  Picture out;
  std::multimap<const Asset*, const Asset*> needs, needed_by;
  left_out = 0;
  for (const Asset& asset : registry.assets()) {
    if (asset.secret() && !options.secret) {
      ++left_out;
      continue;
    }
    out.assets.push_back(&asset);
    for (const Dependency& need : asset.dependencies) {
      const Asset* on = registry.find_asset(need.on);
      if (on == nullptr || (on->secret() && !options.secret)) continue;
      const auto a = circles.find(&asset), b = circles.find(on);
      out.edges.push_back({&asset, on, &need, a != circles.end() && b != circles.end() && a->second == b->second});
      needs.emplace(&asset, on);
      needed_by.emplace(on, &asset);
    }
  }
  if (options.from != nullptr) {
    std::set<const Asset*> kept = reach(options.from, needs);
    kept.merge(reach(options.from, needed_by));
    std::erase_if(out.assets, [&kept](const Asset* asset) { return !kept.contains(asset); });
    std::erase_if(out.edges,
                  [&kept](const Edge& edge) { return !kept.contains(edge.from) || !kept.contains(edge.to); });
  }
  std::ranges::sort(out.assets, {}, &Asset::id);
  std::ranges::stable_sort(out.edges, {}, [](const Edge& edge) { return std::pair{edge.from->id, edge.to->id}; });
  return out;
}

// The text of an edge: what is needed runs out so many minutes later.
std::string label(const Edge& edge) {
  std::string out = std::to_string(edge.need->buffer_minutes) + " min";
  if (!edge.need->group.empty()) out += ", one of " + edge.need->group;
  return out;
}

// Names are ids (a-z, 0-9 and '-'), texts are quoted: both languages read a quoted '"' differently, so it is left out.
std::string quoted(std::string_view text) {
  std::string out = printable(text, 256);
  std::erase_if(out, [](char c) { return c == '"' || c == '\\'; });
  return '"' + out + '"';
}

std::string dot(const Picture& picture) {
  std::string out = "digraph register {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Asset* asset : picture.assets)
    out += "  " + quoted(asset->id) +
           " [label=" + quoted(asset->id + ' ' + asset->sector + ' ' + std::string{asset->highest_class()}) + "];\n";
  for (const Edge& edge : picture.edges)
    out += "  " + quoted(edge.from->id) + " -> " + quoted(edge.to->id) + " [label=" + quoted(label(edge)) +
           (edge.need->group.empty() ? "" : ", style=dashed") + (edge.circle ? ", color=red" : "") + "];\n";
  return out + "}\n";
}

// Nodes are numbered: words such as `end` mean something in Mermaid.
std::string mermaid(const Picture& picture) {
  std::map<const Asset*, std::string> names;
  std::string out = "flowchart LR\n";
  for (const Asset* asset : picture.assets) {
    const auto at = names.emplace(asset, "n" + std::to_string(names.size())).first;
    out += "  " + at->second + '[' +
           quoted(asset->id + ' ' + asset->sector + ' ' + std::string{asset->highest_class()}) + "]\n";
  }
  std::string marked;
  for (std::size_t i = 0; i < picture.edges.size(); ++i) {
    const Edge& edge = picture.edges[i];
    out += "  " + names[edge.from] + (edge.need->group.empty() ? " -->|" : " -.->|") + quoted(label(edge)) + "| " +
           names[edge.to] + '\n';
    if (edge.circle) marked += (marked.empty() ? "" : ",") + std::to_string(i);
  }
  if (!marked.empty()) out += "  linkStyle " + marked + " stroke:red\n";
  return out;
}

std::string as_json(const Picture& picture) {
  json::array assets, edges;
  for (const Asset* asset : picture.assets)
    assets.push_back(json::object{{"asset", asset->id},
                                  {"sector", asset->sector},
                                  {"class", asset->highest_class()},
                                  {"functions", json::value_from(asset->functions)}});
  for (const Edge& edge : picture.edges)
    edges.push_back(json::object{{"asset", edge.from->id},
                                 {"needs", edge.to->id},
                                 {"kind", edge.need->kind},
                                 {"buffer_minutes", edge.need->buffer_minutes},
                                 {"strength", edge.need->strength},
                                 {"group", edge.need->group},
                                 {"circle", edge.circle}});
  return json::serialize(json::object{{"assets", std::move(assets)}, {"dependencies", std::move(edges)}}) + '\n';
}

}  // namespace

std::string graph_text(const context::Registry& registry, const GraphOptions& options, std::size_t& left_out) {
  const Picture picture = draw(registry, options, left_out);
  switch (options.format) {
    case GraphFormat::dot: return dot(picture);
    case GraphFormat::json: return as_json(picture);
    case GraphFormat::mermaid: return mermaid(picture);
  }
  return {};
}

}  // namespace nw::app
