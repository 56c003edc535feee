#include "ingest/network/protocols/sv_message.h"

namespace nw::network {
namespace {

constexpr std::uint8_t kCount = 0x80, kSamples = 0xa2;

// Fields of a sample; those are context tags, in this order.
enum Tag : std::uint8_t { kSvId = 0x80, kDatSet, kSmpCnt, kConfRev, kRefrTm, kSmpSynch, kSmpRate, kData, kSmpMod };

void read_field(const BerValue& value, SvSample& out) noexcept {
  const Bytes in = value.contents;
  switch (value.tag) {
    case kSvId: out.sv_id = in; break;
    case kDatSet: out.dat_set = in; break;
    case kSmpCnt: out.smp_cnt = iec61850_unsigned(in); break;
    case kConfRev: out.conf_rev = iec61850_unsigned(in); break;
    case kSmpSynch: out.smp_synch = iec61850_unsigned(in); break;
    case kSmpRate: out.smp_rate = iec61850_unsigned(in); break;
    case kData: out.data = in; break;
    case kSmpMod: out.smp_mod = iec61850_unsigned(in); break;
    default: break;
  }
}

}  // namespace

std::optional<DecodeError> SvFrame::read(Bytes payload) noexcept {
  const auto wrong = read_iec61850(payload, kSavPdu, head);
  return read_fields(wrong);
}

std::optional<DecodeError> SvFrame::read_fields(std::optional<DecodeError> wrong) noexcept {
  fields_ = BerReader{head.apdu};
  for (BerReader fields = fields_; !fields.empty();) {
    const auto field = fields.next();
    if (!field) return DecodeError::bad_value;
    if (field->tag == kCount) samples = iec61850_unsigned(field->contents);
  }
  return wrong;
}

// Devices read every list of samples, and pass over what is none.
bool SvFrame::next(SvSample& out) noexcept {
  out = {};
  std::optional<BerValue> sample;
  while (!sample) {
    if (samples_.empty()) {
      if (fields_.empty()) return false;
      const auto field = fields_.next();
      if (field && field->tag == kSamples) samples_ = BerReader{field->contents};
      continue;
    }
    sample = samples_.next();
    if (sample && sample->tag != ber_tag::kSequence) sample.reset();
    broken_ = broken_ || !sample;
  }
  ++read_;
  BerReader fields{sample->contents};
  while (!fields.empty()) {
    const auto field = fields.next();
    if (field) read_field(*field, out);
    broken_ = broken_ || !field;
  }
  broken_ = broken_ || out.sv_id.empty() || !out.smp_cnt || !out.conf_rev || !out.smp_synch || !out.data;
  return true;
}

}  // namespace nw::network
