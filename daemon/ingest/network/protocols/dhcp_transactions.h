// What DHCP's two versions keep of a flow: transactions that are not over yet.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// Transaction: a default-constructible struct with `first` and `last` (Timestamp), `xid`, `client` (octets that name
// the client) and `types` (a vector). `tell` of each call writes one as an event.
template <class Transaction>
class DhcpTransactions {
 public:
  static constexpr std::size_t kOpenMax = 64;      // per flow; all clients of a link share one
  static constexpr std::size_t kMessagesMax = 16;  // per transaction; one with two servers and an error has nine
  static constexpr Nanoseconds kWait = std::chrono::seconds{30};  // from the first message on, as in Zeek

  // The transaction that a message belongs to, an open one or a new one.
  Transaction& place(std::uint32_t xid, Bytes client, Context& context, auto tell) {
    while (!open_.empty() && context.now() - open_.front().first > kWait) tell_oldest(context, tell);
    const auto known = std::ranges::find_if(
        open_, [&](const Transaction& t) { return t.xid == xid && std::ranges::equal(t.client, client); });
    if (known != open_.end()) return *known;
    if (open_.size() == kOpenMax) {
      context.refused(DecodeError::limit);
      tell_oldest(context, tell);
    }
    Transaction& made = open_.emplace_back();
    made.first = context.now();
    made.xid = xid;
    made.client.assign(client.begin(), client.end());
    return made;
  }

  // After each message: `transaction` is what place() gave, `over` says that no other will come.
  void added(const Transaction& transaction, bool over, Context& context, auto tell) {
    if (!over && transaction.types.size() < kMessagesMax) return;
    tell(transaction, context);
    open_.erase(open_.begin() + (&transaction - open_.data()));
  }

  void finish(Context& context, auto tell) {
    for (const Transaction& open : open_) tell(open, context);
    open_.clear();
  }

 private:
  void tell_oldest(Context& context, auto tell) {
    tell(open_.front(), context);
    open_.erase(open_.begin());
  }

  std::vector<Transaction> open_;  // oldest first
};

}  // namespace nw::network
