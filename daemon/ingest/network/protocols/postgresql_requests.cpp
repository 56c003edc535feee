#include "ingest/network/protocols/postgresql_requests.h"

#include <algorithm>

namespace nw::network {

void PostgresqlRequest::recycle(bool alone) {
  constexpr std::size_t kIdleBytesMax = 512;  // of a text that is kept when others wait, too
  for (std::string* text : {&argument, &name, &backend, &backend_argument, &tag}) {
    text->clear();
    if (!alone && text->capacity() > kIdleBytesMax) std::string{}.swap(*text);
  }
  rows = 0;
  parses = binds = executes = readies = 0;
  prepares = known = success = counts = false;
  secret = true;
}

bool PostgresqlRequests::any_ready() noexcept {
  for (std::size_t i = 0; i < size(); ++i)
    if (waiting_[i].readies != 0) return true;
  return false;
}

PostgresqlRequest& PostgresqlRequests::push(Timestamp time, std::string_view frontend) {
  PostgresqlRequest& made = waiting_.push(kRequestsMax);
  made.time = time;
  made.frontend = frontend;
  return made;
}

void PostgresqlRequests::pop() {
  text_bytes_ -= std::min(text_bytes_, text_size(front()));
  waiting_.pop();
}

}  // namespace nw::network
