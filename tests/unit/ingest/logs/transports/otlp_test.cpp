#include "ingest/logs/transports/otlp.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace nw::logs {
namespace {

namespace json = boost::json;

struct Read {
  std::vector<std::string> lines;
  std::size_t rejected = 0;
  std::string why;
  bool good = false;
};

Read read(std::string_view body) {
  Read out;
  OtlpReader reader{body};
  std::string_view record;
  std::string line;
  while (reader.next(record)) {
    if (reader.format(record, line))
      out.lines.push_back(line);
    else
      ++out.rejected;
  }
  out.good = reader.good();
  out.why = reader.why();
  return out;
}

std::string one(const std::string& record, const std::string& resource = "{}", const std::string& scope = "{}") {
  return R"({"resourceLogs":[{"resource":)" + resource + R"(,"scopeLogs":[{"scope":)" + scope + R"(,"logRecords":[)" +
         record + "]}]}]}";
}

TEST(Otlp, ARecordInFull) {
  const Read got = read(one(
      R"({"timeUnixNano":"1544712660300000001","observedTimeUnixNano":"1544712660400000000","severityNumber":10,
          "severityText":"Information","traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174",
          "body":{"stringValue":"Example \"log\""},"droppedAttributesCount":2,
          "attributes":[{"key":"user.id","value":{"intValue":"42"}}]})",
      R"({"attributes":[{"key":"host.name","value":{"stringValue":"plc-gw"}}]})",
      R"({"name":"my.library","version":"1.0"})"));
  ASSERT_TRUE(got.good);
  ASSERT_EQ(got.lines.size(), 1U);
  EXPECT_EQ(got.lines[0],
            R"({"@timestamp":"2018-12-13T14:51:00.300000001Z","observedTimeUnixNano":"1544712660400000000",)"
            R"("severityText":"Information","severityNumber":10,"message":"Example \"log\"",)"
            R"("traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","droppedAttributesCount":2,)"
            R"("user.id":42,"scope.name":"my.library","scope.version":"1.0","host.name":"plc-gw"})");
}

TEST(Otlp, Values) {
  static constexpr struct {
    const char *value, *want;
  } kCases[] = {
      {R"({"stringValue":"a\nb"})", R"("a\nb")"},
      {R"({"stringValue":""})", R"("")"},
      {R"({"boolValue":true})", "true"},
      {R"({"intValue":"-9223372036854775808"})", "-9223372036854775808"},
      {R"({"intValue":7})", "7"},
      {R"({"intValue":"no"})", R"("no")"},
      {R"({"doubleValue":1.5})", "1.5"},
      {R"({"doubleValue":-1e300})", "-1e+300"},
      {R"({"doubleValue":3})", "3"},
      {R"({"doubleValue":"NaN"})", R"("NaN")"},
      {R"({"bytesValue":"AQID"})", R"("AQID")"},
      {R"({"arrayValue":{"values":[{"intValue":1},{"stringValue":"x"},{}]}})", R"([1,"x",null])"},
      {R"({"arrayValue":{}})", "[]"},
      {R"({"kvlistValue":{"values":[{"key":"a","value":{"boolValue":false}},{"key":"b"}]}})",
       R"({"a":false,"b":null})"},
      {R"({})", "null"},
      {R"({"stringValue":"\ud800x"})", "\"\xef\xbf\xbdx\""},
      {R"({"stringValue":"\ud83d\ude00"})", "\"\xf0\x9f\x98\x80\""},
      {"{\"stringValue\":\"\xff\"}", "\"\xef\xbf\xbd\""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.value);
    const Read got = read(one(R"({"attributes":[{"key":"k","value":)" + std::string{c.value} + "}]}"));
    ASSERT_EQ(got.lines.size(), 1U);
    EXPECT_EQ(got.lines[0], std::string{R"({"k":)"} + c.want + '}');
  }
}

TEST(Otlp, StructuredBodies) {
  EXPECT_EQ(read(one(R"({"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}}]}}})")).lines[0],
            R"({"body":{"a":1}})");
  EXPECT_EQ(read(one(R"({"body":{"intValue":3}})")).lines[0], R"({"body":3})");
}

// The nearer one has the name; the other is kept under another.
TEST(Otlp, WhoHasAName) {
  const Read got = read(one(R"({"body":{"stringValue":"b"},"attributes":[{"key":"message","value":{"stringValue":"a"}},
                                {"key":"host.name","value":{"stringValue":"mine"}}]})",
                            R"({"attributes":[{"key":"host.name","value":{"stringValue":"theirs"}}]})"));
  ASSERT_EQ(got.lines.size(), 1U);
  EXPECT_EQ(got.lines[0],
            R"({"message":"b","attributes.message":"a","host.name":"mine","resource.host.name":"theirs"})");
}

TEST(Otlp, Times) {
  EXPECT_EQ(read(one(R"({"timeUnixNano":"0","observedTimeUnixNano":1544712660400000000})")).lines[0],
            R"({"@timestamp":"2018-12-13T14:51:00.400000000Z","observedTimeUnixNano":1544712660400000000})");
  EXPECT_EQ(read(one(R"({"timeUnixNano":"18446744073709551615"})")).lines[0],
            R"({"timeUnixNano":"18446744073709551615"})");
}

TEST(Otlp, ManyScopesAndResources) {
  const Read got = read(
      R"({"resourceLogs":[
           {"scopeLogs":[{"logRecords":[{"body":{"stringValue":"1"}}],"scope":{"name":"s"}},{"logRecords":[]},
                         {"logRecords":[{"body":{"stringValue":"2"}}]}],
            "resource":{"attributes":[{"key":"r","value":{"intValue":1}}]}},
           {"scopeLogs":[]}, {}, {"scopeLogs":[{"logRecords":[{"body":{"stringValue":"3"}}],"new":[1]}],"resource":null}],
         "unknown":{"a":1}})");
  ASSERT_TRUE(got.good);
  EXPECT_EQ(got.lines, (std::vector<std::string>{R"({"message":"1","scope.name":"s","r":1})",
                                                 R"({"message":"2","r":1})", R"({"message":"3"})"}));
}

TEST(Otlp, Requests) {
  static constexpr struct {
    const char* body;
    bool good;
  } kCases[] = {
      {"{}", true},
      {R"({"resourceLogs":[]})", true},
      {R"({"resourceLogs":null})", true},
      {R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]})", true},
      {"", false},
      {"[]", false},
      {"hello", false},
      {R"({"resourceLogs":{}})", false},
      {R"({"resourceLogs":7})", false},
      {R"({"resourceLogs":[7]})", false},
      {R"({"resourceLogs":[{"scopeLogs":7}]})", false},
      {R"({"resourceLogs":[{"scopeLogs":[7]}]})", false},
      {R"({"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]})", false},
      {R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{},]}]}]})", false},
      {R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]})", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.body);
    EXPECT_EQ(check_otlp(c.body).good, c.good);
  }
}

TEST(Otlp, RecordsThatAreNone) {
  Read got = read(one(R"({"body":{"stringValue":"a"}},7)"));
  EXPECT_TRUE(got.good);
  EXPECT_EQ(got.lines.size(), 1U);
  EXPECT_EQ(got.rejected, 1U);
  EXPECT_NE(got.why.find("no JSON object"), std::string::npos);
  // What its brackets hold together is a line, whatever is in it.
  got = read(one(R"({"body":{"stringValue":"\q"}})"));
  EXPECT_EQ(got.lines, (std::vector<std::string>{R"({"body":{"stringValue":"\q"}})"}));
  EXPECT_EQ(got.rejected, 0U);
}

TEST(Otlp, Bounds) {
  std::string records;
  for (std::size_t i = 0; i < kOtlpRecordsMax; ++i) records += i == 0 ? "{}" : ",{}";
  EXPECT_FALSE(check_otlp(one(records)).too_many);
  EXPECT_TRUE(check_otlp(one(records + ",{}")).too_many);

  const std::string long_value(kOtlpResourceBytesMax, 'x');
  Read got = read(one("{},{}", R"({"attributes":[{"key":"k","value":{"stringValue":")" + long_value + R"("}}]})"));
  EXPECT_EQ(got.rejected, 2U);
  EXPECT_NE(got.why.find("send fewer attributes"), std::string::npos);

  const std::string record = R"({"body":{"stringValue":")" + std::string(kOtlpRecordBytesMax, 'y') + R"("}})";
  got = read(one(record));
  ASSERT_EQ(got.lines.size(), 1U);
  EXPECT_EQ(got.lines[0], record);

  // Deeper than we read: as it was sent.
  std::string deep = R"({"stringValue":"x"})";
  for (int i = 0; i < 40; ++i) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
  got = read(one(R"({"body":)" + deep + '}'));
  ASSERT_EQ(got.lines.size(), 1U);
  EXPECT_TRUE(got.lines[0].starts_with(R"({"body":{"arrayValue")"));
}

}  // namespace
}  // namespace nw::logs
