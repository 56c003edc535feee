#include <gtest/gtest.h>

#include "fake_context.h"
#include "smb1_frames.h"

namespace nw::network {
namespace {

using namespace smb_frames;

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
constexpr std::uint32_t kMore = 0xC0000016;

// One connection; frames a millisecond apart.
struct Flow {
  FakeContext context{protocol("smb")};
  std::unique_ptr<Analyzer> analyzer = protocol("smb").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};
  unsigned message = 0;

  bool give(const std::string& hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(framed(hex)));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  void ask(const std::string& request, const std::string& response) {
    give(request, kOut);
    give(response, kBack);
  }
  void connect(std::string_view path, std::string_view service) {
    ask(tree_connect1(1, path), tree_connected1(1, service, "NTFS"));
  }
  void open(std::string_view name, unsigned file, unsigned kind = 0) {
    ask(nt_create(2, name), nt_created(2, file, kind));
  }
  // Fields of the `nth` event of a path, "-" where there is none.
  std::string get(std::string_view path, std::size_t nth, const std::string& field) const {
    for (std::size_t i = 0; i < context.paths.size(); ++i)
      if (context.paths[i] == path && nth-- == 0) return context.get(i, field);
    return "-";
  }
  std::ptrdiff_t count(std::string_view path) const { return std::ranges::count(context.paths, path); }
  std::string command(std::size_t nth, const std::string& field) const { return get("smb_cmd", nth, field); }
  std::string file(std::size_t nth, const std::string& field) const { return get("smb_files", nth, field); }
};

TEST(Smb1, NegotiatingTellsTheDialect) {
  Flow flow;
  flow.ask(smb1({0x72}, "", "02 'LANMAN1.0' 00 02 'NT LM 0.12' 00"), smb1({0x72, true}, "0100" + zeros(32), ""));
  EXPECT_EQ(flow.command(0, "command"), "NEGOTIATE");
  EXPECT_EQ(flow.command(0, "argument"), "LANMAN1.0,NT LM 0.12");
  EXPECT_EQ(flow.command(0, "dialect"), "NT LM 0.12");
  EXPECT_EQ(flow.command(0, "version"), "SMB1");
  flow.ask(smb1({0x72}, "", "02 'LANMAN1.0' 00"), smb1({0x72, true}, "ffff", ""));
  EXPECT_EQ(flow.command(1, "dialect"), "-");
  std::string many;
  for (int i = 0; i < 33; ++i) many += "02 'X' 00";
  flow.give(smb1({0x72}, "", many), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.give(smb1({0x72}, "", "02 '" + std::string(2000, 'X') + "' 00 02 'YYYYYYYY' 00 02 'Z' 00"), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 2U);
}

TEST(Smb1, ASharesMapping) {
  Flow flow;
  flow.connect("\\\\nas\\data", "A:");
  EXPECT_EQ(flow.get("smb_mapping", 0, "path"), "\\\\nas\\data");
  EXPECT_EQ(flow.get("smb_mapping", 0, "service"), "A:");
  EXPECT_EQ(flow.get("smb_mapping", 0, "native_file_system"), "NTFS");
  EXPECT_EQ(flow.get("smb_mapping", 0, "share_type"), "DISK");
  flow.connect("\\\\nas\\IPC$", "IPC");
  EXPECT_EQ(flow.get("smb_mapping", 1, "share_type"), "PIPE");
  flow.ask(smb1({0x70}, "", "04 '\\\\old\\c' 00 04 00 04 'A:' 00"), smb1({0x70, true}, "0004 0900", ""));
  EXPECT_EQ(flow.get("smb_mapping", 2, "path"), "\\\\old\\c");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb1, AFilesLife) {
  Flow flow;
  flow.connect("\\\\nas\\data", "A:");
  flow.open("\\plans\\a.txt", 9);
  flow.ask(read1(3, 9), read_done1(3, "0102030405"));
  flow.ask(write1(4, 9, "01020304"), written1(4, 4));
  const std::string set = number(9, 2) + number(1010, 2) + "0000";
  flow.ask(transaction(0x32, 5, "0800", "000000", set, zeros(8) + number(10, 4) + utf16("b.txt")),
           transacted(0x32, 5, ""));
  const std::string hide = number(9, 2) + number(0x101, 2) + "0000", drop = number(9, 2) + number(0x102, 2) + "0000";
  flow.ask(transaction(0x32, 6, "0800", "000000", hide, zeros(40)), transacted(0x32, 6, ""));
  flow.ask(transaction(0x32, 7, "0800", "000000", drop, "01"), transacted(0x32, 7, ""));
  flow.ask(smb1({0x04, false, 0, 8}, number(9, 2) + zeros(4), ""), smb1({0x04, true, 0, 8}, "", ""));
  static constexpr struct {
    const char *action, *name;
  } kWant[] = {{"SMB::FILE_OPEN", "plans\\a.txt"},   {"SMB::FILE_READ", "plans\\a.txt"},
               {"SMB::FILE_WRITE", "plans\\a.txt"},  {"SMB::FILE_RENAME", "b.txt"},
               {"SMB::FILE_SET_ATTRIBUTE", "b.txt"}, {"SMB::FILE_DELETE", "b.txt"},
               {"SMB::FILE_CLOSE", "b.txt"}};
  ASSERT_EQ(flow.count("smb_files"), std::ssize(kWant));
  for (std::size_t i = 0; i < std::size(kWant); ++i) {
    SCOPED_TRACE(kWant[i].action);
    EXPECT_EQ(flow.file(i, "action"), kWant[i].action);
    EXPECT_EQ(flow.file(i, "name"), kWant[i].name);
    EXPECT_EQ(flow.file(i, "path"), "\\\\nas\\data");
  }
  EXPECT_EQ(flow.file(0, "times.modified"), "1704067202.000000");
  EXPECT_EQ(flow.file(0, "size"), "5");
  EXPECT_EQ(flow.file(3, "prev_name"), "plans\\a.txt");
  EXPECT_EQ(flow.file(6, "bytes_read"), "5");
  EXPECT_EQ(flow.file(6, "bytes_written"), "4");
  EXPECT_EQ(flow.command(4, "sub_command"), "SET_FILE_INFORMATION");
  EXPECT_EQ(flow.command(4, "tree_service"), "A:");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb1, FilesByName) {
  Flow flow;
  flow.ask(smb1({0x06, false, 0, 1, 5, 7, false}, "0600", "04 '\\tmp\\a' 00"), smb1({0x06, true}, "", ""));
  flow.ask(smb1({0x07, false, 0, 1, 5, 7, false}, "0600", "04 '\\a' 00 04 '\\b' 00"), smb1({0x07, true}, "", ""));
  flow.ask(smb1({0x06, false, 0, 1, 5, 7, false}, "0600", "04 '\\kept' 00"), smb1({0x06, true, 0xC0000022}, "", ""));
  ASSERT_EQ(flow.count("smb_files"), 2);
  EXPECT_EQ(flow.file(0, "action"), "SMB::FILE_DELETE");
  EXPECT_EQ(flow.file(0, "name"), "tmp\\a");
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_RENAME");
  EXPECT_EQ(flow.file(1, "name"), "b");
  EXPECT_EQ(flow.file(1, "prev_name"), "a");
  const std::string path = zeros(6) + utf16("\\x") + "0000";
  flow.ask(transaction(0x32, 3, "0500", "000000", path, ""), transacted(0x32, 3, ""));
  EXPECT_EQ(flow.command(3, "sub_command"), "QUERY_PATH_INFORMATION");
  EXPECT_EQ(flow.command(3, "argument"), "\\x");
}

TEST(Smb1, ChainsOfCommands) {
  Flow flow;
  const std::string name = "'\\a' 00", open = "2e 00" + number(kSmb1Header + 3 + 30 + size_of(name), 2) + zeros(26);
  const std::string read = kNoAndX + "ffff" + zeros(18);
  flow.give(smb1({0x2d, false, 0, 1, 5, 7, false}, smb1_block(open, name) + smb1_block(read, "")), kOut);
  const std::string opened =
      "2e 00" + number(kSmb1Header + 3 + 30, 2) + number(9, 2) + zeros(6) + number(3, 4) + zeros(14);
  constexpr std::size_t kData = kSmb1Header + 3 + 30 + 3 + 24;
  const std::string data = kNoAndX + zeros(6) + number(3, 2) + number(kData, 2) + zeros(10);
  flow.give(smb1({0x2d, true}, smb1_block(opened, "") + smb1_block(data, "010203")), kBack);
  EXPECT_EQ(flow.command(0, "command"), "OPEN_ANDX");
  EXPECT_EQ(flow.command(1, "command"), "READ_ANDX");
  EXPECT_EQ(flow.file(0, "action"), "SMB::FILE_OPEN");
  EXPECT_EQ(flow.file(0, "size"), "3");
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_READ");
  EXPECT_EQ(flow.file(1, "name"), "a");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb1, ChainsThatLeadNowhere) {
  Flow flow;
  flow.give(smb1({0x74}, "74 00 2000", ""), kOut);  // to itself
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  flow.give(smb1({0x74}, "74 00 ff00", ""), kOut);  // beyond the message
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  std::string many;
  for (std::size_t i = 0; i < 17; ++i) many += smb1_block("74 00" + number(kSmb1Header + 7 * (i + 1), 2), "");
  flow.give(smb1({0x74}, many), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(Smb1, WhoLogsOn) {
  Flow flow;
  const auto setup = [](const std::string& token) {
    return smb1({0x73}, kNoAndX + zeros(10) + number(size_of(token), 2) + zeros(8), token);
  };
  const auto answer = [](std::uint32_t status, const std::string& token) {
    return smb1({0x73, true, status}, kNoAndX + "0000" + number(size_of(token), 2), token);
  };
  flow.ask(setup("'NTLMSSP' 00 01000000"), answer(kMore, ntlm_challenge()));
  flow.ask(setup(ntlm_authenticate("OT", "eve", "WS1", 40)), answer(0, ""));
  EXPECT_EQ(flow.get("ntlm", 0, "username"), "eve");
  EXPECT_EQ(flow.get("ntlm", 0, "server_nb_computer_name"), "NAS");
  EXPECT_EQ(flow.get("ntlm", 0, "success"), "true");
  // Without NTLM's messages.
  const std::string words = kNoAndX + zeros(10) + "1800 1800" + zeros(8);
  flow.ask(smb1({0x73}, words, zeros(48) + text_at(bytes_at(words) + 48, "bob") + text_at(0, "HMI")),
           smb1({0x73, true, 0xC000006D}, "", ""));
  EXPECT_EQ(flow.get("ntlm", 1, "username"), "bob");
  EXPECT_EQ(flow.get("ntlm", 1, "domainname"), "HMI");
  EXPECT_EQ(flow.get("ntlm", 1, "success"), "false");
  EXPECT_EQ(flow.get("ntlm", 1, "ntlm_version"), "NTLMv1");
  // Only the answer has the number of the logon.
  flow.ask(smb1({0x73, false, 0, 1, 5, 0}, words, zeros(48) + text_at(bytes_at(words) + 48, "ann") + text_at(0, "HMI")),
           smb1({0x73, true, 0, 1, 5, 9}, kNoAndX + "0000", ""));
  EXPECT_EQ(flow.get("ntlm", 2, "username"), "ann");
  EXPECT_EQ(flow.get("ntlm", 2, "success"), "true");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb1, PipesCarryRpc) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", "IPC");
  flow.open("\\svcctl", 6, 2);
  flow.ask(write1(3, 6, rpc_bind()), written1(3, 72));
  flow.ask(read1(4, 6), read_done1(4, rpc_bind_ack("\\PIPE\\ntsvcs")));
  flow.ask(transaction(0x25, 5, "2600 0600", text_at(kSmb1Header + 3 + 32, "\\PIPE\\"), "", rpc_request(2, 12)),
           transacted(0x25, 5, rpc_response(2)));
  EXPECT_EQ(flow.file(0, "action"), "SMB::PIPE_OPEN");
  EXPECT_EQ(flow.file(0, "name"), "svcctl");
  EXPECT_EQ(flow.get("dce_rpc", 0, "operation"), "CreateServiceW");
  EXPECT_EQ(flow.get("dce_rpc", 0, "named_pipe"), "\\PIPE\\ntsvcs");
  EXPECT_EQ(flow.get("dce_rpc", 0, "rtt"), "0.001000");
  EXPECT_EQ(flow.command(4, "argument"), "\\PIPE\\");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb1, WhatNobodyAnswersIsToldAtOnce) {
  Flow flow;
  flow.give(smb1({0xa4}, "", ""), kOut);
  flow.give(smb1({0x24, false, 0, 0xffff}, kNoAndX + zeros(12), ""), kBack);
  flow.give(smb1({0x26}, zeros(16), ""), kOut);
  EXPECT_EQ(flow.count("smb_cmd"), 3);
  flow.give(smb1({0x2b}, "0100", ""), kOut);
  EXPECT_EQ(flow.count("smb_cmd"), 3);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.command(3, "command"), "ECHO");
  EXPECT_EQ(flow.command(3, "version"), "SMB1");
}

TEST(Smb1, Refuses) {
  static const struct {
    const char* name;
    std::string frame;
    DecodeError want;
  } kCases[] = {
      {"half a header", "ff'SMB' 72", DecodeError::truncated},
      {"words beyond the message", smb1({0x2b}, "ff 0000"), DecodeError::truncated},
      {"a token beyond its block", smb1({0x73}, kNoAndX + zeros(10) + "ff00" + zeros(8), ""), DecodeError::bad_value},
      {"hashes beyond their block", smb1({0x73}, kNoAndX + zeros(10) + "ff00 1800" + zeros(8), ""),
       DecodeError::bad_value},
      {"a password beyond its block", smb1({0x75}, kNoAndX + "0000 ff00", ""), DecodeError::bad_value},
      {"data beyond the message", smb1({0x2e, true}, kNoAndX + zeros(6) + "ff00 3b00" + zeros(10), ""),
       DecodeError::bad_value},
      {"a file without a number", smb1({0x04}, "", ""), DecodeError::bad_value},
      {"parameters beyond the message", smb1({0x32}, zeros(18) + "ff00 4000" + zeros(4) + "0100 0500", ""),
       DecodeError::bad_value},
      {"a path beyond its parameters", transaction(0x32, 1, "0500", "", "0000", ""), DecodeError::bad_value},
      {"a rename beyond its data", transaction(0x32, 1, "0800", "", "0900 f203 0000", zeros(8) + "ff000000"),
       DecodeError::bad_value},
      {"half a response", smb1({0xa2, true}, kNoAndX + "00 010000", ""), DecodeError::bad_value},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(c.frame, kOut));
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.count("smb_cmd"), c.want == DecodeError::truncated && c.frame.size() < 20 ? 0 : 1);
  }
}

}  // namespace
}  // namespace nw::network
