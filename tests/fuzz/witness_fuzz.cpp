// Requests to a witness and its answers from any bytes; the first byte says which. A request that is read is written as
// the same bytes; nothing made up is ever signed, nor taken for a signature.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

#include "base/check.h"
#include "record/witness/request.h"
#include "record/witness/state.h"
#include "record/witness/submission.h"
#include "unit/record/merkle/support.h"

namespace {

using namespace nw::witness;
namespace merkle = nw::merkle;

WitnessState& witness() {
  static const merkle::SignerKey key = merkle::test::witness_signer();
  static const std::unique_ptr<WitnessState> state = [] {
    const std::vector<merkle::PolicyLog> logs{{merkle::test::log_signer().verifier(), ""}};
    const auto directory = std::filesystem::temp_directory_path() / ("nw-witness-fuzz-" + std::to_string(::getpid()));
    auto opened = WitnessState::open(directory, logs, key);
    NW_CHECK(opened);
    std::filesystem::remove_all(directory);
    return std::move(*opened);
  }();
  return *state;
}

void check_request(std::string_view bytes) {
  const auto request = AddRequest::parse(bytes);
  if (request) NW_CHECK(request->to_string() == bytes && request->proof.size() <= merkle::kProofHashesMax);
  static nw::Timestamp now{};
  now += std::chrono::seconds{1};
  const Answer answer = witness().add(bytes, now);
  NW_CHECK(request || answer.status == 400);
  NW_CHECK(answer.status != 200);  // its directory is gone, and what cannot be kept is not signed
}

void check_answer(int status, std::string_view bytes) {
  const std::size_t line = std::min(bytes.find('\n'), bytes.size());
  const std::string_view type = bytes.substr(0, line), body = bytes.substr(std::min(line + 1, bytes.size()));
  const auto head = *merkle::Note::parse(merkle::test::kCheckpoint5);
  const auto checkpoint = *merkle::Checkpoint::parse(head.text);
  Submission submission{merkle::test::witness_signer().verifier(), head, checkpoint, 3};
  const auto judged = submission.take(status, type, body);
  if (!judged) {
    const auto size = parse_size_answer(type, body);
    NW_CHECK(status == 409 && size && *size <= 5 && *size != 3);
    return;
  }
  NW_CHECK(judged->status == status);
  NW_CHECK((judged->outcome == Outcome::cosigned) == !judged->signatures.empty());
  for (const auto& one : judged->signatures)
    NW_CHECK(one.bytes == head.signatures[1].bytes);  // the only one that the witness ever made
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0]) {
    case 'r': check_request(bytes); break;
    case 's': check_answer(200, bytes); break;
    case 'c': check_answer(409, bytes); break;
    case 'e': check_answer(422, bytes); break;
    default: break;
  }
  return 0;
}
