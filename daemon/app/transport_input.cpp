// A log transport in one worker: its lines go straight into the format's parser.
#include <chrono>
#include <filesystem>
#include <thread>

#include "app/input.h"
#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::seconds kSafeAtEnd{2};
constexpr std::chrono::milliseconds kNap{5};

class TransportInput final : public Input {
 public:
  TransportInput(const logs::Format& format, const SourceConfig& source, const InputContext& context)
      : context_{context},
        feed_{format, source.format_options, context.source, context.pipeline.snapshot(), context.pipeline} {}

  Result<> open(const logs::TransportKind& kind, const logs::TransportOptions& options, const SourceConfig& source) {
    IntakeOptions intake = source.intake;
    intake.spill_directory = context_.config.state_directory + "/spool/" + source.name;
    auto opened = Intake::open(context_.io, feed_, context_.behind, intake, source.name);
    if (!opened) return opened.error();
    intake_ = std::move(*opened);
    auto transport = kind.open(context_.io, options, *intake_);
    if (!transport) return transport.error();
    transport_ = std::move(*transport);
    return {};
  }

  void start() override {}  // the transport listens since it was opened; the io_context runs it
  void stop() override {
    wait_until_safe();
    transport_->stop();
    intake_->stop();
    feed_.end(wall_now());
  }
  void subscribe(const Snapshot& snapshot) override { feed_.subscribe(snapshot); }
  void tick(Timestamp now) override { feed_.tick(now); }
  void report(SourceReport& out) override {
    out.lines = true;
    out.feed = feed_.counters();
    out.clock_skew = feed_.clock_skew().median();
    out.transport = transport_->counters();
    out.intake = intake_->counters();
    out.received = out.feed.received() + out.intake.dropped() + out.intake.held;
  }

 private:
  // So that the places that are kept are behind the last line, and senders hear of it.
  void wait_until_safe() {
    const logs::SinkMark mark = intake_->mark();
    const auto end = std::chrono::steady_clock::now() + kSafeAtEnd;
    while (!intake_->safe(mark) && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kNap);
  }

  InputContext context_;
  LineFeed feed_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<logs::Transport> transport_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_transport_input(const SourceConfig& source, const InputContext& context) {
  const logs::TransportKind* kind = logs::find_transport(source.transport);
  const logs::Format* format = logs::find_format(source.format);
  logs::TransportOptions options = source.transport_options;
  options.whole = format->datagrams;
  if (!kind->state.empty())
    options.state_path = context.config.state_directory + "/sources/" + source.name + '.' + std::string{kind->state};
  if (std::error_code error; source.transport == "file" && !std::filesystem::exists(options.address, error))
    log_warning("source_waiting", "a file that is to be followed is not there yet; it is read when it appears",
                {{"source", source.name}, {"path", options.address}});
  auto input = std::make_unique<TransportInput>(*format, source, context);
  if (auto opened = input->open(*kind, options, source); !opened)
    return Error{opened.error().code, "source '" + source.name + "': " + opened.error().what};
  return std::unique_ptr<Input>{std::move(input)};
}

Result<std::unique_ptr<Input>> open_input(const SourceConfig& source, const InputContext& context) {
  switch (source.kind) {
    case SourceKind::capture: return open_capture_input(source, context);
    case SourceKind::replay: return open_replay_input(source, context);
    case SourceKind::transport: return open_transport_input(source, context);
  }
  return Error{Errc::invalid_argument, "source '" + source.name + "' has no kind"};
}

}  // namespace nw::app
