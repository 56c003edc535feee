// A log transport in one worker: its lines go straight into the format's parser.
#include <filesystem>

#include "app/input.h"
#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

class TransportInput final : public Input {
 public:
  TransportInput(const logs::Format& format, const SourceConfig& source, const InputContext& context)
      : context_{context},
        feed_{format, source.format_options, context.source, context.pipeline.snapshot(), context.pipeline} {}

  Result<> open(const logs::TransportKind& kind, const logs::TransportOptions& options) {
    auto transport = kind.open(context_.io, options, feed_);
    if (!transport) return transport.error();
    transport_ = std::move(*transport);
    return {};
  }

  void start() override {}  // the transport listens since it was opened; the io_context runs it
  void stop() override {
    transport_->stop();
    feed_.end(wall_now());
  }
  void subscribe(const Snapshot& snapshot) override { feed_.subscribe(snapshot); }
  void tick(Timestamp now) override { feed_.tick(now); }
  void report(SourceReport& out) override {
    out.lines = true;
    out.feed = feed_.counters();
    out.clock_skew = feed_.clock_skew().median();
    out.transport = transport_->counters();
    out.received = out.feed.received();
  }

 private:
  InputContext context_;
  LineFeed feed_;
  std::unique_ptr<logs::Transport> transport_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_transport_input(const SourceConfig& source, const InputContext& context) {
  const logs::TransportKind* kind = logs::find_transport(source.transport);
  const logs::Format* format = logs::find_format(source.format);
  logs::TransportOptions options = source.transport_options;
  if (!kind->state.empty())
    options.state_path = context.config.state_directory + "/sources/" + source.name + '.' + std::string{kind->state};
  if (std::error_code error; source.transport == "file" && !std::filesystem::exists(options.address, error))
    log_warning("source_waiting", "a file that is to be followed is not there yet; it is read when it appears",
                {{"source", source.name}, {"path", options.address}});
  auto input = std::make_unique<TransportInput>(*format, source, context);
  if (auto opened = input->open(*kind, options); !opened)
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
