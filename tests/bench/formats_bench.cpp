// What it costs to make events of Windows JSON lines with the field mapping, beside the least that reading them can
// cost (simdjson on demand, each key looked at: floor_json). NW_BENCH_JSON names a file to read instead of made lines.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fstream>
#include <simdjson.h>
#include <sstream>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/mapping.h"
#include "source_directory.h"

namespace {

using namespace nw;

constexpr std::size_t kLines = 8000;

// A process creation as NXLog writes it: flat, the rendered message with it.
std::string made_line(std::size_t number) {
  const std::string n = std::to_string(number);
  const std::string image = R"(C:\\Program Files\\Vendor\\bin\\worker)" + n + ".exe";
  std::string message = R"(Process Create:\r\nRuleName: -\r\nImage: )" + image;
  while (message.size() < 1500) message += R"(\r\nDetail: a line of the message as the collector rendered it, )" + n;
  return R"({"EventTime":"2026-01-15 08:00:00","Hostname":"ws)" + n +
         R"(.example.net","Keywords":-9223372036854775808,"EventType":"INFO","SeverityValue":2,"Severity":"INFO",)"
         R"("EventID":1,"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}",)"
         R"("Version":5,"Task":1,"OpcodeValue":0,"RecordNumber":)" +
         n +
         R"(,"ExecutionProcessID":3200,"ExecutionThreadID":4100,"Channel":"Microsoft-Windows-Sysmon/Operational",)"
         R"("Domain":"NT AUTHORITY","AccountName":"SYSTEM","UserID":"S-1-5-18","AccountType":"User","Message":")" +
         message +
         R"(","Category":"Process Create","Opcode":"Info","RuleName":"-",)"
         R"("UtcTime":"2026-01-15 08:00:00.123","ProcessGuid":"{b34fbf0f-0001-6000-0000-0010a9b7}","ProcessId":")" +
         n + R"(","Image":")" + image +
         R"(","FileVersion":"10.0.1","Description":"Worker","Product":"Vendor Suite",)"
         R"("Company":"Vendor","OriginalFileName":"worker.exe","CommandLine":"\")" +
         image + R"(\" --job )" + n +
         R"( --quiet","CurrentDirectory":"C:\\Windows\\system32\\","User":"EXAMPLE\\operator",)"
         R"("LogonId":"0x3e7","IntegrityLevel":"High","Hashes":"SHA1=0123456789ABCDEF,MD5=0123456789ABCDEF",)"
         R"("ParentProcessId":"640","ParentImage":"C:\\Windows\\System32\\services.exe",)"
         R"("ParentCommandLine":"C:\\Windows\\system32\\services.exe","EventReceivedTime":"2026-01-15 08:00:01"})";
}

const std::string& text() {
  static const std::string kText = [] {
    std::string all;
    if (const char* const file = std::getenv("NW_BENCH_JSON"); file != nullptr) {
      std::ostringstream read;
      read << std::ifstream{file}.rdbuf();
      all = read.str();
    } else {
      for (std::size_t i = 0; i < kLines; ++i) all += made_line(i) + '\n';
    }
    return all;
  }();
  return kText;
}

// The fields that rules for Windows name most.
constexpr std::string_view kWanted[] = {
    "AccessMask",   "Channel",         "CommandLine",   "Company",          "CurrentDirectory",
    "Description",  "DestinationIp",   "Details",       "EventID",          "FileVersion",
    "Hashes",       "Image",           "ImageLoaded",   "Initiated",        "IntegrityLevel",
    "LogonId",      "LogonType",       "Message",       "NewProcessName",   "ObjectName",
    "ParentImage",  "Product",         "Provider_Name", "OriginalFileName", "QueryName",
    "ServiceName",  "ScriptBlockText", "TargetImage",   "TargetFilename",   "ParentCommandLine",
    "TargetObject", "SubjectUserName", "User",          "GrantedAccess"};

class Sink final : public event::EventSink {
 public:
  void accept(event::Event& event) override {
    ++events;
    fields += event.entries().size() + event.extras().size();
  }
  std::size_t events = 0, fields = 0;
};

void floor_each_key(benchmark::State& state) {
  const simdjson::padded_string padded{text()};
  std::uint64_t touched = 0;
  for (auto _ : state) {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream stream;
    NW_CHECK(parser.iterate_many(padded, std::size_t{1} << 20).get(stream) == simdjson::SUCCESS);
    for (auto document : stream) {
      simdjson::ondemand::object object;
      NW_CHECK(document.get_object().get(object) == simdjson::SUCCESS);
      for (auto field : object) {
        std::string_view key;
        NW_CHECK(field.unescaped_key().get(key) == simdjson::SUCCESS);
        touched += key.size();
      }
    }
  }
  benchmark::DoNotOptimize(touched);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text().size()));
}

enum class Wants : unsigned char { kinds, fields, all };

void events(benchmark::State& state, Wants wants) {
  std::ostringstream yaml;
  yaml << std::ifstream{std::string{nw::source_directory()} + "/config/mappings/windows.yaml"}.rdbuf();
  Diagnostics diagnostics;
  logs::FormatOptions options;
  options.product = "windows";
  options.mapping = logs::read_mapping(yaml.str(), "windows.yaml", diagnostics);
  NW_CHECK(options.mapping != nullptr);
  const auto schema = std::make_shared<event::Schema>();
  const logs::Format& json = *logs::find_format("json");
  json.declare(*schema, options);
  const auto interest = std::make_shared<event::Interest>();
  for (const std::string_view name : kWanted) schema->add_field(name);
  for (std::size_t i = 0; i < schema->type_count(); ++i) {
    const auto type = static_cast<event::TypeId>(i);
    // As Sigma rules do, `Message` is asked of the application log alone.
    const bool message = schema->type(type).path == "windows.application";
    interest->want(type);
    if (wants == Wants::all) interest->want_all(type);
    if (wants == Wants::fields)
      for (const std::string_view name : kWanted)
        if (message || name != "Message") interest->want(type, *schema->find_field(name));
  }
  const auto parser = json.make(schema, interest, options);
  const std::vector<std::string_view> lines = split(text(), '\n');
  Sink sink;
  for (auto _ : state) {
    logs::LineOrigin origin;
    for (const std::string_view line : lines)
      if (!line.empty()) NW_CHECK(parser->line(line, origin, sink) == logs::LineFault::none);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text().size()));
  state.counters["fields/event"] = static_cast<double>(sink.fields) / static_cast<double>(sink.events);
}

}  // namespace

// simdjson finds the tokens of the next batch on a thread of its own: the time of both counts.
BENCHMARK(floor_each_key)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(events, types_alone, Wants::kinds)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(events, wanted_fields, Wants::fields)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(events, every_field, Wants::all)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
