#include "record/reveals/destroy_word.h"

#include <gtest/gtest.h>

#include "record/privacy/forms.h"
#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {
namespace {

using test::kNow;
using test::Scene;

DestroyWord word() {
  DestroyWord out;
  out.epoch = {2026, 1};
  out.why = "the month is to be forgotten";
  out.person = {"R. Haddad", 1000, "desk/01"};
  out.at = kNow;
  return out;
}

TEST(DestroyWord, OpensAsItWasSaid) {
  Scene scene;
  DestroyWord said = word();
  said.offline = true;
  const auto file = make_destroy_word(said, scene.keys[0], scene.reveal.public_key, scene.numbers);
  ASSERT_TRUE(file) << file.error().what;
  const auto got = open_destroy_word(*file, scene.reveal.secret_key);
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->epoch, said.epoch);
  EXPECT_EQ(got->why, said.why);
  EXPECT_EQ(got->person.by, "R. Haddad");
  EXPECT_TRUE(got->offline);
  EXPECT_EQ(got->at, kNow);
  EXPECT_EQ(got->custodian_key, scene.keys[0].public_key);
  const auto other = open_destroy_word(*file, scene.requester.secret_key);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::no_permission) << "the daemon of before a restart";
}

TEST(DestroyWord, AnyChangeIsRefused) {
  Scene scene;
  const auto file = make_destroy_word(word(), scene.keys[0], scene.reveal.public_key, scene.numbers);
  ASSERT_TRUE(file);
  for (std::size_t i = 0; i < file->size(); ++i) {
    std::string changed = *file;
    changed[i] = changed[i] == '1' ? '2' : '1';
    EXPECT_FALSE(open_destroy_word(changed, scene.reveal.secret_key)) << i;
    EXPECT_FALSE(open_destroy_word(file->substr(0, i), scene.reveal.secret_key)) << i;
  }
  EXPECT_FALSE(open_destroy_word(std::string(100'000, 'x'), scene.reveal.secret_key));
}

TEST(DestroyWord, AProposalNeedsItsReasonAndEveryWordAName) {
  Scene scene;
  const auto made = [&scene](const DestroyWord& said) {
    return make_destroy_word(said, scene.keys[0], scene.reveal.public_key, scene.numbers).has_value();
  };
  DestroyWord said = word();
  said.why.clear();
  EXPECT_FALSE(made(said));
  said.proposal = std::string(64, 'a');
  EXPECT_TRUE(made(said)) << "who confirms confirms the reason";
  said.person.by.clear();
  EXPECT_FALSE(made(said));
  said = word();
  said.why = "mail a@example.org";
  EXPECT_FALSE(made(said)) << "the ledger keeps it";
  said = word();
  said.person.host = "192.0.2.1";
  EXPECT_FALSE(made(said));
}

}  // namespace
}  // namespace nw::reveals
