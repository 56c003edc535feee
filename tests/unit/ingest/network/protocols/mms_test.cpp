#include "ingest/network/protocols/mms_data.h"
#include "ingest/network/protocols/mms_pdu.h"
#include "mms_play.h"

namespace nw::network {
namespace {

TEST(Mms, FieldsOfGoldenFrames) {
  const GoldenFields kFrames[] = {
      {"associate",
       {{"is_orig", "true"},
        {"pdu_type", "aarq"},
        {"context_name", "1.0.9506.2.3"},
        {"calling_ap_title", "1.1.1.999"},
        {"called_ap_title", "1.1.1.999.1"},
        {"calling_ae_qualifier", "13"},
        {"called_ae_qualifier", "12"},
        {"auth_mechanism", "2.2.3.1"},
        {"password_seen", "true"},
        {"result", "-"},
        {"ics.operation", "other"},
        {"ics.outcome", "-"}}},
      {"associated",
       {{"is_orig", "false"},
        {"pdu_type", "aare"},
        {"responding_ap_title", "1.1.1.999.1"},
        {"result", "accepted"},
        {"diag", "null"},
        {"auth_failure", "false"},
        {"password_seen", "-"},
        {"ics.outcome", "ok"}}},
      {"not_associated",
       {{"pdu_type", "aare"},
        {"result", "rejected-permanent"},
        {"diag", "authentication-failure"},
        {"auth_failure", "true"},
        {"ics.outcome", "refused"},
        {"ics.reason", "authentication-failure"}}},
      {"refused_by_session", {{"pdu_type", "session-refuse"}, {"ics.outcome", "refused"}}},
      {"aborted",
       {{"pdu_type", "abrt"}, {"aborted", "true"}, {"diag", "authentication-failure"}, {"ics.outcome", "-"}}},
      {"aborted_by_session", {{"pdu_type", "session-abort"}, {"aborted", "true"}}},
      {"release", {{"pdu_type", "rlrq"}, {"diag", "normal"}, {"ics.outcome", "-"}}},
      {"released", {{"pdu_type", "rlre"}, {"diag", "normal"}, {"ics.outcome", "ok"}}},
      {"identify",
       {{"is_orig", "true"},
        {"pdu_type", "confirmed-RequestPDU"},
        {"invoke_id", "1"},
        {"service", "identify"},
        {"application", "-"},
        {"ics.operation", "identify"},
        {"ics.target", "-"},
        {"ics.outcome", "-"}}},
      {"identify_response",
       {{"pdu_type", "confirmed-ResponsePDU"},
        {"vendor", "Maker"},
        {"model", "Relay 7"},
        {"revision", "1.5"},
        {"rtt", "-"},
        {"ics.outcome", "ok"}}},
      {"status", {{"service", "status"}, {"ics.operation", "diagnose"}}},
      {"status_response", {{"logical_status", "state-changes-allowed"}, {"physical_status", "partially-operational"}}},
      {"names",
       {{"service", "getNameList"},
        {"object_class", "namedVariable"},
        {"domain", "LD0"},
        {"ics.operation", "read"},
        {"ics.target", "LD0"}}},
      {"names_response", {{"identifiers", "LLN0,LLN0$ST$Mod"}, {"more_follows", "true"}, {"application", "iec61850"}}},
      {"read",
       {{"service", "read"},
        {"application", "iec61850"},
        {"domain", "LD0"},
        {"items", "LD0/MMXU1$MX$TotW$mag$f,LD0/LLN0$ST$Mod$t,LD0/Gone"},
        {"alternate_access", "true"},
        {"values", "-"},
        {"ics.operation", "read"},
        {"ics.target", "LD0/MMXU1$MX$TotW$mag$f,LD0/LLN0$ST$Mod$t,LD0/Gone$\\x00"}}},
      {"read_response",
       {{"values", "1.5,1970-01-01T00:00:01.500Z,object-non-existent"},
        {"ics.value", "1.5,1970-01-01T00:00:01.500Z,object-non-existent"},
        {"ics.outcome", "refused"},
        {"ics.reason", "object-non-existent"}}},
      {"read_list", {{"items", "LD0/LLN0$Set1"}, {"alternate_access", "-"}, {"ics.target", "LD0/LLN0$Set1"}}},
      {"read_list_response", {{"values", "{true;01;-2;255;{on}},0xbeef"}, {"ics.outcome", "ok"}}},
      {"write",
       {{"service", "write"},
        {"ics.operation", "write"},
        {"ics.target", "LD0/LLN0$SP$Lim$setMag$f"},
        {"ics.value", "2.5"}}},
      {"write_response", {{"values", "success"}, {"ics.outcome", "ok"}, {"ics.value", "-"}}},
      {"operate",
       {{"values", "{true;{3;0x686d69};1;1970-01-01T00:00:00.000Z;false;00}"},
        {"ics.operation", "control"},
        {"ics.target", "LD0/CSWI1$CO$Pos$Oper"},
        {"ics.value", "true"}}},
      {"operate_refused",
       {{"values", "object-access-denied"}, {"ics.outcome", "refused"}, {"ics.reason", "object-access-denied"}}},
      {"select", {{"service", "read"}, {"ics.operation", "control"}}},
      {"enable_report", {{"ics.operation", "subscribe"}, {"ics.value", "true"}}},
      {"report",
       {{"pdu_type", "unconfirmed-PDU"},
        {"service", "informationReport"},
        {"invoke_id", "-"},
        {"items", "RPT"},
        {"values", "LD0/LLN0$RP$urcb01,0000000000,7"},
        {"ics.operation", "subscribe"},
        {"ics.target", "RPT/LD0/LLN0$RP$urcb01"},
        {"ics.outcome", "-"}}},
      {"last_error", {{"items", "LastApplError"}, {"ics.target", "LastApplError"}}},
      {"error",
       {{"pdu_type", "confirmed-ErrorPDU"},
        {"invoke_id", "4"},
        {"service", "-"},
        {"error_class", "access"},
        {"error", "object-non-existent"},
        {"ics.outcome", "refused"},
        {"ics.reason", "object-non-existent"}}},
      {"reject",
       {{"pdu_type", "rejectPDU"},
        {"error_class", "confirmed-requestPDU"},
        {"error", "unrecognized-service"},
        {"ics.outcome", "refused"},
        {"ics.reason", "unrecognized-service"}}},
      {"cancel", {{"pdu_type", "cancel-RequestPDU"}, {"invoke_id", "4"}}},
      {"cancel_response", {{"pdu_type", "cancel-ResponsePDU"}, {"ics.outcome", "ok"}}},
      {"cancel_error", {{"error_class", "cancel"}, {"error", "invoke-id-unknown"}, {"ics.outcome", "refused"}}},
      {"conclude", {{"pdu_type", "conclude-RequestPDU"}, {"ics.operation", "other"}}},
      {"concluded", {{"pdu_type", "conclude-ResponsePDU"}, {"ics.outcome", "ok"}}},
      {"conclude_error", {{"error_class", "conclude"}, {"error", "further-communication-required"}}},
      {"initiate_error", {{"error_class", "initiate"}, {"error", "version-incompatible"}}},
      {"delete_domain", {{"service", "deleteDomain"}, {"ics.operation", "program"}, {"ics.target", "Logic"}}},
      {"start", {{"service", "start"}, {"ics.operation", "start"}, {"ics.target", "Main"}}},
      {"stop", {{"service", "stop"}, {"ics.operation", "stop"}}},
      {"reset", {{"service", "reset"}, {"ics.operation", "restart"}}},
      {"download", {{"service", "initiateDownloadSequence"}, {"ics.operation", "program"}, {"ics.target", "Logic"}}},
      {"open_file", {{"service", "fileOpen"}, {"ics.operation", "file"}, {"ics.target", "/COMTRADE/1.cfg"}}},
      {"read_file", {{"service", "fileRead"}, {"ics.target", "5"}}},
      {"files_response", {{"service", "fileDirectory"}, {"identifiers", "1.cfg"}, {"more_follows", "false"}}},
      {"rename", {{"service", "fileRename"}, {"ics.target", "a.cfg,b.cfg"}}},
      {"tase2", {{"application", "tase2"}, {"domain", "ICC1"}, {"items", "TASE2_Version,ICC1/Bilateral_Table_ID"}}},
      {"list_attributes", {{"items", "LD0/GGIO1$ST$Ind1"}, {"ics.outcome", "ok"}}},
      {"define_list",
       {{"service", "defineNamedVariableList"},
        {"ics.operation", "write"},
        {"ics.target", "LD0/LLN0$Set2,LD0/GGIO1$ST$Ind1"}}},
      {"bare",
       {{"pdu_type", "initiate-RequestPDU"},
        {"local_detail", "32000"},
        {"max_serv_outstanding_calling", "5"},
        {"max_serv_outstanding_called", "4"},
        {"nesting_level", "10"},
        {"version", "1"},
        {"services_supported",
         "status,getNameList,identify,read,write,getVariableAccessAttributes,defineNamedVariableList,"
         "getNamedVariableListAttributes,deleteNamedVariableList,getDomainAttributes,kill,readJournal,writeJournal,"
         "initializeJournal,reportJournalStatus,getCapabilityList,fileOpen,fileRead,fileClose,fileDelete,"
         "fileDirectory,unsolicitedStatus,informationReport,conclude,cancel"}}},
  };
  expect_golden_fields(kMmsGolden, kFrames);
}

TEST(Mms, AnAssociationBringsTheFirstPdu) {
  Mms play;
  play.frame("associate").frame("associated");
  EXPECT_EQ(play.context.paths, (std::vector<std::string>{"acse", "mms", "acse", "mms"}));
  expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  expect(play.context, 3, {{"pdu_type", "initiate-ResponsePDU"}, {"rtt", "0.001000"}, {"ics.outcome", "ok"}});
}

TEST(Mms, AnAssociationHidesNothing) {
  for (const char* hex : {"6000a107060528ca220203be002800020103a00ea00c020101bf290680044d61696e",
                          "6020a107060528ca220203be152813020103810ea00c020101bf290680044d61696e",
                          "6029a107060528ca220203be1e281c020103a007a0050201028200a00ea00c020101bf290680044d61696e"}) {
    SCOPED_TRACE(hex);
    Mms play;
    play.pdu(hex);
    EXPECT_EQ(play.context.refused_total(), 0U);
    expect(play.context, 0, {{"pdu_type", "aarq"}, {"context_name", "1.0.9506.2.3"}});
    expect(play.context, 1, {{"ics.operation", "stop"}, {"ics.target", "Main"}});
  }
  Mms play;
  play.pdu("6012a107060528ca220203be072805020103a009");
  expect_refused(play.context, DecodeError::bad_value, 1);
}

TEST(Mms, AnAssociationIsRefusedInManyWays) {
  for (const char* answer : {"not_associated", "refused_by_session", "aborted"}) {
    SCOPED_TRACE(answer);
    Mms play;
    play.frame("associate").frame(answer);
    expect(play.context, 2, {{"rtt", "0.001000"}, {"ics.outcome", "refused"}});
  }
  Mms play;
  play.frame("release").frame("released").end();
  expect(play.context, 1, {{"rtt", "0.001000"}, {"ics.outcome", "ok"}});
  EXPECT_EQ(play.context.events.size(), 2U);
}

TEST(Mms, ADeviceSaysWhoItIs) {
  Mms play;
  play.frame("identify").frame("identify_response").frame("identify_response");
  EXPECT_EQ(play.context.paths, (std::vector<std::string>{"mms", "mms", "known_device", "mms"}));
  expect(play.context, 2,
         {{"device", "198.51.100.1"},
          {"device_protocol", "mms"},
          {"vendor", "Maker"},
          {"product", "Relay 7"},
          {"firmware", "1.5"}});
}

TEST(Mms, AClientThatNobodyAskedIsNoDevice) {
  static constexpr const char* kSays = "a1 0d 020101 a208 8001 'M' 8101 'R' 8200";
  Mms play;
  play.pdu(kSays, kOut);
  EXPECT_EQ(play.context.paths, std::vector<std::string>{"mms"});
  play.pdu("a0 05 020101 8200", kBack).pdu(kSays, kOut);
  EXPECT_EQ(play.context.paths.back(), "known_device");
}

TEST(Mms, AnAnswerBelongsToItsRequest) {
  const struct {
    const char *name, *answer;
    Direction direction;
    bool matched;
  } kCases[] = {
      {"the same", "a1 0a 020104 a405 a103 830101", kBack, true},
      {"another number", "a1 0a 020105 a405 a103 830101", kBack, false},
      {"another service", "a1 07 020104 a502 8100", kBack, false},
      {"the same direction", "a1 0a 020104 a405 a103 830101", kOut, false},
      {"an error", "a2 0a 800104 a205 a003 870102", kBack, true},
      {"a reject", "a4 06 800104 810101", kBack, true},
      {"a reject of a cancel", "a4 06 800104 860101", kBack, false},
      {"a cancel's answer", "86 01 04", kBack, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Mms play;
    play.frame("read").pdu(c.answer, c.direction);
    EXPECT_EQ(play.get(1, "rtt") != "-", c.matched);
    EXPECT_EQ(play.get(1, "ics.target") != "-", c.matched);
  }
}

TEST(Mms, AWriteIsToldAgainWithItsAnswer) {
  Mms play;
  play.frame("operate").frame("operate_refused");
  expect(play.context, 1,
         {{"rtt", "0.001000"},
          {"ics.operation", "control"},
          {"ics.target", "LD0/CSWI1$CO$Pos$Oper"},
          {"ics.value", "true"},
          {"ics.outcome", "refused"}});
  play.frame("cancel").frame("cancel_response").frame("conclude").frame("concluded").end();
  EXPECT_EQ(play.get(3, "ics.outcome"), "ok");
  EXPECT_EQ(play.get(5, "ics.outcome"), "ok");
  EXPECT_EQ(play.context.events.size(), 6U);
}

TEST(Mms, ASelectionIsRefusedByAnEmptyText) {
  const struct {
    const char *hex, *outcome, *reason;
  } kCases[] = {
      {"a1 09 020108 a404 a102 8a00", "refused", "not selected"},
      {"a1 0a 020108 a405 a103 8a0150", "ok", "-"},
  };
  for (const auto& c : kCases) {
    Mms play;
    play.frame("select").pdu(c.hex, kBack);
    expect(play.context, 1, {{"ics.operation", "control"}, {"ics.outcome", c.outcome}, {"ics.reason", c.reason}});
  }
  Mms unknown;
  unknown.pdu(kCases[0].hex, kBack);
  EXPECT_EQ(unknown.get(0, "ics.outcome"), "ok");
}

TEST(Mms, WhatIsWrittenInPartIsDone) {
  const struct {
    const char *values, *outcome, *reason;
  } kCases[] = {
      {"800103 8100", "ok", "object-access-denied"},
      {"8100 800103", "ok", "object-access-denied"},
      {"800103 80010a", "refused", "object-access-denied"},
      {"8100 8100", "ok", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.values);
    const std::string hex = c.values;
    char head[32];
    const std::size_t size = from_hex(hex).size();
    std::snprintf(head, sizeof head, "a1 %02zx 020107 a5 %02zx ", size + 5, size);
    Mms play;
    play.pdu(head + hex, kBack);
    expect(play.context, 0, {{"ics.outcome", c.outcome}, {"ics.reason", c.reason}});
  }
}

TEST(Mms, WhatAClientAnswersUnaskedWasNotDone) {
  Mms play;
  play.pdu("a1 07 020107 a502 8100", kOut);
  expect(play.context, 0, {{"service", "write"}, {"ics.operation", "other"}, {"ics.outcome", "-"}});
}

TEST(Mms, WhatNobodyAnswersIsToldAgain) {
  Mms play;
  play.frame("operate").frame("operate").frame("associate").end();
  ASSERT_EQ(play.context.events.size(), 8U);
  expect(play.context, 1,
         {{"service", "write"},
          {"invoke_id", "7"},
          {"ics.operation", "control"},
          {"ics.target", "LD0/CSWI1$CO$Pos$Oper"},
          {"ics.outcome", "no answer"}});
  EXPECT_EQ(play.get(1, "ts"), play.get(0, "ts"));
  expect(play.context, 5, {{"pdu_type", "aarq"}, {"ics.outcome", "no answer"}});
  expect(play.context, 6, {{"invoke_id", "7"}, {"ics.outcome", "no answer"}});
  expect(play.context, 7, {{"pdu_type", "initiate-RequestPDU"}, {"ics.outcome", "no answer"}});
}

TEST(Mms, PatienceEnds) {
  Mms play;
  play.frame("identify");
  play.context.time += std::chrono::seconds{31};
  play.frame("report");
  ASSERT_EQ(play.context.events.size(), 3U);
  EXPECT_EQ(play.get(1, "ics.outcome"), "no answer");
}

TEST(Mms, OpenRequestsAreBounded) {
  Mms play;
  char text[64];
  for (unsigned i = 0; i < 65; ++i) {
    std::snprintf(text, sizeof text, "a0 05 0201%02x 8200", i);
    play.pdu(text);
    EXPECT_EQ(play.context.refused_count(DecodeError::limit), i < 64 ? 0U : 1U);
  }
  EXPECT_EQ(play.context.events.size(), 66U);
  for (unsigned i = 0; i < 5; ++i) play.frame("release");
  EXPECT_EQ(play.context.refused_count(DecodeError::limit), 2U);
}

TEST(Mms, ValuesAsTexts) {
  const struct {
    const char *hex, *text;
  } kCases[] = {
      {"83 01 00", "false"},
      {"84 02 04 a0", "1010"},
      {"84 02 09 a0", "0x09a0"},
      {"84 01 07", ""},
      {"85 02 ff00", "-256"},
      {"85 09 010000000000000000", "0x010000000000000000"},
      {"86 09 00ffffffffffffffff", "18446744073709551615"},
      {"86 09 01ffffffffffffffff", "0x01ffffffffffffffff"},
      {"87 09 0b 3ff8000000000000", "1.5"},
      {"87 03 08 0000", "0x080000"},
      {"8a 02 'ab'", "ab"},
      {"90 02 'ab'", "ab"},
      {"8c 04 000003e8", "1000ms"},
      {"8c 06 000003e8 0001", "1984-01-02T00:00:01.000Z"},
      {"8c 01 00", "0x00"},
      {"91 02 0000", "0x0000"},
      {"8d 01 07", "0x07"},
      {"80 01 63", "unknown-99"},
      {"a1 00", "{}"},
  };
  for (const auto& c : kCases) {
    const auto bytes = from_hex(c.hex);
    IcsText text;
    append_mms_value(text, BerReader{bytes}.next().value());
    EXPECT_EQ(text.view(), c.text) << c.hex;
  }
}

TEST(Mms, StructuresAreNotFollowedForEver) {
  std::string hex;
  for (unsigned left = 40; left > 0; --left) {
    char head[32];
    std::snprintf(head, sizeof head, "a2 %02x ", 2 * (left - 1));
    hex += head;
  }
  const auto bytes = from_hex(hex);
  IcsText text;
  append_mms_value(text, BerReader{bytes}.next().value());
  EXPECT_EQ(text.view(), std::string(kMmsDepthMax + 1, '{') + std::string(kMmsDepthMax + 1, '}'));
  char head[32];
  std::snprintf(head, sizeof head, "a1 %02zx 020101 a4 %02zx a1 %02zx ", bytes.size() + 7, bytes.size() + 2,
                bytes.size());
  Mms play;
  play.pdu(head + hex, kBack);
  expect_refused(play.context, DecodeError::bad_value, 1);
}

TEST(Mms, ABadBodyIsRefusedAndStillTold) {
  const struct {
    const char *name, *hex;
  } kCases[] = {
      {"a request without a service", "a0 03 020101"},
      {"a request without a number", "a0 02 8200"},
      {"an additional service that is none", "a0 06 020101 bf4e 00"},
      {"a service cut", "a0 06 020101 a404 a1"},
      {"a service of another class", "a1 05 020101 3000"},
      {"a report of nothing", "a3 00"},
      {"an error without its class", "a2 05 800101 a200"},
      {"a reject without a reason", "a4 03 800101"},
      {"a cancel of nothing", "85 00"},
      {"an initiate cut", "a8 03 800400"},
      {"an association cut", "0100 0100 61 0c 300a 020101 a005 60 03 a107 06"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Mms play;
    play.pdu(c.hex);
    EXPECT_EQ(play.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(play.context.refused_total(), 1U);
    EXPECT_GE(play.context.events.size(), 1U);
  }
}

TEST(Mms, WhatIsNeitherIsRefused) {
  for (const char* hex : {"32 01 0000", "0100 0100 61 09 3007 020103 a002 0400", "a0", "ff ff"}) {
    SCOPED_TRACE(hex);
    Mms play;
    play.pdu(hex);
    expect_refused(play.context, DecodeError::bad_value, 0);
    play.frame("stop");
    EXPECT_EQ(play.context.events.size(), 1U);
  }
}

TEST(Mms, UnknownNumbersKeepTheirNumber) {
  Mms play;
  play.pdu("a0 06 020101 9f7f 00");
  expect(play.context, 0, {{"service", "unknown-127"}, {"ics.operation", "other"}});
  play.pdu("a2 0a 800101 a205 a003 9e0163", kBack);
  expect(play.context, 1, {{"error_class", "unknown-30"}, {"error", "unknown-99"}, {"ics.outcome", "refused"}});
}

TEST(Mms, ListsAreBounded) {
  std::string names;
  for (unsigned i = 0; i < 200; ++i) names += "1a 01 61 ";
  Mms play;
  play.pdu("a1 82 0263 020101 a1 82 025c a0 82 0258 " + names, kBack);
  EXPECT_EQ(play.get(0, "identifiers").size(), 2U * 128 - 1);
  EXPECT_EQ(play.get(0, "more_follows"), "true");  // the default
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Mms, LengthsMayBeIndefiniteAndTagsLong) {
  Mms play;
  play.pdu(
      "0100 0100 61 80 30 80 020103 a0 80 a0 80 020107 a5 80 a0 80 30 80 a0 80 a1 80 1a03 'LD0' 1a11 "
      "'CSWI1$CO$Pos$Oper' 0000 0000 0000 0000 a0 80 a2 80 8301ff a2 80 850103 8900 0000 0000 0000 0000 0000 0000 "
      "0000 0000");
  play.pdu("a0 2a 020108 a525 bf00 1b 3f10 18 bf00 15 bf01 12 1f1a 03 'LD0' 1f1a 09 'C$CO$Oper' bf00 04 9f03 01ff");
  play.pdu("a0 80 020101 bf29 80 8004 'Main' 0000 0000");
  EXPECT_EQ(play.context.refused_total(), 0U);
  expect(play.context, 0,
         {{"ics.operation", "control"}, {"ics.target", "LD0/CSWI1$CO$Pos$Oper"}, {"ics.value", "true"}});
  expect(play.context, 1, {{"ics.operation", "control"}, {"ics.target", "LD0/C$CO$Oper"}, {"ics.value", "true"}});
  expect(play.context, 2, {{"ics.operation", "stop"}, {"ics.target", "Main"}});
}

TEST(Mms, WhatIsSaidOfTheLengthAroundAPduHidesNothing) {
  Mms play;
  play.pdu("0100 0100 6100 3000 020103 a00e a00c 02010b bf29 06 8004 'Main'");
  play.pdu("0100 0100 6115 3013 020103 810e a00c 02010b bf29 06 8004 'Main'");
  EXPECT_EQ(play.context.refused_total(), 0U);
  for (const std::size_t at : {0U, 2U}) expect(play.context, at, {{"ics.operation", "stop"}, {"ics.target", "Main"}});
}

TEST(Mms, AnInvokeIdMayHaveZerosBeforeIt) {
  Mms play;
  play.pdu("a0 0d 0209 000000000000000007 8200").pdu("a1 05 020107 a200", kBack);
  EXPECT_EQ(play.context.refused_total(), 0U);
  EXPECT_EQ(play.get(1, "rtt"), "0.001000");
}

TEST(Mms, TheApplicationIsRemembered) {
  Mms play;
  play.frame("identify").frame("read").frame("operate_refused").frame("tase2");
  EXPECT_EQ(play.get(0, "application"), "-");
  for (const std::size_t at : {1U, 2U, 3U}) EXPECT_EQ(play.get(at, "application"), "iec61850");
}

TEST(Mms, TextsAreMadeOnlyWhenWanted) {
  Mms play{{"service", "ics.operation"}};
  play.frame("operate").frame("operate_refused");
  expect(play.context, 1, {{"service", "write"}, {"ics.operation", "control"}, {"ics.target", "-"}});
}

TEST(Mms, AGapForgetsWhatWasAsked) {
  Mms play;
  play.frame("identify").frame("associate");
  play.analyzer->gap(10, kBack, play.context);
  play.frame("identify_response").end();
  EXPECT_EQ(play.get(3, "rtt"), "-");
  EXPECT_EQ(play.context.paths.back(), "known_device");
  EXPECT_EQ(play.context.refused_count(DecodeError::truncated), 1U);
}

TEST(Mms, AMessageMayComeInParts) {
  Mms play;
  play.give("0300 000d 02 f0 00 0100 0100 610e").give("0300 0015 02 f0 80 300c 020103 a007 a005 020101 8200");
  EXPECT_EQ(play.get(0, "service"), "identify");
  EXPECT_EQ(play.context.refused_total(), 0U);
}

TEST(Mms, Probes) {
  const struct {
    const char *name, *hex;
    Verdict verdict;
  } kCases[] = {
      {"an association", kMmsGolden("associate").hex.data(), Verdict::yes},
      {"in mid-stream", kMmsGolden("read").hex.data(), Verdict::yes},
      {"a release", kMmsGolden("release").hex.data(), Verdict::yes},
      {"right in the transport", kMmsGolden("bare").hex.data(), Verdict::yes},
      {"with indefinite lengths",
       "0300 0023 02 f0 80 0100 0100 6180 3080 020103 a080 a080 020101 8200 0000 0000 0000 0000", Verdict::yes},
      {"a beginning", "0300 0012 02 f0 00 0d 40 c13e 313c a003 800101", Verdict::yes},
      {"data that begin", "0300 000d 02 f0 00 0100 0100 610e", Verdict::yes},
      {"one octet of an association", "0300 0008 02 f0 00 0d", Verdict::yes},
      {"parameters of an association", "0300 000f 02 f0 00 0d c4 0506 1301 0016", Verdict::yes},
      {"one octet of data", "0300 0008 02 f0 00 01", Verdict::yes},
      {"one octet, and no more comes", "0300 0008 02 f0 80 01", Verdict::no},
      {"one octet of something else", "0300 0008 02 f0 00 05", Verdict::no},
      {"a reserved octet that is set", "0355 0016 02 f0 80 0100 0100 6109 3007 020103 a002 8b00", Verdict::yes},
      {"a body that does not fit", "0300 0018 02 f0 80 0100 0100 610b 3009 020103 a004 a002 0201", Verdict::yes},
      {"octets behind it", "0300 000a 02 f0 80 8b00 00", Verdict::no},
      {"S7comm", "0300 0011 02 f0 80 3201 0000 0100 0000 0000", Verdict::no},
      {"a value of something else", "0300 0016 02 f0 80 0100 0100 6109 3007 020103 a002 0400", Verdict::no},
      {"a connection request", "0300 000b 06 e0 0000 0001 00", Verdict::no},
      {"cut", "0300 0017 02 f0", Verdict::unsure},
      {"something else", "1603 0100", Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("mms", bytes, kOut, Transport::tcp, c.verdict, c.verdict);
  }
}

}  // namespace
}  // namespace nw::network
