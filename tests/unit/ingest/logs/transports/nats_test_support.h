// A real nats-server on a free port of the loopback, somebody who publishes there, and a source that listens.
#pragma once

#include <arpa/inet.h>
#include <boost/asio/executor_work_guard.hpp>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <nats/nats.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/log.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {

inline std::string nats_server_program() {
  for (const char* const path : {"/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"})
    if (::access(path, X_OK) == 0) return path;
  return {};
}
#define NW_NEED_NATS_SERVER() \
  if (nats_server_program().empty()) GTEST_SKIP() << "nats-server is not installed (tests/packages.txt)"

inline std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::bind(probe, address, size) != 0 || ::getsockname(probe, address, &size) != 0) std::abort();
  ::close(probe);
  return ntohs(at.sin_port);
}

inline void check(natsStatus status) {
  if (status != NATS_OK) throw std::runtime_error{nats_GetLastError(nullptr) ? nats_GetLastError(nullptr) : "nats"};
}

class NatsServer {
 public:
  // `more`: lines for its configuration file. Does not start it.
  explicit NatsServer(const std::string& more = {}) : port{free_port()} {
    append(files.file("server.conf"), "listen: 127.0.0.1:" + std::to_string(port) + "\njetstream { store_dir: \"" +
                                          files.file("store") + "\" }\n" + more + "\n");
  }
  ~NatsServer() { kill(); }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  void start() {
    const std::string program = nats_server_program(), config = files.file("server.conf"), out = files.file("log");
    std::vector<char*> arguments;
    std::string words[] = {program, "-c", config, "-l", out};
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&process_, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) std::abort();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!answers()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"nats-server does not answer"};
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  [[nodiscard]] std::string url() const { return "nats://127.0.0.1:" + std::to_string(port); }

  TempDir files;
  std::uint16_t port;

 private:
  [[nodiscard]] bool answers() const {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool taken = ::connect(probe, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    char first = 0;
    const bool greeted = taken && ::recv(probe, &first, 1, 0) == 1;  // INFO
    ::close(probe);
    return greeted;
  }
  pid_t process_ = 0;
};

class Publisher {
 public:
  explicit Publisher(const std::string& url, const std::string& credentials = {}) {
    natsOptions* options = nullptr;
    check(natsOptions_Create(&options));
    check(natsOptions_SetURL(options, url.c_str()));
    if (!credentials.empty()) check(natsOptions_SetUserCredentialsFromFiles(options, credentials.c_str(), nullptr));
    const natsStatus connected = natsConnection_Connect(&connection_, options);
    natsOptions_Destroy(options);
    check(connected);
    check(natsConnection_JetStream(&stream_, connection_, nullptr));
  }
  ~Publisher() {
    jsCtx_Destroy(stream_);
    natsConnection_Destroy(connection_);
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  void publish(const std::string& subject, const std::string& text) {
    check(natsConnection_Publish(connection_, subject.c_str(), text.data(), static_cast<int>(text.size())));
  }
  void flush() { check(natsConnection_FlushTimeout(connection_, 10'000)); }
  // Returns when the stream has it.
  void store(const std::string& subject, const std::string& text) {
    check(js_Publish(nullptr, stream_, subject.c_str(), text.data(), static_cast<int>(text.size()), nullptr, nullptr));
  }
  void add_stream(const char* name, const char* subject) {
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = name;
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    check(js_AddStream(nullptr, stream_, &config, nullptr, nullptr));
  }
  void add_consumer(const char* stream, const char* name, std::int64_t ack_wait_ns, jsAckPolicy policy) {
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = name;
    config.AckPolicy = policy;
    config.AckWait = ack_wait_ns;
    check(js_AddConsumer(nullptr, stream_, stream, &config, nullptr, nullptr));
  }
  struct Consumer {
    std::uint64_t acknowledged_to = 0, waiting = 0;
    std::int64_t unacknowledged = 0, given_again = 0;
  };
  Consumer consumer(const char* stream, const char* name = "normwatch") {
    jsConsumerInfo* info = nullptr;
    check(js_GetConsumerInfo(&info, stream_, stream, name, nullptr, nullptr));
    const Consumer out{info->AckFloor.Stream, info->NumPending, info->NumAckPending, info->NumRedelivered};
    jsConsumerInfo_Destroy(info);
    return out;
  }
  void delete_consumer(const char* stream, const char* name) {
    check(js_DeleteConsumer(stream_, stream, name, nullptr, nullptr));
  }

 private:
  natsConnection* connection_ = nullptr;
  jsCtx* stream_ = nullptr;
};

// The daemon's own log, as long as this lives.
class LogHeard {
 public:
  LogHeard() {
    set_log_sink([this](const LogLine& line) {
      std::string all{line.code};
      for (const LogField& field : line.fields) all += ' ' + std::string{field.name} + '=' + field.value;
      const std::lock_guard lock{mutex_};
      lines_.push_back(std::move(all));
    });
  }
  ~LogHeard() {
    set_log_sink([](const LogLine&) {});
  }
  LogHeard(const LogHeard&) = delete;
  LogHeard& operator=(const LogHeard&) = delete;
  [[nodiscard]] std::size_t count(std::string_view part) const {
    const std::lock_guard lock{mutex_};
    std::size_t found = 0;
    for (const std::string& line : lines_) found += line.find(part) != std::string::npos ? 1U : 0U;
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct NatsBench {
  explicit NatsBench(TransportOptions options) { open(std::move(options)); }
  void open(TransportOptions options) {
    auto opened = find_transport("nats")->open(io, options, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }
  bool wait_heard(std::string_view part, std::size_t times = 1) {
    return run_until(io, [&] { return heard.count(part) >= times; });
  }
  [[nodiscard]] TransportCounters counters() const { return transport->counters(); }

  LogHeard heard;
  boost::asio::io_context io{1};
  // Nothing may be posted for a while: run_until() shall wait then, not spin.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Lines lines;
  std::unique_ptr<Transport> transport;
};

inline TransportOptions nats_options(const NatsServer& server, const std::string& subject,
                                     const std::string& stream = {}) {
  TransportOptions options;
  options.servers = {server.url()};
  options.subject = subject;
  options.stream = stream;
  return options;
}

}  // namespace nw::logs
