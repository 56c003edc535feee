#include "ingest/network/protocols/dicom_names.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"dicom"};

struct Flow : Play {
  Flow() : Play{"dicom", Transport::tcp} {}

  bool ask(std::string_view hex) { return out.feed(from_hex(hex)); }
};

TEST(Dicom, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::vector<Want> want;
  } kCases[] = {
      {"request",
       kOut,
       {{"pdu", "A-ASSOCIATE-RQ"},
        {"is_orig", "true"},
        {"called_ae_title", "STORE"},
        {"calling_ae_title", "CT7"},
        {"application_context", "1.2.840.10008.3.1.1.1"},
        {"abstract_syntaxes", "1.2.840.10008.1.1,1.2.3"},
        {"abstract_syntax_names", "Verification"},
        {"contexts", "2"},
        {"accepted_contexts", "-"},
        {"implementation", "SCANNER_1"},
        {"result", "-"}}},
      {"accept",
       kBack,
       {{"pdu", "A-ASSOCIATE-AC"},
        {"is_orig", "false"},
        {"called_ae_title", "STORE"},
        {"contexts", "2"},
        {"accepted_contexts", "1"},
        {"result", "accepted"}}},
      {"reject",
       kBack,
       {{"pdu", "A-ASSOCIATE-RJ"}, {"result", "rejected-permanent"}, {"decided_by", "1"}, {"reason", "7"}}},
      {"data_and_release", kOut, {{"pdu", "A-RELEASE-RQ"}, {"decided_by", "-"}}},
      {"released", kBack, {{"pdu", "A-RELEASE-RP"}}},
      {"abort", kOut, {{"pdu", "A-ABORT"}, {"result", "-"}, {"decided_by", "2"}, {"reason", "1"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name));
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, c.want);
    for (const char* secret : {"Doe", "alice", "hunter2"})
      EXPECT_EQ(flow.context.json.find(secret), std::string::npos) << secret;
  }
}

// A PDU of an association with these items.
std::vector<std::uint8_t> association(const std::vector<std::uint8_t>& items) {
  std::vector<std::uint8_t> pdu(6 + 68, ' ');
  const std::size_t length = 68 + items.size();
  pdu[0] = 1;
  pdu[1] = 0;
  for (unsigned i = 0; i < 4; ++i) pdu[2 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  pdu[6] = 0;
  pdu[7] = 1;
  pdu.insert(pdu.end(), items.begin(), items.end());
  return pdu;
}

TEST(Dicom, IsBounded) {
  Flow flow;
  // More contexts than there are numbers, each with a UID of 100 letters.
  std::vector<std::uint8_t> items;
  for (unsigned i = 0; i < 129; ++i) {
    items.insert(items.end(), {0x20, 0, 0, 108, 1, 0, 0, 0, 0x30, 0, 0, 100});
    items.insert(items.end(), 100, '1');
  }
  flow.out.feed(association(items));
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.get(0, "contexts"), "129");
  EXPECT_EQ(flow.get(0, "abstract_syntaxes").size(), 128U * 65 - 1);
  // A request longer than what is read, and a value of any length.
  flow.out.feed(association(std::vector<std::uint8_t>(100'000, 0)));
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.ask("04 00 7fffffff 7ffffffb 01 02");
  flow.out.feed(std::vector<std::uint8_t>(100'000, 'x'));
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.analyzer->gap(0x7fff'ffff - 6 - 100'000, kOut, flow.context);  // within what passes by
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 0U);
  flow.give(golden("abort"));
  EXPECT_EQ(flow.get(2, "pdu"), "A-ABORT");
}

TEST(Dicom, RefusesWhatCannotBe) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"no such type", "08"},
      {"a short association", "01 00 00000043"},
      {"an association beyond a mebibyte", "01 00 00100001"},
      {"data without a value", "04 00 00000005"},
      {"a release with more in it", "05 00 00000005"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_FALSE(flow.ask(c.hex));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
  // A cut item is refused, what stands before it is told.
  Flow flow;
  flow.out.feed(association({0x10, 0, 0, 3, '1', '.', '2', 0x20, 0, 0, 9, 1}));
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_EQ(flow.get(0, "application_context"), "1.2");
}

TEST(Dicom, GapsAreSurvived) {
  Flow flow;
  flow.analyzer->gap(10, kOut, flow.context);
  flow.ask("'the rest of something'");
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.give(golden("abort"));
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Dicom, Names) {
  EXPECT_EQ(dicom_name("1.2.840.10008.5.1.4.1.1.2"), "CT Image Storage");
  EXPECT_EQ(dicom_name("1.2.840.10008.5.1.4.1.1"), "");
  EXPECT_EQ(dicom_name("5.1.4.1.1.2"), "");
}

TEST(Dicom, Probe) {
  const Protocol& p = protocol("dicom");
  const struct {
    const char* name;
    std::string hex;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"a request, anywhere", std::string{golden("request").hex}, false, Verdict::yes},
      {"an acceptance, anywhere", std::string{golden("accept").hex}, false, Verdict::yes},
      {"its beginning", "01 00 00000100 0001 0000 'STO'", false, Verdict::unsure},
      {"another version", "01 00 00000100 0000", false, Verdict::no},
      {"titles of no letters", "01 00 00000100 0001 0000 ffff", false, Verdict::no},
      {"something in the reserved byte", "01 01 00000100 0001 0000", false, Verdict::no},
      {"data on the port", std::string{golden("data_and_release").hex}, true, Verdict::yes},
      {"data elsewhere", std::string{golden("data_and_release").hex}, false, Verdict::no},
      {"data of an even context", "04 00 00000100 000000fc 02", true, Verdict::no},
      {"a release on the port", std::string{golden("released").hex}, true, Verdict::yes},
      {"TLS", "16 0301 0100 01 0000fc 0303", true, Verdict::no},
      {"nothing", "", false, Verdict::unsure},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(p.probe(from_hex(c.hex), kOut, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
