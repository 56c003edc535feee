#include "record/keys/keys.h"

#include <fcntl.h>
#include <openssl/crypto.h>

#include "base/log.h"
#include "base/text.h"
#include "record/keys/epoch_store.h"
#include "record/keys/locked.h"

namespace nw::record {

namespace {

constexpr std::size_t kWrapDigits = 64;

merkle::KeyType type_of(KeyName key) {
  return key == KeyName::witness ? merkle::KeyType::cosignature : merkle::KeyType::note;
}

// A copy of a key as bytes, which is wiped behind its use.
struct Seed {
  std::string bytes = std::string(32, '\0');
  Seed() {
    std::array<std::uint8_t, 32> random{};
    kernel_random(random);
    std::copy(random.begin(), random.end(), bytes.begin());
    OPENSSL_cleanse(random.data(), random.size());
  }
  ~Seed() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  Seed(const Seed&) = delete;
  Seed& operator=(const Seed&) = delete;
};

Result<privacy::Key32> read_wrap(std::string_view text) {
  privacy::Key32 out;
  if (text.size() != kWrapDigits || !privacy::read_hex(text, out.writable()))
    return Error{Errc::malformed, "a wrap key is 64 hex digits in lower case, and nothing else"};
  return out;
}

Result<merkle::SignerKey> read_signer(KeyName key, std::string_view text) {
  auto signer = merkle::SignerKey::parse(text);
  if (!signer) return signer.error();
  if (signer->verifier().type != type_of(key))
    return Error{Errc::malformed, key == KeyName::ledger ? "this is the key of a witness; a ledger's is of type 0x01"
                                                         : "this is the key of a ledger; a witness's is of type 0x04"};
  return signer;
}

std::string said_made(std::string_view what, std::string_view name, std::string_view value) {
  std::string out = R"({"what":")" + std::string{what} + R"(",")" + std::string{name} + R"(":)";
  append_json_string(value, out);
  return out + '}';
}

class FileKeys final : public Keys {
 public:
  FileKeys(Options options, FileOps& ops, merkle::SignerKey ledger, merkle::SignerKey witness)
      : options_{std::move(options)},
        ledger_{std::move(ledger)},
        witness_{std::move(witness)},
        epochs_{options_.epochs, options_.operator_id, ops} {}

  void wrap(privacy::Key32 key) {
    secrets_->wrap = std::move(key);
    privacy::hkdf_expand(secrets_->wrap, "normwatch-alert-ids/v1", secrets_->ids.writable());
  }
  void add_made(std::string what) { made_.push_back(std::move(what)); }

  [[nodiscard]] const merkle::SignerKey& ledger() const override { return ledger_; }
  [[nodiscard]] const merkle::SignerKey& witness() const override { return witness_; }
  [[nodiscard]] const privacy::Key32& ids() const override { return secrets_->ids; }
  [[nodiscard]] const std::vector<std::string>& made() const override { return made_; }
  Result<EpochSecrets> epoch(privacy::Epoch epoch, std::vector<std::string>& made) override {
    return epochs_.epoch(epoch, secrets_->wrap, options_.custodians, made);
  }
  Result<> retire(Timestamp now, std::vector<std::string>& made) override { return epochs_.retire(now, made); }
  void custodians(std::vector<privacy::Custodian> custodians) override { options_.custodians = std::move(custodians); }

 private:
  struct Secrets {
    privacy::Key32 wrap, ids;
  };
  Options options_;
  merkle::SignerKey ledger_, witness_;  // in OpenSSL's locked memory
  Locked<Secrets> secrets_;
  EpochStore epochs_;
  std::vector<std::string> made_;
};

// The key's text; made and written when it is in neither place.
Result<SecretText> read_or_make(const Keys::Options& options, KeyName key, FileOps& ops, std::string& made) {
  auto text = read_key(options, key, ops);
  if (text || text.error().code != Errc::not_found) return text;
  if (auto there = make_secret_directory(ops, options.directory); !there) return there.error();
  auto fresh = make_key(key, options.origin);
  if (!fresh) return fresh;
  const std::filesystem::path file = options.directory / file_of(key);
  if (auto wrote = write_secret(ops, file, fresh->view()); !wrote) return wrote.error();
  made += (made.empty() ? "" : ", ") + file.string();
  return fresh;
}

Error of_key(const Keys::Options& options, KeyName key, const Error& error) {
  const auto file = find_key(options, key);
  return Error{error.code, (file ? file->string() : std::string{file_of(key)}) + ": " + error.what};
}

// With its line end; a string that grows would leave the old bytes behind.
SecretText line_of(std::string secret) {
  std::string text;
  text.reserve(secret.size() + 1);
  text.append(secret).append("\n");
  explicit_bzero(secret.data(), secret.size());
  return SecretText{std::move(text)};
}

}  // namespace

std::string witness_name(std::string_view origin) { return std::string{origin} + "/witness"; }

Result<SecretText> make_key(KeyName key, std::string_view origin) {
  const Seed seed;
  if (key == KeyName::wrap) {
    return line_of(privacy::to_hex(privacy::bytes_of(seed.bytes)));
  }
  const std::string name = key == KeyName::witness ? witness_name(origin) : std::string{origin};
  if (!merkle::is_key_name(name))
    return Error{Errc::invalid_argument, "'" + printable(name, 80) +
                                             "' is no name for a key: no spaces and no plus signs; such as "
                                             "example.org/ledger"};
  auto text = merkle::SignerKey::encode(name, type_of(key), seed.bytes);
  if (!text) return text.error();
  return line_of(std::move(*text));
}

Result<std::string> public_part(KeyName key, std::string_view text) {
  if (key != KeyName::wrap) {
    const auto signer = read_signer(key, text);
    if (!signer) return signer.error();
    return signer->verifier().to_string();
  }
  const auto wrap = read_wrap(text);
  if (!wrap) return wrap.error();
  std::array<std::uint8_t, 8> print{};
  privacy::hkdf_expand(*wrap, "normwatch-wrap-fingerprint/v1", print);
  return privacy::to_hex(print);
}

Result<std::filesystem::path> find_key(const Keys::Options& options, KeyName key) {
  for (const auto& place : {options.credentials, options.directory}) {
    if (place.empty()) continue;
    std::error_code error;
    const std::filesystem::path file = place / file_of(key);
    const bool there = std::filesystem::exists(file, error);
    if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
      return system_error(error.value(), file.string() + ": cannot look at it");
    if (there) return file;
  }
  return Error{Errc::not_found, "there is no key " + std::string{file_of(key)}};
}

Result<SecretText> read_key(const Keys::Options& options, KeyName key, FileOps& ops) {
  const auto file = find_key(options, key);
  if (!file) return file.error();
  const bool credential = !options.credentials.empty() && file->parent_path() == options.credentials;
  return read_secret(ops, *file, credential ? Guarded::by_systemd : Guarded::by_mode);
}

Result<std::unique_ptr<Keys>> Keys::open(Options options, FileOps& ops) {
  std::string made;
  std::vector<std::string> told;
  std::array<SecretText, kKeyNames.size()> texts;
  for (const KeyName key : {KeyName::ledger, KeyName::witness, KeyName::wrap}) {
    const std::string before = made;
    auto text = read_or_make(options, key, ops, made);
    if (!text) return text.error();
    const auto shown = public_part(key, text->line());
    if (!shown) return of_key(options, key, shown.error());
    if (made != before)
      told.push_back(said_made(file_of(key).substr(std::string_view{"normwatch."}.size()),
                               key == KeyName::wrap ? "fingerprint" : "vkey", *shown));
    texts[static_cast<std::size_t>(key)] = std::move(*text);
  }
  auto ledger = read_signer(KeyName::ledger, texts[0].line());
  auto witness = read_signer(KeyName::witness, texts[1].line());
  auto wrap = read_wrap(texts[2].line());
  if (!ledger) return of_key(options, KeyName::ledger, ledger.error());
  if (!witness) return of_key(options, KeyName::witness, witness.error());
  if (!wrap) return of_key(options, KeyName::wrap, wrap.error());
  if (!made.empty())
    log_warning("keys_made",
                "there were no keys, so new ones were made; they lie unencrypted on disk. `normwatch keys init "
                "--credentials` moves them into systemd's encrypted credentials",
                {{"files", made}});
  auto keys = std::make_unique<FileKeys>(std::move(options), ops, std::move(*ledger), std::move(*witness));
  keys->wrap(std::move(*wrap));
  for (std::string& what : told) keys->add_made(std::move(what));
  return std::unique_ptr<Keys>{std::move(keys)};
}

Result<std::size_t> rewrap(const Keys::Options& options, std::string_view old_key, std::string_view new_key,
                           FileOps& ops) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up"};
  const auto from = read_wrap(old_key), to = read_wrap(new_key);
  if (!from) return from.error();
  if (!to) return to.error();
  return EpochStore{options.epochs, options.operator_id, ops}.rewrap(*from, *to);
}

}  // namespace nw::record
