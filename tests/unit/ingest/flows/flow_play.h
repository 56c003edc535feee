// What the tests of flow records share: datagrams written field by field, and a decoder whose events are NDJSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/flows/decoder.h"

namespace nw::flows {

// Octets in network order.
class Octets {
 public:
  Octets& u8(std::uint64_t v) { return number(v, 1); }
  Octets& u16(std::uint64_t v) { return number(v, 2); }
  Octets& u32(std::uint64_t v) { return number(v, 4); }
  Octets& u64(std::uint64_t v) { return number(v, 8); }
  Octets& text(std::string_view v) {
    all_.insert(all_.end(), v.begin(), v.end());
    return *this;
  }
  Octets& zeros(std::size_t count) {
    all_.insert(all_.end(), count, 0);
    return *this;
  }
  Octets& ip(std::string_view v) {
    const IpAddress address = *IpAddress::parse(v);
    all_.insert(all_.end(), address.native().begin(), address.native().end());
    return *this;
  }
  Octets& mac(std::uint64_t v) { return number(v, 6); }
  Octets& add(const Octets& other) {
    all_.insert(all_.end(), other.all_.begin(), other.all_.end());
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] Bytes bytes() const { return all_; }
  [[nodiscard]] std::string_view view() const { return {reinterpret_cast<const char*>(all_.data()), all_.size()}; }

 private:
  Octets& number(std::uint64_t v, std::size_t count) {
    for (std::size_t i = count; i-- > 0;) all_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    return *this;
  }
  std::vector<std::uint8_t> all_;
};

// 2026-01-15T08:00:00Z: when datagrams are received and, by their own clocks, sent.
constexpr std::uint32_t kNow = 1'768'464'000;
inline Timestamp at(std::int64_t seconds_later = 0) {
  return Timestamp{std::chrono::seconds{std::int64_t{kNow} + seconds_later}};
}

struct Field {
  std::uint16_t id, length;
  std::uint32_t enterprise = 0;
};

inline Octets set(std::uint16_t id, const Octets& body) { return Octets{}.u16(id).u16(body.size() + 4).add(body); }
inline Octets fields(const std::vector<Field>& list) {
  Octets out;
  for (const Field& field : list) {
    out.u16(field.enterprise != 0 ? field.id | 0x8000U : field.id).u16(field.length);
    if (field.enterprise != 0) out.u32(field.enterprise);
  }
  return out;
}
inline Octets template9(std::uint16_t id, const std::vector<Field>& list) {
  return set(0, Octets{}.u16(id).u16(list.size()).add(fields(list)));
}
inline Octets template10(std::uint16_t id, const std::vector<Field>& list) {
  return set(2, Octets{}.u16(id).u16(list.size()).add(fields(list)));
}
// `uptime` in milliseconds.
inline Octets netflow9(const Octets& sets, std::uint32_t sequence = 0, std::uint32_t domain = 7,
                       std::uint32_t uptime = 100'000, std::uint32_t seconds = kNow) {
  return Octets{}.u16(9).u16(1).u32(uptime).u32(seconds).u32(sequence).u32(domain).add(sets);
}
inline Octets ipfix(const Octets& sets, std::uint32_t sequence = 0, std::uint32_t domain = 7,
                    std::uint32_t seconds = kNow) {
  return Octets{}.u16(10).u16(16 + sets.size()).u32(seconds).u32(sequence).u32(domain).add(sets);
}

// One decoder; the peer is 192.0.2.1 unless it is said.
class Play final : public event::EventSink {
 public:
  explicit Play(const Limits& limits = {}, Carrier carrier = Carrier::udp, std::vector<std::string_view> wanted = {})
      : decoder{limits, carrier} {
    flow_ = schema_->add_type(flow_type());
    counters_ = schema_->add_type(counter_type());
    for (const std::string_view name : wanted) interest_->want(flow_, schema_->add_field(name));
    if (wanted.empty()) {
      interest_->want_all(flow_);
      interest_->want_all(counters_);
    }
    subscribe();
  }
  void subscribe() { decoder.subscribe(schema_, interest_, flow_, counters_); }

  // The events, a line each, without what all have: path, host, exporter, protocol and domain; and a fault's name.
  std::string play(const Octets& datagram, std::int64_t seconds_later = 0, std::string_view peer = "192.0.2.1") {
    return play(datagram.bytes(), seconds_later, peer);
  }
  std::string play(Bytes datagram, std::int64_t seconds_later = 0, std::string_view peer = "192.0.2.1") {
    told_.clear();
    const Arrival arrival{event::SourceId{}, ordinal_++, at(seconds_later), *IpAddress::parse(peer)};
    last = decoder.datagram(datagram, arrival, *this);
    if (last.fault != Fault::none) told_ += "fault: " + std::string{to_string(last.fault)} + '\n';
    return told_;
  }
  void accept(event::Event& event) override {
    std::string json;
    event::append_ndjson(event, *schema_, json);
    for (const std::string_view gone :
         {R"("_path":"netflow",)", R"("host":"192.0.2.1",)", R"(,"exporter":"192.0.2.1")", R"(,"observation_domain":7)",
          R"(,"exporter_protocol":"netflow9")", R"(,"exporter_protocol":"ipfix")", R"("ts":1768464000.000000,)"})
      if (const auto found = json.find(gone); found != std::string::npos) json.erase(found, gone.size());
    told_ += json + '\n';
    ++events;
    quality = event.time_quality();
    event_time = event.event_time();
    receive_time = event.receive_time();
    known_at = event.known_at;
    ordinal = event.ordinal;
    part = event.part;
  }

  Decoder decoder;
  Decoder::Outcome last;
  std::size_t events = 0;
  // Of the last event.
  event::TimeQuality quality{};
  Timestamp event_time, receive_time, known_at;
  std::uint64_t ordinal = 0;
  std::uint32_t part = 0;

 private:
  std::shared_ptr<event::Schema> schema_ = std::make_shared<event::Schema>();
  std::shared_ptr<event::Interest> interest_ = std::make_shared<event::Interest>();
  event::TypeId flow_{}, counters_{};
  std::string told_;
  std::uint64_t ordinal_ = 0;
};

inline bool holds(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace nw::flows
