#include "ingest/logs/transports/elastic.h"

#include <algorithm>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kIndexBytesMax = 255;  // as in Elasticsearch

std::string cluster_info() {
  return R"({"name":"normwatch","cluster_name":"normwatch","cluster_uuid":"_na_","version":{"number":")" +
         std::string{kElasticVersion} +
         R"(","build_flavor":"default","build_type":"deb","build_hash":"unknown","build_snapshot":false,)"
         R"("minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},)"
         R"("tagline":"You Know, for Search"})";
}

// No node: Logstash and the clients that look for more of them keep the address that they were given.
constexpr std::string_view kNodes =
    R"({"_nodes":{"total":0,"successful":0,"failed":0},"cluster_name":"normwatch","nodes":{}})";
constexpr std::string_view kHealth =
    R"({"cluster_name":"normwatch","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,)"
    R"("active_primary_shards":0,"active_shards":0,"unassigned_shards":0})";
// Basic is what the free distributions of the shippers ask for.
constexpr std::string_view kLicense =
    R"({"license":{"status":"active","uid":"normwatch","type":"basic","issued_to":"normwatch","issuer":"normwatch"}})";
constexpr std::string_view kXpack =
    R"({"build":{},"license":{"uid":"normwatch","type":"basic","mode":"basic","status":"active"},"features":{},)"
    R"("tagline":"You know, for X"})";

// Under these names things are asked for and put.
constexpr std::string_view kKept[] = {"_alias",          "_component_template", "_data_stream", "_ilm/policy",
                                      "_index_template", "_ingest/pipeline",    "_template"};

bool below(std::string_view path, std::string_view name) {
  path.remove_prefix(1);
  return path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '/');
}

ElasticAnswer not_there(std::string_view path) {
  std::string reason;
  append_json_string(path.substr(0, 256), reason);
  return {404, R"({"error":{"type":"resource_not_found_exception","reason":)" + reason + R"(},"status":404})"};
}

bool index_name(std::string_view name) {
  return !name.empty() && name.size() <= kIndexBytesMax && name.front() != '_' &&
         name.find('/') == std::string_view::npos;
}

}  // namespace

bool is_bulk_path(std::string_view path, std::string_view& index) {
  index = {};
  if (path == "/_bulk") return true;
  if (!path.starts_with('/') || !path.ends_with("/_bulk")) return false;
  path.remove_prefix(1);
  path.remove_suffix(std::string_view{"/_bulk"}.size());
  if (path.ends_with("/_doc")) path.remove_suffix(5);
  if (!index_name(path)) return false;
  index = path;
  return true;
}

std::optional<ElasticAnswer> elastic_answer(std::string_view method, std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  const bool get = method == "GET" || method == "HEAD";
  const bool put = method == "PUT" || method == "POST";
  if (get) {
    if (path == "/") return ElasticAnswer{200, cluster_info()};
    if (below(path, "_nodes")) return ElasticAnswer{200, std::string{kNodes}};
    if (below(path, "_cluster/health")) return ElasticAnswer{200, std::string{kHealth}};
    if (path == "/_license") return ElasticAnswer{200, std::string{kLicense}};
    if (path == "/_xpack") return ElasticAnswer{200, std::string{kXpack}};
  }
  const bool kept = std::ranges::any_of(kKept, [&](std::string_view name) { return below(path, name); });
  if (kept && put) return ElasticAnswer{200, R"({"acknowledged":true})"};
  if (kept && (get || method == "DELETE")) return not_there(path);
  // An index or alias by its name: Logstash asks whether its write alias exists, and makes it.
  std::string_view name = path.substr(1);
  const std::size_t alias = name.find("/_alias/");
  name = name.substr(0, alias);
  if (!index_name(name) || (alias == std::string_view::npos && name.size() + 1 != path.size())) return std::nullopt;
  if (method == "PUT" && name != "ingest")
    return ElasticAnswer{200, R"({"acknowledged":true,"shards_acknowledged":true})"};
  if (get && name != "ingest" && name != "health") return not_there(path);
  return std::nullopt;
}

}  // namespace nw::logs
