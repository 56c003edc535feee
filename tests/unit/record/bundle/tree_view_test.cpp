// What a ledger's directory gives to a bundle beside the tree: stamps, and the head that witnesses signed.
#include "record/bundle/tree_view.h"

#include <gtest/gtest.h>

#include "record/ledger/ledger.h"
#include "record/ledger/tree.h"
#include "unit/record/bundle/support.h"
#include "unit/record/support.h"

namespace nw::bundle {
namespace {

using record::test::write_whole;

class BundleTreeView : public ::testing::Test {
 protected:
  BundleTreeView() {
    record::LedgerOptions options;
    options.directory = dir_ / "ledger";
    const auto journal = test::need(record::Ledger::open(options));
    const auto key = test::log_key();
    const auto tree = test::need(record::Tree::open(options.directory, *journal, key));
    const std::string entry = record::make_entry(record::kEntryOpen, test::seconds_in(0), "{}");
    test::need(journal->append(std::span{&entry, 1}));
    test::need(tree->advance(10));
    head_ = tree->checkpoint()->to_string();
    view_ = test::need(open_tree_view(options.directory));
  }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return dir_ / "ledger" / name; }

  record::test::TempDir dir_;
  std::string head_;
  std::unique_ptr<LedgerView> view_;
};

TEST_F(BundleTreeView, FindsStampsWhereTheyAreWritten) {
  EXPECT_TRUE(test::need(view_->stamps()).empty()) << "no folder";
  std::filesystem::create_directory(file("stamps"));
  for (const char* name : {"00000000000000000012.tsr", "00000000000000000007.tsr", "7.tsr", "0000000000000000000x.tsr",
                           "99999999999999999999.tsr", "00000000000000000009.checkpoint"})
    write_whole(file("stamps") / name, std::string{"reply "} + name);
  write_whole(file("stamps") / "00000000000000000007.checkpoint", head_);
  EXPECT_EQ(test::need(view_->stamps()), (std::vector<std::uint64_t>{7, 12}));
  const StampedHead got = test::need(view_->stamp(7));
  EXPECT_EQ(got.head, head_);
  EXPECT_EQ(got.reply, "reply 00000000000000000007.tsr");
  const auto bare = view_->stamp(12);
  ASSERT_FALSE(bare);
  EXPECT_NE(bare.error().what.find("00000000000000000012.checkpoint"), std::string::npos);
  write_whole(file("stamps") / "00000000000000000007.tsr", std::string((1U << 20) + 1, 'x'));
  EXPECT_FALSE(view_->stamp(7));
}

TEST_F(BundleTreeView, FindsTheHeadThatWitnessesSigned) {
  EXPECT_EQ(view_->witnessed().error().code, Errc::not_found);
  write_whole(file("witnessed"), head_);
  EXPECT_EQ(test::need(view_->witnessed()).to_string(), head_);
  write_whole(file("witnessed"), "hello");
  const auto bad = view_->witnessed();
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().what.find("witnessed"), std::string::npos);
}

}  // namespace
}  // namespace nw::bundle
