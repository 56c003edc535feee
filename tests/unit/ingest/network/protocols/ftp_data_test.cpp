// FTP's data connections, through the whole decoder and the real table.
#include <gtest/gtest.h>

#include "fake_context.h"
#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

using frames::kA;
using frames::kF;

constexpr std::string_view kPassive = "227 Go (192,0,2,2,19,137)\r\n";  // port 5001

// A control connection, between 192.0.2.1 and 192.0.2.2.
struct Session {
  explicit Session(Harness& harness) : h{harness} {
    for (const auto& frame : control.handshake()) h.send(frame);
    server("220 FTP server\r\n");
  }
  void client(std::string_view line) { h.send(control.say(0, line)); }
  void server(std::string_view line) { h.send(control.say(1, line)); }
  // The side `from` says this in a connection that the first endpoint opens.
  void data(frames::Endpoint opens, frames::Endpoint to, std::size_t from, std::string_view bytes) {
    Connection connection{opens, to};
    for (const auto& frame : connection.handshake()) h.send(frame);
    h.send(connection.say(from, bytes));
    h.send(connection.say(from, "", kA | kF));
  }

  Harness& h;
  Connection control{frames::v4(1, 40000), frames::v4(2, 21)};
};

TEST(FtpData, FilesAreTold) {
  Harness h{{}, protocols()};
  Session ftp{h};
  ftp.client("PASV\r\n");
  ftp.server(kPassive);
  ftp.client("RETR a file.txt\r\n");
  ftp.data(frames::v4(1, 40001), frames::v4(2, 5001), 1, "some text\n");
  ftp.client("PORT 192,0,2,1,19,138\r\n");
  ftp.client("STOR b\r\n");
  ftp.data(frames::v4(2, 20), frames::v4(1, 5002), 1, "%PDF-1.4\n");
  h.finish();
  EXPECT_EQ(h.all("files", "filename"), "a file.txt,b");
  EXPECT_EQ(h.all("files", "carrier"), "FTP_DATA,FTP_DATA");
  EXPECT_EQ(h.all("files", "mime_type"), "text/plain,application/pdf");
  EXPECT_EQ(h.all("files", "seen_bytes"), "10,9");
  EXPECT_EQ(h.all("files", "is_orig"), "false,false");
  EXPECT_EQ(h.all("files", "sha256"),
            "a23e5fdcd7b276bdd81aa1a0b7b963101863dd3f61ff57935f8c5ba462681ea6,"
            "e5c62df5dab5c87b6a015ef3d43597074d1eec433b15f51aec63b8582d0e4ab4");
  EXPECT_EQ(h.all("conn", "service"), "ftp,ftp-data,ftp-data");
}

// The announcement goes before what the bytes look like, but not on the port of another protocol.
TEST(FtpData, WhatIsAnnouncedIsNotProbed) {
  static constexpr struct {
    const char* reply;
    std::uint16_t port;
    const char* service;
  } kCases[] = {{"227 Go (192,0,2,2,19,137)\r\n", 5001, "ftp,ftp-data"},
                {"227 Go (192,0,2,2,0,80)\r\n", 80, "ftp,http"},
                {"227 Go (192,0,2,2,19,138)\r\n", 5001, "ftp,http"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.reply);
    Harness h{{}, protocols()};
    Session ftp{h};
    ftp.client("PASV\r\n");
    ftp.server(c.reply);
    ftp.data(frames::v4(1, 40001), frames::v4(2, c.port), 0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    h.finish();
    EXPECT_EQ(h.all("conn", "service"), c.service);
  }
}

TEST(FtpData, WhoWantsFilesOnlyGetsThem) {
  Harness h{{}, protocols(), false};
  auto files = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < h.schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (h.schema->type(id).path == "files") files->want_all(id);
  }
  h.decoder->subscribe(h.schema, files);
  Session ftp{h};
  ftp.client("EPSV\r\n");
  ftp.server("229 Go (|||5001|)\r\n");
  ftp.client("LIST\r\n");
  ftp.data(frames::v4(1, 40001), frames::v4(2, 5001), 1, "-rw-r--r-- 1 anna\r\n");
  h.finish();
  ASSERT_EQ(h.events.size(), 1U);
  EXPECT_EQ(h.all("files", "filename"), "-");
  EXPECT_EQ(h.all("files", "seen_bytes"), "19");
}

TEST(FtpData, HolesAreCounted) {
  FakeContext context{protocol("ftp-data")};
  const auto analyzer = protocol("ftp-data").make(Transport::tcp);
  analyzer->expected("n");
  const auto bytes = from_hex("'some text'");
  EXPECT_EQ(analyzer->stream(bytes, Direction::to_originator, context), bytes.size());
  analyzer->gap(5, Direction::to_originator, context);
  analyzer->gap(7, Direction::to_responder, context);  // nothing was sent there
  EXPECT_EQ(analyzer->stream(bytes, Direction::to_originator, context), bytes.size());
  analyzer->finish(context);
  ASSERT_EQ(context.events.size(), 1U);
  EXPECT_EQ(context.get(0, "seen_bytes"), "18");
  EXPECT_EQ(context.get(0, "missing_bytes"), "5");
  EXPECT_EQ(context.get(0, "sha256"), "-");
  EXPECT_EQ(context.get(0, "filename"), "n");
}

}  // namespace
}  // namespace nw::network
