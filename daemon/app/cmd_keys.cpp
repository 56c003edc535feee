// `normwatch keys`: makes, moves and shows the daemon's keys, and makes those of custodians. Works on files, without a
// daemon; a secret is printed nowhere.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/privacy_files.h"
#include "base/check.h"
#include "base/text.h"
#include "record/keys/epoch_store.h"
#include "record/keys/keys.h"

extern char** environ;

namespace nw::app {

namespace {

using record::KeyName;
using record::SecretText;

constexpr std::array kAllKeys{KeyName::ledger, KeyName::witness, KeyName::wrap};
constexpr const char* kCredstore = "/etc/credstore.encrypted";
constexpr std::size_t kPipeBytesMax = 4096;  // a pipe holds it, so nobody waits for a reader

constexpr OptionSpec kConfigOption{"config", "FILE", "the daemon's configuration: where keys and state lie"};
constexpr OptionSpec kStateOption{"state", "DIR", "the daemon's state directory (default: of the configuration)"};
constexpr OptionSpec kDirectoryOption{"directory", "DIR", "where the keys lie (default: <state>/keys)"};
constexpr OptionSpec kCredentialsOption{"credentials", "",
                                        "as credentials that systemd decrypts for the service alone"};
constexpr OptionSpec kCredstoreOption{"credstore", "DIR", "where they lie (default: /etc/credstore.encrypted)"};

constexpr OptionSpec kInitOptions[] = {
    kDirectoryOption,
    kCredentialsOption,
    kCredstoreOption,
    {"origin", "NAME", "the ledger's name, unlike any other's: example.org/ledger (default: of the configuration)"},
    kConfigOption,
    kStateOption};
constexpr CommandSpec kInitSpec{
    "keys init",
    "",
    "make the keys that are not there; with --credentials, move those that are into systemd's",
    "Keys that are there are never replaced.\nExit status: 0, 64 a wrong name, 69 systemd-creds is missing or "
    "refuses, 74 or 77 the disk or its rights.",
    kInitOptions,
    0,
    0};

constexpr OptionSpec kRotateOptions[] = {kDirectoryOption, kCredentialsOption,
                                         kCredstoreOption, {"origin", "NAME", "ledger: the new ledger's name"},
                                         kConfigOption,    kStateOption};
constexpr CommandSpec kRotateSpec{
    "keys rotate",
    "ledger|witness|wrap",
    "replace a key; the daemon must not be running",
    "ledger: a new ledger begins, under a new --origin. witness: the logs that it witnesses need its new vkey. wrap: "
    "the keys of months are wrapped anew.\nExit status: 0, 64 which key, 66 there is none, 69 a daemon runs, or "
    "systemd-creds is missing or refuses.",
    kRotateOptions,
    1,
    1};

constexpr OptionSpec kShowOptions[] = {kDirectoryOption, kCredstoreOption, kConfigOption, kStateOption};
constexpr CommandSpec kShowSpec{"keys show",
                                "",
                                "which keys there are, where they lie, and what others may know of them",
                                "Exit status: 0, 65 a key is damaged, 77 a key is not for this user, or for too many.",
                                kShowOptions,
                                0,
                                0};

constexpr OptionSpec kCustodianOptions[] = {{"body", "TEXT", "who employs them: two of one body are one interest"},
                                            {"out", "FILE", "where the secret key goes (default: NAME.key)"}};
constexpr CommandSpec kCustodianSpec{
    "keys custodian",
    "NAME --body TEXT",
    "make a custodian's key pair: the secret key into a file, their line of custodians.yaml on standard output",
    "Each custodian does this alone, on a machine of their own, and reads the fingerprint to the operator.\nExit "
    "status: 0, 64 a wrong name, 73 the file is there already.",
    kCustodianOptions,
    1,
    1};

ExitCode failed(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitUsage : exit_code(error.code);
}

// Where keys lie by the command line, else by the configuration. Nothing after a report.
std::optional<record::Keys::Options> options_of(const Options& options, ExitCode& code) {
  Diagnostics diagnostics;
  const auto config = load_config(options.get("config"), diagnostics);
  if (!config || !diagnostics.ok()) {
    code = report(diagnostics, nullptr);
    return std::nullopt;
  }
  Config with = *config;
  if (options.has("state")) with.state_directory = options.get("state");
  if (options.has("directory")) with.record.keys.directory = options.get("directory");
  if (options.has("origin")) with.record.ledger.origin = options.get("origin");
  return keys_options(with);
}

// systemd-creds with `arguments`, `input` on its standard input; what it printed.
Result<SecretText> systemd_creds(std::vector<std::string> arguments, std::string_view input) {
  NW_CHECK(input.size() <= kPipeBytesMax);
  std::array<int, 2> in{}, out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) return record::system_error(errno, "pipe");
  const record::Fd in_read{in[0]};
  record::Fd in_write{in[1]};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return record::system_error(errno, "pipe");
  const record::Fd out_read{out[0]};
  record::Fd out_write{out[1]};
  if (::write(in_write.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    return record::system_error(errno, "pipe");
  in_write = record::Fd{};
  arguments.insert(arguments.begin(), "systemd-creds");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in_read.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out_write.get(), STDOUT_FILENO);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "systemd-creds", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return Error{Errc::unavailable, "systemd-creds cannot be run: " + std::string{std::strerror(error)} +
                                        "; it comes with systemd 250 and later"};
  out_write = record::Fd{};
  std::string bytes(kPipeBytesMax, '\0');
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < bytes.size(); size += static_cast<std::size_t>(std::max<ssize_t>(got, 0)))
    got = ::read(out_read.get(), bytes.data() + size, bytes.size() - size);
  const SecretText all{std::move(bytes)};
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{Errc::unavailable, "systemd-creds " + arguments[1] + " refused (see above); no key was changed"};
  return SecretText{std::string{all.view().substr(0, size)}};
}

std::string credential_of(const Options& options, KeyName key) {
  return options.get("credstore", kCredstore) + '/' + std::string{file_of(key)};
}

bool exists(const std::string& file) { return ::access(file.c_str(), F_OK) == 0; }

Result<> encrypt(const Options& options, KeyName key, const SecretText& text) {
  const std::string store = options.get("credstore", kCredstore), file = credential_of(options, key);
  if (auto made = record::make_secret_directory(record::system_files(), store); !made) return made;
  // Beside the old one, which stays when this fails.
  const std::string fresh = file + ".new";
  const auto done = systemd_creds({"encrypt", "--name=" + std::string{file_of(key)}, "-", fresh}, text.view());
  if (!done) return done.error();
  if (::rename(fresh.c_str(), file.c_str()) != 0) return record::system_error(errno, file + ": cannot replace");
  return record::sync_directory(record::system_files(), store);
}

// Root makes keys for the service's user, who owns the state directory.
void give_to_owner(const std::filesystem::path& file) {
  struct stat above {};
  if (::geteuid() != 0 || ::stat(file.parent_path().parent_path().c_str(), &above) != 0) return;
  for (const auto& path : {file.parent_path(), file})
    if (::chown(path.c_str(), above.st_uid, above.st_gid) != 0)
      complain("cannot give " + path.string() + " to user " + std::to_string(above.st_uid) +
               ": the daemon may not be able to read it");
}

Result<> write_file(const std::filesystem::path& file, const SecretText& text) {
  if (auto there = record::make_secret_directory(record::system_files(), file.parent_path()); !there) return there;
  if (auto wrote = record::write_secret(record::system_files(), file, text.view()); !wrote) return wrote;
  give_to_owner(file);
  return {};
}

void say(KeyName key, const std::string& what, const std::string& where, const SecretText& text) {
  const auto shown = record::public_part(key, text.line());
  std::printf("%s: %s: %s\n    %s\n", std::string{file_of(key)}.c_str(), what.c_str(), where.c_str(),
              shown ? shown->c_str() : shown.error().what.c_str());
}

ExitCode init(const Options& options) {
  ExitCode code = kExitOk;
  const auto where = options_of(options, code);
  if (!where) return code;
  const bool credentials = options.has("credentials");
  for (const KeyName key : kAllKeys) {
    const std::filesystem::path file = where->directory / file_of(key);
    const std::string credential = credential_of(options, key);
    if (exists(credential)) {
      std::printf("%s: is there: %s\n", std::string{file_of(key)}.c_str(), credential.c_str());
      continue;
    }
    auto text = exists(file) ? record::read_secret(record::system_files(), file, record::Guarded::by_mode)
                             : record::make_key(key, where->origin);
    if (!text) return failed(text.error());
    const bool fresh = !exists(file);
    if (!credentials && !fresh) {
      say(key, "is there", file.string(), *text);
      continue;
    }
    const auto done = credentials ? encrypt(options, key, *text) : write_file(file, *text);
    if (!done) return failed(done.error());
    if (credentials && !fresh)
      if (const auto gone = record::destroy_file(record::system_files(), file); !gone) return failed(gone.error());
    say(key, fresh ? "made" : "moved", credentials ? credential : file.string(), *text);
  }
  if (credentials) std::puts("systemd hands them to normwatch.service at its next start: systemctl restart normwatch");
  return kExitOk;
}

// Where the key lies by now, and its text.
Result<SecretText> present(const Options& options, const record::Keys::Options& where, KeyName key) {
  if (!options.has("credentials"))
    return record::read_secret(record::system_files(), where.directory / file_of(key), record::Guarded::by_mode);
  const std::string file = credential_of(options, key);
  if (!exists(file)) return Error{Errc::not_found, "there is no credential " + file};
  return systemd_creds({"decrypt", "--name=" + std::string{file_of(key)}, file, "-"}, {});
}

Result<> replace(const Options& options, const record::Keys::Options& where, KeyName key, const SecretText& text) {
  return options.has("credentials") ? encrypt(options, key, text) : write_file(where.directory / file_of(key), text);
}

// The new key is kept beside the old one until every file is wrapped with it: a run that was cut off is taken up again.
Result<SecretText> rotate_wrap(const Options& options, const record::Keys::Options& where) {
  const std::filesystem::path beside = where.epochs / "normwatch.wrap.new";
  const auto old_key = present(options, where, KeyName::wrap);
  if (!old_key) return old_key.error();
  auto new_key = exists(beside) ? record::read_secret(record::system_files(), beside, record::Guarded::by_mode)
                                : record::make_key(KeyName::wrap, {});
  if (!new_key) return new_key.error();
  if (auto there = record::make_secret_directory(record::system_files(), where.epochs); !there) return there.error();
  if (auto wrote = record::write_secret(record::system_files(), beside, new_key->view()); !wrote) return wrote.error();
  const auto done = record::rewrap(where, old_key->line(), new_key->line());
  if (!done) return done.error();
  if (auto replaced = replace(options, where, KeyName::wrap, *new_key); !replaced) return replaced.error();
  if (auto gone = record::destroy_file(record::system_files(), beside); !gone) return gone.error();
  for (const auto& file : std::filesystem::directory_iterator{where.epochs}) give_to_owner(file.path());
  std::printf("keys of %zu months are wrapped anew\n", *done);
  return new_key;
}

ExitCode rotate(const Options& options) {
  const std::string& which = options.words()[0];
  const auto* const at =
      std::find_if(kAllKeys.begin(), kAllKeys.end(), [&](KeyName key) { return file_of(key) == "normwatch." + which; });
  if (at == kAllKeys.end()) {
    complain("'" + printable(which, 64) + "' is no key: ledger, witness or wrap");
    return kExitUsage;
  }
  if (ask_daemon(options, "GET", "/status")) {
    complain("the daemon is running and would go on with the old key; stop it first: systemctl stop normwatch");
    return kExitUnavailable;
  }
  ExitCode code = kExitOk;
  const auto where = options_of(options, code);
  if (!where) return code;
  if (*at == KeyName::wrap) {
    const auto fresh = rotate_wrap(options, *where);
    if (!fresh) return failed(fresh.error());
    say(*at, "replaced", options.has("credentials") ? credential_of(options, *at) : where->directory.string(), *fresh);
    return kExitOk;
  }
  const auto old_key = present(options, *where, *at);
  if (!old_key) return failed(old_key.error());
  const auto old_public = record::public_part(*at, old_key->line());
  if (!old_public) return failed(old_public.error());
  if (*at == KeyName::ledger && (!options.has("origin") || old_public->starts_with(options.get("origin") + '+'))) {
    complain("a new key begins a new ledger: name it with --origin, otherwise than the old one (" + *old_public + ")");
    return kExitUsage;
  }
  const auto fresh = record::make_key(*at, where->origin);
  if (!fresh) return failed(fresh.error());
  if (const auto done = replace(options, *where, *at, *fresh); !done) return failed(done.error());
  std::printf("was: %s\n", old_public->c_str());
  say(*at, "replaced", options.has("credentials") ? credential_of(options, *at) : where->directory.string(), *fresh);
  if (*at == KeyName::ledger)
    std::printf("Put %s aside before the next start: it stays what it is, and is verified with the old vkey.\n",
                (where->epochs.parent_path().parent_path() / "ledger").c_str());
  return kExitOk;
}

ExitCode show(const Options& options) {
  ExitCode code = kExitOk;
  const auto where = options_of(options, code);
  if (!where) return code;
  for (const KeyName key : kAllKeys) {
    const auto file = record::find_key(*where, key);
    if (file) {
      const auto text = record::read_key(*where, key);
      const auto shown = text ? record::public_part(key, text->line()) : Result<std::string>{text.error()};
      std::printf("%s: %s\n    %s\n", std::string{file_of(key)}.c_str(), file->c_str(),
                  shown ? shown->c_str() : shown.error().what.c_str());
      if (!shown) code = exit_code(shown.error().code);
    } else if (const std::string credential = credential_of(options, key); exists(credential)) {
      std::printf("%s: %s\n    encrypted: systemd gives it to the service alone\n", std::string{file_of(key)}.c_str(),
                  credential.c_str());
    } else {
      std::printf("%s: not there: the daemon makes it at its start, or `normwatch keys init`\n",
                  std::string{file_of(key)}.c_str());
    }
  }
  const auto wrapped = record::EpochStore{where->epochs, where->operator_id, record::system_files()}.wrapped();
  const auto sealed = record::sealed_files(where->epochs);
  if (!wrapped) return failed(wrapped.error());
  if (!sealed) return failed(sealed.error());
  std::printf("operator: %s\n", where->operator_id.c_str());
  for (const privacy::Epoch epoch : *wrapped) std::printf("%s: wrapped, in use\n", epoch.to_string().c_str());
  for (const record::SealedFile& file : *sealed) {
    const auto text = read_text_file(file.file, privacy::kSealedBytesMax);
    const auto key = text ? privacy::SealedKey::parse(*text) : Result<privacy::SealedKey>{text.error()};
    std::printf("%s: %s sealed, %s\n", file.epoch.to_string().c_str(), file.purpose.c_str(), file.file.c_str());
    if (key)
      for (const privacy::Fingerprint& print : key->custodians) std::printf("    %s\n", privacy::to_hex(print).c_str());
    else
      std::printf("    %s\n", key.error().what.c_str());
  }
  return code;
}

ExitCode custodian(const Options& options) {
  const std::string& name = options.words()[0];
  const std::string body = options.get("body"), file = options.get("out", name + ".key");
  const privacy::CustodianKeys keys = privacy::make_custodian_keys(record::kernel_random);
  std::string line = "  - {name: " + name + ", body: ";
  append_json_string(trim(body), line);  // YAML takes JSON's texts
  line += ", key: " + privacy::to_hex(keys.public_key) + '}';
  // Read as the daemon will read it, beside a second one, for there are at least two.
  const privacy::CustodianKeys other = privacy::make_custodian_keys(record::kernel_random);
  Diagnostics diagnostics;
  const std::string text = "version: 1\ncustodians:\n" + line + "\n  - {name: other-" + name.substr(0, 32) +
                           ", body: other, key: " + privacy::to_hex(other.public_key) + "}\n";
  (void)privacy::Custodians::read(text, "custodians.yaml", diagnostics);
  if (!diagnostics.ok()) {
    complain(diagnostics.all().front().text + "; " + diagnostics.all().front().hint);
    return kExitUsage;
  }
  if (exists(file)) {
    complain(file + " is there already; a key is never overwritten: name another file with --out");
    return kExitCannotCreate;
  }
  std::string digits = privacy::to_hex(keys.secret_key.bytes());
  digits += '\n';
  const SecretText secret{std::move(digits)};
  if (const auto wrote = record::write_secret(record::system_files(), file, secret.view()); !wrote)
    return failed(wrote.error());
  std::puts(line.c_str());
  std::fprintf(stderr, "The secret key is in %s: nobody else may have it, and without it one of two is missing.\n",
               file.c_str());
  std::fprintf(stderr, "Fingerprint, to be read to the operator: %s\n",
               privacy::to_hex(privacy::fingerprint_of(keys.public_key)).c_str());
  return kExitOk;
}

std::span<const Command> keys_commands() {
  static constexpr std::array<Command, 4> kCommands{
      {{&kInitSpec, init}, {&kRotateSpec, rotate}, {&kShowSpec, show}, {&kCustodianSpec, custodian}}};
  return kCommands;
}

constexpr CommandSpec kSpec{"keys", "", "the keys of ledger, witness and privacy: make, replace, show", "", {}, 0, 0};

}  // namespace

const Command kKeys{&kSpec, nullptr, keys_commands};

}  // namespace nw::app
