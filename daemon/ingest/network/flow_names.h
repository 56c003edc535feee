// What a flow is called: made when first asked for, and kept beside the flow table, since a flow may wait for its end
// without being asked.
#pragma once

#include <string_view>

#include "ingest/network/community_id.h"
#include "ingest/network/flow.h"
#include "ingest/network/slots.h"
#include "ingest/network/uid.h"

namespace nw::network {

// Views are valid until the flow ends.
class FlowNames {
 public:
  // No community id when this OpenSSL has no SHA-1.
  struct Texts {
    std::string_view uid, community_id;
  };
  [[nodiscard]] Texts of(Flow& flow) {
    Names& names = made(flow);
    if (!names.has_community_id) names.has_community_id = hasher_.make(flow.key, names.community_id);
    return {text(names.uid), names.has_community_id ? text(names.community_id) : std::string_view{}};
  }
  [[nodiscard]] const Uid& uid(Flow& flow) { return made(flow).uid; }
  // The flow has ended.
  void close(Flow& flow) noexcept {
    if (flow.names != kNoSlot) names_.give_back(flow.names);
    flow.names = kNoSlot;
  }

 private:
  struct Names {
    Uid uid;
    CommunityId community_id;
    bool has_community_id = false;
  };

  [[nodiscard]] Names& made(Flow& flow) {
    if (flow.names == kNoSlot) {
      flow.names = names_.take();
      Names& fresh = names_[flow.names];
      fresh.uid = make_uid(flow.key, flow.start, flow.again);
      fresh.has_community_id = false;
    }
    return names_[flow.names];
  }

  Pool<Names> names_;
  CommunityIdHasher hasher_;
};

}  // namespace nw::network
