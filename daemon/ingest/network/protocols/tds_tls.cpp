#include "ingest/network/protocols/tds_tls.h"

namespace nw::network {

TdsRecordFault read_tds_record(ByteReader& reader, TdsRecord& out) {
  constexpr std::size_t kHeader = 5;
  constexpr std::uint8_t kData = 23, kMajor = 3;
  ByteReader ahead = reader;
  const std::uint8_t type = ahead.u8(), major = ahead.u8();
  ahead.u8();
  const std::size_t length = ahead.u16be();
  if (!ahead.ok()) return TdsRecordFault::more;
  if (!is_tds_record(type) || major != kMajor || length > kTlsRecordMax) return TdsRecordFault::bad;
  const Bytes bytes = reader.rest();
  ahead.bytes(length);
  if (!ahead.ok()) return TdsRecordFault::more;
  out.is_data = type == kData;
  out.bytes = bytes.first(kHeader + length);
  reader = ahead;
  return TdsRecordFault::none;
}

// What waits is less than a record, as TlsSession takes every whole one.
bool TdsTls::read(Bytes bytes, Direction direction, Context& context) {
  if (told_) return true;
  auto& pending = pending_[static_cast<std::size_t>(direction)];
  if (!pending.empty()) {
    pending.insert(pending.end(), bytes.begin(), bytes.end());
    bytes = pending;
  }
  const TlsSession::Step step = session_.read(bytes, direction, context, events_);
  // What is left is the end of what waited, if anything did.
  if (pending.empty())
    pending.assign(bytes.begin(), bytes.end());
  else
    pending.erase(pending.begin(), pending.end() - static_cast<std::ptrdiff_t>(bytes.size()));
  if (step == TlsSession::Step::waiting) return true;
  tell(context);
  return step == TlsSession::Step::over;
}

void TdsTls::gap(Direction direction, Context& context) {
  pending_[static_cast<std::size_t>(direction)].clear();
  session_.gap(direction);
  // Asks whether anything is left to wait for.
  read({}, direction, context);
}

void TdsTls::tell(Context& context) {
  if (!told_) events_.tell(session_.facts(), began_, context);
  told_ = true;
}

}  // namespace nw::network
