#include "detect/baseline/baseline.h"

#include <gtest/gtest.h>

namespace nw::baseline {
namespace {

constexpr std::string_view kFile = R"(version: 1
conversations:
  - from: 10.0.0.20
    to: 10.0.0.11
    protocol: modbus
    functions: [READ_COILS, READ_HOLDING_REGISTERS]
    approved_by: A. Keita
    reason: the operator's screens
    approved_at: 2026-11-28T09:00:00Z
  - {from: "2001:db8::1", to: "2001:db8::2", protocol: modbus, functions: [READ_COILS], approved_by: B, reason: r,
     approved_at: 2026-11-28T09:00:00Z}
)";

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

std::shared_ptr<const Baseline> load(std::string_view text) {
  Diagnostics diagnostics;
  auto baseline = Baseline::load(text, "b.yaml", diagnostics);
  EXPECT_TRUE(baseline) << diagnostics.to_string();
  return baseline ? baseline : Baseline::empty();
}

TEST(Baseline, Judges) {
  const auto baseline = load(kFile);
  EXPECT_EQ(baseline->size(), 3U);
  static constexpr struct {
    const char *name, *from, *to, *protocol, *function;
    Verdict want;
  } kCases[] = {
      {"designated", "10.0.0.20", "10.0.0.11", "modbus", "READ_COILS", Verdict::known},
      {"its second function", "10.0.0.20", "10.0.0.11", "modbus", "READ_HOLDING_REGISTERS", Verdict::known},
      {"another function", "10.0.0.20", "10.0.0.11", "modbus", "WRITE_SINGLE_COIL", Verdict::new_function},
      {"another protocol", "10.0.0.20", "10.0.0.11", "dnp3", "READ_COILS", Verdict::new_function},
      {"the other begins", "10.0.0.11", "10.0.0.20", "modbus", "READ_COILS", Verdict::new_direction},
      {"a stranger asks", "10.0.0.99", "10.0.0.11", "modbus", "READ_COILS", Verdict::new_pair},
      {"a stranger is asked", "10.0.0.20", "10.0.0.99", "modbus", "READ_COILS", Verdict::new_pair},
      {"IPv6", "2001:db8::1", "2001:db8::2", "modbus", "READ_COILS", Verdict::known},
      {"IPv6, the other begins", "2001:db8::2", "2001:db8::1", "modbus", "READ_COILS", Verdict::new_direction},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(baseline->judge({ip(c.from), ip(c.to), c.protocol, c.function}), c.want);
  }
  EXPECT_EQ(Baseline::empty()->judge({ip("10.0.0.20"), ip("10.0.0.11"), "modbus", "READ_COILS"}), Verdict::new_pair);
}

TEST(Baseline, RefusesWithItsPlace) {
  static const std::string kHead = "version: 1\nconversations:\n  - ";
  static const std::string kRest = ", approved_by: A, reason: r, approved_at: 2026-11-28T09:00:00Z}";
  const std::string twice = "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [F]" + kRest;
  const struct {
    const char* name;
    std::string text;
    const char* want;
  } kCases[] = {
      {"empty", "", "b.yaml: bad-document"},
      {"two documents", "version: 1\nconversations: []\n---\n{}", "bad-document"},
      {"no version", "conversations: []", "b.yaml:1:1: missing-key"},
      {"another version", "version: 2\nconversations: []", "b.yaml:1:10: bad-version"},
      {"not a list", "version: 1\nconversations: {a: b}", "b.yaml:2:16: wrong-type"},
      {"unknown key", "version: 1\nconversations: []\nfunctoins: x", "b.yaml:3:1: unknown-key"},
      {"a network", kHead + "{from: 10.0.0.0/8, to: 10.0.0.2, protocol: modbus, functions: [F]" + kRest,
       "b.yaml:3:12: bad-address"},
      {"unknown protocol", kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbsu, functions: [F]" + kRest,
       "b.yaml:3:46: unknown-protocol: no control protocol is called 'modbsu' (did you mean 'modbus'?)"},
      {"no functions", kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: []" + kRest,
       "b.yaml:3:65: empty-list"},
      {"a long function",
       kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [" +
           std::string(kFunctionBytesMax + 1, 'f') + "]" + kRest,
       "b.yaml:3:66: bad-text"},
      {"nobody",
       kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [F], approved_by: '  ', reason: r, "
               "approved_at: 2026-11-28T09:00:00Z}",
       "bad-text: 'approved_by'"},
      {"no reason",
       kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [F], approved_by: A, "
               "approved_at: 2026-11-28T09:00:00Z}",
       "b.yaml:3:5: missing-key"},
      {"a long reason",
       kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [F], approved_by: A, reason: " +
           std::string(kReasonBytesMax + 1, 'r') + ", approved_at: 2026-11-28T09:00:00Z}",
       "bad-text: 'reason'"},
      {"no time",
       kHead + "{from: 10.0.0.1, to: 10.0.0.2, protocol: modbus, functions: [F], approved_by: A, reason: r, "
               "approved_at: yesterday}",
       "bad-time"},
      {"twice", kHead + twice + "\n  - " + twice, "b.yaml:4:66: duplicate-conversation"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    EXPECT_FALSE(Baseline::load(c.text, "b.yaml", diagnostics));
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
}

TEST(Baseline, BoundsItsFile) {
  std::string text =
      "version: 1\nconversations:\n  - from: 10.0.0.1\n    to: 10.0.0.2\n    protocol: modbus\n"
      "    approved_by: A\n    reason: r\n    approved_at: 2026-11-28T09:00:00Z\n    functions: [";
  for (std::size_t i = 0; i < kConversationsMax; ++i) text += 'f' + std::to_string(i) + ", ";
  Diagnostics most, more;
  EXPECT_TRUE(Baseline::load(text + "]", "b.yaml", most)) << most.to_string();
  EXPECT_FALSE(Baseline::load(text + "one]", "b.yaml", more));
  EXPECT_NE(more.to_string().find("too-many"), std::string::npos);
}

TEST(Baseline, AddsWhatIsApprovedAndWritesWhatItReads) {
  const auto before = load(kFile);
  const std::vector<Conversation> wanted{
      Conversation{{ip("10.0.0.20"), ip("10.0.0.11"), "modbus", "READ_COILS"}},  // designated already
      Conversation{{ip("10.0.0.21"), ip("10.0.0.11"), "modbus", "WRITE_SINGLE_COIL"}},
      Conversation{{ip("10.0.0.21"), ip("10.0.0.11"), "modbus", "odd \"name\"\n: #"}},
      Conversation{{ip("10.0.0.21"), ip("10.0.0.11"), "modbus", "WRITE_SINGLE_COIL"}},  // twice
  };
  const Approval approval{"C: \"D\"", "new pump # 7", *parse_rfc3339("2026-11-29T10:00:00Z")};
  const auto after = before->with(wanted, approval);
  EXPECT_EQ(before->size(), 3U);
  EXPECT_EQ(after->size(), 5U);
  const auto again = load(after->to_yaml());
  ASSERT_EQ(again->designations().size(), 3U);
  EXPECT_EQ(again->conversations(), after->conversations());
  EXPECT_EQ(again->designations()[0].approval.by, "A. Keita");
  EXPECT_EQ(again->designations()[2].approval, approval);
  for (const Conversation& conversation : wanted) EXPECT_EQ(again->judge(conversation.view()), Verdict::known);
  EXPECT_EQ(load(Baseline::empty()->to_yaml())->size(), 0U);
}

}  // namespace
}  // namespace nw::baseline
