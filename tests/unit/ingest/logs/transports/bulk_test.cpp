#include "ingest/logs/transports/bulk.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <vector>

namespace nw::logs {
namespace {

using Got = std::vector<std::string>;

Got sources(std::string_view body) {
  Got out;
  BulkReader reader{body};
  BulkItem item;
  while (reader.next(item) == BulkReader::Step::item)
    if (item.taken()) out.emplace_back(item.source);
  return out;
}

TEST(Bulk, Documents) {
  const std::string_view body =
      "{\"create\":{\"_index\":\"logs\",\"_id\":\"7\"}}\n{\"m\":1}\n"
      "\n"
      " {\"index\" : {} }\r\n{\"m\":2}\r\n"
      "{\"delete\":{\"_id\":\"9\"}}\n"
      "{\"update\":{\"_id\":\"8\"}}\n{\"doc\":{\"m\":3}}\n"
      "{\"index\":{\"_index\":\"x\",\"pipeline\":\"p\",\"_type\":\"_doc\"}}\n{\"m\":4}";
  EXPECT_EQ(sources(body), (Got{"{\"m\":1}", "{\"m\":2}", "{\"m\":4}"}));
  const BulkCheck check = check_bulk(body);
  EXPECT_EQ(check.fault, "");
  EXPECT_EQ(check.actions, 5U);
  EXPECT_EQ(check.refused, 2U);
}

TEST(Bulk, AnswerHasAnItemForEachActionInOrder) {
  const std::string body =
      "{\"create\":{\"_index\":\"logs\",\"_id\":\"7\"}}\n{}\n{\"index\":{}}\n{}\n{\"delete\":{\"_id\":\"9\"}}\n"
      "{\"update\":{}}\n{}\n";
  const std::string text = bulk_answer(body, "of\"path", std::chrono::milliseconds{12});
  const auto answer = boost::json::parse(text).as_object();
  EXPECT_EQ(answer.at("took").as_int64(), 12);
  EXPECT_TRUE(answer.at("errors").as_bool());
  EXPECT_NE(text.find("\"errors\":true"), std::string::npos);
  const auto& items = answer.at("items").as_array();
  ASSERT_EQ(items.size(), 4U);
  const auto& first = items[0].as_object().at("create").as_object();
  EXPECT_EQ(first.at("_index").as_string(), "logs");
  EXPECT_EQ(first.at("_id").as_string(), "7");
  EXPECT_EQ(first.at("status").as_int64(), 201);
  const auto& second = items[1].as_object().at("index").as_object();
  EXPECT_EQ(second.at("_index").as_string(), "of\"path");
  EXPECT_FALSE(second.contains("_id"));
  EXPECT_FALSE(second.contains("error"));
  for (const auto& [at, name] : {std::pair{2U, "delete"}, std::pair{3U, "update"}}) {
    const auto& item = items[at].as_object().at(name).as_object();
    EXPECT_EQ(item.at("status").as_int64(), 400);
    EXPECT_NE(item.at("error").as_object().at("reason").as_string().find("index and create"), std::string::npos);
  }
  EXPECT_NE(bulk_answer("{\"index\":{}}\n{}\n", "", {}).find("\"errors\":false"), std::string::npos);
}

TEST(Bulk, Faults) {
  static constexpr struct {
    const char *name, *body, *says;
  } kCases[] = {
      {"no JSON", "hello\n", "line 1 is no action"},
      {"an array", "[1]\n", "line 1 is no action"},
      {"no action in it", "{}\n", "line 1 is no action"},
      {"two actions", "{\"index\":{},\"create\":{}}\n{}\n", "line 1 is no action"},
      {"unknown action", "{\"index\":{}}\n{}\n{\"upsert\":{}}\n{}\n", "line 3 has the action 'upsert'"},
      {"action is no object", "{\"index\":1}\n{}\n", "line 1 has an action without an object"},
      {"no document", "{\"index\":{}}\n", "line 1 has an action but no document"},
      {"empty document", "{\"index\":{}}\n\n{}\n", "line 2 is empty"},
      {"documents alone", "{\"m\":1}\n{\"m\":2}\n", "line 1 has the action 'm'"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(check_bulk(c.body).fault.find(c.says), std::string::npos) << check_bulk(c.body).fault;
  }
}

TEST(Bulk, ActionsAreBounded) {
  std::string body;
  for (std::size_t i = 0; i < kBulkActionsMax; ++i) body += "{\"index\":{}}\n{}\n";
  EXPECT_FALSE(check_bulk(body).too_many);
  EXPECT_EQ(check_bulk(body).actions, kBulkActionsMax);
  EXPECT_TRUE(check_bulk(body + "{\"index\":{}}\n{}\n").too_many);
}

}  // namespace
}  // namespace nw::logs
