#include "record/reveals/approval.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

using test::Scene;

TEST(RevealApproval, ComesBack) {
  Scene scene;
  const Approval approval = scene.opened(1, true);
  EXPECT_EQ(approval.request, scene.document.request.id);
  EXPECT_EQ(approval.request_sha256, scene.document.request.hash());
  EXPECT_EQ(approval.custodian_key, scene.custodians[1].key);
  EXPECT_EQ(approval.custodian.by, "privacy");
  EXPECT_EQ(approval.custodian.host, "station-1");
  EXPECT_TRUE(approval.offline);
  // Of each of two keys, one with each of two partners.
  EXPECT_EQ(approval.shares.size(), 4U);
}

TEST(RevealApproval, SharesStaySealedInIt) {
  Scene scene;
  const Approval approval = scene.opened(0);
  const auto share = scene.document.sealed[0].open_share(scene.keys[0].public_key, scene.keys[0].secret_key, 1);
  ASSERT_TRUE(share);
  const auto bytes = share->value.bytes();
  for (const SealedShare& sealed : approval.shares)
    EXPECT_EQ(std::search(sealed.box.begin(), sealed.box.end(), bytes.begin(), bytes.end()), sealed.box.end());
}

TEST(RevealApproval, OfAnotherRequestDoesNotOpen) {
  Scene scene, other;
  other.reveal = privacy::make_custodian_keys(other.numbers);
  const auto opened = open_approval(scene.approval(0), other.reveal.secret_key);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::no_permission);
}

// Whoever changes a byte of the file, or says that it is another custodian's, makes it worthless.
TEST(RevealApproval, ChangedOnItsWay) {
  Scene scene;
  const std::string file = scene.approval(0);
  auto members = boost::json::parse(file).as_object();
  members["custodian_key"] = privacy::to_hex(scene.custodians[1].key);
  const auto lied = open_approval(boost::json::serialize(members), scene.reveal.secret_key);
  ASSERT_FALSE(lied);
  EXPECT_EQ(lied.error().code, Errc::no_permission);

  members = boost::json::parse(file).as_object();
  members["request"] = "RV-20260115-00000000";
  EXPECT_FALSE(open_approval(boost::json::serialize(members), scene.reveal.secret_key));

  for (std::size_t at = 0; at < file.size(); at += 7) {
    std::string changed = file;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto opened = open_approval(changed, scene.reveal.secret_key);
    EXPECT_FALSE(opened) << "byte " << at << " of " << file.substr(at, 20);
  }
  for (std::size_t size = 0; size < file.size(); size += 11)
    EXPECT_FALSE(open_approval(file.substr(0, size), scene.reveal.secret_key)) << size;
}

TEST(RevealApproval, NobodyElseCanMakeOne) {
  Scene scene;
  const auto stranger = privacy::make_custodian_keys(scene.numbers);
  const auto made = make_approval(scene.document, stranger, {{"x", 1, "h"}, false, test::kNow}, scene.numbers);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::not_found);

  // The right public half with another secret.
  privacy::CustodianKeys mixed{scene.keys[0].public_key, stranger.secret_key.clone()};
  const auto mixed_made = make_approval(scene.document, mixed, {{"x", 1, "h"}, false, test::kNow}, scene.numbers);
  ASSERT_FALSE(mixed_made);
  EXPECT_EQ(mixed_made.error().code, Errc::malformed);
}

TEST(RevealApproval, LabelIsReadBeforeItIsOpened) {
  Scene scene;
  const auto label = read_approval_label(scene.approval(2));
  ASSERT_TRUE(label);
  EXPECT_EQ(label->request, scene.document.request.id);
  EXPECT_EQ(label->custodian_key, scene.custodians[2].key);
  EXPECT_FALSE(read_approval_label("{}"));
  EXPECT_FALSE(read_approval_label(std::string(kApprovalBytesMax + 1, ' ')));
}

// A custodian who joined later has shares of the later month only.
TEST(RevealApproval, OfWhatTheCustodianHolds) {
  Scene scene;
  const std::vector<privacy::Custodian> first_two{scene.custodians[0], scene.custodians[1]};
  auto sealed = privacy::SealedKey::seal(scene.evidence, "cert-xx", scene.epoch, first_two, scene.numbers);
  ASSERT_TRUE(sealed);
  scene.document.request.keys[1].sha256 = privacy::sha256({privacy::bytes_of(sealed->to_text())});
  scene.document.sealed[1] = std::move(*sealed);
  const Approval approval = scene.opened(2);
  ASSERT_EQ(approval.shares.size(), 2U);
  for (const SealedShare& share : approval.shares) EXPECT_EQ(share.key.purpose, "pseudonyms");
}

}  // namespace nw::reveals
