// Against journals that systemd-journal-remote makes, from the journal export format (systemd's
// JOURNAL_EXPORT_FORMATS).
#include <boost/json/parse.hpp>
#include <cstdlib>
#include <map>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/journal.h"
#include "ingest/logs/transports/table.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Got = std::vector<std::string>;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kRemote = "/lib/systemd/systemd-journal-remote";
constexpr std::uint64_t kTime = 1'768'464'000'000'000;  // 2026-01-15T08:00:00Z

class Journald : public testing::Test {
 protected:
  void SetUp() override {
    if (::access(kRemote, X_OK) != 0) GTEST_SKIP() << "no " << kRemote << ": install systemd-journal-remote";
    fs::create_directory(journal);
    options.directory = journal;
    options.state_path = dir.file("state");
  }

  // Appends one entry, a second after the one before.
  void add(const Fields& fields, const std::string& file = "a.journal") {
    ++entries;
    std::string text = "__REALTIME_TIMESTAMP=" + std::to_string(kTime + entries * 1'000'000) +
                       "\n__MONOTONIC_TIMESTAMP=" + std::to_string(entries * 1'000'000) +
                       "\n_BOOT_ID=0123456789abcdef0123456789abcdef\n";
    for (const auto& [name, value] : fields) {
      // The form for any bytes: the name alone, 64 bits of length in little endian, the value.
      text += name + '\n';
      for (unsigned i = 0; i < 8; ++i) text += static_cast<char>(value.size() >> (8 * i) & 0xff);
      text += value + '\n';
    }
    pending[file] += text + '\n';
  }
  void add(const std::string& message) { add({{"MESSAGE", message}, {"PRIORITY", "6"}}); }
  void add_all(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) add("m" + std::to_string(i));
  }
  void write() {
    for (const auto& [file, text] : std::exchange(pending, {})) {
      const std::string export_file = dir.file("export");
      fs::remove(export_file);
      append(export_file, text);
      const std::string command =
          std::string{kRemote} + " -o '" + journal + '/' + file + "' - < '" + export_file + "' > /dev/null 2>&1";
      ASSERT_EQ(std::system(command.c_str()), 0);
    }
  }

  Result<std::unique_ptr<Transport>> try_open() { return find_transport("journald")->open(io, options, lines); }
  void open() {
    auto opened = try_open();
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
  }
  void close() {
    transport->stop();
    transport.reset();
  }
  bool wait(std::size_t count) {
    return run_until(io, [&] { return lines.all.size() >= count; });
  }
  [[nodiscard]] Got messages(std::size_t from = 0) const {
    Got out;
    for (std::size_t i = from; i < lines.all.size(); ++i)
      out.push_back(lines.all[i].substr(lines.all[i].rfind(" - ") + 3));
    return out;
  }

  TempDir dir;
  std::string journal = dir.file("journal");
  std::map<std::string, std::string> pending;  // by file
  std::uint64_t entries = 0;
  TransportOptions options;
  boost::asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
};

// What is said in the log, by its code.
class Heard {
 public:
  Heard() {
    set_log_sink([this](const LogLine& line) { codes.emplace_back(line.code); });
  }
  ~Heard() { set_log_sink({}); }
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  Got codes;
};

TEST_F(Journald, ReadsWhatIsThereAndWhatComes) {
  add({{"MESSAGE", "Accepted password for root"},
       {"PRIORITY", "6"},
       {"SYSLOG_FACILITY", "10"},
       {"SYSLOG_IDENTIFIER", "sshd"},
       {"_PID", "42"},
       {"_HOSTNAME", "gw1"}});
  write();
  open();
  ASSERT_TRUE(wait(1));
  EXPECT_EQ(lines.all[0], "<86>1 2026-01-15T08:00:01.000000Z gw1 sshd 42 - - Accepted password for root");
  EXPECT_FALSE(lines.peer);
  EXPECT_GT(to_unix_nanoseconds(lines.times[0]), 1'700'000'000'000'000'000);
  EXPECT_NE(lines.places[0], 0U);
  add("two\nlines");
  add("");
  write();
  ASSERT_TRUE(wait(3));
  EXPECT_TRUE(lines.all[1].ends_with(" two\nlines"));
  EXPECT_NE(lines.places[1], lines.places[0]);
  EXPECT_EQ(transport->counters().lines, 3U);
  EXPECT_EQ(transport->counters().bytes, lines.all[0].size() + lines.all[1].size() + lines.all[2].size());
  EXPECT_EQ(transport->counters().rejected, 0U);
  EXPECT_EQ(transport->port(), 0);
}

TEST_F(Journald, AsJson) {
  using namespace std::string_literals;
  options.as_json = true;
  add({{"MESSAGE", "über \xff"}, {"_PID", "42"}, {"BLOB", "\x00\xff"s}, {"TAG", "a"}, {"TAG", "b"}});
  write();
  open();
  ASSERT_TRUE(wait(1));
  const json::object read = json::parse(lines.all[0]).as_object();
  EXPECT_EQ(read.at("MESSAGE").as_string(), "über \xef\xbf\xbd");
  EXPECT_EQ(read.at("_PID").as_string(), "42");
  EXPECT_EQ(read.at("BLOB"), (json::array{0, 255}));
  EXPECT_EQ(read.at("TAG").as_array().size(), 2U);
  EXPECT_EQ(read.at("__REALTIME_TIMESTAMP").as_string(), "1768464001000000");
  EXPECT_EQ(read.at("__MONOTONIC_TIMESTAMP").as_string(), "1000000");
  EXPECT_EQ(read.at("_BOOT_ID").as_string(), "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(read.at("__CURSOR").as_string().starts_with("s="));
  EXPECT_EQ(lines.too_long, 0U);
}

TEST_F(Journald, TooLong) {
  const std::string large(2'000'000, 'x');  // compressed in the file
  add({{"MESSAGE", large}, {"_PID", "42"}, {"OTHER", std::string(70'000, 'y')}});
  write();
  options.as_json = true;
  open();
  ASSERT_TRUE(wait(1));
  EXPECT_LE(lines.all[0].size(), options.line_bytes_max);
  EXPECT_GT(lines.all[0].size(), options.line_bytes_max - 32);
  const json::object read = json::parse(lines.all[0]).as_object();
  EXPECT_EQ(read.at("_PID").as_string(), "42");
  EXPECT_EQ(read.at("MESSAGE").as_string().size(), read.at("OTHER").as_string().size());
  close();
  fs::remove(options.state_path);
  options.as_json = false;
  open();
  ASSERT_TRUE(wait(2));
  EXPECT_EQ(lines.all[1].size(), options.line_bytes_max);
  EXPECT_EQ(lines.too_long, 2U);
  EXPECT_EQ(transport->counters().too_long, 1U);
}

// Hostile: as many fields as an entry may have, each of them large.
TEST_F(Journald, AnEntryThatIsFull) {
  Fields fields;
  for (int i = 0; i < 1000; ++i)
    fields.emplace_back("F" + std::to_string(i), std::string(20'000, 'f') + std::to_string(i));
  fields.emplace_back("MESSAGE", "what counts");
  fields.emplace_back("_EXE", "/usr/bin/evil");
  add(fields);
  write();
  options.as_json = true;
  open();
  ASSERT_TRUE(wait(1));
  EXPECT_LE(lines.all[0].size(), options.line_bytes_max);
  const json::object read = json::parse(lines.all[0]).as_object();
  EXPECT_EQ(read.at("MESSAGE").as_string(), "what counts");
  EXPECT_EQ(read.at("_EXE").as_string(), "/usr/bin/evil");
  EXPECT_EQ(transport->counters().too_long, 1U);
}

TEST_F(Journald, FromTheEnd) {
  options.from_start = false;
  add("old");
  write();
  open();
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_TRUE(lines.all.empty());
  add("new");
  write();
  ASSERT_TRUE(wait(1));
  EXPECT_EQ(messages(), (Got{"new"}));
}

// Nothing had come yet when it stopped: what comes while it is off is new all the same.
TEST_F(Journald, FromTheEndWithNothingNewBeforeARestart) {
  options.from_start = false;
  add("old");
  write();
  open();
  close();
  add("meanwhile");
  write();
  open();
  ASSERT_TRUE(wait(1));
  EXPECT_EQ(messages(), (Got{"meanwhile"}));
}

TEST_F(Journald, FromTheEndOfAnEmptyJournal) {
  options.from_start = false;
  open();
  close();
  EXPECT_EQ(**load_journal_cursor(options.state_path), kFromStart);
  add("first");
  write();
  open();
  ASSERT_TRUE(wait(1));
  close();
  add("second");
  write();
  open();
  ASSERT_TRUE(wait(2));
  EXPECT_EQ(messages(), (Got{"first", "second"}));
}

TEST_F(Journald, RestartGoesOnExactly) {
  add_all(3);
  write();
  open();
  ASSERT_TRUE(wait(3));
  close();
  EXPECT_FALSE(fs::exists(options.state_path + ".new"));
  add("while off");
  write();
  Heard heard;
  open();
  ASSERT_TRUE(wait(4));
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_EQ(messages(), (Got{"m0", "m1", "m2", "while off"}));
  EXPECT_TRUE(heard.codes.empty());
  // Again, and with nothing new.
  close();
  open();
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_EQ(lines.all.size(), 4U);
  add("at last");
  write();
  ASSERT_TRUE(wait(5));
  EXPECT_EQ(messages(4), (Got{"at last"}));
  EXPECT_TRUE(heard.codes.empty());
}

TEST_F(Journald, OnlyWhatIsSafeIsForgotten) {
  lines.safe_lines = 0;
  add_all(300);  // two turns
  write();
  open();
  ASSERT_TRUE(wait(300));
  run_for(io, std::chrono::milliseconds{1200});  // past a tick
  EXPECT_FALSE(fs::exists(options.state_path));
  lines.safe_lines = 299;  // of the second turn not all
  ASSERT_TRUE(run_until(io, [&] { return fs::exists(options.state_path); }));
  const std::uint64_t acknowledged = transport->counters().acknowledged;
  EXPECT_GT(acknowledged, 0U);
  EXPECT_LE(acknowledged, 256U);
  const auto places = lines.places;
  close();
  lines.all.clear();
  lines.places.clear();
  lines.safe_lines = SIZE_MAX;
  open();
  ASSERT_TRUE(wait(300 - acknowledged));
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_EQ(messages().front(), "m" + std::to_string(acknowledged));
  // Read twice, they have the same names.
  EXPECT_EQ(lines.places,
            (std::vector<std::uint64_t>{places.begin() + static_cast<std::ptrdiff_t>(acknowledged), places.end()}));
  EXPECT_EQ(messages().back(), "m299");
}

TEST_F(Journald, ManyTurnsThatAreNotSafe) {
  lines.safe_lines = 0;
  add_all(2000);
  write();
  options.line_bytes_max = 480;
  open();
  ASSERT_TRUE(wait(2000));
  lines.safe_lines = SIZE_MAX;
  close();
  Heard heard;
  open();
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_EQ(lines.all.size(), 2000U);
  EXPECT_TRUE(heard.codes.empty());
}

TEST_F(Journald, ACursorThatWasVacuumed) {
  add({{"MESSAGE", "one"}});
  write();
  open();
  ASSERT_TRUE(wait(1));
  close();
  add({{"MESSAGE", "two"}}, "b.journal");
  add({{"MESSAGE", "three"}}, "b.journal");
  write();
  fs::remove(journal + "/a.journal");
  Heard heard;
  open();
  ASSERT_TRUE(wait(3));
  EXPECT_EQ(messages(), (Got{"one", "two", "three"}));
  EXPECT_EQ(heard.codes, (Got{"journal_cursor_lost"}));
}

// As journald rotates: the file is renamed, and a new one takes its name; later the old one is removed.
TEST_F(Journald, Rotation) {
  add({{"MESSAGE", "one"}}, "system.journal");
  write();
  open();
  ASSERT_TRUE(wait(1));
  fs::rename(journal + "/system.journal", journal + "/system@1.journal");
  add({{"MESSAGE", "two"}}, "system.journal");
  write();
  ASSERT_TRUE(wait(2));
  fs::remove(journal + "/system@1.journal");
  run_for(io, std::chrono::milliseconds{30});
  add({{"MESSAGE", "three"}}, "system.journal");
  write();
  ASSERT_TRUE(wait(3));
  EXPECT_EQ(messages(), (Got{"one", "two", "three"}));
  EXPECT_EQ(transport->counters().rejected, 0U);
}

TEST_F(Journald, Matches) {
  add({{"MESSAGE", "ssh"}, {"_SYSTEMD_UNIT", "ssh.service"}, {"PRIORITY", "6"}});
  add({{"MESSAGE", "ssh, bad"}, {"_SYSTEMD_UNIT", "ssh.service"}, {"PRIORITY", "3"}});
  add({{"MESSAGE", "cron"}, {"_SYSTEMD_UNIT", "cron.service"}, {"PRIORITY", "6"}});
  add({{"MESSAGE", "su"}, {"SYSLOG_IDENTIFIER", "su"}, {"PRIORITY", "5"}});
  write();
  static const struct {
    const char* name;
    Got matches, want;
  } kCases[] = {
      {"one", {"_SYSTEMD_UNIT=ssh.service"}, {"ssh", "ssh, bad"}},
      {"one field", {"_SYSTEMD_UNIT=ssh.service", "_SYSTEMD_UNIT=cron.service"}, {"ssh", "ssh, bad", "cron"}},
      {"two fields", {"_SYSTEMD_UNIT=ssh.service", "PRIORITY=3"}, {"ssh, bad"}},
      {"or", {"_SYSTEMD_UNIT=ssh.service", "PRIORITY=3", "+", "SYSLOG_IDENTIFIER=su"}, {"ssh, bad", "su"}},
      {"none", {"PRIORITY=0"}, {}},
  };
  options.state_path.clear();
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    lines.all.clear();
    options.matches = c.matches;
    open();
    ASSERT_TRUE(wait(c.want.size()));
    run_for(io, std::chrono::milliseconds{30});
    EXPECT_EQ(messages(), c.want);
    close();
  }
}

TEST_F(Journald, WaitsForRoomInBoundedTurns) {
  add_all(600);
  write();
  lines.room = false;
  open();
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_TRUE(lines.all.empty());
  lines.room = true;
  std::size_t most = 0, before = 0;
  for (int i = 0; i < 1'000'000 && before < 600; ++i) {
    io.restart();
    (void)io.poll_one();
    most = std::max(most, lines.all.size() - before);
    before = lines.all.size();
  }
  ASSERT_EQ(before, 600U);
  EXPECT_LE(most, 256U);
  EXPECT_EQ(messages().back(), "m599");
}

TEST_F(Journald, NothingAfterStop) {
  add_all(3);
  write();
  open();
  transport->stop();
  run_for(io, std::chrono::milliseconds{50});
  EXPECT_TRUE(lines.all.empty());
  EXPECT_FALSE(fs::exists(options.state_path));
  transport->stop();  // twice does no harm
  transport.reset();
  run_for(io, std::chrono::milliseconds{20});
}

// Files that are damaged do not keep the others from being read.
TEST_F(Journald, ADamagedFile) {
  for (int i = 0; i < 200; ++i) add({{"MESSAGE", "bad " + std::to_string(i)}}, "bad.journal");
  write();
  for (int i = 0; i < 200; ++i) add({{"MESSAGE", "good " + std::to_string(i)}}, "good.journal");
  write();
  {
    std::fstream file{journal + "/bad.journal", std::ios::in | std::ios::out | std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t from = text.find("MESSAGE=bad 50"), to = text.find("MESSAGE=bad 150");
    ASSERT_LT(from, to);
    file.clear();
    file.seekp(static_cast<std::streamoff>(from));
    file << std::string(to - from, '\xff');
  }
  append(journal + "/no.journal", "this is none");
  Heard heard;
  open();
  EXPECT_EQ(heard.codes, (Got{"journal_files_unusable"}));
  EXPECT_EQ(transport->counters().rejected, 1U);
  ASSERT_TRUE(run_until(io, [&] { return !lines.all.empty() && lines.all.back().ends_with("good 199"); }));
  std::size_t good = 0;
  for (const std::string& message : messages()) good += message.starts_with("good ") ? 1U : 0U;
  EXPECT_EQ(good, 200U);
  EXPECT_GE(lines.all.size(), 250U);  // of the damaged one, what comes before the damage
}

TEST_F(Journald, WhoMayNotRead) {
  add("secret");
  write();
  fs::permissions(dir.path, fs::perms{0755});
  fs::permissions(journal, fs::perms{0755});
  fs::permissions(journal + "/a.journal", fs::perms{0600});
  options.state_path.clear();
  if (::geteuid() != 0) {
    fs::permissions(journal + "/a.journal", fs::perms{0000});
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::no_permission);
    return;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(2);
    const auto opened = try_open();
    const bool right = !opened && opened.error().code == Errc::no_permission &&
                       opened.error().what.find("systemd-journal") != std::string::npos;
    ::_exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Journald, Refuses) {
  const auto refused = [&](const std::string& named) {
    const auto opened = try_open();
    if (opened) return Errc::io;
    EXPECT_NE(opened.error().what.find(named), std::string::npos) << opened.error().what;
    return opened.error().code;
  };
  options.matches = {"ssh.service"};
  EXPECT_EQ(refused("ssh.service"), Errc::invalid_argument);
  options.matches.clear();
  options.state_path = dir.file("no/state");
  EXPECT_EQ(refused(options.state_path), Errc::not_found);
  options.state_path = dir.file("state");
  for (const char* text : {"", "normwatch-journal-1 s=1;i=2", "normwatch-journal-1 \n", "something else\n"}) {
    SCOPED_TRACE(text);
    fs::remove(options.state_path);
    std::ofstream{options.state_path} << text;
    EXPECT_EQ(refused(options.state_path), Errc::malformed);
  }
  std::ofstream{options.state_path} << "normwatch-journal-1 nonsense\n";
  EXPECT_EQ(refused(options.state_path), Errc::malformed);
  fs::remove(options.state_path);
  options.directory = dir.file("nowhere");
  EXPECT_EQ(refused(options.directory), Errc::not_found);
}

TEST(JournalMatch, Shape) {
  for (const char* good : {"A=", "_PID=1", "F9=a=b", "+", "MESSAGE=two words"}) {
    EXPECT_TRUE(is_journal_match(good)) << good;
  }
  for (const char* bad : {"", "=", "=x", "A", "a=1", "1A=x", "__CURSOR=x", "++", "A B=1"}) {
    EXPECT_FALSE(is_journal_match(bad)) << bad;
  }
  EXPECT_TRUE(is_journal_match(std::string(64, 'A') + "=1"));
  EXPECT_FALSE(is_journal_match(std::string(65, 'A') + "=1"));
}

TEST(JournalKeys, AreRead) {
  Diagnostics diagnostics;
  const auto nodes = parse_yaml("{directory: /j, matches: [A=1, +, bad], from_start: true, as: json}\n---\n{as: xml}\n",
                                "test.yaml", diagnostics);
  ASSERT_EQ(nodes.size(), 2U);
  TransportOptions options;
  YamlMap map{nodes[0], "a source", "test.yaml", diagnostics};
  read_journald(map, options);
  map.finish();
  EXPECT_EQ(options.directory, "/j");
  EXPECT_EQ(options.matches, (Got{"A=1", "+", "bad"}));
  EXPECT_TRUE(options.from_start);
  EXPECT_TRUE(options.as_json);
  EXPECT_EQ(diagnostics.errors(), 1U);  // "bad"
  YamlMap other{nodes[1], "a source", "test.yaml", diagnostics};
  read_journald(other, options);
  EXPECT_FALSE(options.from_start);
  EXPECT_EQ(diagnostics.errors(), 2U);
}

}  // namespace
}  // namespace nw::logs
