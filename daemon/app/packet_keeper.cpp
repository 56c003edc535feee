#include "app/packet_keeper.h"

#include <algorithm>
#include <sodium/randombytes.h>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"
#include "record/packets/exchange.h"
#include "record/packets/headers.h"
#include "record/privacy/commitment.h"

namespace nw::app {

namespace {

constexpr std::size_t kBatch = 64;  // between two syncs
constexpr std::chrono::milliseconds kPatience{200};

std::int64_t steady_now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

// Headers alone, where the rule does not ask for what was said.
void leave_out_payload(record::FrozenPackets& packets, int link_type) {
  for (record::FrozenPackets::Frame& frame : packets.frames)
    frame.bytes = static_cast<std::uint32_t>(record::header_bytes(packets.bytes_of(frame), link_type));
}

std::string to_pcapng(const Caught& caught, const PacketKeeper::Options& options) {
  record::PcapngText text;
  text.application = options.application;
  text.section = "Captured by normwatch at " + (options.site.empty() ? "an unnamed site" : options.site) +
                 " for alert " + caught.alert + ".\nClock: of the capturing kernel." +
                 (caught.policy == "payload" ? "" : "\nHeaders only: the rule asks for no payload.") +
                 (caught.packets.complete ? "" : "\nNot complete: other packets of the flow were not kept whole.");
  text.first = "alert " + caught.alert;
  text.trigger = caught.trigger;
  text.trigger_comment = "the alert was made at this packet";
  return record::write_pcapng(caught.packets, {&caught.interface, 1}, text);
}

// What of the norm's evidence this is, as it will lie in the store.
std::vector<std::string_view> supplied_by(const Caught& caught) {
  const bool packets = caught.kind == record::EvidenceKind::packets;
  IpAddress asker;
  const bool exchange = packets && IpAddress::parse_into(caught.asker, asker) &&
                        record::is_exchange(caught.packets, caught.interface.link_type, caught.trigger, asker);
  std::vector<std::string_view> out;
  for (const auto& [form, text] : caught.wanted) {
    const bool is = form == "exchange" ? exchange : form == (packets ? "packets" : "line");
    if (is && std::ranges::find(out, text) == out.end()) out.push_back(text);
  }
  return out;
}

std::string entry_body(const Caught& caught, std::string_view commitment, std::size_t bytes) {
  std::string out = "{\"alert\":";
  append_json_string(caught.alert, out);
  out += ",\"bytes\":" + std::to_string(bytes) + ",\"commitment\":";
  append_json_string(commitment, out);
  if (caught.kind == record::EvidenceKind::packets) {
    const auto& frames = caught.packets.frames;
    out += std::string{",\"complete\":"} + (caught.packets.complete ? "true" : "false");
    out += ",\"first\":\"" + to_rfc3339(frames.front().time, 9) + "\",\"frames\":" + std::to_string(frames.size());
    out += ",\"last\":\"" + to_rfc3339(frames.back().time, 9) + '"';
  }
  out += ",\"kind\":";
  append_json_string(record::to_string(caught.kind), out);
  const std::vector<std::string_view> supplied = supplied_by(caught);
  for (std::size_t i = 0; i < supplied.size(); ++i) {
    out += i == 0 ? ",\"supplies\":[" : ",";
    append_json_string(supplied[i], out);
  }
  if (!supplied.empty()) out += ']';
  return out + '}';
}

OwnEvent told_of(const Caught& caught, std::size_t bytes, Timestamp now) {
  std::string stored = "log";
  if (caught.kind == record::EvidenceKind::packets) stored = caught.policy == "payload" ? "payload" : "flow";
  OwnEvent event;
  event.path = "ledger.evidence";
  event.time = now;
  event.fields = {{"rule", caught.rule}, {"stored", std::move(stored)}, {"byte_count", std::int64_t(bytes)}};
  if (!caught.policy.empty()) event.fields.emplace_back("policy", caught.policy);
  return event;
}

}  // namespace

PacketKeeper::PacketKeeper(record::EvidenceStore& store, std::function<void(std::string, std::string)> note,
                           TellOwn tell, Options options)
    : store_{store},
      note_{std::move(note)},
      tell_{std::move(tell)},
      options_{std::move(options)},
      queue_{options_.queue},
      heartbeat_{steady_now_ns()},
      thread_{[this] { run(); }} {}

PacketKeeper::~PacketKeeper() { close(); }

void PacketKeeper::close() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void PacketKeeper::offer(Caught caught) {
  const std::size_t bytes = caught.bytes();
  const record::EvidenceKind kind = caught.kind;
  if (queue_bytes_.fetch_add(bytes) + bytes <= options_.queue_bytes && queue_.try_push(caught)) return;
  queue_bytes_ -= bytes;
  not_kept(kind, NotKept::busy);
}

std::uint64_t PacketKeeper::refused() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& kind : refused_)
    for (const auto& count : kind) sum += count.load(std::memory_order_relaxed);
  return sum;
}

void PacketKeeper::run() {
  for (;;) {
    const bool closed = queue_.closed();
    std::vector<Caught> batch = queue_.pop_all(kBatch, kPatience);
    heartbeat_ = steady_now_ns();
    if (batch.empty() && closed) return;
    if (!batch.empty()) keep(std::move(batch));
  }
}

void PacketKeeper::keep(std::vector<Caught> batch) {
  std::vector<Noted> noted;
  for (Caught& caught : batch) {
    queue_bytes_ -= caught.bytes();
    if (caught.kind == record::EvidenceKind::packets && caught.policy != "payload")
      leave_out_payload(caught.packets, caught.interface.link_type);
    (void)put(caught, noted);
    heartbeat_ = steady_now_ns();
  }
  if (noted.empty()) return;
  if (const auto synced = store_.sync(); !synced) {
    for (const Noted& n : noted) failed(n.kind, synced.error());
    return;
  }
  if (failing_.exchange(false)) log_info("evidence_recovered", "evidence is kept again for new alerts");
  kept_ += noted.size();
  for (Noted& n : noted) {
    note_(std::string{record::kEntryEvidence}, std::move(n.body));
    tell_(std::move(n.event));
  }
}

bool PacketKeeper::put(const Caught& caught, std::vector<Noted>& noted) {
  const std::string bytes = caught.kind == record::EvidenceKind::packets ? to_pcapng(caught, options_) : caught.line;
  const privacy::Nonce nonce =
      privacy::make_nonce([](std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); });
  const Timestamp now = wall_now();
  if (const auto put = store_.put(caught.alert, caught.kind, nonce, bytes, now); !put) {
    failed(caught.kind, put.error());
    return false;
  }
  const std::string commitment = privacy::commitment_text(privacy::commitment(nonce, privacy::bytes_of(bytes)));
  noted.push_back({entry_body(caught, commitment, bytes.size()), told_of(caught, bytes.size(), now), caught.kind});
  return true;
}

void PacketKeeper::failed(record::EvidenceKind kind, const Error& error) {
  NotKept why = NotKept::io;
  if (error.code == Errc::full) why = NotKept::full;
  if (error.code == Errc::unavailable) why = NotKept::no_key;
  not_kept(kind, why);
  // Once for each time of trouble: the metrics go on counting.
  if (!failing_.exchange(true))
    log_warning("evidence_not_kept",
                "evidence cannot be kept; alerts are, without it. normwatch_evidence_refused_total counts",
                {{"kind", std::string{record::to_string(kind)}}, {"error", error.what}});
}

}  // namespace nw::app
