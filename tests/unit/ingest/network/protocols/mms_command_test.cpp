#include "ingest/network/protocols/mms_data.h"
#include "ingest/network/protocols/mms_pdu.h"
#include "mms_play.h"

namespace nw::network {
namespace {

TEST(MmsCommands, ControlsAndReports) {
  const struct {
    const char *item, *operation;
  } kCases[] = {
      {"C$CO$Pos$Oper", "control"},
      {"C$CO$Pos$SBOw", "control"},
      {"C$CO$Pos$Cancel", "control"},
      {"C$CO$Pos$Oper$ctlVal", "control"},
      {"C$CO$Pos$Operator", "control"},
      {"C$CO$Pos", "control"},
      {"C$ST$Pos$Oper", "write"},
      {"L$BR$b01$Resv", "subscribe"},
      {"L$RP$u01$RptEna", "subscribe"},
      {"L$SE$x", "write"},
      {"Oper", "write"},
      {"C$CO", "control"},
      {"C$COx$Pos", "write"},
      {"C$SP$CO$Oper", "write"},
      {"C$SP$RP$x", "write"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.item);
    const std::size_t size = std::string_view{c.item}.size();
    char head[256];
    std::snprintf(head, sizeof head, "a0 %02zx 020101 a5 %02zx a0 %02zx 30 %02zx a0 %02zx 80 %02zx '%s' a003 830101",
                  size + 18, size + 13, size + 6, size + 4, size + 2, size, c.item);
    Mms play;
    play.pdu(head);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.operation", c.operation}, {"ics.target", c.item}, {"ics.value", "true"}});
  }
}

TEST(MmsCommands, EachServiceOfARequestIsTold) {
  Mms play;
  play.pdu("a0 18 020101 8200 bf29 06 8004 'Main' ff4c 05 1903 'log' 8200");
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
  expect(play.context, 0, {{"service", "identify"}});
  expect(play.context, 1, {{"invoke_id", "1"}, {"ics.operation", "stop"}, {"ics.target", "Main"}});
  expect(play.context, 2, {{"invoke_id", "1"}, {"service", "fileDelete"}, {"ics.target", "log"}});
  play.pdu("a1 06 020101 bf4c 00", kBack);
  expect(play.context, 3, {{"ics.operation", "file"}, {"ics.target", "log"}, {"ics.outcome", "ok"}});
  play.end();
  EXPECT_EQ(play.context.events.size(), 6U);  // no answer to the others
}

TEST(MmsCommands, FurtherServicesAreBounded) {
  std::string stops;
  for (unsigned i = 0; i < 33; ++i) stops += "9f24 01 'D' ";
  Mms play;
  play.pdu("a0 81 89 020101 8200 " + stops);
  EXPECT_EQ(play.context.events.size(), 33U);
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 1U);
}

TEST(MmsCommands, AdditionalServicesAreNamed) {
  const struct {
    const char *hex, *service, *operation, *target;
  } kCases[] = {
      {"a0 08 020101 bf4e 02 8000", "vMDStop", "stop", "-"},
      {"a0 09 020101 bf4e 03 8101ff", "vMDReset", "restart", "-"},
      {"a0 0b 020101 bf4e 05 a803 800155", "stopUC", "stop", "U"},
      {"a0 09 020101 bf4e 03 8f0155", "deleteUC", "program", "U"},
      {"a0 08 020101 bf4e 02 9e00", "additionalService", "other", "-"},
      {"a0 0b 020101 bf50 05 a003 800158", "exchangeData", "write", "X"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.service);
    Mms play;
    play.pdu(c.hex);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"service", c.service}, {"ics.operation", c.operation}, {"ics.target", c.target}});
  }
}

TEST(MmsCommands, WritesInUnusualShapes) {
  const struct {
    const char *name, *hex, *operation, *target, *value;
  } kCases[] = {
      {"a component of a component", "a022020101a51da0163014a003800143a50da00b8002434f30058103506f73a0038301ff",
       "control", "C$CO$Pos", "true"},
      {"several components", "a023020101a51ea0173015a006800443245354a50b810171a50680016e820102a0038301ff", "write",
       "C$ST$q+[2]", "true"},
      {"a control among components", "a01d020101a518a011300fa003800143a508810253548102434fa0038301ff", "control",
       "C$ST+$CO", "true"},
      {"addresses",
       "a058020101a553a0263006a104800210003007a105810373796d30028400300fa00d800b4324434f2450244f706572a0298501078501088"
       "50109a21e8301ffa20585010389008601019108000000000000000083010084020600",
       "control", "C$CO$P$Oper,4096,sym,", "true,7,8,9"},
      {"a report's block and a set point",
       "a02e020101a529a01f3011a00f800d4c245250247524527074456e61300aa00880064c2453502478a0068301ff8301ff", "write",
       "L$RP$u$RptEna,L$SP$x", "true,true"},
      {"a list of controls",
       "a030020101a52ba10780054c24536574a020a21e8301ffa20585010389008601019108000000000000000083010084020600",
       "control", "L$Set", "true"},
      {"something like a control", "a01f020101a51aa10780054c24536574a00fa20da20585010389008601018301ff", "write",
       "L$Set", "{{3;0x};1;true}"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Mms play;
    play.pdu(c.hex);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.operation", c.operation}, {"ics.target", c.target}, {"ics.value", c.value}});
  }
}

TEST(MmsCommands, WhatIsCommandedIsToldFirst) {
  std::string names, values;
  for (unsigned i = 0; i < 40; ++i) names += "3008 a006 80 04 'C$SP' ", values += "850101 ";
  Mms play;
  play.pdu("a0 82 0233 020107 a5 82 022c a0 82 01a1 " + names + "300f a00d 80 0b 'C$CO$P$Oper' a0 82 0083 " + values +
           "85 09 000000000000000007");
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.get(0, "ics.operation"), "control");
  EXPECT_TRUE(play.get(0, "ics.target").starts_with("C$CO$P$Oper,C$SP,C$SP,"));
  EXPECT_TRUE(play.get(0, "ics.value").starts_with("0x000000000000000007,1,1,"));
}

TEST(MmsCommands, NamesMayComeInPieces) {
  const struct {
    const char *hex, *operation, *target;
  } kCases[] = {
      {"a032020101a52da0263024a022a1203a071a024c441a01303a151a034324433a0e1a054f24506f731a05244f706572a0038301ff",
       "control", "LD0/C$CO$Pos$Oper"},
      {"a021020101a51ca0153013a011a00f1a054324434f241a0650244f706572a0038301ff", "control", "C$CO$P$Oper"},
      {"a00f020101bf24091a024c6f1a03676963", "program", "Logic"},
      {"a010020101bf290aa0081a024d611a02696e", "stop", "Main"},
      {"a01d020101ab18a0031a0153a011300fa00d800b4324434f2450244f706572", "write", "S,C$CO$P$Oper"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.target);
    Mms play;
    play.pdu(c.hex);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"ics.operation", c.operation}, {"ics.target", c.target}});
  }
}

TEST(MmsCommands, FilesNamesMayHaveSeveralParts) {
  Mms play;
  play.pdu("a0 13 020101 bf48 0d a008 1902 '/a' 1902 '/b' 810100").pdu("a0 0e 020102 bf4c 08 1902 '/a' 1902 '/b'");
  play.pdu("a1 18 020103 bf4d 12 a00d 300b 3009 a007 1901 'c' 1902 '/d' 8101ff", kBack);
  EXPECT_EQ(play.context.refused_total(), 0U);
  for (const std::size_t at : {0U, 1U}) EXPECT_EQ(play.get(at, "ics.target"), "/a/b");
  EXPECT_EQ(play.get(2, "identifiers"), "c/d");
  Mms primitive;
  primitive.pdu("a0 0a 020102 9f4c 04 1902 '/a'");
  EXPECT_EQ(primitive.get(0, "ics.target"), "/a");
}

TEST(MmsCommands, PiecesOfANameAreBounded) {
  std::string pieces;
  for (unsigned i = 0; i < 300; ++i) pieces += "1a 01 61 ";
  const auto bytes = from_hex("3a 82 0384 " + pieces);
  MmsPieces room;
  EXPECT_EQ(room.join(OsiBerReader{bytes}.next().value()).size(), 256U);
  EXPECT_EQ(room.join(OsiBerReader{bytes}.next().value()).size(), 0U);
  room.clear();
  EXPECT_EQ(room.join(OsiBerReader{bytes}.next().value()).size(), 256U);
}

TEST(MmsCommands, DeviceControlsOfTase2) {
  const struct {
    const char *name, *hex, *operation;
  } kCases[] = {
      {"a command", "a01b020101a516a00f300da00ba1091a01491a0442726b31a003850101", "control"},
      {"a set point", "a01f020101a51aa00f300da00ba1091a01491a0453657431a0078705083f800000", "control"},
      {"a tag", "a024020101a51fa0133011a00fa10d1a01491a0842726b315f544147a008a2068501018a0178", "control"},
      {"a selection", "a01c020101a417a115a0133011a00fa10d1a01491a0842726b315f53424f", "control"},
      {"a transfer set", "a01c020101a517a00e300ca00aa1081a01491a03445331a005a203850101", "write"},
      {"a value", "a018020101a413a111a00f300da00ba1091a01491a0442726b31", "read"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Mms play;
    play.frame("tase2").pdu(c.hex);
    expect(play.context, 1, {{"application", "tase2"}, {"ics.operation", c.operation}});
    Mms unknown;
    unknown.pdu(c.hex);
    EXPECT_NE(unknown.get(0, "ics.operation"), "control");
  }
}

}  // namespace
}  // namespace nw::network
