// Evidence on its way into the store: what is sealed and noted, what is refused and counted; and which packets a worker
// catches for an alert.
#include "app/packet_keeper.h"

#include <deque>
#include <filesystem>
#include <gtest/gtest.h>
#include <mutex>

#include "app/packet_catch.h"
#include "base/text.h"
#include "ingest/capture/packet_source.h"
#include "unit/ingest/network/harness.h"

namespace nw::app {
namespace {

using record::EvidenceKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kId = "00112233445566778899aabbccddeeff";

// A store in memory, which can be told to fail.
class MemoryStore final : public record::EvidenceStore {
 public:
  struct Put {
    std::string alert;
    EvidenceKind kind;
    privacy::Nonce nonce;
    std::string bytes;
  };
  std::optional<Errc> put_fails, sync_fails;
  std::vector<Put> synced;
  int syncs = 0;

  void use(privacy::Epoch, const std::optional<privacy::PublicKey>&) override {}
  Result<> put(std::string_view alert, EvidenceKind kind, const privacy::Nonce& nonce, std::string_view bytes,
               Timestamp) override {
    if (put_fails) return Error{*put_fails, "told to fail"};
    waiting_.push_back({std::string{alert}, kind, nonce, std::string{bytes}});
    return {};
  }
  Result<> sync() override {
    ++syncs;
    if (sync_fails) {
      waiting_.clear();
      return Error{*sync_fails, "told to fail"};
    }
    std::move(waiting_.begin(), waiting_.end(), std::back_inserter(synced));
    waiting_.clear();
    return {};
  }
  [[nodiscard]] std::vector<record::EvidenceObject> of(std::string_view) const override { return {}; }
  [[nodiscard]] Result<std::string> read(std::string_view, EvidenceKind) const override {
    return Error{Errc::not_found, ""};
  }
  Result<std::size_t> erase(std::string_view, std::optional<EvidenceKind>) override { return std::size_t{0}; }
  void older(Timestamp, const std::function<void(const record::EvidenceObject&)>&) const override {}
  Purged purge(Timestamp, const std::function<bool(const record::EvidenceObject&)>&) override { return {}; }
  [[nodiscard]] Totals totals() const override { return {}; }

 private:
  std::vector<Put> waiting_;
};

class PacketKeeperTest : public ::testing::Test {
 protected:
  void start(PacketKeeper::Options options = {}) {
    options.application = "normwatch test";
    keeper_ = std::make_unique<PacketKeeper>(
        store_, [this](std::string type, std::string body) { notes_.push_back(type + ' ' + body); },
        [this](OwnEvent event) { told_.push_back(std::move(event)); }, std::move(options));
  }
  static Caught line(std::string text = "Nov 30 12:00:00 host sshd[1]: Accepted password for alice") {
    Caught out;
    out.alert = kId;
    out.rule = "A rule";
    out.policy = "log";
    out.line = std::move(text);
    return out;
  }
  static Caught packets(const std::string& policy) {
    network::Connection c{network::frames::v4(10, 40000), network::frames::v4(20, 80)};
    const auto frame = c.say(0, "GET /secret HTTP/1.1\r\n\r\n");
    Caught out;
    out.alert = kId;
    out.kind = EvidenceKind::packets;
    out.policy = policy;
    out.packets.frames.push_back({1, Timestamp{seconds{1'768'464'005}}, 0, static_cast<std::uint32_t>(frame.size()),
                                  static_cast<std::uint32_t>(frame.size()), 0});
    out.packets.data = frame;
    out.interface.name = "tap0";
    return out;
  }
  std::string field(const OwnEvent& event, std::string_view name) {
    for (const auto& [key, value] : event.fields)
      if (key == name) return std::get<std::string>(value);
    return "-";
  }

  MemoryStore store_;
  std::vector<std::string> notes_;
  std::vector<OwnEvent> told_;
  std::unique_ptr<PacketKeeper> keeper_;
};

TEST_F(PacketKeeperTest, KeepsALineAndCommitsToIt) {
  start();
  keeper_->offer(line());
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 1U);
  EXPECT_EQ(store_.synced[0].bytes, line().line);
  EXPECT_EQ(store_.synced[0].alert, kId);
  ASSERT_EQ(notes_.size(), 1U);
  const std::string commitment =
      privacy::commitment_text(privacy::commitment(store_.synced[0].nonce, privacy::bytes_of(store_.synced[0].bytes)));
  EXPECT_EQ(notes_[0], "evidence {\"alert\":\"" + std::string{kId} +
                           "\",\"bytes\":" + std::to_string(line().line.size()) + ",\"commitment\":\"" + commitment +
                           "\",\"kind\":\"line\"}");
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].path, "ledger.evidence");
  EXPECT_EQ(field(told_[0], "stored"), "log");
  EXPECT_EQ(field(told_[0], "policy"), "log");
  EXPECT_EQ(keeper_->kept(), 1U);
}

TEST_F(PacketKeeperTest, PayloadOnlyWhereTheRuleAsksForIt) {
  start();
  keeper_->offer(packets("payload"));
  keeper_->offer(packets("flow"));
  keeper_->offer(packets(""));
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 3U);
  EXPECT_NE(store_.synced[0].bytes.find("GET /secret"), std::string::npos);
  for (std::size_t i = 1; i < 3; ++i) EXPECT_EQ(store_.synced[i].bytes.find("secret"), std::string::npos) << i;
  EXPECT_EQ(field(told_[0], "stored"), "payload");
  EXPECT_EQ(field(told_[1], "stored"), "flow");
  EXPECT_EQ(field(told_[2], "policy"), "-");
  EXPECT_NE(notes_[0].find("\"complete\":true,\"first\":\"2026-01-15T08:00:05.000000000Z\",\"frames\":1,"),
            std::string::npos)
      << notes_[0];
}

// Only what lies in the store counts: a line is no packets, headers are no exchange, one side is none, either.
TEST_F(PacketKeeperTest, SaysWhatOfTheNormsEvidenceItIs) {
  const auto with = [](Caught caught) {
    caught.wanted = {
        {"exchange", "command and reply"}, {"packets", "shown"}, {"line", "shown"}, {"packets", "\"clock\""}};
    return caught;
  };
  network::Connection talk{network::frames::v4(10, 40000), network::frames::v4(20, 80)};
  const auto answered = [&](const std::string& policy) {
    Caught out = with(packets(policy));
    out.asker = "10.0.0.10";
    out.trigger = 1;
    (void)talk.say(0, "GET /secret HTTP/1.1\r\n\r\n");
    const auto frame = talk.say(1, "HTTP/1.1 200 OK\r\n\r\n");
    const auto bytes = static_cast<std::uint32_t>(frame.size());
    out.packets.frames.push_back(
        {2, out.packets.frames[0].time, static_cast<std::uint32_t>(out.packets.data.size()), bytes, bytes, 0});
    out.packets.data.insert(out.packets.data.end(), frame.begin(), frame.end());
    return out;
  };
  Caught one_sided = with(packets("payload"));
  one_sided.asker = "10.0.0.10";
  one_sided.trigger = 1;
  Caught unknown_asker = answered("payload");
  unknown_asker.asker.clear();
  start();
  for (Caught caught :
       {with(line()), std::move(one_sided), answered("flow"), std::move(unknown_asker), answered("payload"), line()})
    keeper_->offer(std::move(caught));
  keeper_->close();
  ASSERT_EQ(notes_.size(), 6U);
  const std::string some = ",\"supplies\":[\"shown\",\"\\\"clock\\\"\"]}";
  const char* const all = ",\"supplies\":[\"command and reply\",\"shown\",\"\\\"clock\\\"\"]}";
  const std::string want[] = {",\"supplies\":[\"shown\"]}", some, some, some, all};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(notes_[i].ends_with("\"" + want[i])) << notes_[i];
  EXPECT_EQ(notes_[5].find("supplies"), std::string::npos);
}

TEST_F(PacketKeeperTest, TroubleIsCountedByItsCauseAndNothingIsPromised) {
  store_.put_fails = Errc::full;
  start();
  keeper_->offer(line());
  keeper_->close();
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::full), 1U);

  store_.put_fails = Errc::unavailable;
  start();
  keeper_->offer(packets("flow"));
  keeper_->close();
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::no_key), 1U);

  store_.put_fails.reset();
  store_.sync_fails = Errc::io;
  start();
  keeper_->offer(line());
  keeper_->close();
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::io), 1U);
  EXPECT_EQ(keeper_->kept(), 0U);
  EXPECT_TRUE(notes_.empty());
  EXPECT_TRUE(told_.empty());
}

TEST_F(PacketKeeperTest, AFullQueueRefusesAndNeverWaits) {
  PacketKeeper::Options options;
  options.queue_bytes = 1000;
  start(options);
  keeper_->offer(line(std::string(2000, 'x')));
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::busy), 1U);
  keeper_->close();
  keeper_->offer(line());
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::busy), 2U) << "closed";
  EXPECT_TRUE(store_.synced.empty());
}

// One connection through a decoder, with a catch that follows it as a capture source does.
class PacketCatchTest : public PacketKeeperTest {
 protected:
  PacketCatchTest() {
    start();
    event::Schema schema;
    Diagnostics diagnostics;
    rules_ = sigma::RuleSet::compile({}, schema, {}, diagnostics);
    EvidenceConfig config;
    config.ring_bytes = 2U << 20;
    config.flow_bytes = 500;
    catch_ = std::make_unique<PacketCatch>(config, true, *keeper_);
    record::CapturedInterface interface;
    interface.name = "tap0";
    catch_->interface(kSource, interface);
  }
  void packet(std::uint64_t flow, const std::vector<std::uint8_t>& frame, Timestamp when, std::uint64_t around = 0) {
    capture::Packet packet;
    packet.data = frame;
    packet.wire_bytes = static_cast<std::uint32_t>(frame.size());
    packet.time = when;
    packet.link_type = 1;
    catch_->keep(kSource, flow, around, packet);
  }
  bool alert(std::optional<std::uint64_t> flow, const std::string& asset = "plant", Nanoseconds steady = {},
             std::string_view raw = {}, const std::string& actor = "192.0.2.1", const std::string& level = "low") {
    record::Alert alert;
    alert.rule_id = "rule";
    alert.level = level;
    alert.source_address = actor;
    alert.asset = asset;
    event::Event event;
    event.begin(event::TypeId{}, kSource, kWhen, kWhen, event::TimeQuality::capture);
    event.raw = raw;
    auto wanted = catch_->wants(alert, event, flow, *rules_, steady);
    if (!wanted) return false;
    catch_->alerted(std::move(*wanted), std::string{kId}, steady);
    return true;
  }
  std::size_t frames_of(std::size_t put) {
    const std::string file = (std::filesystem::temp_directory_path() / "nw-catch.pcapng").string();
    std::FILE* out = std::fopen(file.c_str(), "wb");
    std::fwrite(store_.synced.at(put).bytes.data(), 1, store_.synced.at(put).bytes.size(), out);
    std::fclose(out);
    auto source = capture::open_file(file);
    EXPECT_TRUE(source);
    std::size_t frames = 0;
    while (source && !(*source)->at_end())
      if (const auto got = (*source)->read(10, [&](const capture::Packet&) { ++frames; }); !got) break;
    std::filesystem::remove(file);
    return frames;
  }

  static constexpr event::SourceId kSource{1};
  const Timestamp kWhen = Timestamp{seconds{1'768'464'005}};
  const std::vector<std::uint8_t> kFrame =
      network::frames::udp_frame(network::frames::v4(1, 1000), network::frames::v4(2, 53), "question");
  std::shared_ptr<const sigma::RuleSet> rules_;
  std::unique_ptr<PacketCatch> catch_;
};

TEST_F(PacketCatchTest, WaitsForTheAnswer) {
  packet(7, kFrame, kWhen);
  packet(8, kFrame, kWhen);
  ASSERT_TRUE(alert(7));                       // while the next packet is worked off
  packet(7, kFrame, kWhen + milliseconds{1});  // the command
  catch_->tick(kWhen + milliseconds{200}, milliseconds{200});
  packet(7, kFrame, kWhen + milliseconds{300});  // its answer
  packet(8, kFrame, kWhen + milliseconds{300});
  catch_->tick(kWhen + seconds{1}, seconds{1});
  packet(7, kFrame, kWhen + seconds{2});  // too late
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 1U);
  EXPECT_EQ(frames_of(0), 3U);
  EXPECT_NE(store_.synced[0].bytes.find("the alert was made at this packet"), std::string::npos);
}

TEST_F(PacketCatchTest, AnEventWithoutAFlowHasItsPacketsStations) {
  std::vector<std::uint8_t> goose(60, 1);
  goose[12] = 0x88;
  goose[13] = 0xb8;
  packet(0, goose, kWhen);
  packet(7, kFrame, kWhen);
  ASSERT_TRUE(alert(0));
  packet(0, goose, kWhen + milliseconds{1});
  catch_->finish(kWhen + milliseconds{2});
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 1U);
  EXPECT_EQ(frames_of(0), 2U);
}

TEST_F(PacketCatchTest, ATunnelHasThePacketAtHand) {
  packet(7, kFrame, kWhen, 3);
  packet(8, kFrame, kWhen, 3);
  ASSERT_TRUE(alert(3));
  ASSERT_TRUE(
      alert(4, "plant", {}, {}, "192.0.2.9"));  // of another flow, which ended meanwhile: nothing of the tunnel is its
  packet(8, kFrame, kWhen, 3);
  catch_->finish(kWhen);
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 1U);
  EXPECT_EQ(frames_of(0), 2U);
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::missing), 1U);
}

TEST_F(PacketCatchTest, AFlowThatEndedBetweenPacketsIsFoundToo) {
  packet(7, kFrame, kWhen);
  ASSERT_TRUE(alert(7));
  catch_->tick(kWhen + seconds{1}, seconds{1});
  packet(8, kFrame, kWhen + seconds{2});
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 1U);
  EXPECT_EQ(frames_of(0), 1U);
  EXPECT_EQ(store_.synced[0].bytes.find("was made at this packet"), std::string::npos);
}

TEST_F(PacketCatchTest, WhatIsNotInTheRingIsCounted) {
  ASSERT_TRUE(alert(99));
  catch_->tick(kWhen, seconds{1});
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::missing), 1U);
  EXPECT_FALSE(alert(std::nullopt)) << "a source that captures nothing";
}

// Fired later and elsewhere: found by what the contribution said of the event.
TEST_F(PacketCatchTest, OfARuleOverTimeTheLastEventsFlow) {
  const auto fire = [&](const std::string& context, const std::string& actor = "192.0.2.1") {
    Fired fired;
    fired.alert.id = kId;
    fired.alert.rule_id = "over time";
    fired.alert.level = "high";
    fired.alert.source_address = actor;
    fired.alert.event_time = kWhen;
    fired.context = context;
    catch_->fired(fired, {{"packets", "clock"}}, *rules_, {});
  };
  ASSERT_TRUE(catch_->remembers());
  packet(7, kFrame, kWhen);
  packet(7, kFrame, kWhen);
  packet(8, kFrame, kWhen);
  catch_->remember("event of seven", kSource, 7);
  catch_->remember("event at hand", kSource, 0);
  catch_->remember("event of nine", kSource, 9);
  fire("event at hand");  // its packet is not in the ring yet
  packet(11, kFrame, kWhen);
  packet(12, kFrame, kWhen);
  fire("event of seven");
  fire("event of seven");  // a fold has its packets already
  fire("event at hand", "192.0.2.2");
  fire("event of nine", "192.0.2.3");
  fire("another worker's", "192.0.2.4");
  keeper_->close();
  ASSERT_EQ(store_.synced.size(), 2U);
  EXPECT_EQ(frames_of(0), 2U);
  EXPECT_EQ(frames_of(1), 1U);
  EXPECT_TRUE(notes_[0].ends_with(",\"supplies\":[\"clock\"]}")) << notes_[0];
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::repeated), 1U);
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::missing), 1U);
}

TEST_F(PacketCatchTest, WithoutARingNothingIsRemembered) {
  PacketCatch without{EvidenceConfig{}, false, *keeper_};
  EXPECT_FALSE(without.remembers());
  without.remember("event", kSource, 7);
  without.fired(Fired{{}, "event"}, {}, *rules_, {});
  keeper_->close();
  EXPECT_EQ(keeper_->refused(), 0U);
}

// What is kept is of an alert that stands in the ledger whole: the others of its fold are counted there only.
TEST_F(PacketCatchTest, OfAFoldTheFirstHasEvidence) {
  for (unsigned i = 0; i < 5; ++i) EXPECT_EQ(alert(0, "plant", {}, "a line"), i == 0) << i;
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::repeated), 4U);
  EXPECT_TRUE(alert(0, "plant", {}, "a line", "192.0.2.7")) << "somebody else acts";
  EXPECT_TRUE(alert(0, "plant", {}, "a line", "192.0.2.7", "critical")) << "written anew, as what it has become";
  EXPECT_FALSE(alert(0, "plant", {}, "a line", "192.0.2.7"));
  const Nanoseconds once = PacketCatch::kFoldTime - seconds{1};
  EXPECT_FALSE(alert(0, "plant", once, "a line")) << "the fold is open";
  EXPECT_FALSE(alert(0, "plant", 2 * once, "a line")) << "and goes on";
  EXPECT_TRUE(alert(0, "plant", 2 * once + PacketCatch::kFoldTime, "a line"));
}

TEST_F(PacketCatchTest, AFoldBeginsWithAnAlertThatNothingIsKeptFor) {
  EXPECT_FALSE(alert(std::nullopt));
  packet(7, kFrame, kWhen);
  EXPECT_FALSE(alert(7));
}

TEST_F(PacketCatchTest, AStormHasAFew) {
  const auto by = [&](unsigned who, const std::string& asset, Nanoseconds steady) {
    return alert(0, asset, steady, "a line", "192.0.2." + std::to_string(who));
  };
  for (unsigned i = 0; i < 20; ++i) EXPECT_EQ(by(i, "plant", {}), i < PacketCatch::kPerGroup) << i;
  EXPECT_EQ(keeper_->refused(EvidenceKind::line, NotKept::repeated), 20U - PacketCatch::kPerGroup);
  EXPECT_TRUE(by(0, "another", {}));
  EXPECT_TRUE(by(20, "plant", PacketCatch::kGroupTime)) << "later again";
  keeper_->close();
  EXPECT_EQ(store_.synced.size(), PacketCatch::kPerGroup + 2U);
}

TEST_F(PacketCatchTest, EverythingIsBounded) {
  unsigned taken = 0;
  for (unsigned i = 0; i < PacketCatch::kGroupsMax + 10; ++i) taken += alert(7, std::to_string(i)) ? 1U : 0U;
  EXPECT_EQ(taken, PacketCatch::kGroupsMax);
  EXPECT_EQ(keeper_->refused(EvidenceKind::packets, NotKept::busy),
            10U + PacketCatch::kGroupsMax - PacketCatch::kPendingMax);
}

}  // namespace
}  // namespace nw::app
