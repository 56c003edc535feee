#include "ingest/network/protocols/file_reader.h"

#include <algorithm>
#include <limits>

#include "ingest/network/protocols/digest.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/uid.h"

namespace nw::network {

namespace {

using event::Value;

// What a protocol claims may be more than the value holds.
Value number(std::uint64_t count) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return Value::integer(static_cast<std::int64_t>(std::min(count, kMost)));
}

Uid file_uid(EventWriter& out, std::uint32_t file) {
  const Value* flow = out.event().get(event::Common::uid);
  return make_file_uid(flow == nullptr ? std::string_view{} : flow->as_text(), file);
}

std::string_view keep_escaped(EventWriter& out, std::string_view text) {
  std::string written;
  append_escaped({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, written);
  return out.event().keep(written);
}

}  // namespace

void FileReader::begin(const Origin& origin, std::uint32_t number, Context& context) {
  end(context);
  origin_ = origin;
  number_ = number;
  name_.clear();
  encoding_.clear();
  total_.reset();
  seen_ = missing_ = 0;
  first_ = last_ = context.now();
  digesting_ = !origin.secret && context.wants(origin.type, kFileSha256);
  if (!digesting_) return;
  if (!digest_) digest_.reset(EVP_MD_CTX_new());
  digesting_ = digest_ && EVP_DigestInit_ex2(digest_.get(), digest_algorithm(DigestKind::sha256), nullptr) == 1;
}

void FileReader::data(Bytes bytes, Context& context) {
  if (!is_open() || bytes.empty()) return;
  seen_ += bytes.size();
  last_ = context.now();
  sniffer_.add(bytes);
  digesting_ = digesting_ && EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size()) == 1;
}

void FileReader::gap(std::uint64_t bytes, Context& context) {
  if (!is_open()) return;
  missing_ += bytes;
  last_ = context.now();
  sniffer_.skip();
  digesting_ = false;
}

FileReader::Ended FileReader::end(Context& context) {
  if (!is_open()) return {};
  const Ended ended{number_, sniffer_.take()};
  if (context.wants(origin_.type)) tell(ended.mime, context);
  number_ = 0;
  return ended;
}

void FileReader::tell(std::string_view mime, Context& context) {
  EventWriter out = context.begin(origin_.type, first_);
  if (out.wants(kFileUid)) {
    const Uid uid = file_uid(out, number_);
    out.set(kFileUid, Value::text(out.event().keep(text(uid))));
  }
  out.set(kFileCarrier, Value::text(origin_.carrier));
  out.set(kFileDepth, Value::integer(origin_.depth));
  if (!mime.empty()) out.set(kFileMimeType, Value::text(mime));
  if (!name_.empty() && out.wants(kFileName))
    out.set(kFileName, Value::text(name_readable_ ? out.event().keep(name_) : keep_escaped(out, name_)));
  out.set(kFileDuration, Value::interval(last_ - first_));
  out.set(kFileIsOrig, Value::boolean(origin_.direction == Direction::to_responder));
  out.set(kFileSeenBytes, number(seen_));
  if (total_) out.set(kFileTotalBytes, number(*total_));
  out.set(kFileMissingBytes, number(missing_));
  std::array<std::uint8_t, 32> digest{};
  const bool whole = missing_ == 0 && (!total_ || *total_ == seen_);
  if (digesting_ && whole && EVP_DigestFinal_ex(digest_.get(), digest.data(), nullptr) == 1) {
    TextBuffer hex;
    hex.append_hex(digest);
    out.set(kFileSha256, Value::text(out.event().keep(hex.view())));
  }
  if (!encoding_.empty()) {
    if (out.wants(kFileEncoding)) out.set(kFileEncoding, Value::text(keep_escaped(out, encoding_)));
    out.set(kFileDecoded, Value::text(decoded_));
  }
  context.emit();
}

void set_file_uids(EventWriter& out, std::size_t field, std::span<const FileReader::Ended> files) {
  if (files.empty() || !out.wants(field)) return;
  const std::span<Value> list = out.event().arena().make<Value>(files.size());
  if (list.empty()) return;  // the event's budget is spent
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Uid uid = file_uid(out, files[i].number);
    list[i] = Value::text(out.event().keep(text(uid)));
  }
  out.set(field, Value::list(list));
}

void set_file_mimes(EventWriter& out, std::size_t field, std::span<const FileReader::Ended> files) {
  const auto known = static_cast<std::size_t>(
      std::ranges::count_if(files, [](const FileReader::Ended& file) { return !file.mime.empty(); }));
  if (known == 0 || !out.wants(field)) return;
  const std::span<Value> list = out.event().arena().make<Value>(known);
  if (list.empty()) return;  // the event's budget is spent
  std::size_t used = 0;
  for (const FileReader::Ended& file : files)
    if (!file.mime.empty()) list[used++] = Value::text(file.mime);
  out.set(field, Value::list(list));
}

}  // namespace nw::network
