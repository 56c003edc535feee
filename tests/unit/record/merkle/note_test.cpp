#include "record/merkle/note.h"

#include <gtest/gtest.h>

#include "record/merkle/base64.h"
#include "record/merkle/cosignature.h"
#include "unit/record/merkle/support.h"

namespace nw::merkle {
namespace {

using test::unhex;

constexpr std::string_view kPeter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kPeterSecret =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kPeterLine =
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr std::string_view kEnoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
constexpr std::string_view kEnochLine =
    "\u2014 EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

std::string text_of(std::string_view view) { return std::string{view}; }
std::string peters_note() { return text_of(kText) + "\n" + text_of(kPeterLine); }
std::vector<VerifierKey> keys(std::initializer_list<std::string_view> vkeys) {
  std::vector<VerifierKey> out;
  for (const std::string_view vkey : vkeys) out.push_back(*VerifierKey::parse(vkey));
  return out;
}
// "" when the note is good; the error otherwise, of parsing or verifying.
std::string fault(const std::string& bytes, std::span<const VerifierKey> known) {
  const auto note = Note::parse(bytes);
  if (!note) return note.error().what;
  const auto verified = verify_note(*note, known);
  return verified ? std::string{} : verified.error().what;
}

TEST(Ed25519, Rfc8032) {
  static constexpr struct {
    const char* seed;
    const char* key;
    const char* message;
    const char* signature;
  } kCases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "465"
       "5141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "eb0"
       "0d291612bb0c00"},
  };
  for (const auto& c : kCases) {
    const auto key = PrivateKey::from_seed(unhex(c.seed));
    ASSERT_TRUE(key);
    EXPECT_EQ(std::string(key->public_key().begin(), key->public_key().end()), unhex(c.key));
    const std::string message = unhex(c.message), signature = key->sign(message);
    EXPECT_EQ(signature, unhex(c.signature));
    EXPECT_TRUE(verify_ed25519(key->public_key(), message, signature));
    EXPECT_FALSE(verify_ed25519(key->public_key(), message + "x", signature));
    for (const std::size_t at : {0U, 31U, 32U, 63U}) {
      std::string wrong = signature;
      wrong[at] = static_cast<char>(wrong[at] ^ 1);
      EXPECT_FALSE(verify_ed25519(key->public_key(), message, wrong)) << at;
    }
    EXPECT_FALSE(verify_ed25519(key->public_key(), message, signature.substr(0, 63)));
    EXPECT_FALSE(verify_ed25519(key->public_key(), message, signature + "x"));
    EXPECT_FALSE(verify_ed25519(key->public_key(), message, ""));
  }
  EXPECT_FALSE(PrivateKey::from_seed(std::string(31, 'x')));
  EXPECT_FALSE(PrivateKey::from_seed(std::string(33, 'x')));
}

TEST(Keys, GosVectors) {
  const auto peter = SignerKey::parse(kPeterSecret);
  ASSERT_TRUE(peter);
  EXPECT_EQ(peter->verifier().to_string(), kPeter);
  EXPECT_EQ(peter->verifier(), *VerifierKey::parse(kPeter));
  const auto enoch = SignerKey::make("EnochRoot", KeyType::note, std::string(32, '\0'));
  ASSERT_TRUE(enoch);
  EXPECT_EQ(enoch->verifier().to_string(), kEnoch);
  const auto secret = SignerKey::encode("EnochRoot", KeyType::note, std::string(32, '\0'));
  ASSERT_TRUE(secret);
  EXPECT_EQ(SignerKey::parse(*secret)->verifier(), enoch->verifier());
}

TEST(Keys, WorkedExample) {
  EXPECT_EQ(test::log_signer().verifier().to_string(), test::kLogKey);
  EXPECT_EQ(test::witness_signer().verifier().to_string(), test::kWitnessKey);
  EXPECT_EQ(VerifierKey::parse(test::kLogKey)->id, 0xe3b9c313U);
  EXPECT_EQ(VerifierKey::parse(test::kWitnessKey)->type, KeyType::cosignature);
}

TEST(Keys, Refuses) {
  static constexpr struct {
    const char* key;
    const char* told;
  } kCases[] = {
      {"", "not of the form"},
      {"PeterNeumann", "not of the form"},
      {"PeterNeumann+c74f20a3", "not of the form"},
      {"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no proper name"},
      {"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no proper name"},
      {"Peter\u00a0Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no proper name"},
      {"Peter\xffNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "no proper name"},
      {"PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "8 hexadecimal digits"},
      {"PeterNeumann+c74f20a33+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "8 hexadecimal digits"},
      {"PeterNeumann+c74f20ax+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "8 hexadecimal digits"},
      {"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "do not belong together"},
      {"Peter_Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "do not belong together"},
      {"PeterNeumann+c74f20a3+", "does not end in Base64"},
      {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T", "does not end in Base64"},
      {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", "does not end in Base64"},
      {"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10Q=", "31 bytes of key instead of 32"},
      {"PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is of type 2"},
      {"PeterNeumann+c74f20a3+Bhpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is of type 6"},
  };
  for (const auto& c : kCases) {
    const auto key = VerifierKey::parse(c.key);
    ASSERT_FALSE(key) << c.key;
    EXPECT_NE(key.error().what.find(c.told), std::string::npos) << c.key << ": " << key.error().what;
  }
  const std::string secret = text_of(kPeterSecret);
  EXPECT_FALSE(SignerKey::parse(kPeter));
  EXPECT_FALSE(SignerKey::parse(secret.substr(0, secret.size() - 4)));
  const auto wrong_id = SignerKey::parse("PRIVATE+KEY+PeterNeumann+c74f20a4" + secret.substr(secret.find("+AYEK")));
  ASSERT_FALSE(wrong_id);
  EXPECT_NE(wrong_id.error().what.find("do not belong together"), std::string::npos);
  EXPECT_EQ(wrong_id.error().what.find("AYEK"), std::string::npos);  // nothing of the secret is told
  EXPECT_FALSE(SignerKey::make("a b", KeyType::note, std::string(32, 'x')));
  EXPECT_FALSE(VerifierKey::make("", KeyType::note, PublicKey{}));
}

TEST(Keys, EverySpaceOfUnicodeIsRefusedInNames) {
  for (const char* space : {" ", "\t", "\n", "\v", "\f", "\r", "\u0085", "\u00a0", "\u1680", "\u2000", "\u200a",
                            "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "+", "\x01"})
    EXPECT_FALSE(is_key_name(std::string{"a"} + space + "b")) << space;
  for (const char* name : {"a", "example.com/log", "caf\u00e9", "\u200b", "\u2014"})
    EXPECT_TRUE(is_key_name(name)) << name;
}

TEST(Notes, GosVectors) {
  const auto peter = SignerKey::parse(kPeterSecret);
  ASSERT_TRUE(peter);
  EXPECT_EQ(sign_note(kText, *peter)->to_line(), kPeterLine);
  const auto enoch = SignerKey::make("EnochRoot", KeyType::note, std::string(32, '\0'));
  EXPECT_EQ(sign_note(kText, *enoch)->to_line(), kEnochLine);
  const auto known = keys({kPeter, kEnoch});
  EXPECT_EQ(fault(peters_note(), known), "");
  const auto both = Note::parse(peters_note() + text_of(kEnochLine));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->text, kText);
  EXPECT_EQ(both->to_string(), peters_note() + text_of(kEnochLine));
  EXPECT_EQ(verify_note(*both, known)->size(), 2U);
  EXPECT_EQ(verify_note(*both, keys({kEnoch}))->size(), 1U);
}

TEST(Notes, SpecificationsVector) {
  EXPECT_EQ(fault("This is an example message.\n\n\u2014 example.com/foo "
                  "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
                  keys({"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"})),
            "");
}

TEST(Notes, WorkedExample) {
  const auto known = keys({test::kLogKey, test::kWitnessKey});
  const auto five = Note::parse(test::kCheckpoint5);
  ASSERT_TRUE(five);
  EXPECT_EQ(five->to_string(), test::kCheckpoint5);
  const auto verified = verify_note(*five, known);
  ASSERT_TRUE(verified);
  ASSERT_EQ(verified->size(), 2U);
  EXPECT_EQ((*verified)[0].timestamp, 0U);
  EXPECT_EQ((*verified)[1].timestamp, test::kCosignedAt);
  EXPECT_EQ(*sign_note(five->text, test::log_signer()), five->signatures[0]);
  EXPECT_EQ(*cosign(five->text, test::witness_signer(), test::kCosignedAt), five->signatures[1]);
  const auto three = Note::parse(test::kCheckpoint3);
  ASSERT_TRUE(three);
  EXPECT_EQ(*sign_note(three->text, test::log_signer()), three->signatures[0]);
}

TEST(Notes, Malformed) {
  const std::string text = text_of(kText), line = text_of(kPeterLine), note = peters_note();
  const std::string cut = line.substr(0, line.size() - 1);
  const struct {
    const char* name;
    std::string bytes;
    const char* told;
  } kCases[] = {
      {"empty", "", "no signatures"},
      {"text only", text, "no signatures"},
      {"an empty line and no signature", text + "\n", "no signature follows"},
      {"no empty line", text + line, "no signatures"},
      {"no final newline", text + "\n" + cut, "has no newline"},
      {"control byte in the text", "a\x01" + note, "line 1: holds the control character \\x01"},
      {"tab", "a\tb\n" + note, "line 1: holds the control character"},
      {"carriage return", text + "\r\n" + line, "line 3: holds the control character"},
      {"NUL in the signature", text + "\n" + line + std::string(1, '\0') + "\n", "line 5: holds the control character"},
      {"a lone FF", "a\xff\n" + note, "line 1: is no UTF-8"},
      {"a surrogate", "\xed\xa0\x80\n" + note, "line 1: is no UTF-8"},
      {"a space in the name", text + "\n\u2014 Peter Neumann " + cut.substr(cut.rfind(' ') + 1) + "\n", "line 4: "},
      {"a plus in the name", text + "\n\u2014 Peter+Neumann " + cut.substr(cut.rfind(' ') + 1) + "\n",
       "line 4: is no signature"},
      {"no name", text + "\n\u2014  " + cut.substr(cut.rfind(' ') + 1) + "\n", "line 4: is no signature"},
      {"a line behind the signatures", note + "hello\n", "line 5: is no signature"},
      {"a hyphen", text + "\n- PeterNeumann " + cut.substr(cut.rfind(' ') + 1) + "\n", "line 4: is no signature"},
      {"no Base64", text + "\n\u2014 PeterNeumann !!!!\n", "line 4: the signature of 'PeterNeumann' is no Base64"},
      {"Base64 and more", text + "\n" + cut + " x\n", "line 4: the signature of 'PeterNeumann' is no Base64"},
      {"no padding", text + "\n" + cut.substr(0, cut.size() - 1) + "\n", "is no Base64"},
      {"a name only", text + "\n\u2014 PeterNeumann\n", "line 4: is no signature"},
      {"nothing behind the name", text + "\n\u2014 PeterNeumann \n",
       "line 4: the signature of 'PeterNeumann' is too short"},
      {"a key id only", text + "\n\u2014 PeterNeumann x08gow==\n", "too short"},
  };
  const auto known = keys({kPeter});
  ASSERT_EQ(fault(note, known), "");
  for (const auto& c : kCases) {
    const auto parsed = Note::parse(c.bytes);
    ASSERT_FALSE(parsed) << c.name;
    EXPECT_EQ(parsed.error().code, Errc::malformed) << c.name;
    EXPECT_NE(parsed.error().what.find(c.told), std::string::npos) << c.name << ": " << parsed.error().what;
  }
  EXPECT_FALSE(Note::parse(std::string(kNoteBytesMax, 'x') + "\n" + note));
}

TEST(Notes, EveryCutAndEveryByteIsNoticed) {
  const std::string note = peters_note();
  const auto known = keys({kPeter});
  for (std::size_t size = 0; size < note.size(); ++size) EXPECT_NE(fault(note.substr(0, size), known), "") << size;
  for (std::size_t at = 0; at < note.size(); ++at)
    for (const int bit : {1, 2, 0x20, 0x80}) {
      std::string wrong = note;
      wrong[at] = static_cast<char>(wrong[at] ^ bit);
      EXPECT_NE(fault(wrong, known), "") << at;
    }
}

TEST(Notes, UnknownKeysArePassedOver) {
  const auto known = keys({kPeter});
  const std::string note = peters_note();
  EXPECT_EQ(fault(note + text_of(kEnochLine), known), "");
  // A known name with another id, a known id with another name, and a type that we do not have.
  EXPECT_EQ(fault(note + NoteSignature{"PeterNeumann", 1, "whatever"}.to_line(), known), "");
  EXPECT_EQ(fault(note + NoteSignature{"SomeoneElse", 0xc74f20a3, "whatever"}.to_line(), known), "");
  EXPECT_EQ(fault(note + NoteSignature{"witness.example/pq", 7, std::string(2'428, 'x')}.to_line(), known), "");
  EXPECT_EQ(fault(text_of(kText) + "\n" + text_of(kEnochLine), known), "no known key has signed the note");
  EXPECT_EQ(fault(note, {}), "no known key has signed the note");
}

TEST(Notes, AWrongSignatureOfAKnownKeyRejects) {
  const auto known = keys({kPeter, kEnoch});
  const std::string wrong = NoteSignature{"EnochRoot", 0xaf0cfe78, std::string(64, 'x')}.to_line();
  const std::string told = "the signature in the name of 'EnochRoot' (key id af0cfe78) is wrong";
  EXPECT_EQ(fault(peters_note() + wrong, known).find(told), 0U);
  EXPECT_EQ(fault(peters_note() + text_of(kEnochLine) + wrong, known).find(told), 0U);  // also behind a right one
  EXPECT_EQ(fault(peters_note() + NoteSignature{"EnochRoot", 0xaf0cfe78, "short"}.to_line(), known).find(told), 0U);
}

TEST(Notes, RepeatsCountOnce) {
  const auto known = keys({kPeter});
  const auto note = Note::parse(peters_note() + text_of(kPeterLine));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->signatures.size(), 2U);
  EXPECT_EQ(verify_note(*note, known)->size(), 1U);
  const auto twice = keys({kPeter, kPeter});
  EXPECT_EQ(verify_note(*note, twice).error().code, Errc::invalid_argument);
}

TEST(Notes, AHundredSignatures) {
  const auto known = keys({kPeter});
  std::string note = peters_note();
  for (std::size_t i = 1; i < kNoteSignaturesMax; ++i)
    note += NoteSignature{"other.example/" + std::to_string(i), 1, "x"}.to_line();
  EXPECT_EQ(fault(note, known), "");
  note += NoteSignature{"other.example/100", 1, "x"}.to_line();
  EXPECT_NE(fault(note, known).find("line 104: the note has more than 100 signatures"), std::string::npos);
}

TEST(Notes, TextsWithEmptyLines) {
  const auto key = test::log_signer();
  const std::vector<VerifierKey> known{key.verifier()};
  for (const std::string text : {"\n", "a\n\n", "\n\n\n", "a\n\nb\n", "a\n\n\u2014 x AAAAAAA=\n"}) {
    Note note{text, {*sign_note(text, key)}};
    const auto again = Note::parse(note.to_string());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text, text);
    EXPECT_EQ(fault(note.to_string(), known), "");
  }
}

TEST(Notes, RefusesToSign) {
  const auto log = test::log_signer();
  for (const char* text : {"", "a", "a\nb", "a\x01\n", "a\tb\n", "\xff\n"}) EXPECT_FALSE(sign_note(text, log)) << text;
  EXPECT_FALSE(sign_note("a\n", test::witness_signer()));
  EXPECT_FALSE(cosign("a\n", log, 1));
  EXPECT_FALSE(cosign("a", test::witness_signer(), 1));
  EXPECT_FALSE(cosign("a\n", test::witness_signer(), kCosignatureTimeMax + 1));
  EXPECT_TRUE(cosign("a\n", test::witness_signer(), kCosignatureTimeMax));
}

TEST(Cosignatures, SpecificationsLayout) {
  const auto line = NoteSignature::parse(
      "\u2014 witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->id, 0x8d66cf3fU);
  EXPECT_EQ(line->bytes.size(), 72U);
  std::uint64_t time = 0;
  for (std::size_t i = 0; i < 8; ++i) time = time << 8U | static_cast<unsigned char>(line->bytes[i]);
  EXPECT_EQ(time, 1'679'315'147U);
  EXPECT_EQ(cosigned_message("a\n", 1'679'315'147), "cosignature/v1\ntime 1679315147\na\n");
}

TEST(Cosignatures, EveryByteCounts) {
  const auto key = test::witness_signer();
  const PublicKey& known = key.verifier().key;
  const auto signature = cosign("a\n1\nb\n", key, 1'768'471'200);
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->bytes.size(), 72U);
  EXPECT_EQ(verify_cosignature(known, "a\n1\nb\n", signature->bytes), 1'768'471'200U);
  EXPECT_FALSE(verify_cosignature(known, "a\n2\nb\n", signature->bytes));
  for (std::size_t at = 0; at < 72; ++at) {
    std::string wrong = signature->bytes;
    wrong[at] = static_cast<char>(wrong[at] ^ 1);
    EXPECT_FALSE(verify_cosignature(known, "a\n1\nb\n", wrong)) << at;
  }
  for (std::size_t size = 0; size < 72; ++size)
    EXPECT_FALSE(verify_cosignature(known, "a\n1\nb\n", signature->bytes.substr(0, size))) << size;
  // A time over 2^63-1 is refused though its signature is right.
  const std::uint64_t late = kCosignatureTimeMax + 1;
  const std::string bytes = "\x80" + std::string(7, '\0') + key.key().sign(cosigned_message("a\n", late));
  EXPECT_FALSE(verify_cosignature(known, "a\n", bytes));
  // Nor does a plain signature of the text pass for one, or the other way round.
  EXPECT_FALSE(verify_cosignature(known, "a\n", std::string(8, '\0') + key.key().sign("a\n")));
}

}  // namespace
}  // namespace nw::merkle
