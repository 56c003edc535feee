// As much of Elasticsearch's interface as its shippers ask for before they send: Filebeat and Winlogbeat 7 and 8,
// Logstash, Vector, Fluent Bit, Elastic's own clients. There is one cluster of no nodes, and nothing is kept: what is
// asked for by name is not there (404), and what is to be kept (templates, policies, pipelines) is acknowledged so
// that the shipper goes on. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nw::logs {

// What we say that we are. Beats refuse an Elasticsearch that is older than they are: the last minor version of 8
// suits all of 7 and 8.
constexpr std::string_view kElasticVersion = "8.19.0";

struct ElasticAnswer {
  unsigned status = 200;
  std::string body;  // JSON
};

// Nothing: none of these paths, or not by this method. `path` is without its query. The bulk API is in bulk.h.
std::optional<ElasticAnswer> elastic_answer(std::string_view method, std::string_view path);

// "/_bulk" or "/INDEX/_bulk" (also the older "/INDEX/_doc/_bulk"): `index` is then the first, or empty.
bool is_bulk_path(std::string_view path, std::string_view& index);

}  // namespace nw::logs
