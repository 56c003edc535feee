#include "record/keys/keys.h"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"
#include "record/keys/locked.h"
#include "unit/record/ledger/ledger_support.h"
#include "unit/record/support.h"

namespace nw::record::test {

namespace {

constexpr privacy::Epoch kJanuary{2026, 1}, kFebruary{2026, 2};

mode_t mode_of(const std::filesystem::path& file) {
  struct stat found {};
  EXPECT_EQ(::stat(file.c_str(), &found), 0) << file;
  return found.st_mode & 07777U;
}

struct People {
  std::vector<privacy::Custodian> custodians;
  std::vector<privacy::CustodianKeys> keys;

  explicit People(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      keys.push_back(privacy::make_custodian_keys(kernel_random));
      custodians.push_back({"c" + std::to_string(i), "body " + std::to_string(i), keys.back().public_key});
    }
  }
};

Keys::Options options_in(const TempDir& dir, const std::vector<privacy::Custodian>& custodians = {}) {
  Keys::Options options;
  options.directory = dir / "keys";
  options.epochs = dir / "state/keys/epochs";
  options.operator_id = "demo";
  options.origin = "example.org/ledger";
  options.custodians = custodians;
  return options;
}

std::unique_ptr<Keys> open_keys(const Keys::Options& options) {
  auto keys = Keys::open(options);
  EXPECT_TRUE(keys) << (keys ? "" : keys.error().what);
  return keys ? std::move(*keys) : nullptr;
}

// What two of the people get out of a sealed file.
std::string combined(const std::filesystem::path& file, const People& people) {
  const auto sealed = privacy::SealedKey::parse(read_whole(file));
  EXPECT_TRUE(sealed) << file;
  if (!sealed) return {};
  const auto one = sealed->open_share(people.keys[0].public_key, people.keys[0].secret_key, 1);
  const auto other = sealed->open_share(people.keys[1].public_key, people.keys[1].secret_key, 0);
  if (!one || !other) return {};
  const auto key = sealed->combine(*one, *other);
  return key ? privacy::to_hex(key->bytes()) : std::string{};
}

}  // namespace

TEST(Keys, MakesWhatIsNotThereAndFindsItAgain) {
  const TempDir dir;
  const auto keys = open_keys(options_in(dir));
  EXPECT_EQ(keys->ledger().verifier().name, "example.org/ledger");
  EXPECT_EQ(keys->witness().verifier().name, "example.org/ledger/witness");
  EXPECT_EQ(keys->witness().verifier().type, merkle::KeyType::cosignature);
  EXPECT_EQ(keys->made().size(), 3U);
  EXPECT_EQ(mode_of(dir / "keys"), 0700U);
  for (const std::string_view name : kKeyNames) EXPECT_EQ(mode_of(dir.path() / "keys" / name), 0600U) << name;

  const auto again = open_keys(options_in(dir));
  EXPECT_EQ(again->ledger().verifier(), keys->ledger().verifier());
  EXPECT_EQ(again->witness().verifier(), keys->witness().verifier());
  EXPECT_TRUE(privacy::same_key(again->ids(), keys->ids()));
  EXPECT_TRUE(again->made().empty());
}

TEST(Keys, CredentialsGoBeforeTheDirectory) {
  const TempDir dir;
  Keys::Options options = options_in(dir);
  const auto keys = open_keys(options);
  std::filesystem::create_directory(dir / "credentials");
  const auto other = make_key(KeyName::ledger, "other.org/ledger");
  ASSERT_TRUE(other);
  // As systemd puts it there: readable by an access list, which shows as the group's bits.
  write_whole(dir / "credentials/normwatch.ledger", std::string{other->view()});
  ::chmod((dir / "credentials/normwatch.ledger").c_str(), 0440);
  options.credentials = dir / "credentials";
  const auto again = open_keys(options);
  EXPECT_EQ(again->ledger().verifier().name, "other.org/ledger");
  EXPECT_EQ(again->witness().verifier(), keys->witness().verifier());
}

TEST(Keys, RefusesWhatOthersMayRead) {
  const TempDir dir;
  (void)open_keys(options_in(dir));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U}) {
    const std::string file = dir / "keys/normwatch.wrap";
    ::chmod(file.c_str(), mode);
    const auto keys = Keys::open(options_in(dir));
    ASSERT_FALSE(keys) << mode;
    EXPECT_EQ(keys.error().code, Errc::no_permission);
    EXPECT_NE(keys.error().what.find("chmod 600 " + file), std::string::npos) << keys.error().what;
    ::chmod(file.c_str(), 0600);
  }
  ::chmod((dir / "keys").c_str(), 0730);
  std::filesystem::remove(dir / "keys/normwatch.wrap");
  const auto keys = Keys::open(options_in(dir));
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().what.find("chmod 700 " + (dir / "keys").string()), std::string::npos) << keys.error().what;
}

TEST(Keys, RefusesWhatIsNoKey) {
  const auto good_ledger = make_key(KeyName::ledger, "a"), good_witness = make_key(KeyName::witness, "a");
  const struct {
    const char *name, *file;
    std::string text, says;
  } cases[] = {
      {"empty", "normwatch.wrap", "", "64 hex digits"},
      {"capitals", "normwatch.wrap", std::string(64, 'A') + "\n", "64 hex digits"},
      {"too long", "normwatch.wrap", std::string(65, 'a'), "64 hex digits"},
      {"far too long", "normwatch.wrap", std::string(20'000, 'a'), "too large"},
      {"no key", "normwatch.ledger", "hello\n", "normwatch.ledger"},
      {"a witness's", "normwatch.ledger", std::string{good_witness->view()}, "type 0x01"},
      {"a ledger's", "normwatch.witness", std::string{good_ledger->view()}, "type 0x04"},
      {"two lines", "normwatch.ledger", std::string{good_ledger->view()} + "\n", "normwatch.ledger"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const TempDir dir;
    (void)open_keys(options_in(dir));
    write_whole(dir.path() / "keys" / c.file, c.text);
    const auto keys = Keys::open(options_in(dir));
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().code, Errc::malformed);
    EXPECT_NE(keys.error().what.find(c.says), std::string::npos) << keys.error().what;
    EXPECT_NE(keys.error().what.find(c.file), std::string::npos) << keys.error().what;
    if (c.text.size() > 32) {
      EXPECT_EQ(keys.error().what.find(c.text.substr(c.text.size() - 33, 32)), std::string::npos);
    }
  }
}

TEST(Keys, NoKeyIsSaidInTheLog) {
  std::string lines;
  set_log_sink([&lines](const LogLine& line) {
    lines += std::string{line.code} + ' ' + std::string{line.text};
    for (const LogField& field : line.fields) lines += ' ' + field.value;
  });
  const TempDir dir;
  const auto keys = open_keys(options_in(dir, People{3}.custodians));
  std::vector<std::string> made;
  const auto secrets = keys->epoch(kJanuary, made);
  set_log_sink({});
  ASSERT_TRUE(secrets);
  EXPECT_NE(lines.find("keys_made"), std::string::npos);
  EXPECT_NE(lines.find((dir / "keys/normwatch.ledger").string()), std::string::npos);
  EXPECT_NE(lines.find("normwatch keys init"), std::string::npos);
  for (const std::string& what : made) lines += what;
  for (const std::string_view name : kKeyNames) {
    std::string text = read_whole(dir.path() / "keys" / name);
    text.pop_back();
    EXPECT_EQ(lines.find(text.substr(text.size() - 44)), std::string::npos) << name;
  }
  EXPECT_EQ(lines.find(privacy::to_hex(secrets->pseudonyms.bytes())), std::string::npos);
}

TEST(Epochs, TheSameMonthHasTheSameKeysAndAnotherHasOthers) {
  const TempDir dir;
  const auto options = options_in(dir);
  std::vector<std::string> made;
  const auto first = open_keys(options)->epoch(kJanuary, made);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_FALSE(first->evidence);
  ASSERT_EQ(made, std::vector<std::string>{R"({"what":"epoch","epoch":"2026-01"})"});
  EXPECT_EQ(mode_of(options.epochs), 0700U);
  EXPECT_EQ(mode_of(options.epochs / "2026-01.wrapped"), 0600U);
  made.clear();
  const auto keys = open_keys(options);
  const auto again = keys->epoch(kJanuary, made);
  EXPECT_TRUE(privacy::same_key(first->pseudonyms, again->pseudonyms));
  EXPECT_TRUE(made.empty());
  const auto other = keys->epoch(kFebruary, made);
  EXPECT_FALSE(privacy::same_key(first->pseudonyms, other->pseudonyms));
  EXPECT_EQ(read_whole(options.epochs / "2026-01.wrapped").find(privacy::to_hex(first->pseudonyms.bytes())),
            std::string::npos);
}

TEST(Epochs, TwoCustodiansHaveTheKeysAndWeNeverThoseOfEvidence) {
  const TempDir dir;
  const People people{3};
  const auto keys = open_keys(options_in(dir, people.custodians));
  std::vector<std::string> made;
  const auto secrets = keys->epoch(kJanuary, made);
  ASSERT_TRUE(secrets) << secrets.error().what;
  ASSERT_EQ(made.size(), 2U);
  EXPECT_NE(made[1].find(privacy::to_hex(privacy::fingerprint_of(people.custodians[2].key))), std::string::npos);
  const auto files = sealed_files(dir / "state/keys/epochs");
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].purpose, "evidence");
  EXPECT_EQ((*files)[1].purpose, "pseudonyms");
  EXPECT_EQ(combined((*files)[1].file, people), privacy::to_hex(secrets->pseudonyms.bytes()));
  // The secret half of evidence's key, whose public half is told.
  std::string secret = combined((*files)[0].file, people);
  std::array<std::uint8_t, 32> bytes{};
  ASSERT_TRUE(privacy::read_hex(secret, bytes));
  const auto same = [&bytes](std::span<std::uint8_t> out) { std::copy(bytes.begin(), bytes.end(), out.begin()); };
  EXPECT_EQ(privacy::make_custodian_keys(same).public_key, *secrets->evidence);
}

TEST(Epochs, OtherCustodiansGetOtherBoxes) {
  const TempDir dir;
  const People before{3}, after{2};
  std::vector<std::string> made;
  const auto first = open_keys(options_in(dir, before.custodians))->epoch(kJanuary, made);
  const std::string evidence_before = combined(dir / "state/keys/epochs/2026-01.evidence.sealed", before);
  made.clear();
  const auto keys = open_keys(options_in(dir, after.custodians));
  const auto second = keys->epoch(kJanuary, made);
  ASSERT_TRUE(second) << second.error().what;
  ASSERT_EQ(made.size(), 1U);
  EXPECT_TRUE(made[0].starts_with(R"({"what":"epoch-sealed","epoch":"2026-01","custodians":[")")) << made[0];
  EXPECT_TRUE(privacy::same_key(first->pseudonyms, second->pseudonyms));
  // Who left opens nothing any more but what evidence was sealed to them before.
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms.sealed", after),
            privacy::to_hex(second->pseudonyms.bytes()));
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms.sealed", before), "");
  EXPECT_NE(first->evidence, second->evidence);
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.evidence.sealed", before), evidence_before);
  EXPECT_NE(combined(dir / "state/keys/epochs/2026-01.evidence-2.sealed", after), "");
  EXPECT_EQ(sealed_files(dir / "state/keys/epochs")->size(), 3U);

  made.clear();
  EXPECT_EQ(keys->epoch(kJanuary, made)->evidence, second->evidence);
  EXPECT_TRUE(made.empty());
  keys->custodians(before.custodians);
  EXPECT_TRUE(keys->epoch(kJanuary, made)->evidence);
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms.sealed", before),
            privacy::to_hex(second->pseudonyms.bytes()));
  keys->custodians({});
  EXPECT_FALSE(keys->epoch(kJanuary, made)->evidence);
}

TEST(Epochs, AMonthThatIsOverIsDeletedAfterAnHour) {
  const TempDir dir;
  const People people{2};
  const auto keys = open_keys(options_in(dir, people.custodians));
  std::vector<std::string> made;
  const auto january = keys->epoch(kJanuary, made);
  const auto february = keys->epoch(kFebruary, made);
  const auto file = dir / "state/keys/epochs/2026-01.wrapped";
  made.clear();
  ASSERT_TRUE(keys->retire(at("2026-02-01T00:59:59.999Z"), made));
  EXPECT_TRUE(std::filesystem::exists(file));
  ASSERT_TRUE(keys->retire(at("2026-02-01T01:00:00Z"), made));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(made, std::vector<std::string>{R"({"what":"epoch-deleted","epoch":"2026-01"})"});
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms.sealed", people),
            privacy::to_hex(january->pseudonyms.bytes()));
  // A clock that is set back makes January anew; what was sealed of the first one stays.
  const auto other = keys->epoch(kJanuary, made);
  EXPECT_FALSE(privacy::same_key(january->pseudonyms, other->pseudonyms));
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms.sealed", people),
            privacy::to_hex(january->pseudonyms.bytes()));
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-01.pseudonyms-2.sealed", people),
            privacy::to_hex(other->pseudonyms.bytes()));
  EXPECT_EQ(combined(dir / "state/keys/epochs/2026-02.pseudonyms.sealed", people),
            privacy::to_hex(february->pseudonyms.bytes()));
}

TEST(Epochs, RefusesWhatWasChangedOrIsNotOurs) {
  const TempDir dir;
  const auto options = options_in(dir);
  std::vector<std::string> made;
  (void)open_keys(options)->epoch(kJanuary, made);
  const auto file = options.epochs / "2026-01.wrapped";
  const std::string good = read_whole(file);
  const auto refused = [&](const Keys::Options& with, privacy::Epoch epoch) {
    const auto secrets = open_keys(with)->epoch(epoch, made);
    EXPECT_FALSE(secrets);
    return secrets ? std::string{} : secrets.error().what;
  };
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    write_whole(file, good.substr(0, cut));
    EXPECT_NE(refused(options, kJanuary).find("normwatch.wrap"), std::string::npos) << cut;
  }
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    write_whole(file, bad);
    EXPECT_NE(refused(options, kJanuary), "") << i;
  }
  write_whole(file, good);
  ::chmod(file.c_str(), 0600);
  Keys::Options other = options;
  other.operator_id = "somebody";
  EXPECT_NE(refused(other, kJanuary).find("privacy.operator"), std::string::npos);
  // Under the name of another month.
  std::filesystem::copy(file, options.epochs / "2026-02.wrapped");
  EXPECT_NE(refused(options, kFebruary), "");
  std::filesystem::remove(dir / "keys/normwatch.wrap");
  EXPECT_NE(refused(options, kJanuary).find("another key"), std::string::npos);
}

TEST(Epochs, AreWrappedAnew) {
  const TempDir dir;
  const auto options = options_in(dir, People{2}.custodians);
  std::vector<std::string> made;
  const auto first = open_keys(options)->epoch(kJanuary, made);
  (void)open_keys(options)->epoch(kFebruary, made);
  const auto old_key = read_key(options, KeyName::wrap), new_key = make_key(KeyName::wrap, "");
  ASSERT_TRUE(old_key && new_key);
  const auto done = rewrap(options, old_key->line(), new_key->line());
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(*done, 2U);
  // Again, as after a crash before the key itself was written.
  EXPECT_EQ(*rewrap(options, old_key->line(), new_key->line()), 2U);
  EXPECT_FALSE(open_keys(options)->epoch(kJanuary, made));
  ASSERT_TRUE(write_secret(system_files(), options.directory / "normwatch.wrap", new_key->view()));
  const auto again = open_keys(options)->epoch(kJanuary, made);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_TRUE(privacy::same_key(first->pseudonyms, again->pseudonyms));
  EXPECT_EQ(first->evidence, again->evidence);
  const auto third = make_key(KeyName::wrap, "");
  EXPECT_FALSE(rewrap(options, third->line(), old_key->line()));
  EXPECT_TRUE(open_keys(options)->epoch(kJanuary, made));
}

TEST(Epochs, ADiskThatFailsLosesNoKey) {
  const People people{2};
  for (const int error_number : {ENOSPC, EIO})
    for (int n = 0;; ++n) {
      SCOPED_TRACE(std::to_string(error_number) + " at call " + std::to_string(n));
      const TempDir dir;
      const auto options = options_in(dir, people.custodians);
      FailingFiles ops{n, error_number, FailingFiles::Lasts::for_ever};
      std::vector<std::string> made;
      privacy::Key32 used;
      bool told = false;
      {
        auto keys = Keys::open(options, ops);
        if (keys)
          if (auto secrets = (*keys)->epoch(kJanuary, made); secrets) {
            used = std::move(secrets->pseudonyms);
            told = true;
          }
      }
      if (!ops.failed()) {
        EXPECT_TRUE(told);
        break;
      }
      // Whatever lies there now, a disk that is well again goes on.
      made.clear();
      const auto again = open_keys(options)->epoch(kJanuary, made);
      ASSERT_TRUE(again) << again.error().what;
      if (told) {
        EXPECT_TRUE(privacy::same_key(used, again->pseudonyms));
      }
      bool sealed = false;
      const auto files = sealed_files(options.epochs);
      for (const SealedFile& file : *files)
        sealed = sealed || combined(file.file, people) == privacy::to_hex(again->pseudonyms.bytes());
      EXPECT_TRUE(sealed);
    }
}

TEST(SealedFiles, KnowsItsOwnNames) {
  const TempDir dir;
  for (const char* name : {"2026-01.pseudonyms.sealed", "2026-01.evidence-10.sealed", "2026-01.evidence-2.sealed",
                           "2025-12.evidence.sealed", "2026-13.evidence.sealed", "2026-01.evidence-1.sealed",
                           "2026-01.evidence-.sealed", "2026-01.evidence-100.sealed", "2026-01.other.sealed",
                           "2026-01.wrapped", "2026-01.sealed", ".sealed", "2026-01.pseudonyms.sealed.tmp"})
    write_whole(dir / name, "");
  std::string found;
  const auto files = sealed_files(dir.path());
  ASSERT_TRUE(files);
  for (const SealedFile& file : *files) found += file.file.filename().string() + ' ';
  EXPECT_EQ(found,
            "2025-12.evidence.sealed 2026-01.evidence-2.sealed 2026-01.evidence-10.sealed 2026-01.pseudonyms.sealed ");
  EXPECT_TRUE(sealed_files(dir / "none")->empty());
}

TEST(Secrets, ADestroyedFileSaysNothingToWhoStillHasItOpen) {
  const TempDir dir;
  ASSERT_TRUE(write_secret(system_files(), dir / "key", "abcdef"));
  const Fd open{::open((dir / "key").c_str(), O_RDONLY)};
  ASSERT_TRUE(destroy_file(system_files(), dir / "key"));
  std::string bytes(6, 'x');
  ASSERT_EQ(::pread(open.get(), bytes.data(), 6, 0), 6);
  EXPECT_EQ(bytes, std::string(6, '\0'));
  EXPECT_FALSE(std::filesystem::exists(dir / "key"));
  EXPECT_EQ(destroy_file(system_files(), dir / "key").error().code, Errc::not_found);
}

// In a child, so that this test can still be looked into.
TEST(ProtectMemory, NoCoreDumpIsWritten) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    protect_memory();
    rlimit limit{};
    const bool good = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && ::getrlimit(RLIMIT_CORE, &limit) == 0 &&
                      limit.rlim_cur == 0 && limit.rlim_max == 0;
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(LockedPages, HoldTheirObjectApart) {
  struct Small {
    char text[8] = "hello";
  };
  const Locked<Small> one, other;
  EXPECT_STREQ(one->text, "hello");
  EXPECT_NE(reinterpret_cast<std::uintptr_t>(&*one) / 4096, reinterpret_cast<std::uintptr_t>(&*other) / 4096);
}

}  // namespace nw::record::test
