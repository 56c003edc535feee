// A worker's part of the evidence: keeps the last packets of its captures in a ring, and when an alert is made, what
// the rule asks for: the packets of its flow, or the log line. On the worker's thread; owns no thread and never waits.
//
//   keep(packet)        every packet, once it is worked off
//   alerted(alert)      within the packet's work: its flow is frozen when the packet is kept
//   tick()              a second later the answers that came meanwhile are added, and all of it goes to the keeper
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/correlator.h"
#include "app/packet_keeper.h"
#include "app/record_config.h"
#include "detect/sigma/rule_set.h"
#include "event/event.h"
#include "ingest/capture/packet_source.h"
#include "record/alert.h"
#include "record/fold.h"
#include "record/packets/ring.h"

namespace nw::app {

class PacketCatch {
 public:
  // How long an alert waits for the other direction: a command without its answer proves little.
  static constexpr Nanoseconds kAnswers = std::chrono::seconds{1};
  // Of alerts that fold into one (record/fold.h), only the first gets evidence, or one of a higher level: these stand
  // in the ledger whole, so holds, erasure and reveals find what is kept of them. A minute longer than a fold stays
  // open without a repeat: the recorder sees an alert later than we do.
  static constexpr Nanoseconds kFoldTime = record::FoldOptions{}.quiet + std::chrono::minutes{1};
  // And of one group (rule and asset), however many act there, so many within kGroupTime.
  static constexpr unsigned kPerGroup = 4;
  static constexpr Nanoseconds kGroupTime = std::chrono::minutes{10};
  static constexpr std::size_t kGroupsMax = 4096, kPendingMax = 64;
  // Events that count for rules over time, of which the flow is remembered; a later one takes an earlier one's place.
  static constexpr std::size_t kRemembered = 16'384;
  // No packet stays in the ring for longer, however quiet the link.
  static constexpr Nanoseconds kRingTime = std::chrono::minutes{10};

  // The keeper is borrowed for life. Without `packets` there is no ring.
  PacketCatch(const EvidenceConfig& config, bool packets, PacketKeeper& keeper);

  // Of a capture source: what its file says of the interface. Again whenever the counters are read.
  void interface(event::SourceId source, record::CapturedInterface interface);

  // On the way of every packet. `flow`, `around`: the decoder's numbers (NetworkDecoder::flow_of_packet()), 0: none.
  void keep(event::SourceId source, std::uint64_t flow, std::uint64_t around, const capture::Packet& packet) {
    if (!ring_) return;
    if (flow == 0) flow = record::frames_between(packet.data, packet.link_type);
    if (flow == 0 && fresh_ == 0) return unnamed_.clear();
    const std::uint64_t key = key_of(source, flow);
    if (!unnamed_.empty()) name_remembered(source, key, packet);
    const auto how = fresh_ == 0 ? record::PacketRing::Keep::usual : record::PacketRing::Keep::whole;
    const std::uint64_t sequence = ring_->keep(key, packet.time, packet.data, packet.wire_bytes, 0, how);
    if (fresh_ != 0) freeze_fresh(source, key, around == 0 ? 0 : key_of(source, around), sequence, packet);
  }

  // What is to be kept for an alert that is about to be recorded; nothing: not for this one. `flow`: the event's
  // (Input::flow_of).
  struct Wanted {
    Caught caught;
    event::SourceId source{};
    std::uint64_t flow = 0;
  };
  std::optional<Wanted> wants(const record::Alert& alert, const event::Event& event, std::optional<std::uint64_t> flow,
                              const sigma::RuleSet& rules, Nanoseconds steady);
  // `id`: the alert's in the ledger.
  void alerted(Wanted wanted, std::string id, Nanoseconds steady);

  // Rules over time fire on another thread and later: of each event that counts, by what its contribution says of it
  // (Contribution::context), the flow is remembered. `flow`: 0, that of the packet that is worked off.
  [[nodiscard]] bool remembers() const noexcept { return ring_.has_value(); }
  void remember(std::string_view context, event::SourceId source, std::uint64_t flow);
  // What the ring still has of the flow of a firing's last event goes to the keeper at once; the answers are there.
  // Of an event that came by another worker, or not as packets, nothing. `kept`: the norm's (Norm::kept).
  void fired(const Fired& fired, const std::vector<std::pair<std::string, std::string>>& kept,
             const sigma::RuleSet& rules, Nanoseconds steady);

  void tick(Timestamp now, Nanoseconds steady);
  // No more packets come: hands over all that is left.
  void finish(Timestamp now);

  struct Report {
    std::uint64_t ring_bytes = 0, kept = 0, evicted = 0, forgotten = 0, lost_track = 0;
  };
  [[nodiscard]] Report report() const;

 private:
  struct Pending {
    Wanted wanted;
    Nanoseconds due{};
    bool fresh = true;  // the packet that it was made at is not in the ring yet
    std::uint64_t key = 0;
  };
  struct Group {
    unsigned count = 0;
    Nanoseconds since{};
    std::string policy;  // the rule's
  };
  static std::uint64_t key_of(event::SourceId source, std::uint64_t flow) noexcept {
    return flow + (static_cast<std::uint64_t>(source) << 48U);
  }
  struct Seen {
    Nanoseconds last{};
    int level = 0;
  };
  struct Memory {
    std::uint64_t context = 0;  // its hash; 0: none
    std::uint64_t key = 0;      // in the ring; 0: of the packet that is being worked off
    event::SourceId source{};
  };
  // Whether the alert will be folded into one before it.
  bool repeats(const record::Alert& alert, Nanoseconds steady);
  // Null: there are too many.
  Group* group_of(const record::Alert& alert, const sigma::RuleSet& rules, Nanoseconds steady);
  std::optional<Wanted> wants(const record::Alert& alert, std::string_view line, event::SourceId source,
                              std::optional<std::uint64_t> flow, const sigma::RuleSet& rules, Nanoseconds steady);
  void name_remembered(event::SourceId source, std::uint64_t key, const capture::Packet& packet);
  void freeze_fresh(event::SourceId source, std::uint64_t key, std::uint64_t around, std::uint64_t sequence,
                    const capture::Packet& packet);
  void hand_over(Pending pending, Timestamp now);

  EvidenceConfig config_;
  PacketKeeper& keeper_;
  std::optional<record::PacketRing> ring_;
  std::size_t freeze_bytes_;
  std::vector<record::CapturedInterface> interfaces_;  // by source
  std::vector<Pending> pending_;
  std::size_t fresh_ = 0;
  Timestamp newest_{};                  // packet time
  std::vector<Memory> memory_;          // by hash of the context; empty without a ring
  std::vector<std::uint32_t> unnamed_;  // of these, what came with the packet at hand
  std::unordered_map<std::string, Group> groups_;
  std::unordered_map<std::string, Seen> seen_;  // by fold_key()
};

}  // namespace nw::app
