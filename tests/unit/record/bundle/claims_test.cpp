#include "record/bundle/claims.h"

#include <functional>
#include <gtest/gtest.h>

#include "unit/record/bundle/support.h"
#include "unit/record/witness/authority.h"

namespace nw::bundle {
namespace {

using namespace test;

constexpr std::uint64_t kOld = 40, kSize = 90;

SampleLedger sample() {
  SampleLedger ledger;
  ledger.grow(kOld);
  ledger.keep_head();
  ledger.grow(kSize);
  ledger.keep_head();
  ledger.stamp_head();
  return ledger;
}

const Claim& claim(const std::vector<Claim>& claims, std::string_view name) {
  return *std::find_if(claims.begin(), claims.end(), [&](const Claim& one) { return one.name == name; });
}

std::string told(const std::vector<Claim>& claims) {
  std::string out;
  for (const Claim& one : claims) out += to_line(one);
  return out;
}

// Its MANIFEST fits again, as one makes it fit who changes a bundle.
Files with_manifest(Files files) {
  files.erase(std::string{kHandover});
  files[std::string{kManifest}] = make_manifest(files);
  return files;
}

TEST(BundleClaims, AWholeBundleHolds) {
  SampleLedger ledger = sample();
  const merkle::Note old = ledger.kept().at(kOld);
  const Files files = full_bundle(ledger, &old);
  Held own = held();
  own.old_checkpoint = old;
  own.keys = {giver_key().verifier(), receiver_key().verifier()};
  const auto tar = write_archive(files);
  ASSERT_TRUE(tar);
  const auto claims = verify_archive(*tar, own);
  EXPECT_TRUE(holds(claims)) << told(claims);
  ASSERT_EQ(claims.size(), kClaims.size());
  for (std::size_t i = 0; i < kClaims.size(); ++i) EXPECT_EQ(claims[i].name, kClaims[i]);
  for (const char* name :
       {"archive", "policy", "checkpoint", "entries", "consistency", "commitments", "hashes", "handover"})
    EXPECT_EQ(claim(claims, name).outcome, Outcome::ok) << told(claims);
  EXPECT_NE(claim(claims, "handover").words.find("duty-officer, receiver"), std::string::npos) << told(claims);
  EXPECT_TRUE(files.contains(stamp_path(kSize)));
  EXPECT_NE(files.at("README").find("does not say who acted"), std::string::npos);
}

// Steps of a reveal go with their request, receipts with their stamps; both are held to it.
TEST(BundleClaims, RevealsAndReceipts) {
  SampleLedger ledger;
  ledger.grow(kOld);
  const std::uint64_t request = ledger.all().size();
  ledger.reveal();
  ledger.grow(kSize);
  ledger.stamp_head();
  ledger.note_stamp(kSize);
  ledger.append(record::kEntryTsaReceipt, R"({"size":7,"tsr_sha256":"00"})");
  const Files good = full_bundle(ledger);
  std::map<std::string, std::size_t> types;
  for (const auto& [path, bytes] : good)
    if (const auto entry = read_entry(bytes); entry && path.starts_with("entries/")) ++types[entry->type];
  EXPECT_EQ(types[std::string{record::kEntryRevealRequest}], 1U) << "the other one is of another alert";
  EXPECT_EQ(types[std::string{record::kEntryRevealApprove}], 2U);
  EXPECT_EQ(types[std::string{record::kEntryRevealDeny}], 0U) << "of the other one, and of nobody";
  EXPECT_EQ(types[std::string{record::kEntryRevealDone}], 1U);
  EXPECT_EQ(types[std::string{record::kEntryTsaReceipt}], 1U) << "of the stamp that goes along";
  auto claims = verify(good, held());
  EXPECT_TRUE(holds(claims)) << told(claims);
  EXPECT_NE(claim(claims, "stamps").words.find("only the imprint was checked"), std::string::npos) << told(claims);

  // A stamp of the same head that the ledger did not get.
  Files files = good;
  files.at(stamp_path(kSize)) += " later";
  claims = verify(with_manifest(files), held());
  EXPECT_NE(claim(claims, "stamps").words.find("receipt of another stamp"), std::string::npos) << told(claims);
  // Without the request nobody knows what was approved.
  files = good;
  files.erase(entry_path(request));
  files.erase(proof_path(request));
  auto index = need(CaseIndex::parse(files.at("incident.json")));
  std::erase(index.entries, request);
  files.at("incident.json") = need(index.to_text());
  claims = verify(with_manifest(files), held());
  EXPECT_EQ(claim(claims, "entries").outcome, Outcome::failed);
  EXPECT_NE(claim(claims, "entries").words.find("whose request is not in the bundle"), std::string::npos);
}

// With the authority's roots its signature is checked; that it may stamp, too.
TEST(BundleClaims, StampsByWhomTheVerifierTrusts) {
  const std::time_t then = kBegin + 1000;
  const witness::test::TestAuthority authority{then}, stranger{then};
  SampleLedger ledger;
  ledger.grow(kSize);
  ledger.stamp_head();
  StampedHead& stamped = ledger.stamped(kSize);
  stamped.reply = authority.reply(need(witness::stamp_query(merkle::sha256(stamped.head), 7)));
  ledger.note_stamp(kSize);
  const Files good = full_bundle(ledger);
  Held own = held();
  const auto with_roots = [&own](const std::string& pem) {
    own.stamp_roots = std::make_shared<const witness::StampRoots>(std::move(*witness::StampRoots::parse(pem)));
  };
  with_roots(authority.roots());
  auto claims = verify(good, own);
  EXPECT_TRUE(holds(claims)) << told(claims);
  EXPECT_EQ(claim(claims, "stamps").outcome, Outcome::ok) << told(claims);
  EXPECT_NE(claim(claims, "stamps").words.find("CN = Test TSA"), std::string::npos) << told(claims);
  own.now = seconds_in(400'000'000);  // the certificate ended long ago: it was good when it stamped
  EXPECT_EQ(claim(verify(good, own), "stamps").outcome, Outcome::ok);
  with_roots(stranger.roots());
  claims = verify(good, own);
  EXPECT_EQ(claim(claims, "stamps").outcome, Outcome::failed);
  EXPECT_NE(claim(claims, "stamps").words.find("does not verify"), std::string::npos) << told(claims);
  // No stamp, but bytes that hold the imprint: enough only without roots.
  with_roots(authority.roots());
  SampleLedger other;
  other.grow(kSize);
  other.stamp_head();
  const Files made_up = full_bundle(other);
  EXPECT_EQ(claim(verify(made_up, own), "stamps").outcome, Outcome::failed);
  EXPECT_EQ(claim(verify(made_up, held()), "stamps").outcome, Outcome::open);
}

TEST(BundleClaims, ASmallBundleHoldsAndSaysWhatIsOpen) {
  SampleLedger ledger;
  ledger.grow(kSize);
  const auto claims = verify(*finish(*collect(ledger.wanted(), ledger)), held());
  EXPECT_TRUE(holds(claims)) << told(claims);
  for (const char* name : {"consistency", "commitments", "hashes", "handover", "replay"})
    EXPECT_EQ(claim(claims, name).outcome, Outcome::open) << name;
}

// What an attacker may do to a bundle who can make its MANIFEST fit again; which claim then fails, with which words.
TEST(BundleClaims, WhatIsChangedIsNamed) {
  SampleLedger ledger = sample();
  const merkle::Note old = ledger.kept().at(kOld);
  const Files good = full_bundle(ledger, &old);
  SampleLedger fork;
  fork.grow(kOld - 10);
  fork.go_another_way();
  fork.grow(kSize);
  const Files forked = full_bundle(fork);
  SampleLedger resigned = sample();
  resigned.sign(log_key(1));
  SampleLedger uncosigned = sample();
  uncosigned.sign(log_key(), false);
  SampleLedger shorter;
  shorter.grow(kOld);

  const std::string entry = entry_path(ledger.alerts()[0].entry), other = entry_path(ledger.alerts()[1].entry);
  const std::string proof = proof_path(ledger.alerts()[0].entry), other_proof = proof_path(ledger.alerts()[1].entry);
  std::string clear, nonce, list, rule, norm, extract;
  for (const auto& [path, bytes] : good) {
    if (path.ends_with(".pcapng")) clear = path;
    if (path.ends_with(".nonce")) nonce = path;
    if (path.ends_with("law.yaml")) norm = path;
    if (path.ends_with(".list") && path.starts_with("rules")) list = path;
    if (path.ends_with(".yml")) rule = path;
    if (path.starts_with("register") && path.ends_with(".json")) extract = path;
  }
  const auto replace = [](Files& files, const std::string& path, std::string_view from, std::string_view to) {
    std::string& bytes = files.at(path);
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos) << path;
    bytes.replace(at, from.size(), to);
  };
  const struct {
    const char* name;
    std::function<void(Files&)> change;
    const char* claim;
    const char* words;
  } kCases[] = {
      {"edit", [&](Files& f) { replace(f, entry, "13f", "13g"); }, "entries", "not in the log"},
      {"edit, not canonical", [&](Files& f) { replace(f, entry, "\":\"", "\": \""); }, "entries", "canonical"},
      {"edit the index", [&](Files& f) { replace(f, "incident.json", "\"entry\":", "\"entry\":1"); }, "entries", ""},
      {"delete", [&](Files& f) { f.erase(entry), f.erase(proof); }, "entries", "taken out"},
      {"delete the proof", [&](Files& f) { f.erase(proof); }, "entries", "is not there"},
      {"delete the entry", [&](Files& f) { f.erase(entry); }, "entries", "of which entry"},
      {"reorder", [&](Files& f) { std::swap(f.at(entry), f.at(other)); }, "entries", "not in the log"},
      {"reorder with proofs",
       [&](Files& f) { std::swap(f.at(entry), f.at(other)), std::swap(f.at(proof), f.at(other_proof)); }, "entries",
       "is about entry"},
      {"truncate", [&](Files& f) { f.at(entry).resize(f.at(entry).size() - 1); }, "entries", "not a ledger entry"},
      {"truncate the proof", [&](Files& f) { replace(f, proof, "\n\n", "\n"); }, "entries", ""},
      {"roll back", [&](Files& f) { f.at("checkpoint-new") = shorter.checkpoint()->to_string(); }, "entries",
       "another head"},
      {"fork",
       [&](Files& f) {
         f = forked;
         f["checkpoint-old"] = old.to_string();
         f["consistency"] = good.at("consistency");
       },
       "consistency", "fork"},
      {"re-sign", [&](Files& f) { f.at("checkpoint-new") = resigned.checkpoint()->to_string(); }, "checkpoint", ""},
      {"without witnesses", [&](Files& f) { f.at("checkpoint-new") = uncosigned.checkpoint()->to_string(); },
       "checkpoint", ""},
      {"another size", [&](Files& f) { replace(f, "checkpoint-new", "\n90\n", "\n91\n"); }, "checkpoint", ""},
      {"another origin", [&](Files& f) { replace(f, "checkpoint-new", "demo-01\n", "demo-02\n"); }, "policy",
       "demo-02"},
      {"no head", [&](Files& f) { f.erase("checkpoint-new"); }, "archive", "checkpoint-new"},
      {"the old head", [&](Files& f) { replace(f, "checkpoint-old", "\n40\n", "\n41\n"); }, "consistency", ""},
      {"its proof", [&](Files& f) { f.at("consistency").resize(f.at("consistency").size() - 45); }, "consistency",
       "fork"},
      {"its proof, away", [&](Files& f) { f.erase("consistency"); }, "consistency", "is not there"},
      {"evidence", [&](Files& f) { f.at(clear) += "x"; }, "commitments", "changed"},
      {"the nonce", [&](Files& f) { f.at(nonce)[0] = f.at(nonce)[0] == '0' ? '1' : '0'; }, "commitments", "changed"},
      {"no nonce", [&](Files& f) { f.erase(nonce); }, "commitments", "no nonce"},
      {"evidence of nobody", [&](Files& f) { f["evidence/" + std::string(32, '0') + ".line.sealed"] = "x"; },
       "commitments", "no entry"},
      {"a rule", [&](Files& f) { f.at(rule) += "x"; }, "hashes", "changed"},
      {"the pack", [&](Files& f) { f.at(list) += "x"; }, "hashes", "changed"},
      {"a rule of no list", [&](Files& f) { f["rules/" + hash_hex("x") + ".yml"] = "x"; }, "hashes", "no list"},
      {"a rule, away", [&](Files& f) { f.erase(rule); }, "hashes", "not in the bundle"},
      {"the law", [&](Files& f) { f.at(norm) += "x"; }, "hashes", "changed"},
      {"the law, away", [&](Files& f) { f.erase(norm); }, "hashes", "missing"},
      {"a register of nobody", [&](Files& f) { f["register/" + std::string(64, 'a') + ".json"] = "{}"; }, "hashes",
       "no entry"},
      {"a stamp", [&](Files& f) { f.at(stamp_path(kSize))[10] ^= 1; }, "stamps", "something else"},
      {"an unknown file", [&](Files& f) { f["notes.txt"] = "x"; }, "archive", "no bundle has"},
      {"incident.json", [&](Files& f) { f.at("incident.json") = "{}"; }, "entries", "format"},
  };
  ASSERT_FALSE(extract.empty());
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Files files = good;
    c.change(files);
    const auto claims = verify(with_manifest(files), held());
    EXPECT_FALSE(holds(claims));
    EXPECT_EQ(claim(claims, c.claim).outcome, Outcome::failed) << told(claims);
    EXPECT_NE(claim(claims, c.claim).words.find(c.words), std::string::npos) << told(claims);
  }
}

TEST(BundleClaims, TheManifestNamesTheFile) {
  const SampleLedger ledger = sample();
  const Files good = full_bundle(ledger);
  const auto why = [&](const std::function<void(Files&)>& change) {
    Files files = good;
    change(files);
    const auto claims = verify(files, held());
    EXPECT_EQ(claim(claims, "archive").outcome, Outcome::failed);
    return claim(claims, "archive").words;
  };
  EXPECT_EQ(why([](Files& f) { f.at("README") += "x"; }),
            "README: its hash is not the one in the MANIFEST: it was changed");
  EXPECT_EQ(why([](Files& f) { f["checkpoint-old"] = "x"; }),
            "checkpoint-old: the MANIFEST does not name it: it was added");
  EXPECT_NE(why([](Files& f) { f.erase("entries/0.json"); }).find("not there"), std::string::npos);
  EXPECT_NE(why([](Files& f) { f.at("MANIFEST") += "x"; }).find("at its end"), std::string::npos);
}

TEST(BundleClaims, WhoHoldsAHeadSeesForkAndRollBack) {
  SampleLedger ledger = sample();
  const Files files = full_bundle(ledger, &ledger.kept().at(kOld));
  const auto consistency = [&](const Files& bundle, const merkle::Note& own) {
    Held mine = held();
    mine.old_checkpoint = own;
    const auto claims = verify(bundle, mine);
    const Claim& one = claim(claims, "consistency");
    EXPECT_EQ(holds(claims), one.outcome == Outcome::ok);
    return (one.outcome == Outcome::ok ? "ok: " : "failed: ") + one.words;
  };
  EXPECT_TRUE(consistency(files, ledger.kept().at(kOld)).starts_with("ok"));
  EXPECT_TRUE(consistency(files, ledger.kept().at(kSize)).starts_with("ok"));
  SampleLedger fork;
  fork.go_another_way();
  fork.grow(kOld);
  EXPECT_NE(consistency(files, *fork.checkpoint()).find("a fork"), std::string::npos);
  fork.grow(kSize);
  EXPECT_NE(consistency(files, *fork.checkpoint()).find("a fork"), std::string::npos);
  ledger.grow(kSize + 1);
  EXPECT_NE(consistency(files, *ledger.checkpoint()).find("rolled back"), std::string::npos);
  SampleLedger other;
  other.grow(50);
  EXPECT_NE(consistency(files, *other.checkpoint()).find("--old-checkpoint"), std::string::npos);
  other.sign(log_key(1));
  EXPECT_NE(consistency(files, *other.checkpoint()).find("the head that you hold"), std::string::npos);
}

TEST(BundleClaims, CosignaturesHaveToFitTheEntriesTimes) {
  const SampleLedger ledger = sample();
  const Files files = *finish(*collect(ledger.wanted(), ledger));
  Held early = held();
  early.now = seconds_in(0) - std::chrono::hours{1};
  EXPECT_NE(claim(verify(files, early), "checkpoint").words.find("future"), std::string::npos);
}

TEST(BundleClaims, HandoverNeedsTheRightKeys) {
  const SampleLedger ledger = sample();
  Files files = *finish(*collect(ledger.wanted(), ledger));
  Held own = held();
  own.keys = {giver_key().verifier()};
  EXPECT_EQ(claim(verify(files, own), "handover").outcome, Outcome::failed);  // nobody has signed
  ASSERT_TRUE(sign_handover(files, kIncidentId, giver_key()));
  EXPECT_EQ(claim(verify(files, own), "handover").outcome, Outcome::ok);
  EXPECT_EQ(sign_handover(files, kIncidentId, giver_key()).error().code, Errc::invalid_argument);  // twice
  EXPECT_FALSE(sign_handover(files, kIncidentId, witness_key()));
  own.keys = {receiver_key().verifier()};
  EXPECT_EQ(claim(verify(files, own), "handover").outcome, Outcome::failed);
  files["README"] += "more";
  files[std::string{kManifest}] = make_manifest(files);
  own.keys = {giver_key().verifier()};
  EXPECT_NE(claim(verify(files, own), "handover").words.find("another MANIFEST"), std::string::npos);
}

TEST(BundleClaims, OfNoBundleOnlyTheArchiveIsTold) {
  const auto claims = verify_archive("no tar", held());
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_FALSE(holds(claims));
  EXPECT_TRUE(to_line(claims[0]).starts_with("FAILED  archive      ")) << to_line(claims[0]);
}

}  // namespace
}  // namespace nw::bundle
