#include "ingest/logs/formats/evtx.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <vector>

#include "ingest/logs/formats/messages.h"
#include "source_directory.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

namespace nw::logs {
namespace {

using Octets = std::vector<std::uint8_t>;

// tests/data/evtx/make_evtx.py wrote it.
Octets pumps() {
  std::ostringstream text;
  text << std::ifstream{std::string{source_directory()} + "/tests/data/evtx/pumps.evtx", std::ios::binary}.rdbuf();
  const std::string bytes = text.str();
  return {bytes.begin(), bytes.end()};
}

// Each record's number and text, or its fault.
std::vector<std::string> told(Bytes chunk) {
  EvtxChunk reader;
  reader.open(chunk);
  std::vector<std::string> out;
  for (EvtxChunk::Record record; reader.next(record);)
    out.push_back(record.fault == EvtxChunk::Fault::none ? std::to_string(record.number) + ' ' + std::string{record.xml}
                                                         : std::string{to_string(record.fault)});
  return out;
}

std::vector<std::string> told_all(const Octets& file) {
  std::vector<std::string> out;
  const Bytes all{file};
  std::size_t at = evtx_chunks_at(all.first(std::min(all.size(), kEvtxHeaderBytes)));
  for (; at != 0 && at < all.size(); at += kEvtxChunkBytes)
    for (std::string& record : told(all.subspan(at))) out.push_back(std::move(record));
  return out;
}

std::string between(const std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.substr(at, text.find(to, at) - at);
}

TEST(Evtx, ReadsAFile) {
  const auto records = told_all(pumps());
  ASSERT_EQ(records.size(), 6U);
  EXPECT_EQ(records[0],
            "1 <Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System>"
            "<Provider Name=\"Pumps\" Guid=\"{5a1f0000-0000-4000-8000-0000000000e1}\"/><EventID>1</EventID>"
            "<Version>5</Version><Level>4</Level><Keywords>0x8000000000000000</Keywords>"
            "<TimeCreated SystemTime=\"2026-01-15T08:00:01.2500000Z\"/><EventRecordID>1</EventRecordID><Correlation/>"
            "<Execution ProcessID=\"612\" ThreadID=\"31\"/><Channel>Microsoft-Windows-Sysmon/Operational</Channel>"
            "<Computer>pump3.plant.example</Computer><Security UserID=\"S-1-5-18\"/></System><EventData>"
            "<Data Name=\"UtcTime\">2026-01-15 08:00:01.250</Data>"
            "<Data Name=\"ProcessGuid\">{5a1f0000-0000-4000-8000-0000000000e1}</Data>"
            "<Data Name=\"ProcessId\">4711</Data><Data Name=\"Image\">C:\\Plant\\hmi.exe</Data>"
            "<Data Name=\"CommandLine\">hmi.exe /open \"valve &lt;7&gt;\" &amp; stay</Data>"
            "<Data Name=\"User\">PLANT\\op1</Data></EventData></Event>");
  EXPECT_EQ(between(records[1], "<Security", "<Data Name=\"Utc"), "<Security/></System><EventData>");
  EXPECT_EQ(between(records[1], "<Data Name=\"Image", "</EventData"),
            "<Data Name=\"Image\">C:\\Windows\\cmd.exe</Data><Data Name=\"CommandLine\">cmd</Data>"
            "<Data Name=\"User\"></Data>");
  EXPECT_EQ(between(records[2], "<Data Name=\"Size", "</EventData"),
            "<Data Name=\"Size\">0x7ff0</Data><Data Name=\"FileTime\">2026-01-15T08:00:01.2500007Z</Data>"
            "<Data Name=\"SystemTime\">2026-01-15T08:00:01.250Z</Data><Data Name=\"Sid\">S-1-5-21-1-2-3-1001</Data>"
            "<Data Name=\"Hex32\">0xbeef</Data><Data Name=\"Ansi\">valve</Data>"
            "<Data Name=\"String\">&lt;a&gt; &amp; \"b\"</Data>"
            "<Data Name=\"Lines\">one&#13;&#10;two&#9;\xE2\x82\xAC \xF0\x9F\x98\x80</Data>");
  EXPECT_EQ(between(records[3], "<EventData", "</Event>"),
            "<EventData><Data>pump 3</Data><Data>trip</Data><Data></Data><Data>high</Data></EventData>");
  EXPECT_EQ(between(records[4], "<UserData", "</Event>"),
            "<UserData><LogFileCleared xmlns=\"urn:pumps\"><SubjectUserName>op1</SubjectUserName>"
            "<Channel>Security</Channel></LogFileCleared></UserData>");
  EXPECT_EQ(between(records[5], "<EventData", "</Event>"),
            "<EventData><Data Name=\"TargetFilename\">C:\\Plant\\&#65;&amp;&lt;b&gt;&amp;</Data></EventData>");
}

// What the records say is what Windows events in XML say.
TEST(Evtx, RecordsAreEvents) {
  MessagePlay to{windows_xml_format(), with_mapping("windows"), {"CommandLine", "TargetFilename", "Data", "Lines"}};
  std::string events;
  for (const std::string& record : told_all(pumps())) events += to.play(record.substr(record.find('<')));
  EXPECT_EQ(events,
            R"({"_path":"windows.sysmon.process_creation","ts":1768464001.250000,"host":"pump3.plant.example",)"
            R"("CommandLine":"hmi.exe /open \"valve <7>\" & stay"})"
            "\n"
            R"({"_path":"windows.sysmon.process_creation","ts":1768464001.250000,"host":"pump3.plant.example",)"
            R"("CommandLine":"cmd"})"
            "\n"
            R"({"_path":"windows","ts":1768464001.250000,"host":"pump3.plant.example",)"
            "\"Lines\":\"one\\r\\ntwo\\t\xE2\x82\xAC \xF0\x9F\x98\x80\"}\n"
            R"({"_path":"windows.application","ts":1768464001.250000,"host":"pump3.plant.example",)"
            R"("Data":["pump 3","trip","","high"]})"
            "\n"
            R"({"_path":"windows.security","ts":1768464001.250000,"host":"pump3.plant.example"})"
            "\n"
            R"({"_path":"windows.sysmon.file_event","ts":1768464000.000000,"TargetFilename":"C:\\Plant\\A&<b>&"})"
            "\n");
}

TEST(Evtx, KnowsItsFiles) {
  Octets file = pumps();
  EXPECT_EQ(evtx_chunks_at(Bytes{file}.first(128)), 4096U);
  EXPECT_EQ(evtx_chunks_at(Bytes{file}.first(127)), 0U);
  file[0] = 'e';
  EXPECT_EQ(evtx_chunks_at(Bytes{file}.first(128)), 0U);
  file[0] = 'E';
  file[40] = file[41] = 0;
  EXPECT_EQ(evtx_chunks_at(Bytes{file}.first(128)), 0U);
}

class EvtxDamage : public testing::Test {
 protected:
  void SetUp() override {
    const Octets file = pumps();
    chunk_.assign(file.begin() + 4096, file.begin() + 4096 + kEvtxChunkBytes);
    for (std::size_t at = 512; chunk_[at] == 0x2a; at += size_at(at)) starts_.push_back(at);
    ASSERT_EQ(starts_.size(), 5U);
  }
  [[nodiscard]] std::size_t size_at(std::size_t record) const {
    return chunk_[record + 4] + std::size_t{chunk_[record + 5]} * 256;
  }
  [[nodiscard]] std::size_t end() const { return starts_.back() + size_at(starts_.back()); }
  void set_u32(std::size_t at, std::size_t value) {
    for (std::size_t i = 0; i < 4; ++i, value >>= 8U) chunk_[at + i] = static_cast<std::uint8_t>(value & 0xff);
  }
  // "1 2 malformed 4 5"
  [[nodiscard]] std::string summary() const {
    std::string out;
    for (const std::string& each : told(chunk_)) out += (out.empty() ? "" : " ") + each.substr(0, each.find(' '));
    return out;
  }
  Octets chunk_;
  std::vector<std::size_t> starts_;
};

TEST_F(EvtxDamage, OfTheChunk) {
  EXPECT_EQ(summary(), "1 2 3 4 5");
  chunk_[3] = 'x';
  EXPECT_EQ(summary(), "bad_chunk");
  chunk_.resize(511);
  EXPECT_EQ(summary(), "bad_chunk");
  chunk_.assign(kEvtxChunkBytes, 0);
  EXPECT_EQ(summary(), "");
  chunk_.clear();
  EXPECT_EQ(summary(), "");
}

TEST_F(EvtxDamage, OfARecord) {
  const Octets good = chunk_;
  set_u32(starts_[1] + 4, 27);
  EXPECT_EQ(summary(), "1 bad_record 3 4 5");
  chunk_ = good;
  set_u32(starts_[1] + 4, 70'000);
  EXPECT_EQ(summary(), "1 bad_record 3 4 5");
  chunk_ = good;
  chunk_[starts_[2] - 4] ^= 8U;  // the second size
  EXPECT_EQ(summary(), "1 bad_record 3 4 5");
  chunk_ = good;
  chunk_[starts_[1]] = 0;  // no mark: it cannot be found
  EXPECT_EQ(summary(), "1 3 4 5");
  chunk_ = good;
  chunk_[starts_[1] + 28] = 0x77;  // its first token
  EXPECT_EQ(summary(), "1 malformed 3 4 5");
  chunk_ = good;
  chunk_.resize(starts_[3] + 40);  // the file ends here
  EXPECT_EQ(summary(), "1 2 3 bad_record");
}

// What lies behind the free space's beginning is old, but for the next record of a file that was being written.
TEST_F(EvtxDamage, BehindTheEnd) {
  const Octets good = chunk_;
  set_u32(48, starts_[3]);
  EXPECT_EQ(summary(), "1 2 3 4 5");
  chunk_[starts_[4] + 8] = 9;  // its number
  EXPECT_EQ(summary(), "1 2 3 4");
  chunk_ = good;
  set_u32(48, 0);
  EXPECT_EQ(summary(), "1 2 3 4 5");
  std::copy_n(good.begin() + static_cast<std::ptrdiff_t>(starts_[0]), size_at(starts_[0]),
              chunk_.begin() + static_cast<std::ptrdiff_t>(end()));
  EXPECT_EQ(summary(), "1 2 3 4 5");
}

// Whatever byte is another, there is an end, and the other records are read.
TEST_F(EvtxDamage, OfEachByte) {
  const Octets good = chunk_;
  for (std::size_t at = 0; at < end(); ++at)
    for (const unsigned bits : {0x01U, 0x80U, 0xffU}) {
      chunk_[at] = static_cast<std::uint8_t>(good[at] ^ bits);
      EXPECT_LE(told(chunk_).size(), 10U) << at;
      chunk_[at] = good[at];
    }
}

}  // namespace
}  // namespace nw::logs
