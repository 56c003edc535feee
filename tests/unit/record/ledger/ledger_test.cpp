#include "record/ledger/ledger.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "record/ledger/segment.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::record {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::unique_ptr<Ledger> must_open(const LedgerOptions& options) {
  auto ledger = Ledger::open(options);
  EXPECT_TRUE(ledger) << ledger.error().what;
  return ledger ? std::move(*ledger) : nullptr;
}

TEST(Ledger, IsEmptyAtFirst) {
  const TempDir dir;
  const auto ledger = must_open({.directory = dir / "a" / "b"});
  EXPECT_EQ(ledger->size(), 0U);
  EXPECT_EQ(ledger->bytes(), 0U);
  EXPECT_EQ(ledger->torn_bytes(), 0U);
  const auto read = ledger->read(0, 10);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
  EXPECT_EQ(*ledger->append({}), 0U);
}

TEST(Ledger, ReadsWhatWasAppendedAlsoAfterAReopen) {
  const TempDir dir;
  std::vector<std::string> model;
  for (int round = 0; round < 3; ++round) {
    const auto ledger = must_open(small_segments(dir.path(), 100'000));
    ASSERT_EQ(ledger->size(), model.size());
    for (std::uint64_t g = 0; g < 3; ++g) {
      const auto group = group_of(g, 5);
      EXPECT_EQ(*ledger->append(group), model.size());
      model.insert(model.end(), group.begin(), group.end());
    }
    EXPECT_EQ(ledger->size(), model.size());
    EXPECT_EQ(read_all(*ledger), model);
  }
}

TEST(Ledger, LiesOnDiskAsDocumented) {
  const TempDir dir;
  { (void)*must_open({.directory = dir.path()})->append(std::vector<std::string>{"{}", R"({"a":1})"}); }
  const std::string got = read_whole(dir / "journal" / "00000000000000000000.log");
  // CRC-32C of "{}" and of {"a":1}, by an independent implementation.
  const std::string want{
      "\x02\0\0\0"
      "\252\320\173\051"
      "{}"
      "\x07\0\0\0"
      "\152\325\367\317"
      "{\"a\":1}",
      25};
  EXPECT_EQ(got, want);
}

TEST(Ledger, RandomAppendsAndReadsAgainstAModel) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  const auto up_to = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>{0, n}(random); };
  const TempDir dir;
  std::vector<std::string> model;
  std::unique_ptr<Ledger> ledger;
  for (std::uint64_t step = 0; step < 400; ++step) {
    if (!ledger || up_to(30) == 0) {
      ledger.reset();
      ledger = must_open(small_segments(dir.path(), 20'000));
      ASSERT_EQ(ledger->size(), model.size());
    }
    if (up_to(2) == 0) {
      const auto group = group_of(step, up_to(100), 20 + up_to(400));
      ASSERT_EQ(*ledger->append(group), model.size());
      model.insert(model.end(), group.begin(), group.end());
    }
    const std::size_t from = up_to(model.size() + 2), most = up_to(200);
    const auto got = ledger->read(from, most);
    ASSERT_TRUE(got) << got.error().what;
    const std::size_t want = from >= model.size() ? 0 : std::min(most, model.size() - from);
    ASSERT_EQ(got->size(), want);
    for (std::size_t i = 0; i < want; ++i) {
      ASSERT_EQ((*got)[i].index, from + i);
      ASSERT_EQ((*got)[i].payload, model[from + i]);
    }
  }
  EXPECT_EQ(read_all(*ledger, 7), model);
  EXPECT_EQ(*verify(dir.path()), model.size());
  EXPECT_GT(segments(dir.path()).size(), 8U) << "more than the reader keeps open";
}

TEST(Ledger, RollsSegments) {
  const TempDir dir;
  const auto ledger = must_open(small_segments(dir.path(), 400));
  std::uint64_t total = 0;
  for (std::uint64_t g = 0; g < 10; ++g) {
    (void)*ledger->append(group_of(g, 3, 60));
    total += 3 * 68;
    EXPECT_EQ(ledger->bytes(), total);
  }
  const auto files = segments(dir.path());
  ASSERT_EQ(files.size(), 10U);  // 204 bytes a group: a second one does not fit in 400
  EXPECT_EQ(files[1].filename(), "00000000000000000003.log");
  EXPECT_EQ(files[9].filename(), "00000000000000000027.log");
  // A group larger than a segment stays together, in a segment of its own.
  (void)*ledger->append(group_of(99, 20, 60));
  EXPECT_EQ(segments(dir.path()).size(), 11U);
  EXPECT_EQ(read_all(*ledger).size(), 50U);
}

TEST(Ledger, ReadIsBounded) {
  const TempDir dir;
  const auto ledger = must_open({.directory = dir.path()});
  (void)*ledger->append(group_of(1, 100, 60'000));
  const auto got = ledger->read(0, 1000);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->size(), Ledger::kReadBytes / 60'000 + 1);
  EXPECT_TRUE(ledger->read(0, 0)->empty());
}

TEST(Ledger, RefusesEntries) {
  const TempDir dir;
  const auto ledger = must_open({.directory = dir.path()});
  const std::string longest = payload(1, 1, 65'535);
  ASSERT_EQ(longest.size(), 65'535U);
  EXPECT_TRUE(ledger->append(std::vector{longest}));
  const struct {
    const char* name;
    std::vector<std::string> group;
  } kCases[] = {
      {"too long", {payload(1, 1, 65'536)}},
      {"empty", {""}},
      {"one byte", {"{"}},
      {"no object", {"[1]"}},
      {"unfinished", {"{\"a\":1"}},
      {"line end", {"{}\n"}},
      {"a NUL", {std::string{"{\0}", 3}}},
      {"one bad in a good group", {"{}", "x", "{}"}},
      {"a group too large", std::vector<std::string>(1025, longest)},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto got = ledger->append(c.group);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::invalid_argument);
    EXPECT_EQ(ledger->size(), 1U);
  }
}

TEST(Ledger, EntryLimitIsAnOption) {
  const TempDir dir;
  LedgerOptions options;
  options.directory = dir.path();
  for (const std::size_t bad : {std::size_t{0}, std::size_t{1}, std::size_t{65'536}}) {
    options.entry_bytes_max = bad;
    const auto refused = Ledger::open(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  }
  options.entry_bytes_max = 100;
  const auto ledger = must_open(options);
  EXPECT_TRUE(ledger->append(std::vector{payload(1, 1, 100)}));
  EXPECT_FALSE(ledger->append(std::vector{payload(1, 1, 101)}));
}

TEST(Ledger, OneAtATime) {
  const TempDir dir;
  auto first = must_open({.directory = dir.path()});
  const auto second = Ledger::open({.directory = dir.path()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::in_use);
  EXPECT_NE(second.error().what.find("process " + std::to_string(::getpid())), std::string::npos)
      << second.error().what;
  first.reset();
  EXPECT_TRUE(Ledger::open({.directory = dir.path()}));
}

TEST(Ledger, OpenSaysWhatIsWrong) {
  const TempDir dir;
  write_whole(dir / "file", "x");
  const auto got = Ledger::open({.directory = dir / "file"});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::io);
  EXPECT_NE(got.error().what.find((dir / "file").string()), std::string::npos);
  const auto deep = Ledger::open({.directory = dir / "file" / "ledger"});
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().what.find("Not a directory"), std::string::npos) << deep.error().what;
}

TEST(Ledger, WaitSeesNewEntriesPatienceAndTheEnd) {
  const TempDir dir;
  const auto ledger = must_open({.directory = dir.path()});
  EXPECT_FALSE(ledger->wait(0, milliseconds{5}));
  std::thread writer{[&] {
    std::this_thread::sleep_for(milliseconds{20});
    (void)*ledger->append(group_of(1, 2));
  }};
  EXPECT_TRUE(ledger->wait(1, seconds{30}));
  writer.join();
  EXPECT_TRUE(ledger->wait(0, seconds{0}));
  std::thread ender{[&] {
    std::this_thread::sleep_for(milliseconds{20});
    ledger->interrupt();
  }};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(ledger->wait(2, seconds{60}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{30});
  ender.join();
  EXPECT_FALSE(ledger->wait(2, seconds{60})) << "returns at once from now on";
  EXPECT_TRUE(ledger->wait(1, seconds{0}));
}

TEST(Ledger, ReadersWhileItIsWritten) {
  constexpr std::uint64_t kGroups = 300;
  const TempDir dir;
  const auto ledger = must_open(small_segments(dir.path(), 4'000));
  std::atomic<int> wrong{0};
  const auto follow = [&](std::size_t step) {
    std::uint64_t next = 0;
    while (next < kGroups * 4) {
      ledger->wait(next, seconds{10});
      const auto entries = ledger->read(next, step);
      if (!entries) {
        ++wrong;
        return;
      }
      for (const Entry& entry : *entries) {
        if (entry.index != next || entry.payload != payload(next / 4, next % 4)) ++wrong;
        ++next;
      }
    }
  };
  std::thread readers[] = {std::thread{follow, 1}, std::thread{follow, 7}, std::thread{follow, 1000}};
  for (std::uint64_t g = 0; g < kGroups; ++g) (void)*ledger->append(group_of(g, 4));
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
}

TEST(Ledger, OtherFilesInTheDirectoryAreLeftAlone) {
  const TempDir dir;
  { (void)*must_open({.directory = dir.path()})->append(group_of(1, 2)); }
  write_whole(dir / "journal" / "notes.txt", "hello");
  write_whole(dir / "journal" / "1.log", "hello");
  write_whole(dir / "journal" / "99999999999999999999.log", "beyond 64 bits");
  EXPECT_EQ(must_open({.directory = dir.path()})->size(), 2U);
  EXPECT_EQ(read_whole(dir / "journal" / "notes.txt"), "hello");
}

}  // namespace
}  // namespace nw::record
