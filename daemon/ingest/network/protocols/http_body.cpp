#include "ingest/network/protocols/http_body.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/text.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

constexpr std::string_view kAll = "all", kPart = "part", kNone = "none";

// The one coding that was used; nothing when there are several, or one that is not undone. Brotli is no library of
// ours, and zstd's windows (8 MiB by RFC 9659) are too large for each of many flows.
std::optional<Inflater::Coding> coding_of(std::string_view encoding) {
  if (same_word(encoding, "gzip") || same_word(encoding, "x-gzip")) return Inflater::Coding::gzip;
  if (same_word(encoding, "deflate")) return Inflater::Coding::deflate;
  return {};
}

}  // namespace

std::unique_ptr<MailMessage> HttpBodies::take_form() {
  if (!spare_.empty()) {
    std::unique_ptr<MailMessage> form = std::move(spare_.back());
    spare_.pop_back();
    return form;
  }
  if (forms_ == kFormsMax) return nullptr;
  ++forms_;
  return std::make_unique<MailMessage>(MailCarrier{});
}

void HttpBody::clear() {
  ended_.clear();
  encoding_.clear();
  inflater_.release();
  open_ = decoding_ = passing_ = false;
}

void HttpBody::begin(const HttpHead& head, const Place& place, HttpBodies& flow, Context& context) {
  clear();
  open_ = true;
  const bool kind = context.wants(place.type, place.kind_field), files = context.wants(place.files_type);
  if (kind || files) begin_decoding(head, !files, flow, context);
  length_ = head.body_bytes;
  const MailCarrier carrier{place.files_type, "HTTP", place.direction};
  if ((kind || files) && head.request && starts_with_word(head.content_type, "multipart/form-data")) {
    form_ = flow.take_form();
    if (!form_) context.refused(DecodeError::limit);
    // Undone in part, a form has fields that nobody saw.
    if (form_ && form_->begin_form(carrier, head.content_type, flow.files)) {
      enough_ = std::numeric_limits<std::uint64_t>::max();
      return;
    }
    if (form_) flow.give_back(std::move(form_));
  }
  file_.begin({place.files_type, carrier.name, place.direction}, ++flow.files, context);
  file_.set_name(disposition_name(head.disposition));
  if (length_ && !decoding_) file_.set_total(*length_);
}

void HttpBody::begin_decoding(const HttpHead& head, bool kind_only, HttpBodies& flow, Context& context) {
  // Empty elements of a list say nothing: RFC 9110 section 5.6.1.2.
  constexpr std::string_view kNothing = ", \t";
  std::string_view encoding = head.encoding;
  encoding.remove_prefix(std::min(encoding.find_first_not_of(kNothing), encoding.size()));
  encoding = encoding.substr(0, encoding.find_last_not_of(kNothing) + 1);
  if (encoding.empty() || same_word(encoding, "identity")) return;
  encoding_ = encoding;
  decoded_ = kNone;
  enough_ = kind_only ? MimeSniffer::kBytes : std::numeric_limits<std::uint64_t>::max();
  const auto coding = coding_of(encoding);
  if (!coding) return;
  context.inflaters().lend(inflater_);
  inflater_.get()->begin(*coding, flow.inflated);
  decoding_ = true;
  decoded_ = kPart;
}

void HttpBody::data(Bytes bytes, Context& context) {
  if (passing_) return;
  if (decoding_)
    decode(bytes, context);
  else
    put(bytes, context);
}

void HttpBody::decode(Bytes bytes, Context& context) {
  Inflater* const inflater = inflater_.get();
  if (inflater == nullptr) {  // it was needed elsewhere
    context.refused(DecodeError::limit);
    return stop(0, context);
  }
  for (;;) {
    const bool more = !bytes.empty();
    const Bytes made = inflater->inflate(bytes);
    put(made, context);
    switch (inflater->state()) {
      case Inflater::State::begins:
      case Inflater::State::goes_on: break;
      case Inflater::State::over:
        // What stands behind it says nothing to anybody.
        decoded_ = kAll;
        passing_ = true;
        inflater_.release();
        return;
      case Inflater::State::plain:
        context.refused(DecodeError::bad_value);
        decoding_ = false;
        decoded_ = kNone;
        if (length_ && !form_) file_.set_total(*length_);
        put(inflater->head(), context);
        inflater_.release();
        return put(bytes, context);
      case Inflater::State::broken: context.refused(DecodeError::bad_value); return stop(0, context);
      case Inflater::State::limit: context.refused(DecodeError::limit); return stop(0, context);
    }
    if (inflater->made() >= enough_) return stop(0, context);
    if (made.empty() && (!more || bytes.empty())) return;
  }
}

void HttpBody::put(Bytes bytes, Context& context) {
  if (form_)
    form_->data(bytes, context);
  else
    file_.data(bytes, context);
}

// Nothing behind this can be undone. How long the missing is nobody knows; of what was lost, its encoded length.
void HttpBody::stop(std::uint64_t lost, Context& context) {
  passing_ = true;
  inflater_.release();
  if (form_)
    form_->gap(lost, context);
  else
    file_.gap(lost, context);
}

void HttpBody::gap(std::uint64_t bytes, Context& context) {
  if (passing_) return;
  if (decoding_) return stop(bytes, context);
  if (form_)
    form_->gap(bytes, context);
  else
    file_.gap(bytes, context);
}

void HttpBody::end(HttpBodies& flow, Context& context) {
  if (!open_) return;
  open_ = false;
  if (decoding_ && !passing_) {
    Inflater* const inflater = inflater_.get();
    if (inflater == nullptr) context.refused(DecodeError::limit);
    if (inflater != nullptr && inflater->whole()) {
      decoded_ = kAll;
    } else if (inflater != nullptr && inflater->state() == Inflater::State::begins) {
      decoded_ = kNone;
      if (length_ && !form_) file_.set_total(*length_);
      put(inflater->head(), context);
    } else {
      stop(0, context);
    }
  }
  inflater_.release();
  if (!form_) {
    file_.set_encoding(encoding_, decoded_);
    ended_.push_back(file_.end(context));
    return;
  }
  form_->end(context);
  if (form_->cut()) context.refused(DecodeError::limit);
  ended_.assign(form_->ended().begin(), form_->ended().end());
  flow.give_back(std::move(form_));
}

}  // namespace nw::network
