#include "ingest/network/protocols/mail_header.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {
namespace {

enum Kind : std::size_t { kText, kTo, kCc, kReceived, kOrigin };

struct FieldRow {
  std::string_view name;
  Kind kind;
  std::string MailHeader::*text = nullptr;
};

constexpr auto kRows = std::to_array<FieldRow>({
    {"Date", kText, &MailHeader::date},
    {"From", kText, &MailHeader::from},
    {"Reply-To", kText, &MailHeader::reply_to},
    {"Message-ID", kText, &MailHeader::msg_id},
    {"In-Reply-To", kText, &MailHeader::in_reply_to},
    {"Subject", kText, &MailHeader::subject},
    {"User-Agent", kText, &MailHeader::user_agent},
    {"X-User-Agent", kText, &MailHeader::user_agent},
    {"X-Mailer", kText, &MailHeader::user_agent},
    {"To", kTo},
    {"Cc", kCc},
    {"Received", kReceived},
    {"X-Originating-IP", kOrigin},
});

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool part_of_address(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
}

}  // namespace

bool MailHeaderReader::line(std::string_view text) {
  if (over_) return false;
  if (text.empty()) {
    end();
    return false;
  }
  if (is_blank(text.front())) {
    append(" ");
    append(trim(text));
  } else {
    take();
    begin(text);
  }
  return true;
}

void MailHeaderReader::end() {
  if (!over_) take();
  over_ = true;
}

void MailHeaderReader::begin(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = trim(text.substr(0, colon));
  const auto row = std::ranges::find_if(kRows, [&](const FieldRow& r) { return same_word(r.name, name); });
  if (row == kRows.end()) return;
  row_ = static_cast<std::size_t>(row - kRows.begin());
  append(trim(text.substr(colon + 1)));
}

void MailHeaderReader::append(std::string_view text) {
  if (!row_) return;
  const std::size_t left = kValueBytesMax - value_.size();
  cut_ = cut_ || text.size() > left;
  value_.append(text.substr(0, left));
}

// The field that has been gathered is whole.
void MailHeaderReader::take() {
  if (row_ && !value_.empty()) {
    escape();
    const FieldRow& row = kRows[*row_];
    switch (row.kind) {
      case kText: header_.*row.text = value_; break;
      case kTo: split_addresses(value_, header_.to); break;
      case kCc: split_addresses(value_, header_.cc); break;
      case kReceived: received(); break;
      case kOrigin: {
        const auto found = find_addresses(value_, false);
        if (!found.empty()) header_.x_originating_ip = found.front();
        break;
      }
    }
  }
  row_.reset();
  value_.clear();
}

void MailHeaderReader::escape() {
  TextBuffer text;
  text.append_escaped({reinterpret_cast<const std::uint8_t*>(value_.data()), value_.size()});
  cut_ = cut_ || text.cut();
  value_ = text.view();
}

void MailHeaderReader::received() {
  header_.second_received = std::move(header_.first_received);
  header_.first_received = value_;
  // With a name's address and the host's own claim, the second is the one that was seen.
  const auto found = find_addresses(value_, true);
  if (found.empty()) return;
  const IpAddress& hop = found[found.size() > 1 ? 1 : 0];
  if (!header_.path.empty() && header_.path.back() == hop) return;
  if (header_.path.size() == kPathMax) {
    cut_ = true;
    return;
  }
  header_.path.push_back(hop);
}

// At commas, but not those between quotation marks.
void MailHeaderReader::split_addresses(std::string_view text, std::vector<std::string>& out) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') quoted = !quoted;
    if (i < text.size() && (text[i] != ',' || quoted)) continue;
    const std::string_view address = trim(text.substr(begin, i - begin));
    begin = i + 1;
    if (address.empty() || std::ranges::find(out, address) != out.end()) continue;
    if (out.size() == kAddressesMax) {
      cut_ = true;
      return;
    }
    out.emplace_back(address);
  }
}

std::vector<IpAddress> find_addresses(std::string_view text, bool wrapped) {
  std::vector<IpAddress> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!part_of_address(text[i])) {
      ++i;
      continue;
    }
    std::size_t begin = i;
    while (i < text.size() && part_of_address(text[i])) ++i;
    std::string_view token = text.substr(begin, i - begin);
    // RFC 5321 section 4.1.3 writes [IPv6:2001:db8::1].
    constexpr std::string_view kTag = "IPv";
    if (begin >= kTag.size() && same_word(text.substr(begin - kTag.size(), kTag.size()), kTag) &&
        token.starts_with("6:")) {
      token.remove_prefix(2);
      begin -= kTag.size();
    }
    const bool opened = begin != 0 && (text[begin - 1] == '[' || text[begin - 1] == '(');
    const bool closed = i < text.size() && (text[i] == ']' || text[i] == ')');
    IpAddress address;
    if ((!wrapped || (opened && closed)) && IpAddress::parse_into(token, address)) out.push_back(address);
  }
  return out;
}

}  // namespace nw::network
