// Sockets as systemd hands them over: bound beforehand, at descriptor 3 and up, named by LISTEN_FDNAMES.
#include "ingest/logs/transports/handed_socket.h"

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/logs/transports/listen.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace asio = boost::asio;

// Sockets from descriptor 3 on, and the environment that tells of them; what was there before comes back.
class HandedOver {
 public:
  struct One {
    std::string name;
    int type;               // SOCK_STREAM, SOCK_DGRAM
    bool listening = true;  // stream
    int family = AF_INET;
  };
  explicit HandedOver(const std::vector<One>& all) {
    std::string names;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const int at = 3 + static_cast<int>(i);
      saved_.push_back(::fcntl(at, F_DUPFD_CLOEXEC, 100));
      const int fd = ::socket(all[i].family, all[i].type, 0);
      sockaddr_in6 v6{};
      sockaddr_in v4{};
      v6.sin6_family = AF_INET6;
      v6.sin6_addr = in6addr_loopback;
      v4.sin_family = AF_INET;
      v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (all[i].family == AF_INET) {
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4), 0);
      }
      if (all[i].family == AF_INET6) {
        EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6), 0);
      }
      if (all[i].type == SOCK_STREAM && all[i].listening && all[i].family != AF_UNIX) {
        EXPECT_EQ(::listen(fd, 5), 0);
      }
      if (fd != at) {
        EXPECT_EQ(::dup2(fd, at), at);
        ::close(fd);
      }
      names += (i == 0 ? "" : ":") + all[i].name;
    }
    if (all.empty()) return;
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(all.size()).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", names.c_str(), 1);
  }
  ~HandedOver() {
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    for (std::size_t i = 0; i < saved_.size(); ++i) {
      const int at = 3 + static_cast<int>(i);
      ::close(at);
      if (saved_[i] < 0) continue;
      ::dup2(saved_[i], at);
      ::close(saved_[i]);
    }
  }
  HandedOver(const HandedOver&) = delete;
  HandedOver& operator=(const HandedOver&) = delete;

 private:
  std::vector<int> saved_;
};

bool close_on_exec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

// Port 514 for both is the usual thing.
TEST(HandedSocket, OneNameForBothKinds) {
  const HandedOver handed{{{"syslog", SOCK_STREAM}, {"syslog", SOCK_DGRAM}, {"other", SOCK_DGRAM}}};
  asio::io_context io{1};
  Lines lines;
  auto udp = find_transport("udp")->open(io, at("systemd:syslog"), lines);
  ASSERT_TRUE(udp) << udp.error().what;
  auto tcp = find_transport("tcp")->open(io, at("systemd:syslog"), lines);
  ASSERT_TRUE(tcp) << tcp.error().what;
  ASSERT_NE((*udp)->port(), 0);
  ASSERT_NE((*tcp)->port(), 0);
  asio::ip::udp::socket datagrams{io, asio::ip::udp::v4()};
  datagrams.send_to(asio::buffer("one", 3), {asio::ip::address_v4::loopback(), (*udp)->port()});
  ASSERT_TRUE(run_until(io, [&] { return lines.all.size() == 1; }));
  asio::ip::tcp::socket stream{io};
  stream.connect({asio::ip::address_v4::loopback(), (*tcp)->port()});
  asio::write(stream, asio::buffer("two\n", 4));
  ASSERT_TRUE(run_until(io, [&] { return lines.all.size() == 2; }));
  EXPECT_EQ(lines.all, (std::vector<std::string>{"one", "two"}));
}

// A service that a connection starts finds that connection already waiting.
TEST(HandedSocket, WhoCameBeforeIsServed) {
  const HandedOver handed{{{"syslog", SOCK_STREAM, true, AF_INET6}}};
  sockaddr_in6 bound{};
  socklen_t size = sizeof bound;
  ASSERT_EQ(::getsockname(3, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  asio::io_context io{1};
  asio::ip::tcp::socket early{io};
  early.connect({asio::ip::address_v6::loopback(), ntohs(bound.sin6_port)});
  asio::write(early, asio::buffer("early\n", 6));
  Lines lines;
  auto tcp = find_transport("tcp")->open(io, at("systemd:syslog"), lines);
  ASSERT_TRUE(tcp) << tcp.error().what;
  EXPECT_EQ((*tcp)->port(), ntohs(bound.sin6_port));
  ASSERT_TRUE(run_until(io, [&] { return lines.all.size() == 1; }));
  EXPECT_EQ(lines.peer->to_string(), "::1");
}

TEST(HandedSocket, ClosedOnExecAndNotBlocking) {
  const HandedOver handed{{{"syslog", SOCK_STREAM}, {"syslog", SOCK_DGRAM}}};
  asio::io_context io{1};
  auto acceptor = listen_tcp(io, "tcp", "systemd:syslog");
  ASSERT_TRUE(acceptor);
  auto socket = listen_udp(io, "udp", "systemd:syslog");
  ASSERT_TRUE(socket);
  for (const int fd : {acceptor->native_handle(), socket->native_handle()}) {
    EXPECT_TRUE(close_on_exec(fd));
    EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  }
  EXPECT_TRUE(close_on_exec(3));
  EXPECT_TRUE(close_on_exec(4));
}

TEST(HandedSocket, NobodyGetsItTwice) {
  const HandedOver handed{{{"syslog", SOCK_STREAM}}};
  asio::io_context io{1};
  {
    auto first = listen_tcp(io, "tcp", "systemd:syslog");
    ASSERT_TRUE(first);
    const auto second = listen_tcp(io, "tls", "systemd:syslog");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::in_use);
    EXPECT_NE(second.error().what.find("tls systemd:syslog"), std::string::npos) << second.error().what;
  }
  // Its number stays in use after it was closed, or what is opened next would pass for it.
  const int next = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_NE(next, 3);
  ::close(next);
}

TEST(HandedSocket, WhatNobodyTookIsTold) {
  EXPECT_EQ(handed_sockets_left(), "");
  const HandedOver handed{{{"syslog", SOCK_STREAM}, {"syslog", SOCK_DGRAM}, {"spare", SOCK_STREAM}}};
  EXPECT_EQ(handed_sockets_left(), "syslog (stream), syslog (datagram), spare (stream)");
  asio::io_context io{1};
  const auto socket = listen_udp(io, "udp", "systemd:syslog");
  ASSERT_TRUE(socket);
  EXPECT_EQ(handed_sockets_left(), "syslog (stream), spare (stream)");
}

TEST(HandedSocket, Refuses) {
  struct Case {
    const char* name;
    std::vector<HandedOver::One> given;
    Errc code;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases{
      {"none", {}, Errc::not_found, {"no sockets", "FileDescriptorName=syslog"}},
      {"another name", {{"syslgo", SOCK_STREAM}}, Errc::not_found, {"FileDescriptorName=syslog", "syslgo (stream)"}},
      {"another kind", {{"syslog", SOCK_DGRAM}}, Errc::invalid_argument, {"ListenStream=", "syslog (datagram)"}},
      {"several",
       {{"syslog", SOCK_STREAM}, {"syslog", SOCK_STREAM}},
       Errc::invalid_argument,
       {"several stream", "FileDescriptorName=", "syslog (stream), syslog (stream)"}},
      {"a connection (Accept=yes)", {{"syslog", SOCK_STREAM, false}}, Errc::invalid_argument, {"neither a listening"}},
      {"a Unix socket", {{"syslog", SOCK_STREAM, false, AF_UNIX}}, Errc::invalid_argument, {"neither a listening"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const HandedOver handed{c.given};
    asio::io_context io{1};
    const auto got = listen_tcp(io, "tcp", "systemd:syslog");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, c.code) << got.error().what;
    EXPECT_NE(got.error().what.find("tcp systemd:syslog"), std::string::npos) << got.error().what;
    for (const std::string& word : c.says) {
      EXPECT_NE(got.error().what.find(word), std::string::npos) << got.error().what;
    }
  }
}

TEST(HandedSocket, AnEnvironmentThatIsNoGood) {
  const HandedOver handed{{{"syslog", SOCK_STREAM}}};
  ::setenv("LISTEN_FDNAMES", "a:b", 1);
  asio::io_context io{1};
  const auto got = listen_tcp(io, "tcp", "systemd:a");
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find("LISTEN_FDNAMES"), std::string::npos) << got.error().what;
  // Meant for another process.
  ::setenv("LISTEN_PID", "1", 1);
  const auto not_ours = listen_tcp(io, "tcp", "systemd:syslog");
  ASSERT_FALSE(not_ours);
  EXPECT_EQ(not_ours.error().code, Errc::not_found);
}

TEST(CheckListenAddress, TakesBothKinds) {
  EXPECT_TRUE(check_listen_address("127.0.0.1:514"));
  EXPECT_TRUE(check_listen_address("systemd:syslog"));
  const auto nameless = check_listen_address("systemd:");
  ASSERT_FALSE(nameless);
  EXPECT_NE(nameless.error().what.find("systemd:NAME"), std::string::npos);
}

}  // namespace
}  // namespace nw::logs
