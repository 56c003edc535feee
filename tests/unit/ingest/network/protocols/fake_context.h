// What an analyzer sees of the decoder, for tests and fuzzers: events become maps of text, refusals become counts.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/inflater.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline const Protocol& protocol(std::string_view name) {
  for (const Protocol& p : protocols())
    if (p.name == name) return p;
  std::abort();  // a test's own mistake
}

// What stands between apostrophes is text.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> out;
  int high = -1;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
      continue;
    }
    if (quoted) {
      out.push_back(static_cast<std::uint8_t>(c));
      continue;
    }
    if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high >= 0) out.push_back(static_cast<std::uint8_t>(high << 4 | digit));
    high = high < 0 ? digit : -1;
  }
  return out;
}

// A whole Ethernet frame, given as the decoder does: | destination 6 | source 6 | (0x8100 | VLAN u16) | type u16 |
// payload |. One that is shorter is none.
inline void give_frame(Analyzer& analyzer, Bytes bytes, Context& context) {
  constexpr std::uint16_t kVlan = 0x8100;
  ByteReader in{bytes};
  EthernetFrame frame;
  frame.destination = in.bytes(6);
  frame.source = in.bytes(6);
  frame.type = in.u16be();
  if (frame.type == kVlan) {
    frame.vlan = static_cast<std::uint16_t>(in.u16be() & 0xfffU);
    frame.type = in.u16be();
  }
  if (!in.ok()) return;
  frame.payload = in.rest();
  analyzer.advance(context.now() - kLateness, context);
  analyzer.ethernet(frame, context);
}

// A protocol's types and which of their fields are wanted: all, or only those named.
struct FakeSchema {
  explicit FakeSchema(const Protocol& p, const std::vector<std::string>& only = {}) {
    for (const event::TypeSpec& spec : p.types) {
      types.push_back(schema.add_type(spec));
      auto& of_type = ids.emplace_back();
      for (const event::FieldSpec& field : spec.fields) {
        const bool take = only.empty() || std::find(only.begin(), only.end(), field.name) != only.end();
        of_type.push_back(take ? schema.add_field(field.name) : event::kNoField);
      }
    }
  }

  event::Schema schema;
  std::vector<event::TypeId> types;
  std::vector<std::vector<event::FieldId>> ids;  // by type and position
};

class FakeContext final : public Context {
 public:
  using Fields = std::map<std::string, std::string>;

  // No type at all is wanted when `wanted` is off.
  explicit FakeContext(const Protocol& p, const std::vector<std::string>& only = {}, bool wanted = true)
      : own_{std::make_unique<const FakeSchema>(p, only)}, of_{*own_}, wanted_{wanted} {}
  // For fuzzers: every event's bytes are read, the first few are written as JSON, and the last of these is kept:
  // writing them all took half of the time. `schema` outlives the context.
  explicit FakeContext(const FakeSchema& schema) : of_{schema}, keeps_events_{false} {}

  [[nodiscard]] Timestamp now() const noexcept override { return time; }
  [[nodiscard]] const IpAddress& sender(Direction direction) const noexcept override {
    return senders[direction == Direction::to_responder ? 0 : 1];
  }
  [[nodiscard]] bool wants(std::size_t type) const noexcept override {
    return wanted_ && of_.schema.type(of_.types[type]).path != unwanted;
  }
  [[nodiscard]] bool wants(std::size_t type, std::size_t field) const noexcept override {
    return wants(type) && of_.ids[type][field] != event::kNoField;
  }
  EventWriter begin(std::size_t type, Timestamp at) override {
    require_idle();
    open_ = true;
    event_.begin(of_.types[type], event::SourceId{}, at, time, event::TimeQuality::capture);
    return {event_, of_.ids[type]};
  }
  void emit() override {
    if (!open_) std::abort();
    open_ = false;
    if (!keeps_events_) {
      for (const auto& entry : event_.entries()) read(entry.value);
      if (++emitted_ > kWritten) return;
    }
    json.clear();
    event::append_ndjson(event_, of_.schema, json);
    if (!keeps_events_) return;
    Fields& out = events.emplace_back();
    paths.push_back(of_.schema.type(event_.type()).path);
    out["ts"] = std::to_string(to_unix_nanoseconds(event_.event_time()));
    for (const auto& entry : event_.entries())
      out[std::string{of_.schema.field_name(entry.field)}] = entry.value.to_text();
  }
  void refused(DecodeError error) override { ++refusals[static_cast<std::size_t>(error)]; }
  void expect(const ExpectedFlow& flow) override {
    expected.push_back(flow.originator.to_string() + " " + flow.responder.to_string() + " " +
                       std::to_string(flow.port) + " " + std::string{flow.protocol} + " " + std::string{flow.note});
  }
  InflaterPool& inflaters() noexcept override { return inflaters_; }
  IcsWholes& ics_wholes() noexcept override { return ics_wholes_; }
  [[nodiscard]] bool at_home() const noexcept override { return home; }
  void noise(std::size_t octets) override { noise_octets += octets; }

  [[nodiscard]] unsigned refused_count(DecodeError error) const { return refusals[static_cast<std::size_t>(error)]; }
  [[nodiscard]] unsigned refused_total() const { return refusals[0] + refusals[1] + refusals[2] + refusals[3]; }
  // The field of the `index`-th event, or "-" when the event or the field is not there.
  [[nodiscard]] std::string get(std::size_t index, const std::string& field) const {
    if (index >= events.size()) return "-";
    const auto at = events[index].find(field);
    return at == events[index].end() ? "-" : at->second;
  }

  Timestamp time = from_unix_nanoseconds(1'700'000'000'000'000'000);
  std::array<IpAddress, 2> senders{IpAddress::v4(0xc0000201), IpAddress::v4(0xc6336401)};  // 192.0.2.1, 198.51.100.1
  std::vector<Fields> events;
  std::vector<std::string> paths;     // of each event
  std::string unwanted;               // a path whose events nobody wants
  std::string json;                   // of the last event that was written
  std::vector<std::string> expected;  // flows that were announced: from, to, port, protocol, note
  std::array<unsigned, 4> refusals{};
  bool home = false;  // a control protocol's own port
  std::size_t noise_octets = 0;

 private:
  static constexpr unsigned kWritten = 4;

  // A sanitizer sees bytes that are gone.
  void read(const event::Value& value) {
    if (value.kind() == event::Value::Kind::text) bytes_.assign(value.as_text());
    if (value.kind() == event::Value::Kind::list)
      for (const event::Value& part : value.as_list()) read(part);
  }
  // An analyzer that begins an event must emit it before it begins the next.
  void require_idle() const {
    if (open_) std::abort();
  }

  std::unique_ptr<const FakeSchema> own_;  // null when it is somebody else's
  const FakeSchema& of_;
  event::Event event_;
  InflaterPool inflaters_;
  IcsWholes ics_wholes_;
  std::string bytes_;     // of the last text that was read
  unsigned emitted_ = 0;  // of a fuzzer's events
  bool wanted_ = true, keeps_events_ = true;
  bool open_ = false;
};

// One direction of a TCP stream, handed over as the decoder does: what waits comes again with more behind it.
class FakeStream {
 public:
  FakeStream(Analyzer& analyzer, Direction direction, Context& context)
      : analyzer_{analyzer}, direction_{direction}, context_{context} {}

  // False once the analyzer gave up.
  bool feed(Bytes bytes) {
    if (ended_) return false;
    if (done_) return true;
    waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
    const std::size_t used = analyzer_.stream(waiting_, direction_, context_);
    if (used == Analyzer::kGiveUp) {
      ended_ = true;
      return false;
    }
    if (used == Analyzer::kDone) {
      done_ = true;
      waiting_.clear();
      return true;
    }
    if ((used & Analyzer::kAnew) != 0) {
      if ((used ^ Analyzer::kAnew) > waiting_.size()) std::abort();
      done_ = anew_ = true;
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(used ^ Analyzer::kAnew));
      return true;
    }
    if (used > waiting_.size()) std::abort();
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(used));
    return true;
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] bool done() const { return done_; }
  // Another protocol begins with what waits.
  [[nodiscard]] bool anew() const { return anew_; }

 private:
  Analyzer& analyzer_;
  Direction direction_;
  Context& context_;
  std::vector<std::uint8_t> waiting_;
  bool ended_ = false, done_ = false, anew_ = false;
};

}  // namespace nw::network
