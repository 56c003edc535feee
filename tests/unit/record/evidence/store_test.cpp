#include <gtest/gtest.h>
#include <thread>

#include "record/evidence/format.h"
#include "unit/record/evidence/evidence_support.h"

namespace nw::record {
namespace {

using namespace test;
using std::chrono::hours;

const Timestamp kNow = at("2026-01-15T08:00:00Z");
const auto kNothingHeld = [](const EvidenceObject&) { return false; };

TEST(EvidenceStoreTest, GivesBackWhatWasPutToWhoHasTheKey) {
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()));
  const std::string id = alert_number(1);
  ASSERT_TRUE(put_number(*store, 1, kNow));
  ASSERT_TRUE(store->put(id, EvidenceKind::packets, nonce_number(2), std::string(5000, '\xee'), kNow + hours{1}));
  ASSERT_TRUE(store->put(id, EvidenceKind::line, nonce_number(3), "", kNow + hours{2}));
  ASSERT_TRUE(store->sync());

  EXPECT_TRUE(opens_as_put(*store, 1));
  const auto objects = store->of(id);
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[1].kind, EvidenceKind::packets);
  EXPECT_EQ(objects[1].bytes, 5000U);
  EXPECT_EQ(objects[1].stored, kNow + hours{1});
  EXPECT_EQ(objects[1].epoch, kJanuary);
  EXPECT_FALSE(objects[1].erased);
  const auto line =
      open_evidence(*store->read(id, EvidenceKind::line), evidence_keys().public_key, evidence_keys().secret_key);
  ASSERT_TRUE(line) << line.error().what;
  EXPECT_EQ(line->bytes, "");
  EXPECT_EQ(line->nonce, nonce_number(3));
  EXPECT_FALSE(on_disk(dir.path(), "clear content"));
  EXPECT_EQ(store->read(alert_number(9), EvidenceKind::line).error().code, Errc::not_found);
  EXPECT_EQ(store->totals().objects, 3U);
}

TEST(EvidenceStoreTest, NothingOpensUnderAnotherKeyOrChanged) {
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()));
  ASSERT_TRUE(put_number(*store, 1, kNow, 40));
  ASSERT_TRUE(store->sync());
  const std::string sealed = *store->read(alert_number(1), EvidenceKind::values);
  const auto& keys = evidence_keys();
  const auto other = privacy::make_custodian_keys([](std::span<std::uint8_t> out) { std::ranges::fill(out, 5); });
  EXPECT_EQ(open_evidence(sealed, other.public_key, other.secret_key).error().code, Errc::no_permission);
  EXPECT_EQ(open_evidence(sealed, keys.public_key, other.secret_key).error().code, Errc::no_permission);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    // The state is nothing that the object says: one bit of it changes nothing.
    const bool state = i == EvidenceHead::kBytes + ObjectHead::kStateAt;
    EXPECT_EQ(open_evidence(changed, keys.public_key, keys.secret_key).has_value(), state) << "byte " << i;
    EXPECT_FALSE(open_evidence(sealed.substr(0, i), keys.public_key, keys.secret_key)) << "cut to " << i;
  }
  EXPECT_FALSE(open_evidence(sealed + "x", keys.public_key, keys.secret_key));
}

// Whoever can write the file can also make its sums right: what is sealed is tied to the alert, kind, time and epoch.
TEST(EvidenceStoreTest, TheHeaderIsSealedIn) {
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()));
  ASSERT_TRUE(put_number(*store, 1, kNow));
  ASSERT_TRUE(store->sync());
  const std::string sealed = *store->read(alert_number(1), EvidenceKind::values);
  const auto opens_with = [&](auto change_segment, auto change_object) {
    auto segment = *EvidenceHead::parse(sealed);
    auto object = *ObjectHead::parse(sealed.substr(EvidenceHead::kBytes));
    change_segment(segment);
    change_object(object);
    const std::string made =
        segment.to_bytes() + object.to_bytes() + sealed.substr(EvidenceHead::kBytes + ObjectHead::kBytes);
    return open_evidence(made, evidence_keys().public_key, evidence_keys().secret_key).has_value();
  };
  const auto same = [](auto&) {};
  EXPECT_TRUE(opens_with(same, same));
  EXPECT_FALSE(opens_with([](EvidenceHead& h) { h.epoch.month = 2; }, same));
  EXPECT_FALSE(opens_with(same, [](ObjectHead& h) { h.alert[3] ^= 1U; }));
  EXPECT_FALSE(opens_with(same, [](ObjectHead& h) { h.kind = EvidenceKind::line; }));
  EXPECT_FALSE(opens_with(same, [](ObjectHead& h) { h.stored += Nanoseconds{1}; }));
  EXPECT_FALSE(opens_with(same, [](ObjectHead& h) { h.nonce[0] ^= 1U; }));
}

TEST(EvidenceStoreTest, FindsEverythingAgain) {
  const TempDir dir;
  {
    const auto store = store_in(small_store(dir.path()));
    for (std::uint64_t n = 0; n < 40; ++n) ASSERT_TRUE(put_number(*store, n, kNow + hours{n}));
    ASSERT_TRUE(store->put(alert_number(7), EvidenceKind::packets, nonce_number(1), "later", kNow + hours{50}));
  }  // the destructor syncs
  const auto store = store_in(small_store(dir.path()));
  EXPECT_EQ(store->totals().objects, 41U);
  EXPECT_GT(store->totals().segments, 5U);
  std::uint64_t bytes = 0;
  for (const auto& file : files_in(dir.path())) bytes += std::filesystem::file_size(file);
  EXPECT_EQ(store->totals().bytes, bytes);
  for (std::uint64_t n = 0; n < 40; ++n) EXPECT_TRUE(opens_as_put(*store, n)) << n;
  const auto seven = store->of(alert_number(7));
  ASSERT_EQ(seven.size(), 2U);
  EXPECT_EQ(seven[1].kind, EvidenceKind::packets) << "in the order they were stored";
}

TEST(EvidenceStoreTest, RefusesWhatItCannotKeep) {
  const TempDir dir;
  auto options = small_store(dir.path());
  options.bytes_max = 1000;
  auto opened = EvidenceStore::open(options);
  ASSERT_TRUE(opened);
  EvidenceStore& store = **opened;
  EXPECT_EQ(put_number(store, 1, kNow).error().code, Errc::unavailable) << "no key";
  store.use(kJanuary, evidence_keys().public_key);
  EXPECT_EQ(store.put("xyz", EvidenceKind::line, {}, "", kNow).error().code, Errc::invalid_argument);
  EXPECT_EQ(
      store.put(alert_number(1), EvidenceKind::line, {}, std::string(kEvidenceBytesMax + 1, 'x'), kNow).error().code,
      Errc::invalid_argument);
  EXPECT_EQ(store.totals().refused, 0U);
  std::uint64_t kept = 0;
  while (put_number(store, kept, kNow)) ++kept;
  EXPECT_GT(kept, 2U);
  EXPECT_EQ(put_number(store, kept, kNow).error().code, Errc::full);
  EXPECT_EQ(store.totals().refused, 2U);
  EXPECT_LE(store.totals().bytes, 1000U);
  for (std::uint64_t n = 0; n < kept; ++n) EXPECT_TRUE(opens_as_put(store, n)) << "the newest is refused, not the old";
  store.use(kJanuary, std::nullopt);
  EXPECT_EQ(put_number(store, 1, kNow).error().code, Errc::unavailable);
}

TEST(EvidenceStoreTest, ASegmentHasOneEpochAndOneDay) {
  const TempDir dir;
  auto options = small_store(dir.path());
  options.segment_bytes = 1U << 20;
  const auto store = store_in(options);
  ASSERT_TRUE(put_number(*store, 1, at("2026-01-31T23:59:00Z")));
  ASSERT_TRUE(put_number(*store, 2, at("2026-01-31T23:59:30Z")));
  EXPECT_EQ(store->totals().segments, 1U);
  ASSERT_TRUE(put_number(*store, 3, at("2026-02-01T00:00:01Z")));
  EXPECT_EQ(store->totals().segments, 2U);
  store->use({2026, 2}, evidence_keys().public_key);
  ASSERT_TRUE(put_number(*store, 4, at("2026-02-01T00:00:02Z")));
  EXPECT_EQ(store->totals().segments, 3U);
  store->use({2026, 2}, evidence_keys().public_key);
  ASSERT_TRUE(put_number(*store, 5, at("2026-02-01T00:00:03Z")));
  EXPECT_EQ(store->totals().segments, 3U);
  EXPECT_EQ(store->of(alert_number(4)).front().epoch, (privacy::Epoch{2026, 2}));
}

TEST(EvidenceStoreTest, ErasesOneByOneAndKeepsTheStub) {
  const TempDir dir;
  const auto options = small_store(dir.path());
  {
    const auto store = store_in(options);
    for (std::uint64_t n = 0; n < 20; ++n) ASSERT_TRUE(put_number(*store, n, kNow));
    ASSERT_TRUE(store->put(alert_number(3), EvidenceKind::line, nonce_number(3), "the line", kNow));
    ASSERT_TRUE(store->sync());
    const std::string sealed = *store->read(alert_number(3), EvidenceKind::values);
    const std::string body = sealed.substr(EvidenceHead::kBytes + ObjectHead::kBytes);
    ASSERT_TRUE(on_disk(dir.path(), body));
    EXPECT_EQ(*store->erase(alert_number(3), EvidenceKind::values), 1U);
    EXPECT_FALSE(on_disk(dir.path(), body));
    EXPECT_FALSE(on_disk(dir.path(), body.substr(20, 40)));
    EXPECT_EQ(*store->erase(alert_number(3), EvidenceKind::values), 0U);
    EXPECT_EQ(store->read(alert_number(3), EvidenceKind::values).error().code, Errc::not_found);
    EXPECT_TRUE(store->read(alert_number(3), EvidenceKind::line));
    EXPECT_EQ(*store->erase(alert_number(19), std::nullopt), 1U) << "in the segment that is written to";
    EXPECT_EQ(store->totals().objects, 19U);
  }
  const auto store = store_in(options);
  const auto objects = store->of(alert_number(3));
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_TRUE(objects[0].erased);
  EXPECT_FALSE(objects[1].erased);
  EXPECT_EQ(store->totals().objects, 19U);
  for (std::uint64_t n = 0; n < 20; ++n) EXPECT_EQ(opens_as_put(*store, n), n != 3 && n != 19) << n;
}

TEST(EvidenceStoreTest, PurgesByAgeButNotWhatIsHeld) {
  const TempDir dir;
  const auto store = store_in(small_store(dir.path()));
  for (std::uint64_t n = 0; n < 30; ++n) ASSERT_TRUE(put_number(*store, n, kNow + hours{n}));
  const std::size_t segments = store->totals().segments;
  const auto held = [](const EvidenceObject& object) { return object.alert == alert_number(2); };
  const auto purged = store->purge(kNow + hours{20}, held);
  EXPECT_EQ(purged.objects, 19U);
  EXPECT_EQ(purged.bytes, 1900U);
  EXPECT_EQ(purged.held, 1U);
  EXPECT_EQ(purged.overdue, 0U);
  EXPECT_EQ(purged.fault, "");
  EXPECT_EQ(purged.removed.size(), 19U);
  EXPECT_LT(store->totals().segments, segments) << "whole files go where nothing in them stays";
  for (std::uint64_t n = 0; n < 30; ++n) EXPECT_EQ(opens_as_put(*store, n), n == 2 || n >= 20) << n;
  EXPECT_EQ(store->totals().objects, 11U);

  const auto again = store->purge(kNow + hours{20}, kNothingHeld);
  EXPECT_EQ(again.objects, 1U) << "the hold is gone";
  EXPECT_EQ(store->purge(kNow + hours{200}, kNothingHeld).objects, 10U);
  EXPECT_EQ(store->totals().objects, 0U);
  EXPECT_EQ(store->totals().bytes, 0U);
  EXPECT_TRUE(files_in(dir.path()).empty());
  EXPECT_TRUE(put_number(*store, 99, kNow + hours{201}));
  EXPECT_TRUE(opens_as_put(*store, 99));
}

TEST(EvidenceStoreTest, OneProcessWritesOthersRead) {
  const TempDir dir;
  auto options = small_store(dir.path());
  const auto store = store_in(options);
  for (std::uint64_t n = 0; n < 9; ++n) ASSERT_TRUE(put_number(*store, n, kNow));
  ASSERT_TRUE(store->sync());
  // A piece that is only half there.
  const auto last = files_in(dir.path()).back();
  const std::string whole = read_whole(last);
  write_whole(last, whole + ObjectHead{}.to_bytes() + "half");
  EXPECT_EQ(EvidenceStore::open(options).error().code, Errc::in_use);
  options.read_only = true;
  const auto reader = EvidenceStore::open(options);
  ASSERT_TRUE(reader) << reader.error().what;
  for (std::uint64_t n = 0; n < 9; ++n) EXPECT_TRUE(opens_as_put(**reader, n)) << n;
  EXPECT_EQ(read_whole(last), whole + ObjectHead{}.to_bytes() + "half") << "nothing is changed";
  (*reader)->use(kJanuary, evidence_keys().public_key);
  EXPECT_FALSE(put_number(**reader, 50, kNow));
  EXPECT_FALSE((*reader)->erase(alert_number(1), std::nullopt));
  EXPECT_NE((*reader)->purge(kNow + hours{99}, kNothingHeld).fault, "");
}

TEST(EvidenceStoreTest, ManyThreadsPutReadAndErase) {
  const TempDir dir;
  auto options = small_store(dir.path());
  options.segment_bytes = 5000;
  const auto store = store_in(options);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (std::uint64_t n = 0; n < 60; ++n) {
          EXPECT_TRUE(put_number(*store, t * 100 + n, kNow));
          EXPECT_TRUE(store->sync());
          EXPECT_TRUE(opens_as_put(*store, t * 100 + n));
          const auto erased = n % 3 == 0 ? store->erase(alert_number(t * 100 + n), std::nullopt) : std::size_t{1};
          EXPECT_TRUE(erased && *erased == 1);
        }
      });
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) (void)store->purge(kNow - hours{1}, kNothingHeld);
    });
  }
  EXPECT_EQ(store->totals().objects, 120U);
}

}  // namespace
}  // namespace nw::record
