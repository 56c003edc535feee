#include "app/witness_files.h"

#include <gtest/gtest.h>

#include "unit/record/merkle/support.h"
#include "unit/record/support.h"
#include "unit/record/witness/authority.h"

namespace nw::app::test {
namespace {

using merkle::test::log_signer;
using merkle::test::witness_signer;
using record::test::TempDir;
using record::test::write_whole;

const std::string kLogLine = "log " + std::string{merkle::test::kLogKey} + '\n';

std::string witness_line(const std::string& name, int number, const std::string& url) {
  return "witness " + name + ' ' + witness_signer(number).verifier().to_string() + ' ' + url + '\n';
}

struct Read {
  WitnessFiles files;
  Diagnostics diagnostics;
};

// `make` changes a configuration that names no file.
Read read(const std::function<void(const TempDir&, RecordConfig&)>& make) {
  TempDir dir;
  RecordConfig config;
  make(dir, config);
  Read out;
  out.files = read_witness_files(config, "normwatch.yaml", out.diagnostics);
  return out;
}

TEST(WitnessFiles, Reads) {
  EXPECT_TRUE(read([](const TempDir&, RecordConfig&) {}).diagnostics.all().empty());
  const Read all = read([](const TempDir& dir, RecordConfig& config) {
    config.witness.policy = dir / "policy";
    write_whole(config.witness.policy, witness_line("a", 1, "http://192.0.2.1:9810") +
                                           witness_line("b", 2, "https://witness.example/nw/") +
                                           witness_line("c", 3, "") + "group g 2 a b c\nquorum g\n");
    config.witness.logs = dir / "logs";
    write_whole(config.witness.logs, kLogLine + "quorum none\n");
    config.stamps.url = "http://tsa.example/tsr";
    config.stamps.ca = dir / "roots.pem";
    write_whole(config.stamps.ca, witness::test::TestAuthority{1'768'471'200}.roots());
  });
  EXPECT_TRUE(all.diagnostics.ok()) << all.diagnostics.to_string();
  ASSERT_EQ(all.diagnostics.all().size(), 1U);
  EXPECT_NE(all.diagnostics.to_string().find("'c' has no address"), std::string::npos);
  ASSERT_EQ(all.files.urls.size(), 3U);
  EXPECT_EQ(all.files.urls[0]->to_string(), "http://192.0.2.1:9810");
  EXPECT_EQ(all.files.urls[1]->to_string(), "https://witness.example:443/nw");
  EXPECT_FALSE(all.files.urls[2]);
  EXPECT_TRUE(all.files.trust);
  EXPECT_EQ(all.files.logs.size(), 1U);
  EXPECT_TRUE(all.files.stamp_url && all.files.stamp_roots);
}

TEST(WitnessFiles, Refuses) {
  const auto policy = [](const std::string& text) {
    return [text](const TempDir& dir, RecordConfig& config) {
      config.witness.policy = dir / "policy";
      write_whole(config.witness.policy, text);
    };
  };
  const auto logs = [](const std::string& text) {
    return [text](const TempDir& dir, RecordConfig& config) {
      config.witness.logs = dir / "logs";
      write_whole(config.witness.logs, text);
    };
  };
  const struct {
    const char* name;
    std::function<void(const TempDir&, RecordConfig&)> make;
    const char *code, *says;
  } kCases[] = {
      {"no file", [](const TempDir& dir, RecordConfig& config) { config.witness.policy = dir / "none"; }, "unreadable",
       ""},
      {"no policy", policy("hello\n"), "policy-keyword", ""},
      {"an address that is none", policy(witness_line("a", 1, "witness.example") + "quorum a\n"), "witness-url",
       "witness 'a'"},
      {"an address with a name", policy(witness_line("a", 1, "http://me:pw@witness.example") + "quorum a\n"),
       "witness-url", "user name"},
      {"one key twice",
       policy(witness_line("a", 1, "http://a.example") + witness_line("b", 1, "http://b.example") + "quorum a\n"),
       "policy-key", "line 1"},
      {"no log", logs("quorum none\n"), "witness-logs", "no log"},
      {"witnesses among the logs", logs(kLogLine + witness_line("a", 1, "") + "quorum a\n"), "witness-logs",
       "say nothing about whom we witness"},
      {"stamps without roots", [](const TempDir&, RecordConfig& config) { config.stamps.url = "http://tsa.example"; },
       "stamp-roots", "need 'ca'"},
      {"a stamp address that is none",
       [](const TempDir& dir, RecordConfig& config) {
         config.stamps.url = "tsa";
         config.stamps.ca = dir / "roots.pem";
         write_whole(config.stamps.ca, "hello");
       },
       "stamp-url", "stamps.url"},
      {"roots that are none",
       [](const TempDir& dir, RecordConfig& config) {
         config.stamps.url = "http://tsa.example";
         config.stamps.ca = dir / "roots.pem";
         write_whole(config.stamps.ca, "hello");
       },
       "stamp-roots", "no certificate in PEM"},
      {"nobody to trust over TLS",
       [](const TempDir& dir, RecordConfig& config) {
         config.witness.policy = dir / "policy";
         config.witness.ca = dir / "none.pem";
         write_whole(config.witness.policy, witness_line("a", 1, "https://a.example") + "quorum a\n");
       },
       "witness-ca", "no such file"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Read got = read(c.make);
    EXPECT_FALSE(got.diagnostics.ok());
    const std::string told = got.diagnostics.to_string();
    EXPECT_NE(told.find(c.code), std::string::npos) << told;
    EXPECT_NE(told.find(c.says), std::string::npos) << told;
  }
}

TEST(WitnessFiles, OurOwnKeyBelongsIntoThePolicy) {
  const auto parse = [](const std::string& text) {
    Diagnostics diagnostics;
    auto policy = merkle::Policy::parse(text, "policy", diagnostics);
    EXPECT_TRUE(policy) << diagnostics.to_string();
    return *policy;
  };
  const auto ours = log_signer().verifier(), own_witness = witness_signer().verifier();
  const std::string witness = witness_line("a", 1, "");
  const auto added = with_own_key(parse(witness + "quorum a\n"), ours, own_witness);
  ASSERT_TRUE(added);
  ASSERT_EQ(added->logs.size(), 1U);
  EXPECT_EQ(added->logs[0].key, ours);
  const auto there = with_own_key(parse(kLogLine + witness + "quorum a\n"), ours, own_witness);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->logs.size(), 1U);
  const auto other = *merkle::SignerKey::make(ours.name, merkle::KeyType::note, merkle::test::counting_seed(9));
  const auto refused =
      with_own_key(parse("log " + other.verifier().to_string() + '\n' + witness + "quorum a\n"), ours, own_witness);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("another key for"), std::string::npos);
  const auto self = with_own_key(parse("witness a " + own_witness.to_string() + "\nquorum a\n"), ours, own_witness);
  ASSERT_FALSE(self);
  EXPECT_NE(self.error().what.find("its own witness"), std::string::npos);
}

}  // namespace
}  // namespace nw::app::test
