#include "record/privacy/policy.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "source_directory.h"
#include "unit/record/privacy/support.h"

namespace nw::privacy {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in{std::string{source_directory()} + "/" + path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>{in}, {}};
}

TEST(FieldClass, OfNames) {
  static constexpr struct {
    const char *field, *kind;
  } kCases[] = {
      {"id.orig_h", "address"},
      {"id.resp_h", "address"},
      {"SourceIp", "address"},
      {"IpAddress", "address"},
      {"source.ip", "address"},
      {"nat_orig_h", "address"},
      {"sourceTranslatedAddress", "address"},
      {"user", "user"},
      {"User", "user"},
      {"TargetUserName", "user"},
      {"SubjectUserName", "user"},
      {"SubjectUserSid", "user"},
      {"user.name", "user"},
      {"source.user.name", "user"},
      {"client_username", "user"},
      {"cs-username", "user"},
      {"mailfrom", "mail"},
      {"user.email", "mail"},
      {"rcptto", "mail"},
      {"caller", "phone"},
      {"calling_station_id", "phone"},
      {"orig_l2_addr", "mac"},
      {"resp_l2_addr", "mac"},
      {"mac", "mac"},
      {"client_mac", "mac"},
      {"Computer", "host_of_person"},
      {"host.name", "host_of_person"},
      {"WorkstationName", "host_of_person"},
      {"query", "domain"},
      {"QueryName", "domain"},
      {"server_name", "domain"},
      {"dns.question.name", "unknown"},
      {"uri", "url"},
      {"c-uri", "url"},
      {"url.query", "secret"},
      {"referrer", "url"},
      {"payload", "payload"},
      {"raw", "payload"},
      {"patient_name", "patient"},
      {"PatientID", "patient"},
      {"patient.anything", "patient"},
      {"password", "secret"},
      {"community", "secret"},
      {"cs-cookie", "secret"},
      {"api_token", "secret"},
      {"CommandLine", "text"},
      {"message", "text"},
      {"ts", "time"},
      {"nw.dst.asset", "plain"},
      {"ics.operation", "plain"},
      {"function", "unknown"},
      {"", "unknown"},
  };
  for (const auto& c : kCases) EXPECT_EQ(to_string(class_of_field(c.field)), c.kind) << c.field;
  EXPECT_EQ(class_of_field(std::string(125, 'x') + "_ip"), FieldClass::address);
  EXPECT_EQ(class_of_field(std::string(126, 'x') + "_ip"), FieldClass::unknown);
}

TEST(Policy, TheShippedFileIsTheDefault) {
  Diagnostics diagnostics;
  const Policy shipped = Policy::read(file_text("config/privacy.yaml"), "config/privacy.yaml", diagnostics);
  EXPECT_TRUE(diagnostics.all().empty()) << diagnostics.to_string();
  const Policy defaults;
  EXPECT_EQ(shipped.store, defaults.store);
  EXPECT_EQ(shipped.addresses, defaults.addresses);
  EXPECT_EQ(shipped.designated, defaults.designated);
  EXPECT_FALSE(shipped.public_suffixes.empty());
  EXPECT_TRUE(std::ranges::is_sorted(shipped.path_words));
}

TEST(Policy, TheSchemaKnowsEachClassAndForm) {
  const std::string schema = file_text("config/privacy.schema.json"), sample = file_text("config/privacy.yaml");
  for (const auto& names : {std::span<const std::string_view>{kFieldClasses}, std::span<const std::string_view>{kForms},
                            std::span<const std::string_view>{kAddressClasses}})
    for (const std::string_view name : names)
      EXPECT_NE(schema.find("\"" + std::string{name} + "\""), std::string::npos) << name;
  for (const std::string_view name : kFieldClasses)
    EXPECT_NE(sample.find("\n  " + std::string{name} + ": "), std::string::npos) << name;
  for (const std::string_view name : kAddressClasses)
    EXPECT_NE(sample.find("\n  " + std::string{name} + ": "), std::string::npos) << name;
}

TEST(Policy, WhatIsNeverKeptCannotBe) {
  for (const FieldClass kind : {FieldClass::patient, FieldClass::secret})
    for (std::size_t i = 0; i < kForms.size(); ++i)
      EXPECT_EQ(may_store(kind, static_cast<Form>(i)), static_cast<Form>(i) == Form::drop);
  EXPECT_FALSE(may_store(FieldClass::payload, Form::clear));
  for (std::size_t i = 0; i < kFieldClasses.size(); ++i)
    EXPECT_TRUE(may_store(static_cast<FieldClass>(i), default_form(static_cast<FieldClass>(i))));
}

TEST(Policy, IsRead) {
  Diagnostics diagnostics;
  const Policy policy = Policy::read(
      "version: 1\n"
      "store: {user: clear, payload: commitment, unknown: drop}\n"
      "addresses: {private: clear, loopback: drop}\n"
      "designated: clear\n"
      "basis: section 12\n"
      "fields: {Badge_Holder: user, function: plain}\n"
      "public_suffixes: [z.org, a.org, z.org]\n",
      "p.yaml", diagnostics);
  EXPECT_TRUE(diagnostics.all().empty()) << diagnostics.to_string();
  EXPECT_EQ(policy.of(FieldClass::user), Form::clear);
  EXPECT_EQ(policy.of(FieldClass::payload), Form::commitment);
  EXPECT_EQ(policy.of(FieldClass::mail), Form::token);
  EXPECT_EQ(policy.of(AddressClass::priv), Form::clear);
  EXPECT_EQ(policy.of(AddressClass::loopback), Form::drop);
  EXPECT_EQ(policy.designated, Form::clear);
  EXPECT_EQ(policy.class_of("badge_holder"), FieldClass::user);
  EXPECT_EQ(policy.class_of("FUNCTION"), FieldClass::plain);
  EXPECT_EQ(policy.public_suffixes, (std::vector<std::string>{"a.org", "z.org"}));
}

TEST(Policy, FaultsHaveTheirPlaceAndLeaveTheDefaults) {
  static constexpr struct {
    const char *name, *text, *code, *says;
    std::size_t line, column;
  } kCases[] = {
      {"nothing", "", "wrong-type", "", 0, 0},
      {"no version", "store: {}\n", "missing-key", "version", 1, 1},
      {"another version", "version: 2\n", "privacy-version", "version: 1", 1, 10},
      {"unknown key", "version: 1\nstroe: {}\n", "unknown-key", "store", 2, 1},
      {"unknown class", "version: 1\nstore: {usr: token}\n", "privacy-class", "'user'", 2, 9},
      {"unknown form", "version: 1\nstore: {user: hash}\n", "privacy-form", "clear or token or drop", 2, 15},
      {"a form of another class", "version: 1\nstore: {user: pseudonym}\n", "privacy-form", "'pseudonym'", 2, 15},
      {"patients", "version: 1\nstore:\n  patient: clear\nbasis: x\n", "privacy-form", "drop", 3, 12},
      {"secrets", "version: 1\nstore: {secret: token}\n", "privacy-form", "drop", 2, 17},
      {"payload in clear", "version: 1\nstore: {payload: clear}\nbasis: x\n", "privacy-form", "commitment", 2, 18},
      {"no basis", "version: 1\nstore: {user: clear}\n", "privacy-basis", "basis", 2, 15},
      {"an empty basis", "version: 1\naddresses: {global4: clear}\nbasis: ' '\n", "privacy-basis", "basis", 2, 22},
      {"unknown address class", "version: 1\naddresses: {global: class}\n", "privacy-class", "global4", 2, 13},
      {"a list", "version: 1\nstore: [user]\n", "wrong-type", "store", 2, 8},
      {"designated", "version: 1\ndesignated: token\n", "privacy-form", "asset_id or clear", 2, 13},
      {"a field's class", "version: 1\nfields: {x: usr}\n", "privacy-class", "'user'", 2, 13},
      {"a password", "version: 1\nfields: {password: plain}\n", "privacy-class", "never stored", 2, 10},
      {"a patient's field", "version: 1\nfields: {PatientName: plain}\n", "privacy-class", "never stored", 2, 10},
      {"upper case", "version: 1\npath_words: [Admin]\n", "privacy-list", "'Admin'", 2, 14},
      {"a list in a list", "version: 1\npath_words: [[a]]\n", "privacy-list", "path_words", 2, 14},
      {"no list", "version: 1\npublic_suffixes: co.uk\n", "wrong-type", "list", 2, 18},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    const Policy policy = Policy::read(c.text, "p.yaml", diagnostics);
    EXPECT_EQ(policy.store, Policy{}.store);
    ASSERT_FALSE(diagnostics.ok());
    const Diagnostic& first = diagnostics.all().front();
    EXPECT_EQ(first.code, c.code);
    EXPECT_NE((first.text + first.hint).find(c.says), std::string::npos) << first.to_string();
    EXPECT_EQ(first.mark.line, c.line) << first.to_string();
    EXPECT_EQ(first.mark.column, c.column) << first.to_string();
  }
}

TEST(Policy, ListsAreBounded) {
  std::string text = "version: 1\npath_words:\n";
  for (std::size_t i = 0; i <= kPolicyListMax; ++i) text += "  - w" + std::to_string(i) + "\n";
  Diagnostics diagnostics;
  (void)Policy::read(text, "p.yaml", diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(diagnostics.all()[0].code, "privacy-list");
  Diagnostics large;
  (void)Policy::read("version: 1\n#" + std::string(kPolicyBytesMax, 'x'), "p.yaml", large);
  ASSERT_EQ(large.all().size(), 1U);
  EXPECT_EQ(large.all()[0].code, "yaml-too-large");
}

}  // namespace
}  // namespace nw::privacy
