// A capture or log file that the daemon plays once, at its pace, as if it came in now.
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>

#include "app/input.h"
#include "app/line_file.h"
#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kRoomLook{10};
constexpr std::size_t kBatch = 512;

// One packet or line that was read ahead and waits for its time.
struct Ahead {
  bool there = false;
  std::string bytes;
  std::uint32_t wire_bytes = 0;
  int link_type = 0;
  Timestamp time;
  bool too_long = false;
};

// Reads the time that a line states, by parsing it with every field wanted.
class TimeProbe final : public event::EventSink {
 public:
  TimeProbe(const logs::Format& format, const logs::FormatOptions& options) {
    auto schema = std::make_shared<event::Schema>();
    format.declare(*schema, options);
    auto interest = std::make_shared<event::Interest>();
    for (std::size_t i = 0; i < schema->type_count(); ++i) interest->want(static_cast<event::TypeId>(i));
    parser_ = format.make(schema, interest, options);
  }
  Timestamp time(std::string_view line, Timestamp fallback) {
    time_ = fallback;
    parser_->line(line, logs::LineOrigin{event::SourceId{}, 0, fallback, std::nullopt}, *this);
    return time_;
  }
  void accept(event::Event& event) override {
    if (event.time_quality() != event::TimeQuality::received) time_ = event.event_time();
  }

 private:
  std::unique_ptr<logs::LineParser> parser_;
  Timestamp time_;
};

class ReplayInput final : public Input {
 public:
  ReplayInput(const SourceConfig& source, const InputContext& context)
      : context_{context}, source_{source}, timer_{context.io} {}

  Result<> open() {
    // A pipe that falls quiet would hold up the worker and everything on it.
    std::error_code error;
    if (!std::filesystem::is_regular_file(source_.path, error))
      return Error{std::filesystem::exists(source_.path, error) ? Errc::invalid_argument : Errc::not_found,
                   source_.path + " is no file; the daemon plays files only (for a pipe: normwatch replay -)"};
    const Snapshot& snapshot = context_.pipeline.snapshot();
    if (source_.format.empty()) {
      auto packets = capture::open_file(source_.path);
      if (!packets) return packets.error();
      packets_ = std::move(*packets);
      decoder_ = std::make_unique<network::NetworkDecoder>(snapshot.schema, snapshot.interest, context_.source,
                                                           context_.config.network, context_.seed);
    } else {
      auto lines = LineFile::open(source_.path, logs::kLineBytesMax);
      if (!lines) return lines.error();
      lines_ = std::move(*lines);
      last_time_ = lines_->modified();
      const logs::Format& format = *logs::find_format(source_.format);
      probe_ = std::make_unique<TimeProbe>(format, source_.format_options);
      feed_ = std::make_unique<LineFeed>(format, source_.format_options, context_.source, snapshot, context_.pipeline);
    }
    // The first record is read now: a file that is no capture fails here, and the clock learns where to begin.
    if (auto read = read_ahead(); !read) return read.error();
    if (ahead_.there) context_.clock.propose(ahead_.time);
    return {};
  }

  void start() override {
    boost::asio::post(context_.io, [this] { step(); });
  }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    timer_.cancel();
    end();
  }

  void subscribe(const Snapshot& snapshot) override {
    if (decoder_) decoder_->subscribe(snapshot.schema, snapshot.interest);
    if (feed_) feed_->subscribe(snapshot);
  }
  void tick(Timestamp) override {}

  void report(SourceReport& out) override {
    out.finished = ended_;
    out.fault = fault_;
    if (packets_) {
      out.packets = true;
      out.capture = packets_->counters();
      out.capture.packets = ordinal_;  // not the one read ahead
      out.network = decoder_->counters();
      out.flows = decoder_->flows();
      out.network_bytes = decoder_->bytes_held();
      out.received = out.network.events;
    }
    if (feed_) {
      out.lines = true;
      out.feed = feed_->counters();
      out.received = out.feed.received();
    }
  }

 private:
  Result<> read_ahead() {
    ahead_.there = false;
    if (packets_) {
      const auto got = packets_->read(1, [this](const capture::Packet& packet) {
        ahead_.there = true;
        ahead_.bytes.assign(packet.data.begin(), packet.data.end());
        ahead_.wire_bytes = packet.wire_bytes;
        ahead_.link_type = packet.link_type;
        ahead_.time = packet.time;
      });
      if (!got) return got.error();
      return {};
    }
    const auto got = lines_->read(1, [this](std::string_view line, bool too_long) {
      ahead_.there = true;
      ahead_.bytes = line;
      ahead_.too_long = too_long;
      // A line without a time is taken to come right after the one before it.
      last_time_ = ahead_.time = probe_->time(line, last_time_);
    });
    if (!got) return got.error();
    return {};
  }

  void hand_over() {
    if (packets_) {
      const Bytes bytes{reinterpret_cast<const std::uint8_t*>(ahead_.bytes.data()), ahead_.bytes.size()};
      decoder_->packet(bytes, ahead_.wire_bytes, ahead_.time, ahead_.link_type, ordinal_++, context_.pipeline);
      decoder_->advance(ahead_.time, context_.pipeline);
    } else {
      feed_->tick(ahead_.time);
      feed_->line({ahead_.bytes, ahead_.time, {}, ahead_.too_long});
    }
  }

  void step() {
    for (std::size_t i = 0; i < kBatch && !stopped_ && !ended_; ++i) {
      if (!ahead_.there) return end();
      Nanoseconds wait = context_.clock.wait_for(ahead_.time, source_.pace.times_real);
      if (context_.behind.full()) wait = std::max<Nanoseconds>(wait, kRoomLook);
      if (wait > Nanoseconds{0}) {
        timer_.expires_after(wait);
        timer_.async_wait([this](const boost::system::error_code& error) {
          if (!error) step();
        });
        return;
      }
      hand_over();
      if (const auto read = read_ahead(); !read) {
        fault_ = read.error().what;
        log_error("replay_stopped", "a replayed file ends before its time",
                  {{"source", source_.name}, {"error", fault_}});
        return end();
      }
    }
    if (!stopped_ && !ended_) boost::asio::post(context_.io, [this] { step(); });
  }

  void end() {
    if (ended_) return;
    ended_ = true;
    if (decoder_) decoder_->finish(context_.pipeline);
    if (feed_) feed_->end(last_time_);
    if (!stopped_ && fault_.empty())
      log_info("replay_finished", "a file has been played to its end",
               {{"source", source_.name}, {"path", source_.path}});
  }

  InputContext context_;
  SourceConfig source_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<capture::PacketSource> packets_;
  std::unique_ptr<network::NetworkDecoder> decoder_;
  std::optional<LineFile> lines_;
  std::unique_ptr<TimeProbe> probe_;
  std::unique_ptr<LineFeed> feed_;
  Ahead ahead_;
  Timestamp last_time_{};
  std::uint64_t ordinal_ = 0;
  bool stopped_ = false, ended_ = false;
  std::string fault_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_replay_input(const SourceConfig& source, const InputContext& context) {
  auto input = std::make_unique<ReplayInput>(source, context);
  if (auto opened = input->open(); !opened)
    return Error{opened.error().code, "source '" + source.name + "': " + opened.error().what};
  return std::unique_ptr<Input>{std::move(input)};
}

}  // namespace nw::app
