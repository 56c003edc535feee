#include "app/outputs.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kNap{10};
constexpr std::chrono::seconds kLastWords{1};  // beyond the grace, for a runner to say that it has ended

}  // namespace

Outputs::~Outputs() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

Result<> Outputs::open(const Config& config, const record::Ledger& ledger) {
  ledger_ = &ledger;
  for (const OutputConfig& output : config.outputs) {
    exporter::RunnerOptions options;
    options.name = output.name;
    options.cursor_file = config.state_directory + "/outputs/" + output.name + ".cursor";
    options.pages = output.pages;
    options.outward = output.outward;
    auto runner = exporter::OutputRunner::start(io_.get_executor(), options, output.make, ledger);
    if (!runner) return Error{runner.error().code, "output '" + output.name + "': " + runner.error().what};
    runners_.push_back(std::move(*runner));
  }
  return {};
}

void Outputs::start() {
  thread_ = std::thread{[this] { io_.run(); }};
}

void Outputs::wake() {
  // The recorder says so after each group; one that has not been heard yet is enough.
  if (woken_.exchange(true)) return;
  boost::asio::post(io_, [this] {
    woken_ = false;
    for (auto& runner : runners_) runner->wake();
  });
}

void Outputs::wait(Nanoseconds patience, const std::function<void()>& meanwhile, const Done& done) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!std::ranges::all_of(runners_, done) && std::chrono::steady_clock::now() < deadline) {
    meanwhile();
    std::this_thread::sleep_for(kNap);
  }
}

void Outputs::close(Nanoseconds patience, Nanoseconds grace, const std::function<void()>& meanwhile) {
  if (!thread_.joinable()) return;
  wake();
  wait(patience, meanwhile, [this](const auto& runner) { return runner->counters().next.load() >= ledger_->size(); });
  boost::asio::post(io_, [this, grace] {
    for (auto& runner : runners_) runner->stop(grace);
  });
  wait(grace + kLastWords, meanwhile, [](const auto& runner) { return runner->finished(); });
  io_.stop();
  thread_.join();
}

}  // namespace nw::app
