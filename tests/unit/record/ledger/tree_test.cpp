// The ledger as a transparency log: what lies on disk, what a reader gets, how it goes on.
#include "record/ledger/tree.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

#include "record/merkle/cosignature.h"
#include "record/merkle/tiles.h"
#include "unit/record/ledger/tree_support.h"

namespace nw::record {
namespace {

using namespace test;

TEST(Tree, SignsAHeadOverEveryEntry) {
  const TempDir dir;
  TestLog log{dir.path()};
  EXPECT_EQ(log.tree().size(), 0U);
  EXPECT_EQ(log.tree().checkpoint(), nullptr);
  EXPECT_EQ(*log.tree().advance(100), 0U) << "nothing to sign";
  EXPECT_FALSE(std::filesystem::exists(log.file("checkpoint")));
  for (const std::size_t step : {1U, 1U, 3U, 250U, 1U, 1U, 300U, 0U, 700U}) {
    log.grow(step);
    const auto note = log.tree().checkpoint();
    ASSERT_NE(note, nullptr);
    const merkle::Checkpoint head = head_of(*note);
    EXPECT_EQ(head.origin, "test.example/ledger/1");
    EXPECT_EQ(head.head.size, log.entries().size());
    EXPECT_EQ(head.head.root, root_over(log.entries(), log.entries().size()));
    EXPECT_TRUE(merkle::verify_note(*note, std::span{&TestLog::shared_key().verifier(), 1}));
    EXPECT_EQ(read_whole(log.file("checkpoint")), note->to_string());
    EXPECT_EQ(log.tree().size(), head.head.size);
  }
}

TEST(Tree, KeepsTheFilesOfTheLastHeadAndNoOthers) {
  const TempDir dir;
  TestLog log{dir.path()};
  struct Case {
    std::size_t step;
    std::vector<std::string> files;
  };
  const std::vector<Case> cases{
      {5, {"checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"}},
      {200, {"checkpoint", "tile/0/000.p/205", "tile/entries/000.p/205"}},
      {51, {"checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"}},
      {1, {"checkpoint", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/1"}},
      {400,
       {"checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/145", "tile/1/000.p/2", "tile/entries/000",
        "tile/entries/001", "tile/entries/002.p/145"}},
  };
  for (const Case& c : cases) {
    log.grow(c.step);
    EXPECT_EQ(files_below(log.file("")), c.files) << log.entries().size();
  }
}

TEST(Tree, HighTilesAreMade) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.append(66'000);
  while (log.tree().size() < 66'000) ASSERT_TRUE(log.tree().advance(10'000));
  EXPECT_TRUE(std::filesystem::exists(log.file("tile/1/000")));
  EXPECT_TRUE(std::filesystem::exists(log.file("tile/1/001.p/1")));
  EXPECT_TRUE(std::filesystem::exists(log.file("tile/2/000.p/1")));
  EXPECT_FALSE(std::filesystem::exists(log.file("tile/1/000.p")));
  EXPECT_EQ(head_of(*log.tree().checkpoint()).head.root, root_over(log.entries(), 66'000));
  ASSERT_TRUE(log.reopen()) << log.error();
  log.grow(1);
  const auto verified = verify_tree(dir.path(), TestLog::shared_key().verifier());
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_EQ(verified->entries, 66'001U);
}

TEST(Tree, ReopensAtEverySizeAndGoesOn) {
  for (const std::size_t size : {1U, 2U, 255U, 256U, 257U, 511U, 512U, 513U, 700U}) {
    SCOPED_TRACE(size);
    const TempDir dir;
    TestLog log{dir.path()};
    log.grow(size);
    const std::string head = log.tree().checkpoint()->to_string();
    ASSERT_TRUE(log.reopen()) << log.error();
    EXPECT_EQ(log.tree().size(), size);
    EXPECT_EQ(log.tree().checkpoint()->to_string(), head);
    log.append(3);  // behind the head: taken in later
    ASSERT_TRUE(log.reopen()) << log.error();
    log.grow(300);
    EXPECT_EQ(head_of(*log.tree().checkpoint()).head.root, root_over(log.entries(), size + 303));
    EXPECT_TRUE(verify_tree(dir.path(), TestLog::shared_key().verifier()));
  }
}

TEST(Tree, AnOldLedgerGetsItsTreeFromTheFirstEntryOn) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.append(1000);
  std::filesystem::remove_all(log.file(""));
  ASSERT_TRUE(log.reopen()) << log.error();
  for (std::uint64_t done = 0; done < 1000;) {
    const auto size = log.tree().advance(300);
    ASSERT_TRUE(size);
    EXPECT_EQ(*size, std::min<std::uint64_t>(done + 300, 1000)) << "at most what was asked for";
    done = *size;
  }
  EXPECT_EQ(head_of(*log.tree().checkpoint()).head.root, root_over(log.entries(), 1000));
}

TEST(Tree, LargeEntriesFit) {
  const TempDir dir;
  TestLog log{dir.path()};
  std::vector<std::string> group(3, payload(1, 1, 65'534));
  ASSERT_TRUE(log.ledger().append(group));
  ASSERT_TRUE(log.tree().advance(10));
  const auto reader = TreeReader::open(dir.path());
  EXPECT_EQ(*reader->entry(2, 3), group[2]);
  EXPECT_TRUE(verify_tree(dir.path(), std::nullopt));
}

TEST(Tree, AWitnessKeyIsNoLedgerKey) {
  const TempDir dir;
  const auto ledger = Ledger::open(small_segments(dir.path()));
  const auto key = merkle::SignerKey::make("w", merkle::KeyType::cosignature, std::string(32, 'w'));
  const auto tree = Tree::open(dir.path(), **ledger, *key);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, Errc::invalid_argument);
}

TEST(TreeReader, NothingIsThereBeforeTheFirstHead) {
  const TempDir dir;
  TestLog log{dir.path()};
  const auto reader = TreeReader::open(dir.path());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, Errc::not_found);
}

TEST(TreeReader, ProvesEveryEntryInEveryTree) {
  const TempDir dir;
  TestLog log{dir.path()};
  for (const std::size_t step : {1U, 6U, 250U, 43U, 300U}) log.grow(step);
  const auto reader = TreeReader::open(dir.path());
  ASSERT_TRUE(reader);
  const auto& entries = log.entries();
  for (const std::uint64_t size : {1U, 2U, 7U, 256U, 257U, 300U, 599U, 600U}) {
    const merkle::Hash root = root_over(entries, size);
    for (std::uint64_t index = 0; index < size; index += 1 + index / 7) {
      const auto proof = reader->inclusion(index, size);
      ASSERT_TRUE(proof) << proof.error().what;
      EXPECT_TRUE(merkle::verify_inclusion(index, size, merkle::leaf_hash(entries[index]), *proof, root));
      EXPECT_EQ(*reader->entry(index, size), entries[index]);
    }
    for (const std::uint64_t newer : {256U, 300U, 600U}) {
      if (newer < size) continue;
      const auto proof = reader->consistency(size, newer);
      ASSERT_TRUE(proof) << proof.error().what;
      EXPECT_TRUE(merkle::verify_consistency({size, root}, {newer, root_over(entries, newer)}, *proof));
    }
  }
  EXPECT_EQ(reader->inclusion(0, 601).error().code, Errc::invalid_argument) << "not signed";
  EXPECT_EQ(reader->inclusion(7, 7).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader->consistency(0, 7).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader->entry(7, 7).error().code, Errc::invalid_argument);
  EXPECT_EQ(reader->entry(600, 601).error().code, Errc::invalid_argument);
}

// Who has an older head asks for its partial tiles, which are no files any more.
TEST(TreeReader, CutsNarrowerTilesOutOfWiderOnes) {
  const TempDir dir;
  TestLog log{dir.path()};
  for (const std::size_t step : {100U, 200U, 50U}) log.grow(step);
  const auto reader = TreeReader::open(dir.path());
  ASSERT_TRUE(reader);
  std::string hashes, bundle;
  for (std::size_t i = 256; i < 300; ++i) {
    hashes += merkle::as_text(merkle::leaf_hash(log.entries()[i]));
    ASSERT_TRUE(merkle::append_to_bundle(bundle, log.entries()[i]));
  }
  EXPECT_EQ(*reader->file("tile/0/001.p/44"), hashes);
  EXPECT_EQ(*reader->file("tile/entries/001.p/44"), bundle);
  EXPECT_EQ(reader->file("tile/0/000.p/100")->size(), 3200U) << "out of a full one";
  EXPECT_EQ(reader->file("tile/0/001.p/94")->size(), 94 * 32U) << "the last head's own";
  EXPECT_EQ(*reader->file("checkpoint"), log.tree().checkpoint()->to_string());
  const std::string whole = *reader->file("tile/entries/000");
  EXPECT_EQ(merkle::parse_bundle(whole, 256)->at(255), log.entries()[255]);
  for (const auto& [path, code] :
       {std::pair{"tile/0/001.p/95", Errc::not_found}, std::pair{"tile/0/001", Errc::not_found},
        std::pair{"tile/0/002.p/1", Errc::not_found}, std::pair{"tile/63/999.p/1", Errc::not_found},
        std::pair{"tile/0/x100/000/000", Errc::malformed}, std::pair{"heads/00000000000000000001", Errc::malformed},
        std::pair{"tile/0/../../checkpoint", Errc::malformed}, std::pair{"", Errc::malformed}}) {
    const auto file = reader->file(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, code) << path << ": " << file.error().what;
  }
  std::filesystem::remove(log.file("tile/0/001.p/94"));
  EXPECT_NE(reader->file("tile/0/001.p/3").error().what.find("001.p/94: is missing"), std::string::npos);
}

// The writer takes partial tiles away while others read.
TEST(TreeReader, ReadsBesideTheWriter) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.grow(1);
  std::atomic<bool> ended{false};
  std::atomic<int> faults{0}, read{0};
  std::thread beside{[&] {
    const auto reader = TreeReader::open(dir.path());
    while (!ended) {
      const auto note = reader->checkpoint();
      const merkle::TreeHead head = head_of(*note).head;
      const auto entry = reader->entry(head.size - 1, head.size);
      const auto proof = reader->inclusion(head.size - 1, head.size);
      if (!entry || !proof ||
          !merkle::verify_inclusion(head.size - 1, head.size, merkle::leaf_hash(*entry), *proof, head.root))
        ++faults;
      ++read;
    }
  }};
  for (int i = 0; i < 600 || read < 20; ++i) log.grow(1);
  ended = true;
  beside.join();
  EXPECT_EQ(faults, 0);
}

TEST(Tree, TakesWitnessesSignatures) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.grow(5);
  const auto witness =
      merkle::SignerKey::make("witness.example/w1", merkle::KeyType::cosignature, std::string(32, 'w'));
  const auto note = log.tree().checkpoint();
  const auto signature = merkle::cosign(note->text, *witness, 1'768'471'200);
  ASSERT_TRUE(signature);
  EXPECT_TRUE(*log.tree().add_signatures(5, {*signature, *signature}));
  EXPECT_EQ(log.tree().checkpoint()->signatures.size(), 2U) << "a repeated one counts once";
  EXPECT_EQ(*TreeReader::open(dir.path())->file("checkpoint"), log.tree().checkpoint()->to_string());
  EXPECT_EQ(*log.tree().keep_head(), 5U);
  ASSERT_TRUE(log.reopen()) << log.error();
  EXPECT_EQ(log.tree().checkpoint()->signatures.size(), 2U);

  // It comes late: the head has moved on.
  log.grow(2);
  const auto again = merkle::cosign(note->text, *witness, 1'768'471'300);
  EXPECT_FALSE(*log.tree().add_signatures(5, {*again}));
  EXPECT_EQ(log.tree().checkpoint()->signatures.size(), 1U);
  const auto kept = TreeReader::open(dir.path())->head(5);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->signatures.at(1), *again) << "the kept head has the witness's last word";
  EXPECT_FALSE(*log.tree().add_signatures(4, {*again})) << "nobody keeps that head";
  EXPECT_TRUE(verify_tree(dir.path(), TestLog::shared_key().verifier()));

  // Nobody takes ours away, and nobody makes the head unreadable.
  auto ours = log.tree().checkpoint()->signatures[0];
  ours.bytes = "wrong";
  EXPECT_TRUE(*log.tree().add_signatures(7, {ours}));
  EXPECT_TRUE(merkle::verify_note(*log.tree().checkpoint(), std::span{&TestLog::shared_key().verifier(), 1}));
  std::vector<merkle::NoteSignature> many;
  for (std::uint32_t i = 0; i < 100; ++i) many.push_back({"w", i, "12345678"});
  EXPECT_EQ(log.tree().add_signatures(7, many).error().code, Errc::invalid_argument);
  EXPECT_EQ(log.tree().add_signatures(7, {{"two words", 1, "12345678"}}).error().code, Errc::invalid_argument);
  EXPECT_EQ(log.tree().checkpoint()->signatures.size(), 1U);
}

TEST(Tree, KeepsHeads) {
  const TempDir dir;
  TestLog log{dir.path()};
  EXPECT_EQ(log.tree().keep_head().error().code, Errc::not_found);
  for (const std::size_t step : {3U, 300U, 4U}) {
    log.grow(step);
    EXPECT_TRUE(log.tree().keep_head());
    EXPECT_TRUE(log.tree().keep_head()) << "twice is once";
  }
  const auto reader = TreeReader::open(dir.path());
  EXPECT_EQ(*reader->heads(), (std::vector<std::uint64_t>{3, 303, 307}));
  EXPECT_EQ(head_of(*reader->head(303)).head.root, root_over(log.entries(), 303));
  EXPECT_EQ(reader->head(4).error().code, Errc::not_found);
  EXPECT_EQ(verify_tree(dir.path(), TestLog::shared_key().verifier())->heads, 4U);
}

TEST(Tree, KeepsAHeadThatItHasMovedOnFrom) {
  const TempDir dir;
  TestLog log{dir.path()};
  log.grow(5);
  const auto note = log.tree().checkpoint();
  log.grow(2);
  EXPECT_TRUE(log.tree().keep(*note));
  const auto witness =
      merkle::SignerKey::make("witness.example/w1", merkle::KeyType::cosignature, std::string(32, 'w'));
  EXPECT_FALSE(*log.tree().add_signatures(5, {*merkle::cosign(note->text, *witness, 1'768'471'200)}));
  EXPECT_TRUE(log.tree().keep(*note)) << "twice is once";
  const auto reader = TreeReader::open(dir.path());
  EXPECT_EQ(*reader->heads(), std::vector<std::uint64_t>{5});
  EXPECT_EQ(reader->head(5)->signatures.size(), 2U) << "what it got since stays";
  EXPECT_TRUE(log.tree().keep(*log.tree().checkpoint()));
  EXPECT_EQ(*reader->heads(), (std::vector<std::uint64_t>{5, 7}));
  merkle::Note foreign = *note;
  foreign.signatures[0].id ^= 1U;
  EXPECT_FALSE(log.tree().keep(foreign));
  EXPECT_TRUE(verify_tree(dir.path(), TestLog::shared_key().verifier()));
}

}  // namespace
}  // namespace nw::record
