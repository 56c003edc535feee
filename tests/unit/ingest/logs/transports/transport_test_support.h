// What the tests of the transports share: a sink that keeps the lines, and an io_context that runs until something
// holds.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string>
#include <vector>

#include "ingest/logs/transports/transport.h"

namespace nw::logs {

class Lines final : public LineSink {
 public:
  void line(const ArrivedLine& line) override {
    all.emplace_back(line.text);
    times.push_back(line.receive_time);
    places.push_back(line.place);
    peer = line.peer;
    too_long += line.too_long ? 1U : 0U;
  }
  [[nodiscard]] bool ready() override { return room; }
  [[nodiscard]] SinkMark mark() override { return {all.size()}; }
  [[nodiscard]] bool safe(const SinkMark& mark) override { return mark.lines <= safe_lines; }

  bool room = true;
  std::size_t safe_lines = SIZE_MAX;  // how many of them are on disk
  std::vector<std::string> all;
  std::vector<Timestamp> times;
  std::vector<std::uint64_t> places;
  std::optional<IpAddress> peer;
  std::size_t too_long = 0;
};

// Runs handlers until `done` or the time is up; says whether `done` came.
inline bool run_until(boost::asio::io_context& io, const std::function<bool()>& done,
                      std::chrono::milliseconds most = std::chrono::seconds{20}) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    io.restart();
    (void)io.run_for(std::chrono::milliseconds{5});
  }
  return true;
}
inline void run_for(boost::asio::io_context& io, std::chrono::milliseconds time) {
  (void)run_until(
      io, [] { return false; }, time);
}

class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-transport-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
  std::filesystem::path path;
};

inline void append(const std::string& path, const std::string& text) {
  std::ofstream out{path, std::ios::app | std::ios::binary};
  out << text;
}

inline TransportOptions at(const std::string& address) {
  TransportOptions options;
  options.address = address;
  return options;
}

}  // namespace nw::logs
