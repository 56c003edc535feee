#include "ingest/network/protocols/mime.h"

#include <algorithm>

#include "base/text.h"

namespace nw::network {

namespace {

using std::string_view_literals::operator""sv;

struct Signature {
  std::size_t offset;
  std::string_view bytes, mime;
};

// The first that fits counts, so the longer one of two with a common beginning stands first. From the formats' own
// specifications.
constexpr auto kSignatures = std::to_array<Signature>({
    {0,
     "\x7f"
     "ELF"sv,
     "application/x-executable"},
    {0, "\xca\xfe\xba\xbe\0\0\0"sv, "application/x-java-applet"},
    {0, "\xce\xfa\xed\xfe"sv, "application/x-mach-o-executable"},
    {0, "\xcf\xfa\xed\xfe"sv, "application/x-mach-o-executable"},
    {0, "MZ"sv, "application/x-dosexec"},
    {0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "application/msword"},
    {0, "PK\x03\x04"sv, "application/zip"},
    {0, "PK\x05\x06"sv, "application/zip"},
    {0, "\x1f\x8b"sv, "application/x-gzip"},
    {0, "BZh"sv, "application/x-bzip2"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "application/x-xz"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "application/x-7z-compressed"},
    {0, "Rar!\x1a\x07"sv, "application/x-rar"},
    {0, "MSCF\0\0\0\0"sv, "application/vnd.ms-cab-compressed"},
    {0, "\x28\xb5\x2f\xfd"sv, "application/zstd"},
    {0, "%PDF-"sv, "application/pdf"},
    {0, "%!PS"sv, "application/postscript"},
    {0, "{\\rtf"sv, "text/rtf"},
    {0, "\xac\xed\0\x05"sv, "application/x-java-serialized-object"},
    {0, "FWS"sv, "application/x-shockwave-flash"},
    {0, "CWS"sv, "application/x-shockwave-flash"},
    {0, "ZWS"sv, "application/x-shockwave-flash"},
    {0, "\x89PNG\r\n\x1a\n"sv, "image/png"},
    {0, "\xff\xd8\xff"sv, "image/jpeg"},
    {0, "GIF87a"sv, "image/gif"},
    {0, "GIF89a"sv, "image/gif"},
    {8, "WEBP"sv, "image/webp"},
    {0, "II*\0"sv, "image/tiff"},
    {0, "MM\0*"sv, "image/tiff"},
    {0, "\0\0\x01\0"sv, "image/x-icon"},
    {8, "WAVE"sv, "audio/x-wav"},
    {8, "AVI "sv, "video/x-msvideo"},
    {4, "ftyp"sv, "video/mp4"},
    {0, "OggS"sv, "application/ogg"},
    {0, "ID3"sv, "audio/mpeg"},
    {0, "FLV\x01"sv, "video/x-flv"},
    {0, "\x1a\x45\xdf\xa3"sv, "video/webm"},
    {0, "wOFF"sv, "application/font-woff"},
    {0, "wOF2"sv, "application/font-woff2"},
    {0, "#!"sv, "text/x-shellscript"},
    {0, "-----BEGIN CERTIFICATE"sv, "application/x-pem"},
});

// Text formats, behind blanks, in any case.
constexpr auto kTexts = std::to_array<Signature>({
    {0, "<!doctype html", "text/html"},
    {0, "<html", "text/html"},
    {0, "<head", "text/html"},
    {0, "<body", "text/html"},
    {0, "<title", "text/html"},
    {0, "<script", "text/html"},
    {0, "<?xml", "application/xml"},
    {0, "<?php", "text/x-php"},
    {0, "<svg", "image/svg+xml"},
});

bool holds(std::string_view text, const Signature& signature) {
  return text.size() >= signature.offset && text.substr(signature.offset).starts_with(signature.bytes);
}

bool starts_lower(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::ranges::equal(text.substr(0, lower.size()), lower, {}, ascii_lower);
}

// An object or a list whose first element begins as JSON's do (RFC 8259 section 2).
bool looks_json(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('[')) return false;
  const char close = text.front() == '{' ? '}' : ']';
  const std::string_view inside = trim(text.substr(1));
  if (inside.empty()) return false;
  if (inside.front() == '"' || inside.front() == close) return true;
  return close == ']' && (ascii_digit(inside.front()) || inside.front() == '{' || inside.front() == '[');
}

bool plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 ? c != 0x7f : c == '\t' || c == '\n' || c == '\r';
  });
}

}  // namespace

std::string_view sniff_mime(Bytes first) {
  std::string_view text{reinterpret_cast<const char*>(first.data()), first.size()};
  for (const Signature& signature : kSignatures)
    if (holds(text, signature)) return signature.mime;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.empty() || !plain(text)) return {};
  const std::string_view body = trim(text);
  for (const Signature& signature : kTexts)
    if (starts_lower(body, signature.bytes)) return signature.mime;
  return looks_json(body) ? "text/json" : "text/plain";
}

void MimeSniffer::add(Bytes bytes) {
  if (judged_) return;
  const Bytes taken = bytes.first(std::min(bytes.size(), kBytes - held_));
  std::ranges::copy(taken, first_.begin() + static_cast<std::ptrdiff_t>(held_));
  held_ += taken.size();
  if (held_ == kBytes) judge();
}

void MimeSniffer::skip() {
  if (!judged_) judge();
}

std::string_view MimeSniffer::take() {
  if (!judged_) judge();
  const std::string_view found = mime_;
  *this = {};
  return found;
}

void MimeSniffer::judge() {
  mime_ = sniff_mime(Bytes{first_}.first(held_));
  judged_ = true;
  first_ = {};
  held_ = 0;
}

}  // namespace nw::network
