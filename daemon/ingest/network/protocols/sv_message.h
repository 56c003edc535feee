// One frame of Sampled Values, read: IEC 61850-9-2, annex A.
#pragma once

#include <cstdint>
#include <optional>

#include "ingest/network/protocols/iec61850_frame.h"

namespace nw::network {

// One sample of a stream. Views the frame; what is absent was not there, or could not be read.
struct SvSample {
  Bytes sv_id, dat_set;
  std::optional<std::uint64_t> smp_cnt, conf_rev, smp_synch, smp_rate, smp_mod;
  std::optional<Bytes> data;
};

class SvFrame {
 public:
  // An error that is found here; more may be found by next().
  std::optional<DecodeError> read(Bytes payload) noexcept;
  // The same of a frame whose head is read, with what was wrong there.
  std::optional<DecodeError> read_fields(std::optional<DecodeError> wrong) noexcept;
  // False at the end. A broken sample is given as far as it can be read.
  bool next(SvSample& out) noexcept;
  // What next() found to be wrong: a sample, or how many there are.
  [[nodiscard]] bool broken() const noexcept { return broken_ || read_ != samples.value_or(0); }

  Iec61850Frame head;
  std::optional<std::uint64_t> samples;  // how many there are, as it says

 private:
  BerReader fields_{{}}, samples_{{}};  // what next() has not read: of the frame, of its current list of samples
  std::uint64_t read_ = 0;
  bool broken_ = false;
};

}  // namespace nw::network
