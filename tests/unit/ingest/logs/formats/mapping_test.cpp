#include "ingest/logs/formats/mapping.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "ingest/logs/formats/mapped_types.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

std::shared_ptr<const Mapping> shipped(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/config/mappings/" + name + ".yaml"}.rdbuf();
  Diagnostics diagnostics;
  auto mapping = read_mapping(text.str(), name + ".yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return mapping;
}

std::shared_ptr<const Mapping> made(const std::string& text) {
  Diagnostics diagnostics;
  auto mapping = read_mapping(text, "m.yaml", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return mapping;
}

FormatOptions with(std::shared_ptr<const Mapping> mapping, std::string product) {
  FormatOptions options;
  options.product = std::move(product);
  options.mapping = std::move(mapping);
  return options;
}

// The event's type, then each wanted field as text, whatever the order in the line.
class Told final : public event::EventSink {
 public:
  Told(const event::Schema& schema, std::vector<std::string_view> names) : schema_{schema}, names_{std::move(names)} {}
  void accept(event::Event& event) override {
    text = schema_.type(event.type()).path;
    time = to_rfc3339(event.event_time());
    extras.clear();
    for (const auto& extra : event.extras()) extras += std::string{extra.name} + '=' + extra.value.to_text() + ' ';
    for (const std::string_view name : names_)
      if (const event::Value* const value = event.get(*schema_.find_field(name)))
        text += ' ' + std::string{name} + '=' + value->to_text();
  }
  std::string text, time, extras;

 private:
  const event::Schema& schema_;
  std::vector<std::string_view> names_;
};

std::string tell(Bench& bench, std::initializer_list<std::string_view> names, std::string_view line) {
  Told told{*bench.schema, names};
  LineOrigin origin;
  origin.receive_time = *parse_rfc3339("2026-03-01T12:00:00Z");
  const LineFault fault = bench.parser->line(line, origin, told);
  return fault == LineFault::none ? told.text : std::string{to_string(fault)};
}

struct Shape {
  const char *name, *line;
};

constexpr Shape kSysmon1[] = {
    {"evtx_dump",
     R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},)"
     R"("EventID":1,"Execution":{"#attributes":{"ProcessID":44}},"Channel":"Microsoft-Windows-Sysmon/Operational",)"
     R"("Computer":"ws1"},"EventData":{"Image":"C:\\Tools\\x.exe","CommandLine":"x.exe \"-a\"","User":"LAB\\eva"}}})"},
    {"evtx_dump with attributes on the number",
     R"({"Event":{"System":{"EventID":{"#attributes":{"Qualifiers":0},"#text":1},"Computer":"ws1",)"
     R"("Channel":"microsoft-windows-sysmon/OPERATIONAL","Execution":{"#attributes":{"ProcessID":44}},)"
     R"("Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}}},)"
     R"("EventData":{"User":"LAB\\eva","Image":"C:\\Tools\\x.exe","CommandLine":"x.exe \"-a\""}}})"},
    {"EventData as pairs",
     R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,"Computer":"ws1",)"
     R"("Execution":{"#attributes":{"ProcessID":44}},"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Data":[)"
     R"({"#attributes":{"Name":"Image"},"#text":"C:\\Tools\\x.exe"},{"#text":"x.exe \"-a\"","#attributes":{"Name":"CommandLine"}},)"
     R"({"Name":"User","Value":"LAB\\eva"}]}}})"},
    {"Winlogbeat",
     R"({"@timestamp":"2026-01-15T08:00:00Z","event":{"code":"1","provider":"Microsoft-Windows-Sysmon"},"host":{"name":"ws1"},)"
     R"("process":{"executable":"C:\\Tools\\x.exe","command_line":"x.exe -a","pid":9},"user":{"name":"eva"},)"
     R"("winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_id":1,"computer_name":"ws1","process":{"pid":44},)"
     R"("provider_name":"Microsoft-Windows-Sysmon","event_data":{"Image":"C:\\Tools\\x.exe","CommandLine":"x.exe \"-a\"",)"
     R"("User":"LAB\\eva"}},"message":"Process Create:\r\n"})"},
    {"Winlogbeat, names joined",
     R"({"winlog.event_data.Image":"C:\\Tools\\x.exe","winlog.event_data":{"CommandLine":"x.exe \"-a\""},)"
     R"("winlog.event_data.User":"LAB\\eva","winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.event_id":"1",)"
     R"("winlog.process":{"pid":44},"winlog.computer_name":"ws1","winlog.provider_name":"Microsoft-Windows-Sysmon"})"},
    {"Winlogbeat 6",
     R"({"log_name":"Microsoft-Windows-Sysmon/Operational","event_id":1,"computer_name":"ws1","Execution_ProcessID":44,)"
     R"("source_name":"Microsoft-Windows-Sysmon",)"
     R"("event_data":{"Image":"C:\\Tools\\x.exe","CommandLine":"x.exe \"-a\"","User":"LAB\\eva"}})"},
    {"NXLog",
     R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon\/Operational","Hostname":"ws1","ExecutionProcessID":44,)"
     R"("SourceName":"Microsoft-Windows-Sysmon","Image":"C:\\Tools\\x.exe","CommandLine":"x.exe \"-a\"",)"
     R"("User":"LAB\\eva","Message":"Process Create:\r\n"})"},
    {"escapes in the names",
     R"({"\u0045ventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws1","ExecutionProcessID":44,)"
     R"("SourceName":"Microsoft-Windows-Sysmon","Event\u0044ata":{"Im\u0061ge":"C:\\Tools\\x.exe",)"
     R"("CommandLine":"x.exe \"-a\"","User":"LAB\\eva"}})"},
    {"ECS alone, but for the user",
     R"({"event":{"code":1,"provider":"Microsoft-Windows-Sysmon"},"winlog":{"channel":"Microsoft-Windows-Sysmon/Operational",)"
     R"("process":{"pid":44}},"host":{"name":"ws1"},"User":"LAB\\eva",)"
     R"("process":{"executable":"C:\\Tools\\x.exe","command_line":"x.exe \"-a\""}})"},
};

TEST(Mapping, EveryShapeOfSysmon1IsOneEvent) {
  Bench bench{"json",
              with(shipped("windows"), "windows"),
              Wants::nothing,
              {"EventID", "Provider_Name", "Computer", "Execution_ProcessID", "Image", "CommandLine", "User"}};
  for (const Shape& shape : kSysmon1) {
    SCOPED_TRACE(shape.name);
    EXPECT_EQ(
        tell(bench, {"EventID", "Provider_Name", "Computer", "Execution_ProcessID", "Image", "CommandLine", "User"},
             shape.line),
        "windows.sysmon.process_creation EventID=1 Provider_Name=Microsoft-Windows-Sysmon Computer=ws1 "
        "Execution_ProcessID=44 Image=C:\\Tools\\x.exe CommandLine=x.exe \"-a\" User=LAB\\eva");
  }
}

// Also when no rule names the field that says so; what calls itself `host` is mostly a collector.
TEST(Mapping, TheHostIsWhomTheEventIsOf) {
  Bench bench{"json", with(shipped("windows"), "windows"), Wants::nothing, {"EventID"}};
  for (const Shape& shape : kSysmon1) {
    SCOPED_TRACE(shape.name);
    EXPECT_EQ(tell(bench, {"host", "EventID"}, shape.line), "windows.sysmon.process_creation host=ws1 EventID=1");
  }
  static constexpr Shape kShapes[] = {
      {"a collector before", R"({"host":"wec","EventID":1,"Channel":"System","Hostname":"ws1"})"},
      {"a collector behind", R"({"EventID":1,"Channel":"System","Hostname":"ws1","host":"wec"})"},
      {"nobody else", R"({"EventID":1,"Channel":"System","host":"ws1"})"},
      {"a number is no name", R"({"EventID":1,"Channel":"System","Computer":7,"host":"ws1"})"},
  };
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    EXPECT_EQ(tell(bench, {"host", "EventID"}, shape.line), "windows.system host=ws1 EventID=1");
  }
  Bench plain{"json", with(made("name: m\nfor: {product: p}\nfields: {Computer: c}"), "p"), Wants::nothing, {"a"}};
  EXPECT_EQ(tell(plain, {"host"}, R"({"c":"ws1","host":"wec"})"), "m host=wec");
}

TEST(Mapping, EveryShapeOfSecurity4688IsOneEvent) {
  static constexpr Shape kShapes[] = {
      {"evtx_dump", R"({"Event":{"System":{"EventID":4688,"Channel":"Security"},"EventData":)"
                    R"({"NewProcessName":"C:\\x.exe","ParentProcessName":"C:\\p.exe","CommandLine":"x"}}})"},
      {"Winlogbeat",
       R"({"process":{"executable":"C:\\other.exe"},"winlog":{"channel":"Security","event_id":4688,"event_data":)"
       R"({"NewProcessName":"C:\\x.exe","ParentProcessName":"C:\\p.exe","CommandLine":"x"}}})"},
      {"NXLog", R"({"NewProcessName":"C:\\x.exe","ParentProcessName":"C:\\p.exe","CommandLine":"x","EventID":4688,)"
                R"("Channel":"Security"})"},
      {"pairs",
       R"({"EventData":{"Data":[{"@Name":"NewProcessName","#text":"C:\\x.exe"},{"@Name":"CommandLine","#text":"x"},)"
       R"({"@Name":"ParentProcessName","#text":"C:\\p.exe"}]},"System":{"EventID":"4688","Channel":"Security"}})"},
      {"ECS alone", R"({"event":{"code":"4688"},"winlog":{"channel":"Security"},"process":{"executable":"C:\\x.exe",)"
                    R"("command_line":"x","parent":{"executable":"C:\\p.exe"}}})"},
  };
  Bench bench{"json",
              with(shipped("windows"), "windows"),
              Wants::nothing,
              {"NewProcessName", "ParentProcessName", "CommandLine"}};
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    EXPECT_EQ(tell(bench, {"NewProcessName", "ParentProcessName", "CommandLine"}, shape.line),
              "windows.security.process_creation NewProcessName=C:\\x.exe ParentProcessName=C:\\p.exe CommandLine=x");
  }
}

TEST(Mapping, ChannelAndNumberDecideTheType) {
  static constexpr struct {
    const char *channel, *id, *want;
  } kCases[] = {
      {"Security", "4688", "windows.security.process_creation"},
      {"SECURITY", "4689", "windows.security"},
      {"Microsoft-Windows-Sysmon/Operational", "13", "windows.sysmon.registry_set"},
      {"Microsoft-Windows-Sysmon/Operational", "18", "windows.sysmon.pipe_created"},
      {"Microsoft-Windows-Sysmon/Operational", "9999", "windows.sysmon"},
      {"Windows PowerShell", "400", "windows.powershell-classic.ps_classic_start"},
      {"PowerShellCore/Operational", "4104", "windows.powershell.ps_script"},
      {"Microsoft-Windows-Windows Defender/Operational", "1116", "windows.windefend.antivirus"},
      {"Microsoft-Windows-Windows Defender/Operational", "5001", "windows.windefend"},
      {"Some Vendor/Operational", "4688", "windows"},
      {"", "1", "windows"},
  };
  Bench bench{"json", with(shipped("windows"), "windows"), Wants::types};
  for (const auto& c : kCases) {
    const std::string line = "{\"EventID\":" + std::string{c.id} + ",\"Channel\":\"" + c.channel + "\"}";
    EXPECT_EQ(tell(bench, {}, line), c.want) << line;
  }
  EXPECT_EQ(tell(bench, {}, "{\"Channel\":\"" + std::string(5000, 'x') + "\"}"), "windows");
  EXPECT_EQ(tell(bench, {}, R"({"EventID":[1],"Channel":["Security"]})"), "windows");
  EXPECT_EQ(tell(bench, {}, "{}"), "windows");
  // "*" takes every other value, however long.
  Bench programs{"json", with(shipped("linux"), "linux"), Wants::types};
  EXPECT_EQ(tell(programs, {}, R"({"SYSLOG_IDENTIFIER":"own"})"), "linux.syslog");
  EXPECT_EQ(tell(programs, {}, "{\"SYSLOG_IDENTIFIER\":\"" + std::string(5000, 'x') + "\"}"), "linux.syslog");
  EXPECT_EQ(tell(programs, {}, R"({"SYSLOG_IDENTIFIER":""})"), "linux");
}

TEST(Mapping, TypesCarryTheirLogSources) {
  event::Schema schema;
  const FormatOptions options = with(shipped("windows"), "windows");
  find_format("json")->declare(schema, options);
  const auto type = [&](std::string_view path) -> const event::Type& {
    for (std::size_t i = 0; i < schema.type_count(); ++i)
      if (schema.type(static_cast<event::TypeId>(i)).path == path) return schema.type(static_cast<event::TypeId>(i));
    ADD_FAILURE() << path;
    return schema.type(event::TypeId{0});
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(type("windows").services, Names{});
  EXPECT_EQ(type("windows.security").services, Names{"security"});
  // Known service, no category: rules that ask for a category do not see it.
  EXPECT_EQ(type("windows.security").categories, Names{});
  EXPECT_EQ(type("windows.sysmon.registry_key").categories,
            (Names{"registry_event", "registry_add", "registry_delete"}));
  EXPECT_EQ(type("windows.windefend.antivirus").categories, Names{"antivirus"});
  EXPECT_EQ(type("windows.windefend.antivirus").services, Names{"windefend"});
  for (const char* path : {"windows", "windows.system", "windows.sysmon.file_event"}) {
    EXPECT_TRUE(type(path).open);
    EXPECT_TRUE(type(path).structured);
    EXPECT_EQ(type(path).product, "windows");
  }
  const auto carried = [&](std::string_view path, std::string_view named) -> std::string_view {
    for (const event::FieldAlias& alias : type(path).aliases)
      if (schema.field_name(alias.named) == named) return schema.field_name(alias.carried);
    return "(none)";
  };
  EXPECT_EQ(carried("windows.security.process_creation", "Image"), "NewProcessName");
  EXPECT_EQ(carried("windows.security.process_creation", "ParentImage"), "ParentProcessName");
  EXPECT_EQ(carried("windows.windefend.antivirus", "Signature"), "ThreatName");
  EXPECT_EQ(carried("windows.sysmon.process_creation", "Image"), "(none)");
}

TEST(Mapping, AServiceOrCategoryOfTheSourceIsTheLastWord) {
  FormatOptions options = with(shipped("windows"), "windows");
  options.service = "sysmon";
  Bench bench{"json", options, Wants::nothing, {"Image"}};
  EXPECT_EQ(tell(bench, {"Image"}, R"({"EventID":4688,"Channel":"Security","EventData":{"Image":"x"}})"),
            "json:sysmon Image=x");
}

TEST(Mapping, NamesWithSpacesAndUserData) {
  Bench bench{"json", with(shipped("windows"), "windows"), Wants::nothing, {"ThreatName", "PossibleCause", "Data"}};
  EXPECT_EQ(tell(bench, {"ThreatName"}, R"({"Event":{"EventData":{"Threat Name":"EICAR"}}})"),
            "windows ThreatName=EICAR");
  EXPECT_EQ(tell(bench, {"ThreatName"}, R"({"Threat Name":"EICAR"})"), "windows ThreatName=EICAR");
  EXPECT_EQ(tell(bench, {"ThreatName"}, R"({"Threat\u0020N\u0061me":"EICAR"})"), "windows ThreatName=EICAR");
  EXPECT_EQ(
      tell(bench, {"PossibleCause"}, R"({"Event":{"UserData":{"Operation_ClientFailure":{"PossibleCause":"c"}}}})"),
      "windows PossibleCause=c");
  EXPECT_EQ(tell(bench, {"Data"}, R"({"Event":{"EventData":{"Data":{"#text":["a","b"]}}}})"), "windows Data=a,b");
  EXPECT_EQ(tell(bench, {"Data"}, R"({"Event":{"EventData":{"Data":["a","b"]}}})"), "windows Data=a,b");
}

TEST(Mapping, TheBestNameWinsWhateverTheOrder) {
  const auto mapping = made("name: m\nfor: {product: p}\nfields: {f: [first, second]}\naliases: {rule: f}\n");
  Bench bench{"json", with(mapping, "p"), Wants::nothing, {"f"}};
  static constexpr struct {
    const char *line, *want;
  } kCases[] = {
      {R"({"f":1,"first":2,"second":3,"rule":4})", "m f=1"},
      {R"({"rule":4,"second":3,"first":2,"f":1})", "m f=1"},
      {R"({"second":3,"first":2,"rule":4})", "m f=2"},
      {R"({"rule":4,"second":3})", "m f=3"},
      {R"({"rule":4})", "m f=4"},
      {R"({"first":2,"first":5})", "m f=5"},
      {R"({"first":[1,2],"second":3})", "m f=1,2"},
  };
  for (const auto& c : kCases) EXPECT_EQ(tell(bench, {"f"}, c.line), c.want) << c.line;
}

TEST(Mapping, TheTimeStandsInTheFirstPlaceThatCanBeRead) {
  Bench bench{"json", with(made("name: m\nfor: {product: p}\ntimes: [a.b, c]\n"), "p"), Wants::types};
  Told told{*bench.schema, {}};
  const auto time = [&](const char* line) {
    LineOrigin origin;
    origin.receive_time = *parse_rfc3339("2026-03-01T12:00:00Z");
    (void)bench.parser->line(line, origin, told);
    return told.time;
  };
  EXPECT_EQ(time(R"({"c":"2026-01-02T00:00:00Z","a":{"b":"2026-01-01T00:00:00.1234567Z"}})"),
            "2026-01-01T00:00:00.123Z");
  EXPECT_EQ(time(R"({"a.b":"soon","c":"2026-01-02T00:00:00Z"})"), "2026-01-02T00:00:00.000Z");
  EXPECT_EQ(time(R"({"ts":1})"), "2026-03-01T12:00:00.000Z");
}

// One kind wants everything, the other a field: the first line of a kind is read twice, and nothing leaks over.
TEST(Mapping, EachKindGetsWhatItWants) {
  const auto mapping = made("name: m\nfor: {product: p}\nbelow: [d]\nby: [k]\nclasses: {wide: w, narrow: n}\n");
  const FormatOptions options = with(mapping, "p");
  auto schema = std::make_shared<event::Schema>();
  find_format("json")->declare(*schema, options);
  const event::FieldId field = schema->add_field("a");
  auto interest = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (schema->type(id).path == "m.wide") interest->want_all(id);
    if (schema->type(id).path == "m.narrow") interest->want(id, field);
  }
  const auto parser = find_format("json")->make(schema, interest, options);
  Told told{*schema, {"a"}};
  const LineOrigin origin;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(parser->line(R"({"d":{"b":{"c":1},"a":2},"x":3,"k":"N"})", origin, told), LineFault::none);
    EXPECT_EQ(told.text + '|' + told.extras, "m.narrow a=2|");
    ASSERT_EQ(parser->line(R"({"d":{"b":{"c":1},"a":2},"x":3,"k":"w"})", origin, told), LineFault::none);
    EXPECT_EQ(told.text + '|' + told.extras, "m.wide a=2|b.c=1 x=3 k=w ");
  }
  told.text.clear();
  EXPECT_EQ(parser->line(R"({"a":2,"k":"other"})", origin, told), LineFault::none);
  EXPECT_EQ(told.text, "");
}

TEST(Mapping, PairsThatAreNone) {
  Bench bench{"json", with(shipped("windows"), "windows"), Wants::all};
  for (const char* line : {R"({"EventData":{"Data":[{"Name":"A"},{"#text":"x"},{"Name":7,"#text":"y"},{}]}})",
                           R"({"EventData":{"Data":[{"Name":["A"],"#text":"x"},[{"Name":"B","#text":"z"}]]}})",
                           R"({"EventData":{"Data":{"Name":"A","#text":"x"}}})",
                           R"({"EventData":[{"Data":[{"Name":"A","#text":{"b":[1]}}]}]})"})
    EXPECT_EQ(bench.line(line), LineFault::none) << line;
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = R"([{"Name":"Data","#text":)" + deep + "}]";
  EXPECT_NE(to_string(bench.line(R"({"EventData":{"Data":)" + deep + "}}")), "not_json");
  EXPECT_EQ(bench.line(R"({"EventData":{"Data":[{"Name":"A","#text":}]}})"), LineFault::not_json);
}

TEST(Mapping, ShippedOnesAreGood) {
  for (const char* name : {"windows", "zeek", "linux", "web"}) {
    const auto mapping = shipped(name);
    ASSERT_TRUE(mapping) << name;
    EXPECT_EQ(mapping->name, name);
    event::Schema schema;
    find_format("json")->declare(schema, with(mapping, name));
    claim_foreign(schema, *mapping);
  }
}

TEST(Mapping, ClaimsOnTypesOfOthers) {
  event::Schema schema;
  const auto type = schema.add_type({"dns", "normwatch", {}, {}, {}, false, false});
  const auto other = schema.add_type({"dns", "elsewhere", {}, {}, {}, false, false});
  claim_foreign(schema, *shipped("zeek"));
  ASSERT_EQ(schema.type(type).answers.size(), 1U);
  EXPECT_EQ(schema.type(type).answers[0], (event::LogSourceName{"zeek", "dns", ""}));
  EXPECT_FALSE(schema.type(type).aliases.empty());
  EXPECT_TRUE(schema.type(other).answers.empty());
}

// Formats that are no JSON declare the mapping's types without what it claims of them.
TEST(Mapping, ClaimsOnItsOwnTypesDeclaredByOthers) {
  for (const std::string name : {"windows", "zeek"}) {
    SCOPED_TRACE(name);
    const auto mapping = shipped(name);
    event::Schema bare, declared;
    const MappedSpecs specs{mapping, name};
    for (const event::TypeSpec& spec : specs.types()) bare.add_type(spec);
    declare_mapped(declared, *mapping, name, name);
    claim_foreign(bare, *mapping);
    const auto named = [](const event::Schema& schema, const event::Type& type) {
      std::vector<std::string> out;
      for (const event::FieldAlias& alias : type.aliases)
        out.push_back(std::string{schema.field_name(alias.named)} + '=' +
                      std::string{schema.field_name(alias.carried)});
      std::ranges::sort(out);
      return out;
    };
    ASSERT_EQ(bare.type_count(), declared.type_count());
    for (std::size_t i = 0; i < bare.type_count(); ++i) {
      const event::Type& have = bare.type(static_cast<event::TypeId>(i));
      const event::Type& want = declared.type(static_cast<event::TypeId>(i));
      SCOPED_TRACE(want.path);
      EXPECT_EQ(have.path, want.path);
      EXPECT_EQ(have.services, want.services);
      EXPECT_EQ(have.categories, want.categories);
      EXPECT_EQ(have.answers, want.answers);
      EXPECT_EQ(have.structured, want.structured);
      EXPECT_EQ(named(bare, have), named(declared, want));
    }
  }
}

TEST(Mapping, Refuses) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"no document", "", "m.yaml: yaml-syntax"},
      {"a list", "[a]", "m.yaml:1:1: wrong-type"},
      {"no name", "for: {product: p}", "m.yaml:1:1: missing-key"},
      {"bad name", "name: A B", "m.yaml:1:1: bad-name"},
      {"unknown key", "name: m\nfield: {}", "m.yaml:2:1: unknown-key"},
      {"unknown key in for", "name: m\nfor: {produkt: p}", "m.yaml:2:7: unknown-key"},
      {"fields is a list", "name: m\nfields: [a]", "m.yaml:2:9: wrong-type"},
      {"a map as spelling", "name: m\nfields: {a: {b: c}}", "m.yaml:2:13: wrong-type"},
      {"one name for two fields", "name: m\nfields: {a: x, b: x}", "m.yaml:2:19: duplicate-spelling"},
      {"three deciders", "name: m\nby: [a, b, c]", "m.yaml:1:1: limit"},
      {"classes without decider", "name: m\nclasses: {a: x}", "m.yaml:2:10: missing-key"},
      {"kinds without decider", "name: m\nby: a\nclasses: {c: {of: x, kinds: {k: y}}}", "m.yaml:3:29: missing-key"},
      {"class without values", "name: m\nby: a\nclasses: {c: {services: x}}", "m.yaml:3:14: missing-key"},
      {"one value for two classes", "name: m\nby: a\nclasses: {c: x, d: X}", "m.yaml:3:20: duplicate-name"},
      {"kinds in kinds", "name: m\nby: [a, b]\nclasses: {c: {of: x, kinds: {k: {of: y, kinds: {}}}}}",
       "m.yaml:3:41: unknown-key"},
      {"alias to two", "name: m\naliases: {a: [b, c]}", "m.yaml:2:14: wrong-type"},
      {"empty answer", "name: m\nanswers: [{}]", "m.yaml:2:11: missing-key"},
      {"empty spelling", "name: m\nfields: {a: ['']}", "m.yaml:2:13: bad-name"},
      {"pairs without names", "name: m\npairs: {lists: a, value: b}", "m.yaml:2:8: missing-key"},
      {"type without path", "name: m\ntypes: [{product: p}]", "m.yaml:2:9: missing-key"},
      {"host is a list", "name: m\nhost: [a]", "m.yaml:2:7: wrong-type"},
      {"two documents", "name: m\n---\nname: n", "m.yaml:3:1: yaml-syntax"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_FALSE(read_mapping(c.text, "m.yaml", diagnostics));
    ASSERT_FALSE(diagnostics.all().empty());
    EXPECT_TRUE(diagnostics.all()[0].to_string().starts_with(c.want)) << diagnostics.to_string();
  }
}

TEST(Mapping, Bounds) {
  const auto faults = [](const std::string& text) {
    Diagnostics diagnostics;
    (void)read_mapping(text, "m.yaml", diagnostics);
    return diagnostics.all().empty() ? std::string{} : diagnostics.all()[0].code;
  };
  const auto spellings = [](std::size_t count) {
    std::string text = "name: m\nfields:\n  f:\n";
    for (std::size_t i = 1; i < count; ++i) text += "  - n" + std::to_string(i) + '\n';
    return text;  // and the field's own name
  };
  EXPECT_EQ(faults(spellings(kMappingNamesMax)), "");
  EXPECT_EQ(faults(spellings(kMappingNamesMax + 1)), "limit");
  const auto classes = [](std::size_t count) {
    std::string text = "name: m\nby: k\nclasses:\n";
    for (std::size_t i = 0; i < count; ++i) text += "  c" + std::to_string(i) + ": v" + std::to_string(i) + '\n';
    return text;
  };
  EXPECT_EQ(faults(classes(kMappingClassesMax)), "");
  EXPECT_EQ(faults(classes(kMappingClassesMax + 1)), "limit");
  const auto parts = [](std::size_t count) {
    std::string text = "name: m\nbelow: [a";
    for (std::size_t i = 1; i < count; ++i) text += ".a";
    return text + "]\n";
  };
  EXPECT_EQ(faults(parts(kMappingPartsMax)), "");
  EXPECT_EQ(faults(parts(kMappingPartsMax + 1)), "limit");
  EXPECT_EQ(faults("name: m\nbelow: [" + std::string(kMappingTextMax, 'x') + "]"), "");
  EXPECT_EQ(faults("name: m\nbelow: [" + std::string(kMappingTextMax + 1, 'x') + "]"), "bad-name");
  EXPECT_EQ(faults("name: m\n#" + std::string(kMappingBytesMax, 'x')), "yaml-too-large");
  // Mended text may be three times as long as the line.
  Bench bench{"json", with(shipped("windows"), "windows"), Wants::all};
  EXPECT_EQ(bench.line("{\"a\":\"" + std::string(kLineBytesMax - 8, '\xff') + "\"}"), LineFault::none);
  EXPECT_EQ(bench.line("{\"a\":\"" + std::string(kLineBytesMax - 10, '\xff') + "\\n\"}"), LineFault::none);
}

}  // namespace
}  // namespace nw::logs
