#include "ingest/network/protocols/sv_message.h"

namespace nw::network {
namespace {

constexpr std::uint8_t kSavPdu = 0x60, kCount = 0x80, kSamples = 0xa2;

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
  BerReader fields{head.apdu};
  while (!fields.empty()) {
    const auto field = fields.next();
    if (!field) return DecodeError::bad_value;
    if (field->tag == kCount) samples = iec61850_unsigned(field->contents);
    if (field->tag == kSamples) samples_ = BerReader{field->contents};
  }
  return wrong;
}

bool SvFrame::next(SvSample& out) noexcept {
  out = {};
  if (samples_.empty()) return false;
  const auto sample = samples_.next(ber_tag::kSequence);
  if (!sample) {
    broken_ = true;
    samples_ = BerReader{{}};
    return false;
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
