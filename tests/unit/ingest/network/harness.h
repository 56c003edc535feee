// A decoder with every event wanted, whose events become text; and a small protocol of our own to decode: "echo", lines
// that begin with "E ".
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "ingest/network/decoder.h"
#include "unit/ingest/network/frames.h"

namespace nw::network {

class EchoAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    done_ = bytes.size() == 1 && bytes[0] == '.';
    if (!done_) line(bytes, direction, context);
  }
  [[nodiscard]] bool done() const noexcept override { return done_; }
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    std::size_t done = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '!') return kGiveUp;
      if (bytes[i] == '.') return kDone;
      if (bytes[i] == '>') return anew_behind(i + 1);
      if (bytes[i] != '\n') continue;
      line(bytes.subspan(done, i - done), direction, context);
      done = i + 1;
    }
    return done;
  }
  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    emit("gap " + std::to_string(bytes), direction, context);
  }
  void finish(Context& context) override { emit("end", Direction::to_responder, context); }

 private:
  static void line(Bytes bytes, Direction direction, Context& context) {
    if (bytes.size() < 2 || bytes[0] != 'E') return context.refused(DecodeError::bad_value);
    emit({bytes.begin() + 2, bytes.end()}, direction, context);
  }
  static void emit(const std::string& text, Direction direction, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, context.now());
    out.set(0, event::Value::text(out.event().keep(text)));
    out.set(1, event::Value::boolean(direction == Direction::to_responder));
    context.emit();
  }

  bool done_ = false;
};

inline std::span<const Protocol> echo_table() {
  static constexpr std::array<event::FieldSpec, 2> kFields{
      {{"line", "text", "what was said"}, {"is_orig", "boolean", "by the originator"}}};
  static constexpr std::array<std::string_view, 1> kServices{"echo"};
  static constexpr std::array<event::TypeSpec, 1> kTypes{{{"echo", "normwatch", kServices, {}, kFields, false}}};
  static constexpr std::array<std::uint16_t, 1> kPorts{7};
  static const std::array<Protocol, 1> kTable{
      {{"echo", "lines", kTypes, true, true, kPorts,
        [](Bytes first, Direction, Transport, bool) {
          if (first[0] != 'E') return Verdict::no;
          return first.size() >= 2 && first[1] == ' ' ? Verdict::yes : Verdict::unsure;
        },
        [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<EchoAnalyzer>(); }, 4096}}};
  return kTable;
}

struct Harness : event::EventSink {
  explicit Harness(const NetworkLimits& limits = {}, std::span<const Protocol> table = echo_table(), bool conn = true,
                   bool protocols_wanted = true, std::uint64_t seed = 1) {
    auto fresh = std::make_shared<event::Schema>();
    NetworkDecoder::declare(*fresh, table);
    schema = fresh;
    interest = wanted(conn, protocols_wanted);
    decoder = std::make_unique<NetworkDecoder>(schema, interest, event::SourceId{3}, limits, seed, table);
  }

  std::shared_ptr<const event::Interest> wanted(bool conn, bool others) const {
    auto all = std::make_shared<event::Interest>();
    for (std::size_t i = 0; i < schema->type_count(); ++i) {
      const auto id = static_cast<event::TypeId>(i);
      if (schema->type(id).path == "conn" ? conn : others) all->want_all(id);
    }
    return all;
  }

  void at(std::chrono::milliseconds time, const frames::Frame& frame, int link_type = 1) {
    decoder->packet(frame, static_cast<std::uint32_t>(frame.size()), start + time, link_type, ordinal++, *this);
  }
  void send(const frames::Frame& frame) { at(clock += std::chrono::milliseconds{1}, frame); }
  void finish() { decoder->finish(*this); }

  void accept(event::Event& event) override {
    auto& fields = events.emplace_back();
    fields["_path"] = schema->type(event.type()).path;
    fields["_id"] = std::to_string(event.ordinal) + "." + std::to_string(event.part);
    for (const auto& entry : event.entries()) {
      fields[std::string{schema->field_name(entry.field)}] = entry.value.to_text();
    }
    std::string line;
    event::append_ndjson(event, *schema, line);
    lines.push_back(std::move(line));
  }

  // The `field` of every event of a kind, in order, with ',' between.
  [[nodiscard]] std::string all(std::string_view path, std::string_view field) const {
    std::string out;
    for (const auto& event : events) {
      if (event.at("_path") != path) continue;
      const auto found = event.find(std::string{field});
      out += (out.empty() ? "" : ",") + (found == event.end() ? std::string{"-"} : found->second);
    }
    return out;
  }
  [[nodiscard]] const NetworkCounters& counters() const { return decoder->counters(); }
  [[nodiscard]] bool adds_up() const {
    const NetworkCounters& c = counters();
    const auto malformed = std::accumulate(c.malformed.begin(), c.malformed.end(), std::uint64_t{0});
    const auto& t = c.tunnelled;
    const auto malformed_within = std::accumulate(t.malformed.begin(), t.malformed.end(), std::uint64_t{0});
    return c.packets == c.decoded + c.ignored + malformed && t.packets == t.decoded + t.ignored + malformed_within &&
           c.flows_opened == c.flows_closed + decoder->flows();
  }

  Timestamp start = from_unix_nanoseconds(1'700'000'000'000'000'000);
  std::chrono::milliseconds clock{0};
  std::uint64_t ordinal = 0;
  std::vector<std::map<std::string, std::string>> events;
  std::vector<std::string> lines;
  std::shared_ptr<const event::Schema> schema;
  std::shared_ptr<const event::Interest> interest;
  std::unique_ptr<NetworkDecoder> decoder;
};

// A TCP connection's frames, numbers kept for us.
class Connection {
 public:
  Connection(frames::Endpoint originator, frames::Endpoint responder, std::uint32_t first = 1000)
      : ends_{originator, responder}, next_{first, first * 7} {}

  frames::Frame say(std::size_t from, std::string_view text, unsigned flags = frames::kA) {
    const frames::Frame frame = tcp_frame(ends_[from], ends_[1 - from],
                                          {.flags = flags,
                                           .sequence = next_[from],
                                           .acknowledgement = (flags & frames::kA) != 0 ? next_[1 - from] : 0,
                                           .payload = text});
    next_[from] += static_cast<std::uint32_t>(text.size()) + ((flags & (frames::kS | frames::kF)) != 0 ? 1U : 0U);
    return frame;
  }
  std::vector<frames::Frame> handshake() {
    std::vector<frames::Frame> out;
    out.push_back(say(0, "", frames::kS));
    out.push_back(say(1, "", frames::kS | frames::kA));
    out.push_back(say(0, ""));
    return out;
  }

 private:
  std::array<frames::Endpoint, 2> ends_;
  std::array<std::uint32_t, 2> next_;
};

}  // namespace nw::network
