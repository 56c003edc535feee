#include "ingest/logs/transports/push.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace nw::logs {
namespace {

namespace json = boost::json;
using Got = std::vector<std::string>;

struct Result {
  Got lines, ids;
  PushAnswer answer;
};

Result push(std::string_view method, std::string_view target, std::string_view type = "", std::string_view body = "") {
  Push pushed = read_push({method, target, type, body});
  if (!pushed.lines) return {{}, {}, std::move(pushed.answer)};
  Result out;
  PushedLine line;
  while (pushed.lines->next(line)) {
    out.lines.emplace_back(line.text);
    out.ids.emplace_back(line.id);
  }
  out.answer = pushed.lines->answer(std::chrono::milliseconds{3});
  return out;
}

TEST(Push, Lines) {
  static const struct {
    const char *name, *type, *body;
    Got want;
  } kCases[] = {
      {"NDJSON", "application/x-ndjson", "{\"a\":1}\n{\"a\":2}\n", {"{\"a\":1}", "{\"a\":2}"}},
      {"text", "text/plain; charset=utf-8", "one\r\n\ntwo", {"one", "two"}},
      {"no type", "", "one\n", {"one"}},
      {"nothing", "text/plain", "", {}},
      {"array", "application/json", " [{\"a\":1}, {\n\"a\":2},3 ]\n", {"{\"a\":1}", "{\n\"a\":2}", "3"}},
      {"empty array", "application/json", "[]", {}},
      {"object over lines", "Application/JSON;charset=utf-8", "{\n \"a\": 1\n}\n", {"{\n \"a\": 1\n}"}},
      {"objects", "application/json", "{\"a\":1}\n{\"a\":2} {\"a\":3}", {"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"}},
      {"a broken one among objects",
       "application/json",
       "{\"a\":1}\n{\"a\n{\"a\":3}\n",
       {"{\"a\":1}", "{\"a", "{\"a\":3}"}},
      {"words", "application/json", "not json\n", {"not json"}},
  };
  for (const auto& c : kCases)
    for (const char* target : {"/", "/ingest", "/ingest?x=1", "http://sensor:9200/ingest"}) {
      SCOPED_TRACE(std::string{c.name} + ' ' + target);
      const Result got = push("POST", target, c.type, c.body);
      EXPECT_EQ(got.lines, c.want);
      EXPECT_EQ(got.answer.status, 200U);
      EXPECT_EQ(got.answer.body, "{\"accepted\":" + std::to_string(c.want.size()) + '}');
      EXPECT_EQ(got.answer.reason, "");
    }
}

TEST(Push, Bulk) {
  const std::string_view body = "{\"create\":{\"_id\":\"7\"}}\n{\"m\":1}\n{\"delete\":{}}\n{\"index\":{}}\n{\"m\":2}\n";
  for (const char* target : {"/_bulk", "/logs-x/_bulk?filter_path=errors", "/logs-x/_doc/_bulk"})
    for (const char* type : {"application/x-ndjson", "application/json", "",
                             "application/vnd.elasticsearch+x-ndjson; compatible-with=8"}) {
      SCOPED_TRACE(std::string{target} + ' ' + type);
      const Result got = push("POST", target, type, body);
      EXPECT_EQ(got.lines, (Got{"{\"m\":1}", "{\"m\":2}"}));
      EXPECT_EQ(got.ids, (Got{"\"7\"", ""}));
      const auto answer = json::parse(got.answer.body).as_object();
      EXPECT_EQ(answer.at("items").as_array().size(), 3U);
      const auto& first = answer.at("items").as_array()[0].as_object().at("create").as_object();
      EXPECT_EQ(first.contains("_index"), std::string_view{target}.starts_with("/logs-x"));
    }
}

TEST(Push, Otlp) {
  const Result got = push("POST", "/v1/logs", "application/json",
                          R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]})");
  EXPECT_EQ(got.lines, Got{R"({"message":"a"})"});
  EXPECT_EQ(got.answer.body, "{}");
  const Result partial = push("POST", "/v1/logs", "application/json",
                              R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[1,{"body":{"stringValue":"a"}}]}]}]})");
  EXPECT_EQ(partial.lines.size(), 1U);
  EXPECT_EQ(partial.answer.status, 200U);
  EXPECT_NE(partial.answer.reason.find("1 log records were not taken"), std::string::npos);
  const auto said = json::parse(partial.answer.body).as_object().at("partialSuccess").as_object();
  EXPECT_EQ(said.at("rejectedLogRecords").as_string(), "1");
  EXPECT_EQ(said.at("errorMessage").as_string(), "a log record is no JSON object");
}

TEST(Push, Refuses) {
  static constexpr struct {
    const char *method, *target, *type, *body;
    unsigned status;
    const char *says, *allow;
  } kCases[] = {
      {"POST", "/", "application/x-protobuf", "", 415, "application/x-ndjson", ""},
      {"POST", "/ingest", "application/x-www-form-urlencoded", "a", 415, "application/x-ndjson", ""},
      {"POST", "/ingest", "application/json", "[1,2", 400, "element 3", ""},
      {"POST", "/ingest", "application/json", "[1] 2", 400, "array", ""},
      {"POST", "/_bulk", "application/cbor", "", 415, "application/x-ndjson", ""},
      {"POST", "/_bulk", "application/json", "hello\n", 400, "line 1 is no action", ""},
      {"POST", "/_bulk", "application/json", "\n\n", 400, "no action", ""},
      {"POST", "/v1/logs", "application/x-protobuf", "\x0a", 415, "encoding: json", ""},
      {"POST", "/v1/logs", "application/json", "[]", 400, "ExportLogsServiceRequest", ""},
      {"GET", "/_bulk", "", "", 405, "use POST", "POST"},
      {"GET", "/v1/logs", "", "", 405, "use POST", "POST"},
      {"GET", "/ingest", "", "", 405, "use POST", "POST"},
      {"PUT", "/ingest", "", "", 405, "use POST", "POST"},
      {"DELETE", "/", "", "", 405, "use GET, HEAD, POST", "GET, HEAD, POST"},
      {"POST", "/health", "", "", 405, "use GET, HEAD", "GET, HEAD"},
      {"POST", "/v1/traces", "application/json", "{}", 404, "POST /v1/logs", ""},
      {"POST", "/logs/_search", "application/json", "{}", 404, "POST /_bulk", ""},
      {"GET", "/_cat/indices", "", "", 404, "POST /ingest", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.method} + ' ' + c.target + ' ' + c.body);
    const Result got = push(c.method, c.target, c.type, c.body);
    EXPECT_EQ(got.answer.status, c.status);
    EXPECT_NE(got.answer.reason.find(c.says), std::string::npos) << got.answer.reason;
    EXPECT_EQ(got.answer.allow, c.allow);
    EXPECT_TRUE(got.lines.empty());
    const auto body = json::parse(got.answer.body).as_object();
    EXPECT_EQ(body.at("message").as_string(), got.answer.reason);
    EXPECT_EQ(body.at("error").as_object().at("reason").as_string(), got.answer.reason);
  }
}

// What shippers ask for before they send: beats and Logstash with and without setup, Vector's health check.
TEST(Push, ElasticsearchAsShippersMeetIt) {
  static constexpr struct {
    const char *method, *target;
    unsigned status;
    const char* holds;
  } kCases[] = {
      {"GET", "/", 200, "\"number\":\"8."},
      {"HEAD", "/", 200, ""},
      {"GET", "/_license?human=false", 200, "\"type\":\"basic\""},
      {"GET", "/_xpack?human=false", 200, "\"mode\":\"basic\""},
      {"GET", "/_nodes/ingest", 200, "\"nodes\":{}"},
      {"GET", "/_nodes/http", 200, "\"nodes\":{}"},
      {"GET", "/_cluster/health", 200, "\"status\":\"green\""},
      {"GET", "/_ilm/policy/filebeat", 404, "resource_not_found_exception"},
      {"PUT", "/_ilm/policy/filebeat", 200, "\"acknowledged\":true"},
      {"HEAD", "/_index_template/filebeat-8.11.0", 404, ""},
      {"PUT", "/_index_template/filebeat-8.11.0", 200, "\"acknowledged\":true"},
      {"PUT", "/_component_template/a", 200, "\"acknowledged\":true"},
      {"HEAD", "/_template/logstash", 404, ""},
      {"PUT", "/_template/logstash", 200, "\"acknowledged\":true"},
      {"GET", "/_data_stream/filebeat-8.11.0", 404, ""},
      {"PUT", "/_data_stream/filebeat-8.11.0", 200, "\"acknowledged\":true"},
      {"GET", "/_ingest/pipeline/filebeat-8.11.0-nginx", 404, ""},
      {"PUT", "/_ingest/pipeline/filebeat-8.11.0-nginx", 200, "\"acknowledged\":true"},
      {"HEAD", "/_alias/filebeat", 404, ""},
      {"HEAD", "/logstash", 404, ""},
      {"PUT", "/%3Clogstash-%7Bnow%2Fd%7D-000001%3E", 200, "\"acknowledged\":true"},
      {"GET", "/health", 200, "ok"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.method} + ' ' + c.target);
    const Result got = push(c.method, c.target);
    EXPECT_EQ(got.answer.status, c.status);
    EXPECT_NE(got.answer.body.find(c.holds), std::string::npos) << got.answer.body;
    EXPECT_EQ(got.answer.reason, "");  // nothing to complain of in the log
    EXPECT_NO_THROW((void)json::parse(got.answer.body));
  }
}

TEST(Push, Paths) {
  EXPECT_EQ(push_path("/a?b"), "/a");
  EXPECT_EQ(push_path("http://h:1/a?b"), "/a");
  EXPECT_EQ(push_path("http://h"), "");
  EXPECT_EQ(push_path("*"), "*");
  for (const char* target : {"", "*", "http://h", "_bulk", "//", "/_bulk/", "/a/b/_bulk", "/_x/_bulk"}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(push("POST", target, "application/json", "x").answer.status, 404U);
  }
  EXPECT_EQ(push("POST", '/' + std::string(256, 'i') + "/_bulk").answer.status, 404U);
}

}  // namespace
}  // namespace nw::logs
