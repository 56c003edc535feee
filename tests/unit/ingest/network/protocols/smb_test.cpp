#include <gtest/gtest.h>

#include "fake_context.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

using namespace smb_frames;

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
enum : unsigned {
  kNegotiate = 0,
  kSessionSetup = 1,
  kTreeConnect = 3,
  kTreeDisconnect = 4,
  kCreate = 5,
  kClose = 6,
  kRead = 8,
  kWrite = 9,
  kIoctl = 11,
  kCancel = 12,
  kEcho = 13,
  kSetInfo = 17,
};
constexpr std::uint32_t kPending = 0x103, kDenied = 0xC0000022, kMore = 0xC0000016, kOverflow = 0x80000005;

// One connection; frames a millisecond apart.
struct Flow {
  FakeContext context{protocol("smb")};
  std::unique_ptr<Analyzer> analyzer = protocol("smb").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};
  std::uint64_t message = 0;

  bool give(const std::string& hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(hex));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  // A request and its response.
  void ask(unsigned command, const std::string& request, const std::string& response, std::uint32_t status = 0) {
    ++message;
    give(framed(smb2({command, false, 0, message}, request)), kOut);
    give(framed(smb2({command, true, status, message}, response)), kBack);
  }
  void connect(std::string_view path, unsigned kind) { ask(kTreeConnect, tree_connect(path), tree_connected(kind)); }
  void open(std::string_view name, unsigned file, std::uint32_t options = 0) {
    ask(kCreate, create(name, options), created(file));
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

TEST(Smb2, ASharesMapping) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  EXPECT_EQ(flow.get("smb_mapping", 0, "path"), "\\\\nas\\data");
  EXPECT_EQ(flow.get("smb_mapping", 0, "share_type"), "DISK");
  EXPECT_EQ(flow.get("smb_mapping", 0, "service"), "-");
  EXPECT_EQ(flow.command(0, "command"), "TREE_CONNECT");
  EXPECT_EQ(flow.command(0, "argument"), "\\\\nas\\data");
  EXPECT_EQ(flow.command(0, "status"), "SUCCESS");
  EXPECT_EQ(flow.command(0, "rtt"), "0.001000");
  EXPECT_EQ(flow.command(0, "version"), "SMB2");
  flow.connect("\\\\nas\\IPC$", 2);
  flow.connect("\\\\nas\\lpt", 3);
  EXPECT_EQ(flow.get("smb_mapping", 1, "share_type"), "PIPE");
  EXPECT_EQ(flow.get("smb_mapping", 2, "share_type"), "PRINT");
  flow.ask(kTreeConnect, tree_connect("\\\\nas\\C$"), refusal(), kDenied);
  EXPECT_EQ(flow.count("smb_mapping"), 3);
  EXPECT_EQ(flow.command(3, "status"), "ACCESS_DENIED");
  EXPECT_EQ(flow.command(3, "status_code"), "3221225506");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb2, AFilesLife) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("plans\\a.txt", 9);
  flow.ask(kRead, read(9), read_done("0102030405"));
  flow.ask(kRead, read(9), read_done("0102"));
  flow.ask(kWrite, write(9, "01020304"), written(4));
  flow.ask(kSetInfo, set_info(9, 10, zeros(16) + number(10, 4) + utf16("b.txt")), "0200");
  flow.ask(kSetInfo, set_info(9, 4, zeros(40)), "0200");
  flow.ask(kSetInfo, set_info(9, 13, "01"), "0200");
  flow.ask(kClose, close(9), closed());
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
    EXPECT_EQ(flow.file(i, "size"), "5");
  }
  EXPECT_EQ(flow.file(0, "times.created"), "1704067200.000000");
  EXPECT_EQ(flow.file(0, "times.accessed"), "1704067201.000000");
  EXPECT_EQ(flow.file(0, "times.modified"), "1704067202.000000");
  EXPECT_EQ(flow.file(0, "times.changed"), "1704067203.000000");
  EXPECT_EQ(flow.file(3, "prev_name"), "plans\\a.txt");
  EXPECT_EQ(flow.file(0, "folder"), "plans");
  EXPECT_EQ(flow.file(0, "extension"), "txt");
  EXPECT_EQ(flow.file(0, "prev_extension"), "-");
  EXPECT_EQ(flow.file(3, "folder"), "-");
  EXPECT_EQ(flow.file(3, "prev_extension"), "txt");
  EXPECT_EQ(flow.file(0, "bytes_read"), "-");
  EXPECT_EQ(flow.file(6, "bytes_read"), "7");
  EXPECT_EQ(flow.file(6, "bytes_written"), "4");
  EXPECT_EQ(flow.command(2, "argument"), "plans\\a.txt");
  EXPECT_EQ(flow.command(2, "tree"), "\\\\nas\\data");
  EXPECT_EQ(flow.command(2, "tree_service"), "DISK");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb2, FoldersAndExtensions) {
  static constexpr struct {
    const char *name, *folder, *extension;
  } kCases[] = {
      {"a.txt", "-", "txt"}, {"x\\y\\a.txt.locked", "x\\y", "locked"}, {"x.d\\a", "x.d", ""}, {"x\\.profile", "x", ""},
      {"a.", "-", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.connect("\\\\nas\\data", 1);
    flow.open(c.name, 2);
    EXPECT_EQ(flow.file(0, "folder"), c.folder);
    EXPECT_EQ(flow.file(0, "extension"), c.extension);
  }
}

TEST(Smb2, OpenedInOtherWays) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("", 1);
  EXPECT_EQ(flow.file(0, "name"), "<share_root>");
  flow.open("gone", 2, 0x1000);
  EXPECT_EQ(flow.file(2, "action"), "SMB::FILE_DELETE");
  EXPECT_EQ(flow.file(2, "name"), "gone");
  flow.connect("\\\\nas\\lpt", 3);
  flow.open("job", 3);
  EXPECT_EQ(flow.file(3, "action"), "SMB::FILE_CLOSE");  // the same tree again: what was open there is gone
  flow.ask(kCreate, create("secret"), refusal(), kDenied);
  EXPECT_EQ(flow.file(6, "action"), "-");
  EXPECT_EQ(flow.file(5, "action"), "SMB::PRINT_OPEN");
}

TEST(Smb2, DisconnectingCloses) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("a", 1);
  flow.open("b", 2);
  flow.ask(kTreeDisconnect, "0400 0000", "0400 0000");
  EXPECT_EQ(flow.file(2, "action"), "SMB::FILE_CLOSE");
  EXPECT_EQ(flow.file(3, "action"), "SMB::FILE_CLOSE");
  EXPECT_EQ(flow.file(3, "path"), "\\\\nas\\data");
  flow.ask(kRead, read(1), read_done("01"));
  EXPECT_EQ(flow.count("smb_files"), 4);
}

TEST(Smb2, AChainIsAboutTheFileThatItOpens) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  const std::string padding = zeros(6), before = std::string(32, 'f');
  const std::string open = create("a") + padding;
  const auto next = static_cast<std::uint32_t>(kSmb2Header + size_of(open));
  flow.give(framed(smb2({kCreate, false, 0, 20, 5, 7, 0, next}, open) +
                   smb2({kClose, false, 0, 21, 0xffffffff, 0, 4}, "1800 0000 00000000" + before)),
            kOut);
  flow.give(framed(smb2({kCreate, true, 0, 20, 5, 7, 0, 152}, created(4)) +
                   smb2({kClose, true, 0, 21, 0xffffffff, 0, 4}, closed())),
            kBack);
  ASSERT_EQ(flow.count("smb_files"), 2);
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_CLOSE");
  EXPECT_EQ(flow.file(1, "name"), "a");
  EXPECT_EQ(flow.command(2, "tree"), "\\\\nas\\data");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// A server may answer the parts one by one, and say of some that they take longer.
TEST(Smb2, PartsOfAChainAreAnsweredAlone) {
  for (const bool waits : {false, true}) {
    SCOPED_TRACE(waits);
    Flow flow;
    flow.connect("\\\\nas\\data", 1);
    const std::string before = std::string(32, 'f');
    const auto part = [&](unsigned command, std::uint64_t message, const std::string& body, bool last = false) {
      const std::string padded = body + zeros((8 - size_of(body) % 8) % 8);
      const auto next = last ? 0U : static_cast<std::uint32_t>(kSmb2Header + size_of(padded));
      const bool first = command == kCreate;
      return smb2({command, false, 0, message, first ? 5U : 0xffffffff, first ? 7U : ~0ULL, first ? 0U : 4U, next},
                  padded);
    };
    const std::string read_it = "3100 0000 00100000 0000000000000000" + before + zeros(17);
    const std::string close_it = "1800 0000 00000000" + before;
    flow.give(framed(part(kCreate, 20, create("a")) + part(kRead, 21, read_it) + part(kClose, 22, close_it, true)),
              kOut);
    constexpr unsigned kAsynchronous = 2, kRelated = 4;
    if (waits) flow.give(framed(smb2({kCreate, true, kPending, 20, 99, 7, kAsynchronous}, refusal())), kBack);
    flow.give(framed(smb2({kCreate, true, 0, 20, 5, 7, waits ? kAsynchronous : 0}, created(4))), kBack);
    if (waits) flow.give(framed(smb2({kRead, true, kPending, 21, 99, 7, kAsynchronous | kRelated}, refusal())), kBack);
    flow.give(framed(smb2({kRead, true, 0, 21, 0xffffffff, ~0ULL, kRelated}, read_done("0102030405"))), kBack);
    flow.give(framed(smb2({kClose, true, 0, 22, 5, 7}, closed())), kBack);
    ASSERT_EQ(flow.count("smb_files"), 3);
    EXPECT_EQ(flow.file(0, "path"), "\\\\nas\\data");
    EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_READ");
    EXPECT_EQ(flow.file(1, "name"), "a");
    EXPECT_EQ(flow.file(2, "action"), "SMB::FILE_CLOSE");
    EXPECT_EQ(flow.file(2, "bytes_read"), "5");
    EXPECT_EQ(flow.command(2, "argument"), "a");
    EXPECT_EQ(flow.command(3, "tree"), "\\\\nas\\data");
    EXPECT_EQ(flow.get("files", 0, "seen_bytes"), "5");
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

// Chains about a file that is open already; what takes longer has no tree that the next part could have.
TEST(Smb2, AChainIsAboutItsFirstFile) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("a", 9);
  const std::string first = write(9, "01020304");
  const auto next = static_cast<std::uint32_t>(kSmb2Header + size_of(first) + 4);
  flow.give(framed(smb2({kWrite, false, 0, 30, 5, 7, 0, next}, first + zeros(4)) +
                   smb2({kClose, false, 0, 31, 0xffffffff, ~0ULL, 4}, "1800 0000 00000000" + std::string(32, 'f'))),
            kOut);
  flow.give(framed(smb2({kWrite, true, kPending, 30, 99, 7, 2, 80}, refusal() + zeros(7)) +
                   smb2({kClose, true, 0, 31, 0xffffffff, ~0ULL, 4}, closed())),
            kBack);
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_CLOSE");
  EXPECT_EQ(flow.file(1, "name"), "a");
  EXPECT_EQ(flow.command(2, "tree"), "\\\\nas\\data");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

// The server says that a session is over; nobody asked.
// What names no file does not end the chain.
TEST(Smb2, AnEchoIsNoEndOfTheChain) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  const std::string open = create("a"), echo = "0400 0000 00000000";
  const auto next = static_cast<std::uint32_t>(kSmb2Header + size_of(open) + 4);
  constexpr unsigned kRelated = 4;
  flow.give(
      framed(smb2({kCreate, false, 0, 40, 5, 7, 0, next}, open + zeros(4)) +
             smb2({kEcho, false, 0, 41, 0xffffffff, ~0ULL, kRelated, 72}, echo) +
             smb2({kClose, false, 0, 42, 0xffffffff, ~0ULL, kRelated}, "1800 0000 00000000" + std::string(32, 'f'))),
      kOut);
  flow.give(framed(smb2({kCreate, true, 0, 40}, created(4))), kBack);
  flow.give(framed(smb2({kEcho, true, 0, 41}, "0400 0000")), kBack);
  flow.give(framed(smb2({kClose, true, 0, 42}, closed())), kBack);
  ASSERT_EQ(flow.count("smb_files"), 2);
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_CLOSE");
  EXPECT_EQ(flow.file(1, "name"), "a");
}

TEST(Smb2, Notifications) {
  Flow flow;
  flow.give(framed(smb2({19, true, 0, ~0ULL, 0, 7}, "0400 0000 00000000 00000000")), kBack);
  EXPECT_EQ(flow.command(0, "command"), "SERVER_TO_CLIENT_NOTIFICATION");
  EXPECT_EQ(flow.command(0, "status"), "SUCCESS");
  EXPECT_EQ(flow.command(0, "rtt"), "-");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  flow.give(framed(smb2({20, true, 0, ~0ULL, 0, 7}, "0400 0000")), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Smb2, Chains) {
  Flow flow;
  std::string many;
  for (int i = 0; i < 64; ++i) many += smb2({kEcho, false, 0, 1, 5, 7, 0, i < 63 ? 72U : 0U}, "0400 0000 00000000");
  flow.give(framed(many), kOut);
  EXPECT_EQ(flow.context.refused_total(), 0U);
  many.clear();
  for (int i = 0; i < 65; ++i) many += smb2({kEcho, false, 0, 1, 5, 7, 0, i < 64 ? 72U : 0U}, "0400 0000 00000000");
  flow.give(framed(many), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.give(framed(smb2({kEcho, false, 0, 1, 5, 7, 0, 63}, "0400 0000")), kOut);   // into itself
  flow.give(framed(smb2({kEcho, false, 0, 1, 5, 7, 0, 999}, "0400 0000")), kOut);  // out of the frame
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 2U);
}

TEST(Smb2, InterimResponsesWait) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("a", 1);
  flow.give(framed(smb2({kRead, false, 0, 30}, read(1))), kOut);
  flow.give(framed(smb2({kRead, true, kPending, 30, 5, 7, 2}, refusal())), kBack);
  EXPECT_EQ(flow.count("smb_cmd"), 2);
  flow.give(framed(smb2({kRead, true, 0, 30, 99, 7, 2}, read_done("01"))), kBack);
  EXPECT_EQ(flow.command(2, "rtt"), "0.002000");
  EXPECT_EQ(flow.command(2, "tree"), "\\\\nas\\data");
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_READ");
}

TEST(Smb2, ACancellationIsToldAtOnce) {
  Flow flow;
  flow.give(framed(smb2({kCancel}, "0400 0000")), kOut);
  EXPECT_EQ(flow.command(0, "command"), "CANCEL");
  EXPECT_EQ(flow.command(0, "status"), "-");
}

TEST(Smb2, OneSideAlone) {
  Flow flow;
  flow.give(framed(smb2({kCreate, true}, created(1))), kBack);
  EXPECT_EQ(flow.command(0, "rtt"), "-");
  EXPECT_EQ(flow.command(0, "status"), "SUCCESS");
  EXPECT_EQ(flow.file(0, "size"), "5");
  EXPECT_EQ(flow.file(0, "name"), "-");
  flow.give(framed(smb2({kTreeConnect, false, 0, 2}, tree_connect("\\\\nas\\x"))), kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.command(1, "argument"), "\\\\nas\\x");
  EXPECT_EQ(flow.command(1, "status"), "-");
}

TEST(Smb2, NegotiatingTellsTheDialect) {
  Flow flow;
  flow.give(framed(smb2({kNegotiate, true}, "4100 0100 1103" + zeros(60))), kBack);
  EXPECT_EQ(flow.command(0, "dialect"), "3.11");
}

TEST(Smb2, WhoLogsOn) {
  Flow flow;
  flow.ask(kSessionSetup, session_setup("'NTLMSSP' 00 01000000"), session_set_up(ntlm_challenge()), kMore);
  EXPECT_EQ(flow.count("ntlm"), 0);
  flow.ask(kSessionSetup, session_setup(ntlm_authenticate("OT", "eve", "WS1", 40)), session_set_up(""));
  ASSERT_EQ(flow.count("ntlm"), 1);
  static constexpr struct {
    const char *field, *want;
  } kWant[] = {{"username", "eve"},
               {"hostname", "WS1"},
               {"domainname", "OT"},
               {"server_nb_computer_name", "NAS"},
               {"server_dns_computer_name", "nas.ot.lan"},
               {"server_tree_name", "ot.lan"},
               {"success", "true"},
               {"ntlm_version", "NTLMv2"}};
  for (const auto& want : kWant) EXPECT_EQ(flow.get("ntlm", 0, want.field), want.want) << want.field;
  flow.ask(kSessionSetup, session_setup(ntlm_authenticate("OT", "eve", "WS1", 24)), refusal(), 0xC000006D);
  EXPECT_EQ(flow.get("ntlm", 1, "success"), "false");
  EXPECT_EQ(flow.get("ntlm", 1, "ntlm_version"), "NTLMv1");
  flow.give(framed(smb2({kSessionSetup}, session_setup(ntlm_authenticate("", "", "", 0)))), kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.get("ntlm", 2, "success"), "-");
  EXPECT_EQ(flow.get("ntlm", 2, "username"), "-");
  EXPECT_EQ(flow.get("ntlm", 2, "ntlm_version"), "anonymous");
}

TEST(Smb2, SessionsAreKeptApart) {
  Flow flow;
  flow.give(framed(smb2({kSessionSetup, true, kMore, 1, 0, 1}, session_set_up(ntlm_challenge(ntlm_pair(1, "A"))))),
            kBack);
  flow.give(framed(smb2({kSessionSetup, true, kMore, 2, 0, 2}, session_set_up(ntlm_challenge(ntlm_pair(1, "B"))))),
            kBack);
  flow.give(framed(smb2({kSessionSetup, false, 0, 3, 0, 1}, session_setup(ntlm_authenticate("", "one", "", 40)))),
            kOut);
  flow.give(framed(smb2({kSessionSetup, true, 0, 3, 0, 1}, session_set_up(""))), kBack);
  EXPECT_EQ(flow.get("ntlm", 0, "username"), "one");
  EXPECT_EQ(flow.get("ntlm", 0, "server_nb_computer_name"), "A");
  for (unsigned i = 0; i < 16; ++i)
    flow.give(framed(smb2({kSessionSetup, true, kMore, 9, 0, 100 + i}, session_set_up(ntlm_challenge()))), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.get("ntlm", 1, "server_nb_computer_name"), "B");
}

TEST(Smb2, PipesCarryRpc) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", 2);
  flow.open("svcctl", 6);
  flow.ask(kWrite, write(6, rpc_bind()), written(72));
  flow.ask(kRead, read(6), read_done(rpc_bind_ack("\\PIPE\\ntsvcs")));
  flow.ask(kIoctl, transceive(6, rpc_request(2, 15)), transceived(6, rpc_response(2)));
  ASSERT_EQ(flow.count("dce_rpc"), 1);
  EXPECT_EQ(flow.get("dce_rpc", 0, "named_pipe"), "\\PIPE\\ntsvcs");
  EXPECT_EQ(flow.get("dce_rpc", 0, "endpoint"), "svcctl");
  EXPECT_EQ(flow.get("dce_rpc", 0, "operation"), "OpenSCManagerW");
  EXPECT_EQ(flow.get("dce_rpc", 0, "rtt"), "0.001000");
  EXPECT_EQ(flow.file(0, "action"), "SMB::PIPE_OPEN");
  EXPECT_EQ(flow.file(0, "name"), "svcctl");
  EXPECT_EQ(flow.file(0, "path"), "\\\\nas\\IPC$");
  flow.ask(kWrite, write(6, rpc_request(3, 12)), written(40));
  flow.ask(kClose, close(6), closed());  // nobody read the response
  EXPECT_EQ(flow.get("dce_rpc", 1, "operation"), "CreateServiceW");
  EXPECT_EQ(flow.get("dce_rpc", 1, "rtt"), "-");
}

TEST(Smb2, PiecesOfAPduArePutTogether) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", 2);
  flow.open("svcctl", 6);
  const std::string bind = rpc_bind();
  flow.ask(kWrite, write(6, bind.substr(0, 21)), written(1));
  flow.ask(kWrite, write(6, bind.substr(21)), written(1));
  flow.ask(kIoctl, transceive(6, rpc_request(2, 16)), transceived(6, "05000203"), kOverflow);
  flow.ask(kRead, read(6), read_done(rpc_response(2).substr(9)));
  ASSERT_EQ(flow.count("dce_rpc"), 1);
  EXPECT_EQ(flow.get("dce_rpc", 0, "operation"), "OpenServiceW");
  EXPECT_EQ(flow.get("dce_rpc", 0, "named_pipe"), "\\pipe\\svcctl");
  EXPECT_NE(flow.get("dce_rpc", 0, "rtt"), "-");
}

TEST(Smb2, AnOpenPipeIsKnownByWhatItCarries) {
  Flow flow;
  flow.ask(kWrite, write(6, rpc_bind()), written(72));
  flow.ask(kIoctl, transceive(6, rpc_request(2, 15)), transceived(6, rpc_response(2)));
  EXPECT_EQ(flow.get("dce_rpc", 0, "endpoint"), "svcctl");
  flow.ask(kWrite, write(8, "0500"), written(2));  // something else
  EXPECT_EQ(flow.count("dce_rpc"), 1);
}

TEST(Smb2, APipeMaySpeakSomethingElse) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", 2);
  flow.open("PSEXESVC-stdin", 6);
  flow.ask(kWrite, write(6, "'whoami' 0d0a"), written(8));
  flow.ask(kWrite, write(6, "'whoami' 0d0a"), written(8));
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_EQ(flow.file(1, "action"), "SMB::PIPE_WRITE");
  // One that began with it must keep to it.
  flow.open("svcctl", 7);
  flow.ask(kWrite, write(7, rpc_bind()), written(72));
  flow.ask(kWrite, write(7, "'whoami' 0d0a"), written(8));
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(Smb2, DataOfFilesIsNotWaitedFor) {
  Flow flow;
  flow.connect("\\\\nas\\data", 1);
  flow.open("big", 1);
  const std::string frame = framed(smb2({kWrite, false, 0, 50}, write(1, zeros(40'000))));
  const auto bytes = from_hex(frame);
  flow.out.feed(Bytes{bytes}.first(200));
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.out.feed(Bytes{bytes}.subspan(200));
  flow.give(framed(smb2({kWrite, true, 0, 50}, written(40'000))), kBack);
  EXPECT_EQ(flow.file(1, "action"), "SMB::FILE_WRITE");
  flow.give(framed(smb2({kRead, false, 0, 51}, read(1))), kOut);
  const auto answer = from_hex(framed(smb2({kRead, true, 0, 51}, read_done(zeros(40'000)))));
  flow.back.feed(Bytes{answer}.first(200));
  EXPECT_EQ(flow.back.waiting(), 0U);
  EXPECT_EQ(flow.file(2, "action"), "SMB::FILE_READ");
  // A hole within the data is none to us.
  flow.analyzer->gap(answer.size() - 200, kBack, flow.context);
  flow.ask(kClose, close(1), closed());
  EXPECT_EQ(flow.file(3, "bytes_read"), "40000");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);
}

TEST(Smb2, OfALongFrameTheHeadIsRead) {
  Flow flow;
  const std::string frame = framed(smb2({kWrite, false, 0, 50}, write(1, zeros(100'000))));
  flow.give(frame, kOut);
  flow.give(framed(smb2({kWrite, true, 0, 50}, written(100'000))), kBack);
  EXPECT_EQ(flow.command(0, "rtt"), "0.001000");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Smb2, TablesAreBounded) {
  Flow flow;
  for (unsigned i = 0; i <= 256; ++i) flow.give(framed(smb2({kEcho, false, 0, i}, "0400 0000")), kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.count("smb_cmd"), 1);  // the oldest, unanswered
  Flow trees;
  for (unsigned i = 0; i <= 64; ++i) trees.give(framed(smb2({kTreeConnect, true, 0, i, i}, tree_connected(1))), kBack);
  EXPECT_EQ(trees.context.refused_count(DecodeError::limit), 1U);
  Flow files;
  for (unsigned i = 1; i <= 513; ++i) files.open("f", i);
  EXPECT_EQ(files.context.refused_count(DecodeError::limit), 1U);
  files.ask(kClose, close(1), closed());
  EXPECT_EQ(files.count("smb_files"), 513);  // the oldest is not known any more
  files.ask(kClose, close(2), closed());
  EXPECT_EQ(files.count("smb_files"), 514);
}

TEST(Smb2, WhatWaitsInPipesIsBounded) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", 2);
  const std::string half = "05000b03 10000000 ffff 0000 01000000" + zeros(59'984);
  for (unsigned i = 1; i <= 5; ++i) {
    flow.open("pipe", i);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 0U);
    flow.ask(kWrite, write(i, half), written(60'000));
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  flow.ask(kWrite, write(5, "0102"), written(2));  // not looked at any more
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Smb2, NamesAreBounded) {
  Flow flow;
  flow.open(std::string(2000, 'a'), 1);
  EXPECT_LE(flow.file(0, "name").size(), 1024U);
  EXPECT_GE(flow.file(0, "name").size(), 1020U);
}

TEST(Smb2, Refuses) {
  static const struct {
    const char* name;
    std::string body;
    unsigned command;
    bool response;
  } kCases[] = {
      {"a name beyond the message", "0900 0000 4800 ff00 4100", kTreeConnect, false},
      {"a share of no kind", "1000 09 00" + zeros(12), kTreeConnect, true},
      {"half a response", "5900 0000", kCreate, true},
      {"a token beyond the message", "1900 00 01 00000000 00000000 5800 ff00" + zeros(8), kSessionSetup, false},
      {"a token that is none", session_setup("'NTLMSSP' 00 09000000"), kSessionSetup, false},
      {"data beyond the message", "1100 50 00 ff000000" + zeros(8), kRead, true},
      {"a rename without a name", set_info(1, 10, zeros(16) + number(10, 4)), kSetInfo, false},
      {"information beyond the message", "2100 01 0a ff000000 6000" + zeros(6) + file_id(1), kSetInfo, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.give(framed(smb2({c.command, c.response}, c.body)), c.response ? kBack : kOut));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    flow.analyzer->finish(flow.context);
    EXPECT_GE(flow.count("smb_cmd"), 1);
  }
}

TEST(Smb, FramesThatAreNone) {
  Flow flow;
  flow.give(framed(smb2({kTreeConnect}, tree_connect("\\\\nas\\data"))), kOut);
  EXPECT_FALSE(flow.give("01000000", kOut));
  EXPECT_EQ(flow.count("smb_cmd"), 1);  // what waited is told
  Flow long_one;
  EXPECT_FALSE(long_one.give("81000500", kOut));
  Flow odd;
  EXPECT_TRUE(odd.give("00000004 01020304", kOut));  // passed over
  EXPECT_EQ(odd.context.refused_count(DecodeError::bad_value), 1U);
  EXPECT_TRUE(odd.give("00000005 fe'SMB' 40", kOut));
  EXPECT_EQ(odd.context.refused_count(DecodeError::truncated), 1U);
  EXPECT_TRUE(odd.give("85000000 00000000", kOut));
  odd.give(framed(smb2({kCancel}, "0400 0000")), kOut);
  EXPECT_EQ(odd.count("smb_cmd"), 1);
}

TEST(Smb, WhatIsHiddenIsToldOnce) {
  Flow flow;
  const std::string hidden = framed("fd'SMB'" + zeros(64)), packed = framed("fc'SMB'" + zeros(40));
  for (int i = 0; i < 3; ++i) flow.give(hidden, kOut);
  for (int i = 0; i < 3; ++i) flow.give(packed, kBack);
  ASSERT_EQ(flow.count("smb_cmd"), 2);
  EXPECT_EQ(flow.command(0, "encrypted"), "true");
  EXPECT_EQ(flow.command(0, "command"), "ENCRYPTED");
  EXPECT_EQ(flow.command(1, "compressed"), "true");
}

TEST(Smb, AfterAGap) {
  Flow flow;
  flow.analyzer->gap(100, kOut, flow.context);
  EXPECT_TRUE(flow.give("0102030405", kOut));
  EXPECT_TRUE(flow.give(framed(smb2({kCancel}, "0400 0000")), kOut));
  EXPECT_EQ(flow.count("smb_cmd"), 1);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

// What is behind a gap is not the rest of what waited before it.
TEST(Smb, AGapInAPipe) {
  Flow flow;
  flow.connect("\\\\nas\\IPC$", 2);
  flow.open("svcctl", 3);
  flow.ask(kWrite, write(3, rpc_bind()), written(100));
  const std::string request = rpc_request(2, 12);
  flow.ask(kWrite, write(3, request.substr(0, 40)), written(20));  // a part of it
  flow.analyzer->gap(100, kOut, flow.context);
  flow.ask(kWrite, write(3, zeros(24)), written(24));
  flow.ask(kWrite, write(3, rpc_request(3, 15)), written(40));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.count("dce_rpc"), 1);
  EXPECT_EQ(flow.get("dce_rpc", 0, "opnum"), "15");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 0U);
}

TEST(SmbProbe, Verdicts) {
  static const struct {
    const char* name;
    std::string hex;
    Verdict want;
  } kCases[] = {
      {"SMB2", framed(smb2({kEcho}, "0400 0000")), Verdict::yes},
      {"SMB1", "00000023 ff'SMB' 72", Verdict::yes},
      {"encrypted", framed("fd'SMB'" + zeros(48)), Verdict::yes},
      {"half", "00000044 fe'S'", Verdict::unsure},
      {"session request", "81000044 20 'CKFDENECFDEFFCFGEFFCCACACACACACA' 00", Verdict::yes},
      {"session request of other letters", "81000044 20 'ckfdenecfdeffcfgeffccacacacacaca' 00", Verdict::no},
      {"session response", "82000000", Verdict::unsure},
      {"too short for a message", "00000008 ff'SMB'", Verdict::no},
      {"another magic", "00000044 00000000", Verdict::no},
      {"TLS", "16030100a5010000", Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("smb").probe(bytes, kOut, Transport::tcp, false), c.want);
  }
}

}  // namespace
}  // namespace nw::network
