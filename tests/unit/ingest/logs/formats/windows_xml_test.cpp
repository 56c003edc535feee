#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/log_test_support.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

namespace nw::logs {
namespace {

const std::string kXmlns = " xmlns='http://schemas.microsoft.com/win/2004/08/events/event'";

std::string xml(const std::string& channel, const std::string& id, const std::string& rest) {
  return "<Event" + kXmlns +
         "><System><Provider Name='Pumps' Guid='{00000000-0000-0000-0000-000000000001}'/><EventID>" + id +
         "</EventID><Version>5</Version><Level>4</Level><Keywords>0x8000000000000000</Keywords>"
         "<TimeCreated SystemTime='2026-01-15T08:00:01.2500000Z'/><EventRecordID>77</EventRecordID><Correlation/>"
         "<Execution ProcessID='612' ThreadID='31'/><Channel>" +
         channel + "</Channel><Computer>pump3.plant.example</Computer><Security UserID='S-1-5-18'/></System>" + rest +
         "</Event>";
}

std::string sysmon(const std::string& data) {
  return xml("Microsoft-Windows-Sysmon/Operational", "1", "<EventData>" + data + "</EventData>");
}

MessagePlay player(std::initializer_list<std::string_view> wanted = {}) {
  return MessagePlay{windows_xml_format(), with_mapping("windows"), wanted};
}

// Events as {"_path":...}: what follows `ts` and the host, which all of xml() have.
std::string values(const std::string& told) {
  static const std::string kHead = R"("ts":1768464001.250000,"host":"pump3.plant.example",)";
  const std::size_t at = told.find(kHead);
  return at == std::string::npos ? told : told.substr(at + kHead.size());
}

std::string path(const std::string& told) {
  const std::size_t from = std::string{"{\"_path\":\""}.size();
  return told.starts_with("{") ? told.substr(from, told.find('"', from) - from) : told;
}

TEST(WindowsXml, ReadsAnEvent) {
  MessagePlay to = player();
  EXPECT_EQ(
      to.play(sysmon("<Data Name='Image'>C:\\Plant\\hmi.exe</Data><Data Name='CommandLine'>hmi &quot;a&amp;b&quot; "
                     "&lt;1&gt;</Data><Data Name='User'></Data><Data Name='ProcessId'>0042</Data>")),
      R"({"_path":"windows.sysmon.process_creation","ts":1768464001.250000,"host":"pump3.plant.example",)"
      R"("Provider_Name":"Pumps",)"
      R"("Event.System.Provider.#attributes.Guid":"{00000000-0000-0000-0000-000000000001}")"
      R"(,"EventID":1,"Event.System.Version":5,"Level":4,"Keywords":"0x8000000000000000",)"
      R"("Event.System.TimeCreated.#attributes.SystemTime":"2026-01-15T08:00:01.2500000Z","EventRecordID":77,)"
      R"("Execution_ProcessID":612,"Execution_ThreadID":31,"Channel":"Microsoft-Windows-Sysmon/Operational",)"
      R"("Computer":"pump3.plant.example","Security_UserID":"S-1-5-18","Image":"C:\\Plant\\hmi.exe",)"
      R"("CommandLine":"hmi \"a&b\" <1>","User":"","ProcessId":"0042"})"
      "\n");
}

// Every field that rules can name is the same as of evtx_dump's JSON of that event.
TEST(WindowsXml, AgreesWithJson) {
  static const struct {
    const char* name;
    std::string xml, json;
  } kCases
      [] =
          {
              {"EventData", sysmon("<Data Name='Image'>C:\\p.exe</Data><Data Name='Hashes'>MD5=1,SHA256=2</Data>"),
               R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":"Pumps"}},"EventID":1,"Level":4,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pump3.plant.example","EventRecordID":77,"Keywords":"0x8000000000000000","Execution":{"#attributes":{"ProcessID":612,"ThreadID":31}},"Security":{"#attributes":{"UserID":"S-1-5-18"}},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T08:00:01.250000Z"}}},"EventData":{"Image":"C:\\p.exe","Hashes":"MD5=1,SHA256=2"}}})"},
              {"EventData without names",
               xml("Application", "1000", "<EventData><Data>a</Data><Data>b</Data><Binary>0A</Binary></EventData>"),
               R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Pumps"}},"EventID":1000,"Level":4,"Channel":"Application","Computer":"pump3.plant.example","EventRecordID":77,"Keywords":"0x8000000000000000","Execution":{"#attributes":{"ProcessID":612,"ThreadID":31}},"Security":{"#attributes":{"UserID":"S-1-5-18"}},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T08:00:01.250000Z"}}},"EventData":{"Data":{"#text":["a","b"]},"Binary":"0A"}}})"},
              {"UserData",
               xml("Microsoft-Windows-WMI-Activity/Operational", "5858",
                   "<UserData><Failure xmlns='y'><Operation>Start</Operation><Code>0x8004</Code></Failure></UserData>"),
               R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Pumps"}},"EventID":5858,"Level":4,"Channel":"Microsoft-Windows-WMI-Activity/Operational","Computer":"pump3.plant.example","EventRecordID":77,"Keywords":"0x8000000000000000","Execution":{"#attributes":{"ProcessID":612,"ThreadID":31}},"Security":{"#attributes":{"UserID":"S-1-5-18"}},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T08:00:01.250000Z"}}},"UserData":{"Failure":{"Operation":"Start","Code":"0x8004"}}}})"},
              {"a channel in the data is none of the event's",
               xml("System", "104", "<UserData><Cleared><Channel>Security</Channel></Cleared></UserData>"),
               R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Pumps"}},"EventID":104,"Level":4,"Channel":"System","Computer":"pump3.plant.example","EventRecordID":77,"Keywords":"0x8000000000000000","Execution":{"#attributes":{"ProcessID":612,"ThreadID":31}},"Security":{"#attributes":{"UserID":"S-1-5-18"}},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T08:00:01.250000Z"}}},"UserData":{"Cleared":{"Channel":"Security"}}}})"},
              {"a message",
               xml("Security", "4688",
                   "<EventData><Data Name='NewProcessName'>a</Data></EventData><RenderingInfo "
                   "Culture='en-US'><Message>new</Message></RenderingInfo>"),
               R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Pumps"}},"EventID":{"#attributes":{"Qualifiers":7},"#text":4688},"Level":4,"Channel":"Security","Computer":"pump3.plant.example","EventRecordID":77,"Keywords":"0x8000000000000000","Execution":{"#attributes":{"ProcessID":612,"ThreadID":31}},"Security":{"#attributes":{"UserID":"S-1-5-18"}},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-15T08:00:01.250000Z"}}},"EventData":{"NewProcessName":"a"},"RenderingInfo":{"Message":"new"}}})"},
          };
  const std::initializer_list<std::string_view> wanted = {"Provider_Name",
                                                          "EventID",
                                                          "Level",
                                                          "Channel",
                                                          "Computer",
                                                          "EventRecordID",
                                                          "Keywords",
                                                          "Image",
                                                          "Hashes",
                                                          "Data",
                                                          "Binary",
                                                          "Execution_ProcessID",
                                                          "Operation",
                                                          "Code",
                                                          "Message",
                                                          "NewProcessName",
                                                          "Execution_ThreadID",
                                                          "Security_UserID"};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench json{"json", with_mapping("windows"), Wants::all, wanted};
    MessagePlay play = player();
    ASSERT_EQ(json.line(c.json), LineFault::none);
    const std::string told = play.play(c.xml), want = json.last().json;
    EXPECT_EQ(path(told), path(want));
    // NAME:VALUE up to the next name; a list has commas of its own.
    const auto member = [](const std::string& object, std::string_view name) {
      const std::size_t at = object.find('"' + std::string{name} + "\":");
      if (at == std::string::npos) return std::string{};
      const std::size_t end = std::min(object.find(",\"", at), object.find('}', at));
      return object.substr(at, object.find('[', at) < end ? object.find(']', at) - at : end - at);
    };
    EXPECT_EQ(member(told, "ts"), member(want, "ts"));
    for (const std::string_view name : wanted) EXPECT_EQ(member(told, name), member(want, name)) << name;
  }
}

TEST(WindowsXml, ChannelAndNumberDecideTheType) {
  static const struct {
    const char *channel, *id, *want;
  } kCases[] = {
      {"Microsoft-Windows-Sysmon/Operational", "11", "windows.sysmon.file_event"},
      {"microsoft-windows-sysmon/operational", " 3 ", "windows.sysmon.network_connection"},
      {"Microsoft-Windows-Sysmon/Operational", "9999", "windows.sysmon"},
      {"Security", "4624", "windows.security"},
      {"Pumps/Operational", "1", "windows"},
      {"", "1", "windows"},
  };
  MessagePlay to = player();
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.channel);
    EXPECT_EQ(path(to.play(xml(c.channel, c.id, ""))), c.want);
  }
  EXPECT_EQ(path(MessagePlay{windows_xml_format()}.play(sysmon(""))), "windows");
}

TEST(WindowsXml, ReadsValues) {
  static const struct {
    const char *name, *data, *want;
  } kCases[] = {
      {"CDATA", "<Data Name='X'><![CDATA[<a> & b]]></Data>", R"("X":"<a> & b"})"},
      {"in pieces", "<Data Name='X'>a&amp;<!-- c --><![CDATA[&]]>d</Data>", R"("X":"a&&d"})"},
      {"line ends", "<Data Name='X'>a\nb&#xD;&#xA;c</Data>", R"("X":"a\nb\r\nc"})"},
      {"space is kept", "<Data Name='X'> a </Data>", R"("X":" a "})"},
      {"a name with spaces", "<Data Name='Threat Name'>a</Data>", R"("ThreatName":"a"})"},
      {"a name with references", "<Data Name='A&amp;B'>a</Data>", R"("A&B":"a"})"},
      {"the last of a name", "<Data Name='X'>a</Data><Data Name='Y'/><Data Name='X'>b</Data>", R"("X":"b","Y":""})"},
      {"one value without a name", "<Data>a</Data>", R"("Data":"a"})"},
      {"three without", "<Data>a</Data><Data></Data><Data>c&lt;</Data>", R"("Data":["a","","c<"]})"},
      {"elements in a value", "<Data Name='X'><v>1</v><v>2</v></Data>", R"("Data.v":["1","2"]})"},
      {"a name that events of any type have", "<Data Name='message'>a</Data>", R"("message":"a","Provider_Name")"},
      {"a name of System's", "<Data Name='Level'>high</Data>", R"("Level":"high")"},
      {"broken UTF-8", "<Data Name='X'>a\xff</Data>", "\"X\":\"a\xEF\xBF\xBD\"}"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay to = player();
    const std::string told = to.play(sysmon(c.data));
    EXPECT_NE(told.find(c.want), std::string::npos) << told;
  }
}

TEST(WindowsXml, ReadsFlatEvents) {
  MessagePlay to = player();
  EXPECT_EQ(to.play("<Event><EventTime>2026-01-15 09:30:00</EventTime><Hostname>ws4.plant.example</Hostname>"
                    "<SourceName>Pumps</SourceName><EventID>4688</EventID><Channel>Security</Channel>"
                    "<NewProcessName>C:\\a.exe</NewProcessName><Message>A &quot;b&quot;</Message></Event>"),
            R"({"_path":"windows.security.process_creation","ts":1768469400.000000,"host":"ws4.plant.example",)"
            R"("EventTime":"2026-01-15 09:30:00","Computer":"ws4.plant.example","Provider_Name":"Pumps",)"
            R"("EventID":"4688","Channel":"Security","NewProcessName":"C:\\a.exe","Message":"A \"b\""})"
            "\n");
}

TEST(WindowsXml, TheTimeOfTheMessageServesWhereThereIsNone) {
  MessagePlay to = player();
  EXPECT_EQ(to.play("<Event><System><EventID>1</EventID><TimeCreated SystemTime='soon'/></System></Event>"),
            R"({"_path":"windows","ts":1768464000.000000,"EventID":1,)"
            R"("Event.System.TimeCreated.#attributes.SystemTime":"soon"})"
            "\n");
}

TEST(WindowsXml, SeveralEventsInOneMessage) {
  MessagePlay to = player({"X"});
  const std::string a = sysmon("<Data Name='X'>1</Data>"), b = sysmon("<Data Name='X'>2</Data>");
  const auto two = [&](const std::string& told) {
    const std::size_t at = told.find('\n');
    return values(told.substr(0, at)) + values(told.substr(std::min(at + 1, told.size())));
  };
  EXPECT_EQ(two(to.play("<?xml version='1.0'?><Events>" + a + b + "</Events>")), "\"X\":\"1\"}\"X\":\"2\"}\n");
  EXPECT_EQ(two(to.play("- " + a + " - " + b)), "\"X\":\"1\"}\"X\":\"2\"}\n");
  // When one of them is broken none is told: the line is.
  EXPECT_EQ(to.play(a + "<Event><System></Event>"), "fault: bad_header\n");
}

TEST(WindowsXml, AnEventInSeveralLines) {
  MessagePlay to = player({"X", "truncated"});
  const std::string whole = sysmon("<Data Name='X'>one\ntwo\n\nthree</Data>");
  const auto feed = [&to](std::string_view text) {
    std::string told;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      told += to.play(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return told;
  };
  EXPECT_EQ(values(feed("<?xml version='1.0'?>\n<Events>\n" + whole + "\n</Events>\n")),
            "\"X\":\"one\\ntwo\\n\\nthree\"}\n");
  // The next event comes before the end of this one.
  const std::size_t end = whole.find("\nthree");
  EXPECT_EQ(values(feed(whole.substr(0, end) + '\n' + sysmon("<Data Name='X'>four</Data>"))).substr(0, 48),
            "\"X\":\"one\\ntwo\\n\",\"truncated\":true}\n{\"_path\":\"win");
  // Nothing more comes.
  EXPECT_EQ(feed(whole.substr(0, end)), "");
  EXPECT_EQ(to.flush(MessagePlay::received() + std::chrono::seconds{4}, false), "");
  EXPECT_EQ(values(to.flush(MessagePlay::received() + std::chrono::seconds{5}, false)),
            "\"X\":\"one\\ntwo\",\"truncated\":true}\n");
  EXPECT_EQ(to.flush(MessagePlay::received() + std::chrono::seconds{50}, true), "");
  EXPECT_EQ(feed(whole.substr(0, end)), "");
  EXPECT_EQ(values(to.flush(MessagePlay::received(), true)), "\"X\":\"one\\ntwo\",\"truncated\":true}\n");
}

TEST(WindowsXml, AnEventInTooManyLines) {
  MessagePlay to = player({"truncated"});
  const std::string whole = sysmon("<Data Name='X'>a</Data>");
  EXPECT_EQ(to.play(whole.substr(0, whole.find("</Data>"))), "");
  std::string told;
  std::size_t lines = 0;
  for (const std::string line(8 * 1024, 'x'); told.empty() && lines < 100; ++lines) told = to.play(line);
  EXPECT_EQ(lines, 32U);
  EXPECT_EQ(values(told), "\"truncated\":true}\nfault: too_long\n");
  EXPECT_EQ(to.play("</Data></EventData></Event>"), "fault: bad_header\n");
  EXPECT_EQ(path(to.play(whole)), "windows.sysmon.process_creation");
}

TEST(WindowsXml, Refuses) {
  static const struct {
    const char* name;
    std::string text, want;
  } kCases[] = {
      {"nothing", "", "fault: empty\n"},
      {"text", "hello", "fault: bad_header\n"},
      {"other XML", "<Object/>", "fault: bad_header\n"},
      {"a name that only begins so", "<EventData/>", "fault: bad_header\n"},
      {"a DTD inside", "<Event><!DOCTYPE x></Event>", "fault: bad_header\n"},
      {"elements that cross", "<Event><System><EventID></System></EventID></Event>", "fault: bad_header\n"},
      {"an end too many", "<Event></System></Event>", "fault: bad_header\n"},
      {"too deep",
       "<Event>" +
           std::string(3 * 40, ' ')
               .replace(0, 120,
                        [] {
                          std::string deep;
                          for (int i = 0; i < 40; ++i) deep += "<a>";
                          return deep;
                        }()) +
           "</Event>",
       "fault: too_deep\n"},
      {"too long", "<Event>" + std::string(256 * 1024, ' ') + "</Event>", "fault: too_long\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay to = player();
    EXPECT_EQ(to.play(c.text), c.want);
    EXPECT_EQ(path(to.play(sysmon(""))), "windows.sysmon.process_creation");
  }
}

TEST(WindowsXml, Bounds) {
  const auto of = [](std::size_t values) {
    std::string data;
    for (std::size_t i = 0; i < values; ++i) data += "<Data Name='N" + std::to_string(i) + "'/>";
    return "<Event><EventData>" + data + "</EventData></Event>";
  };
  MessagePlay to = player();
  EXPECT_EQ(path(to.play(of(1024))), "windows");
  EXPECT_EQ(to.play(of(1025)), "fault: too_deep\n");
  // Long paths, each a name of its own.
  std::string deep = "<Event><System>";
  for (int i = 0; i < 26; ++i) deep += '<' + std::string(256, 'n') + '>';
  for (int i = 0; i < 400; ++i) deep += "<x" + std::to_string(i) + ">1</x" + std::to_string(i) + '>';
  for (int i = 0; i < 26; ++i) deep += "</" + std::string(256, 'n') + '>';
  EXPECT_EQ(to.play(deep + "</System></Event>"), "fault: too_deep\n");
}

// The reader is as good as new after any beginning of an event.
TEST(WindowsXml, EveryPrefix) {
  const std::string whole = sysmon("<Data Name='X'>a&lt;b</Data><Data>c</Data>");
  MessagePlay to = player();
  const std::string want = to.play(whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    (void)to.play(whole.substr(0, size));
    (void)to.flush(MessagePlay::received(), true);
    ASSERT_EQ(to.play(whole), want);
  }
}

TEST(WindowsXml, OnlyWhatIsWanted) {
  MessagePlay to = player({"Image"});
  EXPECT_EQ(values(to.play(sysmon("<Data Name='Image'>a</Data><Data Name='User'>b</Data>"))), "\"Image\":\"a\"}\n");
  MessagePlay spaced = player({"Threat Name"});
  EXPECT_EQ(values(spaced.play(sysmon("<Data Name='Threat Name'>a</Data>"))), "\"Threat Name\":\"a\"}\n");
}

TEST(WindowsXml, KnowsItself) {
  const auto& format = windows_xml_format();
  EXPECT_TRUE(format.recognise(MessagePlay::message(sysmon(""))));
  EXPECT_TRUE(format.recognise(MessagePlay::message("- " + sysmon(""))));
  EXPECT_FALSE(format.recognise(MessagePlay::message("<Event><EventID>1</EventID></Event>")));
  EXPECT_FALSE(format.recognise(MessagePlay::message("a line that quotes " + sysmon(""))));
}

}  // namespace
}  // namespace nw::logs
