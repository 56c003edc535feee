// Holds: what retention must not delete, because a person said so of an alert or of an incident. Rebuilt from the
// ledger's entries `hold`, like the book of reveals.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/privacy/sealing.h"
#include "record/reveals/request.h"

namespace nw::reveals {

struct Hold {
  std::string id;               // "HO-20260115-1a2b3c4d"
  std::string alert, incident;  // one of them
  std::string why;
  Person by;
  Timestamp since{};
  [[nodiscard]] std::string to_json() const;
};

class Holds {
 public:
  static constexpr std::size_t kHoldsMax = 10'000;  // that are in force

  // Takes in one entry; other types are passed over. `malformed`: it is none that we write; nothing has changed then.
  Result<> apply(std::string_view type, std::string_view body, Timestamp time);

  [[nodiscard]] bool alert(std::string_view id) const { return alerts_.contains(id); }
  [[nodiscard]] bool incident(std::string_view id) const { return incidents_.contains(id); }
  [[nodiscard]] const Hold* find(std::string_view id) const;
  [[nodiscard]] const std::map<std::string, Hold, std::less<>>& all() const noexcept { return holds_; }

 private:
  std::map<std::string, Hold, std::less<>> holds_;                        // by id
  std::map<std::string, std::uint64_t, std::less<>> alerts_, incidents_;  // how many hold it
};

[[nodiscard]] std::string hold_body(const Hold& hold);
struct Release {
  std::string id, why;
  Person by;
};
[[nodiscard]] std::string release_body(const Release& release);

// A custodian who showed it with the secret key (destroy_word.h).
struct Destroyer {
  std::string custodian;  // the name in the custodians' file
  privacy::Fingerprint key{};
  Person person;
  std::int64_t sent_by_uid = -1;  // of the user at the control socket
  bool offline = false;
};

// Keys of a month that two custodians destroy: one proposes, another confirms. Entries `key-rotate` with `what`
// "destroy-proposed", "destroy-confirmed" and, when they are gone, "destroyed".
struct Destruction {
  privacy::Epoch epoch;
  std::string why;
  Destroyer by;
  Timestamp at{}, expires{};
  // What the one who confirms confirms: the hash of all this but `at`, in hex.
  [[nodiscard]] std::string sha256() const;
};
struct Confirmed {
  Destruction proposal;
  Destroyer by;
  std::vector<NeededKey> keys;  // that were there
};

class Destructions {
 public:
  // A proposal of before custodians had to show their keys is as good as none.
  Result<> apply(std::string_view type, std::string_view body, Timestamp time);
  // Proposed and not yet confirmed, and not expired at `now`.
  [[nodiscard]] const Destruction* waiting(privacy::Epoch epoch, Timestamp now) const;
  [[nodiscard]] std::vector<const Destruction*> all(Timestamp now) const;
  // `no_permission`: the one who confirms is the one who proposed, by key, name, station or account.
  static Result<> may_confirm(const Destruction& proposed, const Destroyer& by);
  // Confirmed, and not known to be destroyed: after a crash, or an error of the disk.
  [[nodiscard]] const std::map<privacy::Epoch, Confirmed>& confirmed() const noexcept { return confirmed_; }

 private:
  std::map<privacy::Epoch, Destruction> proposed_;
  std::map<privacy::Epoch, Confirmed> confirmed_;
};

[[nodiscard]] std::string propose_body(const Destruction& proposal);
// In the ledger before the first byte goes.
[[nodiscard]] std::string confirm_body(const Confirmed& confirmed);
// `failed`: why they stay after all; empty: all are deleted.
[[nodiscard]] std::string destroyed_body(const Confirmed& confirmed, const std::string& failed);

}  // namespace nw::reveals
