// Tampering: each kind is named by the check, by a name of its own, and refused when the tree is opened where that
// looks.
#include <gtest/gtest.h>

#include "record/ledger/crc32c.h"
#include "record/ledger/segment.h"
#include "record/ledger/tree.h"
#include "record/merkle/base64.h"
#include "unit/record/ledger/tree_support.h"

namespace nw::record {
namespace {

using namespace test;

struct Checked {
  TreeFault fault = TreeFault::none;
  std::string what;
};

Checked check(const std::filesystem::path& directory, bool with_key = true, std::vector<merkle::Note> held = {}) {
  Checked out;
  TreeVerify options;
  if (with_key) options.key = TestLog::shared_key().verifier();
  options.held = std::move(held);
  options.fault = &out.fault;
  const auto verified = verify_tree(directory, options);
  if (!verified) {
    out.what = verified.error().what;
    EXPECT_EQ(verified.error().code, Errc::malformed) << out.what;
    EXPECT_NE(out.fault, TreeFault::none) << out.what;
  }
  return out;
}

// The journal, written anew with these entries, its checksums right: what somebody would do who knows the format.
void rewrite_journal(const std::filesystem::path& directory, const std::vector<std::string>& entries) {
  for (const auto& segment : segments(directory)) std::filesystem::remove(segment);
  std::string bytes;
  for (const std::string& entry : entries) append_record(entry, bytes);
  write_whole(directory / "journal" / segment_name(0), bytes);
}

// A log of 600 entries whose heads at 100, 300 and 600 are kept; a case changes it.
class Tampering : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::size_t step : {100U, 200U, 300U}) {
      log_.grow(step);
      ASSERT_TRUE(log_.tree().keep_head());
      notes_.push_back(*log_.tree().checkpoint());
    }
    ASSERT_EQ(check(dir_.path()).what, "");
    log_.close();
  }
  std::vector<std::string> entries() const { return log_.entries(); }
  // What the check says, and whether a writer still goes on from here.
  void expect(TreeFault fault, const std::string& says, bool opens, bool with_key = true) {
    const Checked got = check(dir_.path(), with_key);
    EXPECT_EQ(to_string(got.fault), to_string(fault)) << got.what;
    EXPECT_NE(got.what.find(says), std::string::npos) << got.what;
    EXPECT_EQ(log_.reopen(), opens) << log_.error();
    if (!opens) {
      EXPECT_NE(log_.error().find("Nothing was changed"), std::string::npos) << log_.error();
    }
    log_.close();
  }
  void change_byte(const std::string& name, std::size_t at) {
    std::string bytes = read_whole(log_.file(name));
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
    write_whole(log_.file(name), bytes);
  }

  TempDir dir_;
  TestLog log_{dir_.path()};
  std::vector<merkle::Note> notes_;
};

TEST_F(Tampering, AnEditedEntry) {
  for (const std::size_t at : {0U, 255U, 256U, 511U}) {
    auto changed = entries();
    changed[at][6] = 'X';
    rewrite_journal(dir_.path(), changed);
    expect(TreeFault::edited, "entry " + std::to_string(at) + " of the journal was edited", true);
  }
  for (const std::size_t at : {512U, 599U}) {
    auto changed = entries();
    changed[at][6] = 'X';
    rewrite_journal(dir_.path(), changed);
    expect(TreeFault::edited, "entry " + std::to_string(at) + " of the journal was edited", false);
  }
}

TEST_F(Tampering, ARemovedEntry) {
  for (const std::size_t at : {0U, 7U, 255U, 256U, 598U}) {
    auto changed = entries();
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
    rewrite_journal(dir_.path(), changed);
    expect(TreeFault::removed, "entry " + std::to_string(at) + " was removed", false);
  }
  auto changed = entries();
  changed.erase(changed.begin() + 40, changed.begin() + 43);
  rewrite_journal(dir_.path(), changed);
  expect(TreeFault::removed, "entry 40 and the 2 behind it were removed", false);
}

TEST_F(Tampering, AnotherOrder) {
  auto changed = entries();
  std::swap(changed[20], changed[33]);
  rewrite_journal(dir_.path(), changed);
  expect(TreeFault::moved, "entry 20 is not in its place", true);
  std::swap(changed[20], changed[33]);
  std::swap(changed[590], changed[591]);
  rewrite_journal(dir_.path(), changed);
  expect(TreeFault::moved, "entry 590 is not in its place", false);
}

TEST_F(Tampering, AnEntryPutIn) {
  auto changed = entries();
  changed.insert(changed.begin() + 20, payload(99, 99));
  rewrite_journal(dir_.path(), changed);
  expect(TreeFault::moved, "entry 20 was put into the journal", false);
}

TEST_F(Tampering, ATruncatedJournal) {
  for (const std::size_t left : {599U, 512U, 300U, 1U}) {
    auto changed = entries();
    changed.resize(left);
    rewrite_journal(dir_.path(), changed);
    expect(TreeFault::cut, "entries " + std::to_string(left) + " to 599 were cut off", false);
  }
}

TEST_F(Tampering, AJournalThatIsGone) {
  for (const auto& segment : segments(dir_.path())) std::filesystem::remove(segment);
  expect(TreeFault::cut, "entries 0 to 599 were cut off", false);
}

TEST_F(Tampering, ARollBackToAnOlderHead) {
  write_whole(log_.file("checkpoint"), notes_[1].to_string());
  expect(TreeFault::rolled_back, "covers 600 entries", false);
}

TEST_F(Tampering, AHeadThatIsGone) {
  std::filesystem::remove(log_.file("checkpoint"));
  expect(TreeFault::rolled_back, "checkpoint: is missing, though heads are kept", false);
}

// The whole directory from an older copy, kept heads too: nothing in it tells, but who holds a newer head knows.
TEST_F(Tampering, ARollBackOfEverything) {
  const TempDir older;
  TestLog log{older.path()};
  log.grow(100);
  ASSERT_TRUE(log.tree().keep_head());
  EXPECT_EQ(check(older.path()).what, "");
  const Checked got = check(older.path(), true, {notes_[2]});
  EXPECT_EQ(got.fault, TreeFault::rolled_back);
  EXPECT_NE(got.what.find("the head that is held outside: covers 600 entries"), std::string::npos) << got.what;
  EXPECT_EQ(check(older.path(), true, {notes_[0]}).what, "") << "it continues an older one";
}

// The same key signs two histories.
TEST_F(Tampering, AForkOfEverything) {
  const TempDir other;
  TestLog log{other.path()};
  log.append(299);
  ASSERT_TRUE(log.ledger().append(std::vector<std::string>{payload(1, 1)}));
  ASSERT_TRUE(log.tree().advance(1000));
  log.grow(400);
  EXPECT_EQ(check(other.path()).what, "");
  EXPECT_EQ(check(other.path(), true, {notes_[0]}).what, "") << "it parts only later";
  const Checked got = check(other.path(), true, {notes_[0], notes_[1]});
  EXPECT_EQ(got.fault, TreeFault::fork);
  EXPECT_NE(got.what.find("(number 2): the first 300 entries lead to the root"), std::string::npos) << got.what;

  // And brought in beneath the heads that are kept here.
  for (const char* part : {"journal", "tree/tile", "tree/checkpoint"}) {
    std::filesystem::remove_all(dir_.path() / part);
    std::filesystem::copy(other.path() / part, dir_.path() / part, std::filesystem::copy_options::recursive);
  }
  expect(TreeFault::fork, "heads/00000000000000000300: the first 300 entries lead to the root", false);
}

TEST_F(Tampering, EntriesRewrittenWithTheirTiles) {
  const TempDir other;
  TestLog log{other.path()};
  ASSERT_TRUE(log.ledger().append(std::vector<std::string>{payload(1, 1)}));
  log.grow(599);
  for (const char* part : {"journal", "tree/tile"}) {
    std::filesystem::remove_all(dir_.path() / part);
    std::filesystem::copy(other.path() / part, dir_.path() / part, std::filesystem::copy_options::recursive);
  }
  expect(TreeFault::fork, "heads/00000000000000000100: the first 100 entries lead to the root", false);
}

TEST_F(Tampering, SignedAgainWithAnotherKey) {
  const merkle::SignerKey key = other_key();
  const auto sign = [&](const merkle::Note& note) {
    return merkle::Note{note.text, {*merkle::sign_note(note.text, key)}}.to_string();
  };
  write_whole(log_.file("checkpoint"), sign(notes_[2]));
  expect(TreeFault::other_key, "it was signed again with another key", false);
  expect(TreeFault::other_key, "one of them was signed again", false, false);  // told by the kept heads alone
  // All of them: only who knows the key sees it.
  write_whole(log_.file("heads/00000000000000000100"), sign(notes_[0]));
  write_whole(log_.file("heads/00000000000000000300"), sign(notes_[1]));
  write_whole(log_.file("heads/00000000000000000600"), sign(notes_[2]));
  expect(TreeFault::other_key, "it was signed again with another key", false);
  EXPECT_EQ(check(dir_.path(), false).what, "");
  EXPECT_EQ(check(dir_.path(), false, {notes_[0]}).fault, TreeFault::other_key) << "or holds a head";
}

TEST_F(Tampering, AChangedHead) {
  std::string text = notes_[2].to_string();
  text.replace(text.find("\n600\n"), 5, "\n599\n");
  write_whole(log_.file("checkpoint"), text);
  expect(TreeFault::other_key, "the signature of the ledger's key is wrong", false);
  write_whole(log_.file("checkpoint"), "no head\n");
  expect(TreeFault::damaged, "checkpoint: is no signed head", false);
  write_whole(log_.file("checkpoint"), notes_[2].to_string());
  write_whole(log_.file("heads/00000000000000000300"), notes_[0].to_string());
  expect(TreeFault::damaged, "is the head of 100 entries, not of those in its name", true);
}

TEST_F(Tampering, AnotherLog) {
  const merkle::SignerKey key = test_key("test.example/ledger/2");
  const TempDir other;
  TestLog log{other.path(), system_files(), key};
  log.grow(600);
  write_whole(log_.file("checkpoint"), log.tree().checkpoint()->to_string());
  expect(TreeFault::other_key, "is a head of the log 'test.example/ledger/2'", false);
  expect(TreeFault::other_key, "is a head of the log 'test.example/ledger/1'", false, false);
}

TEST_F(Tampering, DamagedTiles) {
  const struct {
    const char *file, *says;
    bool opens;
  } kCases[] = {
      {"tile/0/001", "entry 256: journal and bundle do not have the entry whose hash is in tile/0/001", true},
      {"tile/0/002.p/88", "entry 512: journal and bundle do not have the entry", false},
      {"tile/1/000.p/2", "tile/1/000.p/2: does not follow from the entries below it", false},
      {"tile/entries/000", "tile/entries/000: ", true},
      {"tile/entries/002.p/88", "tile/entries/002.p/88: ", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.file);
    const std::string sound = read_whole(log_.file(c.file));
    change_byte(c.file, 5);
    const bool hashes = std::string_view{c.file}.starts_with("tile/0");
    expect(hashes ? TreeFault::edited : TreeFault::damaged, c.says, c.opens);
    write_whole(log_.file(c.file), sound.substr(0, sound.size() - 1));
    expect(TreeFault::damaged, c.file, c.opens);
    std::filesystem::remove(log_.file(c.file));
    expect(TreeFault::damaged, std::string{c.file} + ": is missing", c.opens);
    write_whole(log_.file(c.file), sound);
  }
  EXPECT_EQ(check(dir_.path()).what, "");
}

// The journal and the signed heads prove what every tile must hold.
TEST_F(Tampering, TilesAreMendedFromTheJournal) {
  const auto all = files_below(log_.file(""));
  std::vector<std::string> sound;
  for (const std::string& name : all) sound.push_back(read_whole(log_.file(name)));
  const merkle::VerifierKey& key = TestLog::shared_key().verifier();
  EXPECT_EQ(*mend_tree(dir_.path(), key), 0U);
  change_byte("tile/0/001", 5);
  change_byte("tile/0/002.p/88", 5);
  change_byte("tile/1/000.p/2", 5);
  write_whole(log_.file("tile/entries/000"), std::string(100, 'x'));
  std::filesystem::remove_all(log_.file("tile/entries/002.p"));
  EXPECT_FALSE(log_.reopen());
  log_.close();
  const auto mended = mend_tree(dir_.path(), key);
  ASSERT_TRUE(mended) << mended.error().what;
  EXPECT_EQ(*mended, 5U);
  EXPECT_EQ(files_below(log_.file("")), all);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(read_whole(log_.file(all[i])), sound[i]) << all[i];
  EXPECT_TRUE(log_.reopen()) << log_.error();
}

TEST_F(Tampering, NothingIsMendedOverAnotherHistory) {
  const merkle::VerifierKey& key = TestLog::shared_key().verifier();
  change_byte("tile/0/001", 5);
  const std::string changed_tile = read_whole(log_.file("tile/0/001"));
  auto changed = entries();
  changed[20][6] = 'X';
  for (const std::size_t left : {600U, 599U}) {
    changed.resize(left);
    rewrite_journal(dir_.path(), changed);
    const auto mended = mend_tree(dir_.path(), key);
    ASSERT_FALSE(mended);
    EXPECT_EQ(mended.error().code, Errc::malformed) << mended.error().what;
    EXPECT_EQ(read_whole(log_.file("tile/0/001")), changed_tile) << "nothing was changed";
  }
  rewrite_journal(dir_.path(), entries());
  EXPECT_FALSE(mend_tree(dir_.path(), other_key().verifier()));
  EXPECT_EQ(*mend_tree(dir_.path(), key), 1U);
}

TEST_F(Tampering, ABitOfTheJournal) {
  const auto segment = segments(dir_.path()).front();
  std::string bytes = read_whole(segment);
  bytes.at(200) = static_cast<char>(bytes.at(200) ^ 4);
  write_whole(segment, bytes);
  expect(TreeFault::damaged, "entry 4: ", true);
}

TEST_F(Tampering, EntriesBehindTheHeadAreTakenInLater) {
  ASSERT_TRUE(log_.reopen());
  log_.append(5);
  log_.close();
  const auto verified = verify_tree(dir_.path(), TestLog::shared_key().verifier());
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_EQ(verified->entries, 600U);
  EXPECT_EQ(verified->unsigned_entries, 5U);
  EXPECT_EQ(verified->heads, 4U);
  EXPECT_EQ(verified->checkpoint.head.root, root_over(entries(), 600));
}

TEST_F(Tampering, TheCheckCanBeStopped) {
  TreeVerify options;
  int asked = 0;
  options.go_on = [&] { return ++asked < 2; };
  const auto verified = verify_tree(dir_.path(), options);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Errc::unavailable);
  EXPECT_EQ(asked, 2);
}

TEST(TreeVerify, NothingSigned) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.append(4);
  const auto verified = verify_tree(dir.path(), std::nullopt);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Errc::not_found);
}

}  // namespace
}  // namespace nw::record
