// The keys of months, on disk: wrapped for ourselves while the month lasts, sealed for the custodians for as long as
// pseudonyms may have to be revealed.
//
//   <yyyy-mm>.wrapped: normwatch-epoch-keys/v1
//                      operator <id>
//                      epoch <yyyy-mm>
//                      wrapped <base64: nonce[24] | secretbox(pseudonyms[32] | evidence's number u8 | its key[32])>
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/keys/keys.h"

namespace nw::record {

class EpochStore {
 public:
  EpochStore(std::filesystem::path directory, std::string operator_id, FileOps& ops)
      : directory_{std::move(directory)}, operator_{std::move(operator_id)}, ops_{ops} {}

  // Keys::epoch() and Keys::retire().
  Result<EpochSecrets> epoch(privacy::Epoch epoch, const privacy::Key32& wrap,
                             const std::vector<privacy::Custodian>& custodians, std::vector<std::string>& made);
  Result<> retire(Timestamp now, std::vector<std::string>& made);
  // Every wrapped file, from one wrap key to another.
  Result<std::size_t> rewrap(const privacy::Key32& from, const privacy::Key32& to);
  // Months of which a wrapped file lies there.
  [[nodiscard]] Result<std::vector<privacy::Epoch>> wrapped() const;

 private:
  struct Kept {
    privacy::Key32 pseudonyms;
    std::uint8_t evidence_number = 0;  // of its sealed file; 0: no evidence key
    privacy::PublicKey evidence{};
  };
  [[nodiscard]] std::filesystem::path wrapped_file(privacy::Epoch epoch) const;
  [[nodiscard]] std::filesystem::path sealed_file(privacy::Epoch epoch, std::string_view purpose,
                                                  unsigned number) const;
  Result<Kept> unwrap(privacy::Epoch epoch, const privacy::Key32& wrap) const;
  Result<> write_wrapped(privacy::Epoch epoch, const Kept& kept, const privacy::Key32& wrap);
  // Seals; the number of the file. `number`: of the file that may be replaced; 0: a new one.
  Result<std::uint8_t> seal(privacy::Epoch epoch, std::string_view purpose, const privacy::Key32& key,
                            const std::vector<privacy::Custodian>& custodians, std::uint8_t number);
  // Seals what is not sealed to these custodians. True: `kept` changed.
  Result<bool> seal_for(privacy::Epoch epoch, const std::vector<privacy::Custodian>& custodians, Kept& kept,
                        std::vector<std::string>& made);

  std::filesystem::path directory_;
  std::string operator_;
  FileOps& ops_;
};

}  // namespace nw::record
