#include "ingest/network/protocols/mail_message.h"

#include <gtest/gtest.h>

#include "fake_context.h"

namespace nw::network {
namespace {

// A mail and the files that it had: "depth name mime seen missing", and of the digest whether there is one.
struct Mail {
  explicit Mail(const std::vector<std::string>& only = {}) : context{protocol("smtp"), only} {}

  void data(std::string_view text) {
    message.data({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, context);
  }
  void in_steps(std::string_view text, std::size_t step) {
    for (std::size_t at = 0; at < text.size(); at += step) data(text.substr(at, step));
    message.end(context);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < context.events.size(); ++i) {
      out.push_back(context.get(i, "depth") + " " + context.get(i, "filename") + " " + context.get(i, "mime_type") +
                    " " + context.get(i, "seen_bytes") + " " + context.get(i, "missing_bytes") + " " +
                    (context.get(i, "sha256") == "-" ? "-" : "hash"));
    }
    return out;
  }

  FakeContext context;
  MailMessage message{{1, "SMTP", Direction::to_responder}};
};

using Files = std::vector<std::string>;

constexpr std::string_view kMixed =
    "Subject: two files\r\n"
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n"
    "\r\n"
    "No part.\r\n"
    "--outer\r\n"
    "Content-Type: multipart/alternative;\r\n"
    "  boundary=inner\r\n"
    "\r\n"
    "--inner\r\n"
    "Content-Type: text/plain\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "gr=C3=BC=\r\n"
    "n\r\n"
    "--no boundary\r\n"
    "\r\n"
    "--inner\r\n"
    "\r\n"
    "<html>\r\n"
    "--inner--\r\n"
    "nor this\r\n"
    "--outer \r\n"
    "Content-Disposition: attachment; filename=\"=?utf-8?Q?=C3=A4.pdf?=\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "JVBERi0x\r\n"
    "LjQK\r\n"
    "\r\n"
    "--outer--\r\n"
    "the end\r\n";

TEST(MailMessage, PartsAreFiles) {
  for (const std::size_t step : {kMixed.size(), std::size_t{1}, std::size_t{2}, std::size_t{7}}) {
    SCOPED_TRACE(step);
    Mail mail;
    mail.in_steps(kMixed, step);
    EXPECT_EQ(mail.files(),
              (Files{"2 - text/plain 22 0 hash", "2 - text/html 6 0 hash", "1 \xc3\xa4.pdf application/pdf 9 0 hash"}));
    EXPECT_EQ(mail.context.get(0, "carrier"), "SMTP");
    EXPECT_EQ(mail.context.get(0, "is_orig"), "true");
    // "grün\r\n--no boundary\r\n": the last line's end belongs to the delimiter.
    EXPECT_EQ(mail.context.get(0, "sha256"), "314e087f987cc843fadc224d3c2f8b93838b38d5641eef3632bca28b3ca151be");
    EXPECT_EQ(mail.context.get(2, "sha256"), "e5c62df5dab5c87b6a015ef3d43597074d1eec433b15f51aec63b8582d0e4ab4");
    EXPECT_EQ(mail.message.header().subject, "two files");
    EXPECT_FALSE(mail.message.cut());
  }
}

TEST(MailMessage, Forms) {
  static const struct {
    const char* name;
    std::string_view text;
    Files files;
  } kCases[] = {
      {"no parts", "Subject: a\r\n\r\none\r\n--two\r\n", {"0 - text/plain 12 0 hash"}},
      {"no header", "\r\none", {"0 - text/plain 3 0 hash"}},
      {"no body", "Subject: a\r\n\r\n", {}},
      {"header only", "Subject: a", {}},
      {"bare line feeds", "Content-Type: multipart/x; boundary=b\n\n--b\n\none\n--b--\n", {"1 - text/plain 3 0 hash"}},
      {"no last delimiter",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\none\r\n",
       {"1 - text/plain 5 0 hash"}},
      {"delimiter at the end",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--",
       {"1 - text/plain 3 0 hash"}},
      {"empty parts", "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n--b\r\n--b\r\n\r\n\r\n--b--\r\n", {}},
      {"a mail in the mail",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
       "Subject: within\r\nContent-Type: text/plain; name=n\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
       {"2 n text/plain 3 0 hash", "1 - text/plain 3 0 hash"}},
      {"an encoded mail in the mail",
       "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n",
       {"0 - text/plain 3 0 hash"}},
      {"the outer delimiter ends the inner parts",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/x; boundary=bb\r\n\r\n--bb\r\n\r\n"
       "one\r\n--b\r\n\r\ntwo\r\n--bb\r\n--b--\r\n",
       {"2 - text/plain 3 0 hash", "1 - text/plain 9 0 hash"}},
      {"no boundary", "Content-Type: multipart/x\r\n\r\n--b\r\n", {"0 - text/plain 5 0 hash"}},
      {"returns",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\na\r\r\n\rb\r\n--\r\n--b\r\r\n--b--\r\n",
       {"1 - text/plain 16 0 hash"}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const std::size_t step : {c.text.size(), std::size_t{1}}) {
      Mail mail;
      mail.in_steps(c.text, step);
      EXPECT_EQ(mail.files(), c.files) << step;
    }
  }
}

TEST(MailMessage, HolesAreCounted) {
  static const struct {
    const char *name, *before, *behind;
    Files files;
  } kCases[] = {
      {"in a part",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\none\r\n",
       "e\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
       {"1 - text/plain 6 40 -", "1 - text/plain 3 0 hash"}},
      {"in Base64", "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\nYW", "\r\nYWJj\r\n", {"0 - text/plain 7 30 -"}},
      {"before the first byte",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n",
       "x\r\n--b--\r\n",
       {"1 - - 1 40 -"}},
      {"in a part's header",
       "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\nContent-",
       "x\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
       {"1 - text/plain 3 0 hash"}},
      {"in the mail's header", "Subject: a\r\nContent-", "x\r\n\r\none\r\n", {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Mail mail;
    mail.data(c.before);
    mail.message.gap(40, mail.context);
    mail.data(c.behind);
    mail.message.end(mail.context);
    EXPECT_EQ(mail.files(), c.files);
  }
  Mail cut;
  cut.data("\r\none\r\n");
  cut.message.gap(0, cut.context);
  cut.message.end(cut.context);
  EXPECT_EQ(cut.files(), Files{"0 - text/plain 5 0 -"});
}

// Of a delimiter only the beginning of a line matters.
TEST(MailMessage, HyphensAreContent) {
  constexpr std::string_view kBody = "-\r\n-one--b\r\n\r\n--\r\n--bc\r\n --b\r\n---b\r\n-";
  for (const std::size_t step : {1U, 2U, 5U, 1000U}) {
    SCOPED_TRACE(step);
    Mail mail;
    mail.in_steps("Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n" + std::string{kBody} + "\r\n--b--\r\n",
                  step);
    EXPECT_EQ(mail.files(), Files{"1 - text/plain " + std::to_string(kBody.size()) + " 0 hash"});
  }
}

// Lines that go on with a field that is cut, or that nobody reads, are passed over; those behind them are not.
TEST(MailMessage, LinesThatGoOn) {
  static constexpr struct {
    const char* field;
    bool cut;
  } kCases[] = {{"X-Nobody: a", false}, {"Subject: a", true}, {"Content-Disposition: attachment", true}};
  for (const auto& c : kCases) {
    for (const std::size_t step : {7U, 100'000U}) {
      SCOPED_TRACE(c.field);
      std::string text = std::string{c.field} + "\r\n";
      for (std::size_t i = 0; i < MailHeaderReader::kValueBytesMax; ++i) text += " b\r\n";
      Mail mail;
      mail.in_steps(text + "Content-Type: text/plain;\r\n name=n\r\nTo: a@b,\r\n\tc@d\r\n\r\nx", step);
      EXPECT_EQ(mail.message.cut(), c.cut);
      EXPECT_EQ(mail.message.header().to, (std::vector<std::string>{"a@b", "c@d"}));
      EXPECT_EQ(mail.files(), Files{"0 n text/plain 1 0 hash"});
    }
  }
}

TEST(MailMessage, OneMailBehindAnother) {
  Mail mail;
  mail.in_steps(kMixed, kMixed.size());
  mail.message.clear();
  EXPECT_EQ(mail.message.header().subject, "");
  mail.in_steps("Subject: b\r\n\r\none\r\n", 5);
  EXPECT_EQ(mail.message.header().subject, "b");
  ASSERT_EQ(mail.context.events.size(), 4U);
  EXPECT_EQ(mail.files().back(), "0 - text/plain 5 0 hash");
  EXPECT_NE(mail.context.get(0, "fuid"), mail.context.get(3, "fuid"));
}

TEST(MailMessage, PartsAreNotReadWhenNobodyWantsThem) {
  Mail mail;
  mail.context.unwanted = "files";
  mail.in_steps(kMixed, kMixed.size());
  EXPECT_TRUE(mail.context.events.empty());
  EXPECT_EQ(mail.message.header().subject, "two files");
}

TEST(MailMessage, IsBounded) {
  for (const std::size_t step : {100U, 100'000U}) {
    Mail line;
    line.in_steps("Subject: " + std::string(2 * MailMessage::kLineMax, 'a') + "\r\n\r\n", step);
    EXPECT_TRUE(line.message.cut());
    EXPECT_EQ(line.message.header().subject.size(), MailMessage::kLineMax - 9);
  }

  // Multiparts in one another: what is deeper is one file.
  Mail deep;
  std::string text;
  for (std::size_t i = 0; i <= MailMessage::kDepthMax; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    text += "Content-Type: multipart/x; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  deep.in_steps(text, text.size());
  EXPECT_TRUE(deep.message.cut());
  EXPECT_EQ(deep.files(), Files{"8 - text/plain 6 0 hash"});
  Mail mails;
  text.clear();
  for (std::size_t i = 0; i <= MailMessage::kDepthMax; ++i) text += "Content-Type: message/rfc822\r\n\r\n";
  mails.in_steps(text + "x", text.size());
  EXPECT_TRUE(mails.message.cut());
  EXPECT_EQ(mails.files(), Files{"8 - text/plain 1 0 hash"});

  Mail many;
  text = "Content-Type: multipart/x; boundary=b\r\n\r\n";
  for (unsigned i = 0; i < MailMessage::kPartsMax; ++i) text += "--b\r\n\r\nx\r\n";
  many.data(text);
  EXPECT_FALSE(many.message.cut());
  many.data("--b\r\n\r\nx\r\n--b--\r\n");
  many.message.end(many.context);
  EXPECT_TRUE(many.message.cut());
  EXPECT_EQ(many.context.events.size(), MailMessage::kPartsMax);

  Mail boundary;
  boundary.in_steps("Content-Type: multipart/x; boundary=" + std::string(200, 'b') + "\r\n\r\nx", 9);
  EXPECT_TRUE(boundary.message.cut());
}

}  // namespace
}  // namespace nw::network
