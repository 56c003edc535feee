// What every output says of a secret asset: that there is one, and nothing else that only the register knows. Walks the
// table of outputs, so that a new one is looked at, too.
#include <map>

#include "export/runner.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

const Timestamp kStart = *parse_rfc3339("2026-01-15T08:00:00Z");
constexpr auto kSecrets = std::to_array<std::string_view>({"s3cr3t", "Bunker", "gov.hidden", "C1", "med1c", "CHG-77"});

record::Alert secret_alert() {
  record::Alert alert = make_alert("rule-1", "s3cr3t", kStart);
  alert.id = "0123456789abcdef0123456789abcdef";
  alert.asset_name = "Bunker";
  alert.sector = "gov.hidden";
  alert.asset_class = "C1";
  alert.disclosure = "secret";
  alert.impact = {"gov.hidden rule s3cr3t now", "health.care hospital-care med1c in 30 min"};
  alert.maintenance = "CHG-77";
  alert.maintenance_until = "2026-01-15T09:00:00Z";
  alert.atoms.push_back({"nw.dst.sector", "equals", "gov.hidden", "gov.hidden"});
  alert.atoms.push_back({"value_count nw.dst.asset", "gte", "1", "s3cr3t"});
  alert.fields = {{"func", "WRITE"}, {"nw.dst.asset", "s3cr3t"}, {"correlation.what", "s3cr3t"}};
  return alert;
}

// An alert about an asset that may be told, whose other end is secret.
record::Alert other_end() {
  record::Alert alert = make_alert("rule-2", "plc-7", kStart);
  alert.id = "1123456789abcdef0123456789abcdef";
  alert.disclosure = "restricted";
  alert.secret_end = true;
  alert.fields = {{"nw.src.asset", "s3cr3t"}, {"nw.src.sector", "gov.hidden"}};
  return alert;
}

// Runs the output of that kind over the ledger's entries, and gives everything that it let out or kept.
std::string sent_by(std::string_view kind, const std::vector<std::string>& entries) {
  TemporaryFolder folder;
  FakeLedger ledger;
  for (const std::string& entry : entries) ledger.add(entry);
  FakeAlertmanager alertmanager;
  const std::string file = (folder / "alerts").string();
  const std::map<std::string_view, std::string> how{
      {"alertmanager", "urls: [\"" + alertmanager.url() + "\"]"}, {"ndjson", "path: \"" + file + '"'}, {"text", "{}"}};
  if (!how.contains(kind)) {
    ADD_FAILURE() << "say above how " << kind << " is configured, and read below what it sent";
    return {};
  }
  RunnerOptions options;
  options.name = std::string{kind};
  options.cursor_file = folder / "cursor";
  asio::io_context context{1};
  testing::internal::CaptureStdout();
  auto runner = OutputRunner::start(context.get_executor(), options, configure(kind, how.at(kind)), ledger);
  EXPECT_TRUE(runner);
  EXPECT_TRUE(run_until(context, [&] { return (*runner)->counters().next == entries.size(); }));
  (*runner)->stop(0s);
  EXPECT_TRUE(run_until(context, [&] { return (*runner)->finished(); }));
  std::string sent = testing::internal::GetCapturedStdout();
  if (kind == "ndjson") sent += slurp(file);
  for (const std::string& body : alertmanager.bodies()) sent += body;
  return sent + slurp(options.cursor_file);
}

TEST(Undisclosed, NoOutputTellsASecretAsset) {
  const record::Alert alert = secret_alert();
  for (const OutputKind& row : outputs()) {
    SCOPED_TRACE(row.name);
    const std::string sent =
        sent_by(row.name, {entry_of(alert), entry_of(make_fold(alert, 7, kStart + 5min)), entry_of(other_end())});
    for (const std::string_view secret : kSecrets)
      EXPECT_EQ(sent.find(secret), std::string::npos) << secret << " in " << sent;
    EXPECT_NE(sent.find("undisclosed"), std::string::npos) << sent;
    EXPECT_NE(sent.find("10.1.0.10"), std::string::npos) << "what was observed is told: " << sent;
    EXPECT_NE(sent.find("plc-7"), std::string::npos) << "the other asset may be told: " << sent;
  }
}

TEST(Undisclosed, ARestrictedAssetIsToldAsBefore) {
  record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  alert.disclosure = "restricted";
  alert.impact = {"water.supply supply-water plc-7 now"};
  for (const OutputKind& row : outputs()) {
    SCOPED_TRACE(row.name);
    const std::string sent = sent_by(row.name, {entry_of(alert)});
    for (const std::string_view told : {"plc-7", "Pump plc-7", "supply-water"})
      EXPECT_NE(sent.find(told), std::string::npos) << told << " in " << sent;
    EXPECT_EQ(sent.find("undisclosed"), std::string::npos) << sent;
  }
}

// A fold extends the alert of its group: both must still have one key when they leave.
TEST(Undisclosed, AFoldFindsItsAlert) {
  const record::Alert alert = secret_alert();
  const std::string sent = sent_by("alertmanager", {entry_of(alert), entry_of(make_fold(alert, 7, kStart + 5min))});
  EXPECT_NE(sent.find(R"("group_key":")" + alert.group_key()), std::string::npos) << sent;
}

}  // namespace
}  // namespace nw::exporter::test
