#include "record/for_export.h"

#include "support.h"

namespace nw::record::test {
namespace {

Alert secret_alert() {
  Alert alert = sample_alert();
  alert.disclosure = "secret";
  return alert;
}

TEST(ForExport, LeavesWhatMayBeTold) {
  for (const char* disclosure : {"", "open", "restricted"}) {
    Alert alert = sample_alert();
    alert.secret_end = false;
    alert.disclosure = disclosure;
    EXPECT_EQ(for_export(alert).to_json(), alert.to_json()) << disclosure;
    EXPECT_EQ(for_export(Fold::of(GuardedAlert::of_ledger(alert))).to_json(),
              Fold::of(GuardedAlert::of_ledger(alert)).to_json())
        << disclosure;
  }
}

TEST(ForExport, ASecretAssetIsUndisclosed) {
  Alert alert = secret_alert();
  alert.maintenance = "CHG-7";
  alert.maintenance_until = "2026-01-15T09:00:00Z";
  alert.quiet = true;
  alert.atoms = {{"func", "equals", "WRITE", "WRITE"}, {"nw.dst.role", "equals", "plc", "plc"}};
  const Alert told = for_export(alert);
  EXPECT_EQ(told.asset, "undisclosed");
  EXPECT_EQ(told.asset_name + told.sector + told.asset_class, "");
  EXPECT_TRUE(told.impact.empty());
  EXPECT_EQ(told.maintenance, "undisclosed");
  EXPECT_TRUE(told.quiet);
  ASSERT_EQ(told.atoms.size(), 1U);
  EXPECT_EQ(told.atoms[0].field, "func");
  for (const auto& [name, value] : told.fields) EXPECT_FALSE(name.starts_with("nw.")) << name;
  EXPECT_EQ(told.destination_address, alert.destination_address);
  EXPECT_EQ(told.group_key(), alert.group_key());
  EXPECT_EQ(for_export(told).to_json(), told.to_json()) << "twice is once";
}

TEST(ForExport, ASecretOtherEndIsLeftOut) {
  Alert alert = sample_alert();
  alert.disclosure = "open";
  alert.secret_end = true;
  alert.fields = {{"func", "WRITE"}, {"nw.src.asset", "s3cr3t"}};
  const Alert told = for_export(alert);
  EXPECT_EQ(told.asset, alert.asset);
  EXPECT_EQ(told.asset_name, alert.asset_name);
  EXPECT_EQ(told.impact, alert.impact);
  EXPECT_EQ(told.fields, (std::vector<std::pair<std::string, std::string>>{{"func", "WRITE"}}));
  EXPECT_EQ(told.to_json().find("secret"), std::string::npos);
}

TEST(ForExport, AFoldOfASecretAsset) {
  Alert alert = secret_alert();
  alert.maintenance = "CHG-7";
  alert.quiet = true;
  const Fold fold = Fold::of(GuardedAlert::of_ledger(alert)), told = for_export(fold);
  EXPECT_EQ(told.asset, "undisclosed");
  EXPECT_EQ(told.sector, "");
  EXPECT_EQ(told.maintenance, "undisclosed");
  EXPECT_EQ(told.place, alert.destination_address);
  EXPECT_EQ(told.group_key, alert.group_key());
  const auto back = Fold::from_json(fold.to_json());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->disclosure, "secret");
}

// What outputs carry must not depend on the id: it could be guessed from the key.
TEST(ForExport, TheGroupOfASecretAssetDoesNotHangOnItsId) {
  Alert one = secret_alert(), other = secret_alert(), elsewhere = secret_alert();
  other.asset = "another";
  elsewhere.destination_address = "2001:db8::77";
  EXPECT_EQ(one.group_key(), other.group_key());
  EXPECT_NE(one.group_key(), elsewhere.group_key());
}

}  // namespace
}  // namespace nw::record::test
