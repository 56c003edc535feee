// A log transport in one worker: its lines go straight into the format's parser.
#include <chrono>
#include <filesystem>

#include "app/frames.h"
#include "app/input.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/logs/transports/path_pattern.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {

constexpr std::chrono::seconds kSaveEvery{30};

class TransportInput final : public Input {
 public:
  TransportInput(const logs::Format& format, const SourceConfig& source, const InputContext& context)
      : context_{context},
        feed_{format, source.format_options, context.source, context.pipeline.snapshot(), context.pipeline},
        state_file_{context.config.state_directory + "/sources/" + source.name + ".parser"} {
    restore();
  }

  // What the parser has learned in earlier runs (templates of flow records); without it, it begins anew.
  void restore() {
    const auto bytes = read_whole(state_file_);
    if (!bytes && bytes.error().code == Errc::not_found) return;
    bool good = false;
    if (bytes)
      read_frames(*bytes, [&](std::string_view body) {
        good = feed_.restore(body);
        saved_ = body;
      });
    if (!good)
      log_warning("parser_state_refused", "what a source's parser had learned cannot be used; it learns it again",
                  {{"file", state_file_}, {"reason", bytes ? "damaged, or of another version" : bytes.error().what}});
  }

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
    transport_->stop();
    intake_->stop();
    feed_.end(wall_now());
    save();
  }
  void subscribe(const Snapshot& snapshot) override { feed_.subscribe(snapshot); }
  void tick(Timestamp now) override {
    feed_.tick(now);
    const auto steady = std::chrono::steady_clock::now();
    if (steady - saved_at_ < kSaveEvery) return;
    saved_at_ = steady;
    save();
  }
  void report(SourceReport& out) override {
    out.lines = true;
    out.feed = feed_.counters();
    out.heard = feed_.heard();
    out.clock_skew = feed_.clock_skew().median();
    out.transport = transport_->counters();
    out.intake = intake_->counters();
    out.received = out.feed.received() + out.intake.dropped() + out.intake.held;
    out.has_flow_records = feed_.flow_counters(out.flow_records);
  }

 private:
  void save() {
    std::string state = feed_.state();
    if (state.empty() || state == saved_) return;
    const auto saved = record::replace_file(record::system_files(), state_file_, framed(state));
    if (!saved) {
      if (!std::exchange(failing_, true))
        log_warning("parser_state_not_saved", "what a source's parser has learned would be lost by a restart",
                    {{"error", saved.error().what}});
      return;
    }
    failing_ = false;
    saved_ = std::move(state);
  }

  InputContext context_;
  LineFeed feed_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<logs::Transport> transport_;
  std::string state_file_, saved_;
  std::chrono::steady_clock::time_point saved_at_ = std::chrono::steady_clock::now();
  bool failing_ = false;
};

}  // namespace

Result<std::unique_ptr<Input>> open_transport_input(const SourceConfig& source, const InputContext& context) {
  const logs::TransportKind* kind = logs::find_transport(source.transport);
  const logs::Format* format = logs::find_format(source.format);
  logs::TransportOptions options = source.transport_options;
  options.whole = format->datagrams;
  if (!kind->state.empty())
    options.state_path = context.config.state_directory + "/sources/" + source.name + '.' + std::string{kind->state};
  if (std::error_code error; source.transport == "file" && !logs::has_wildcards(options.address) &&
                             !std::filesystem::exists(options.address, error))
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
