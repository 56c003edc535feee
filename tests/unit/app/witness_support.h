// What the tests of witnesses and stamps share: a log in memory as a tree, an HTTP server that does as it is told, and
// what the daemon would have heard.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/witnesses.h"
#include "base/log.h"
#include "console/http_server.h"
#include "unit/record/witness/support.h"

namespace nw::app::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using record::test::TempDir;
using witness::test::TestLog;

// The ledger's tree: grows when it is told to.
class FakeTree {
 public:
  explicit FakeTree(const TestLog& log) : log_{&log} {}

  void grow(std::uint64_t size) {
    const std::lock_guard lock{mutex_};
    head_ = std::make_shared<const merkle::Note>(log_->head(size));
    size_ = size;
  }
  AttestedTree parts() {
    AttestedTree out;
    out.head = [this] {
      const std::lock_guard lock{mutex_};
      return head_;
    };
    out.proof = [this](std::uint64_t old_size, std::uint64_t size) { return log_->proof(old_size, size); };
    out.add = [this](std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures) -> Result<bool> {
      const std::lock_guard lock{mutex_};
      if (size != size_) return false;
      merkle::Note note = *head_;
      note.signatures.insert(note.signatures.end(), signatures.begin(), signatures.end());
      head_ = std::make_shared<const merkle::Note>(std::move(note));
      return true;
    };
    out.keep = [this](const merkle::Note& head) -> Result<> {
      const std::lock_guard lock{mutex_};
      kept_.push_back(head.to_string());
      return {};
    };
    out.shown = [this](const merkle::Note& head, std::string_view who) {
      const std::lock_guard lock{mutex_};
      shown_.push_back(std::string{who} + ": " + head.text);
    };
    return out;
  }
  [[nodiscard]] std::shared_ptr<const merkle::Note> head() {
    const std::lock_guard lock{mutex_};
    return head_;
  }
  [[nodiscard]] std::vector<std::string> kept() {
    const std::lock_guard lock{mutex_};
    return kept_;
  }
  [[nodiscard]] std::vector<std::string> shown() {
    const std::lock_guard lock{mutex_};
    return shown_;
  }

 private:
  std::vector<std::string> shown_;
  const TestLog* log_;
  std::mutex mutex_;
  std::shared_ptr<const merkle::Note> head_;
  std::uint64_t size_ = 0;
  std::vector<std::string> kept_;
};

// Runs on a thread of its own.
class Server {
 public:
  using Routes = std::function<std::vector<console::Route>(asio::any_io_executor)>;
  explicit Server(const Routes& routes) {
    console::HttpOptions options;
    options.listen = "127.0.0.1:0";
    auto opened = console::HttpServer::open(io_.get_executor(), options, routes(io_.get_executor()));
    if (!opened) ADD_FAILURE() << opened.error().what;
    http_ = std::move(*opened);
    thread_ = std::thread{[this] { io_.run(); }};
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    asio::post(io_, [this] { http_->stop(); });
    work_.reset();
    thread_.join();
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(http_->port()); }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<console::HttpServer> http_;
  std::thread thread_;
};

// Entries and events.
class Heard {
 public:
  NoteEntry note() {
    return [this](std::string type, std::string body) {
      const std::lock_guard lock{mutex_};
      entries_.emplace_back(std::move(type), std::move(body));
    };
  }
  TellOwn tell() {
    return [this](OwnEvent event) {
      const std::lock_guard lock{mutex_};
      std::string text{event.path};
      for (const auto& [name, value] : event.fields) {
        text += ' ' + std::string{name} + '=';
        if (const auto* words = std::get_if<std::string>(&value)) text += *words;
        if (const auto* number = std::get_if<std::int64_t>(&value)) text += std::to_string(*number);
      }
      events_.push_back(std::move(text));
    };
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> entries() const {
    const std::lock_guard lock{mutex_};
    return entries_;
  }
  [[nodiscard]] std::vector<std::string> events() const {
    const std::lock_guard lock{mutex_};
    return events_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> entries_;
  std::vector<std::string> events_;
};

// Runs `io` until `done`; false after ten seconds.
inline bool run_until(asio::io_context& io, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (io.stopped()) io.restart();
    io.run_for(2ms);
  }
  return true;
}

}  // namespace nw::app::test
