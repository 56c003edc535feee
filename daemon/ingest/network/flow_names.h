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
  [[nodiscard]] const Uid& uid(Flow& flow) {
    Names& names = of(flow);
    if (!names.has_uid) names.uid = make_uid(flow.key, flow.start, flow.again);
    names.has_uid = true;
    return names.uid;
  }
  // Empty when this OpenSSL has no SHA-1.
  [[nodiscard]] std::string_view community_id(Flow& flow) {
    Names& names = of(flow);
    if (!names.has_community_id) names.has_community_id = hasher_.make(flow.key, names.community_id);
    return names.has_community_id ? text(names.community_id) : std::string_view{};
  }
  // The flow has ended.
  void close(Flow& flow) noexcept {
    if (flow.names != kNoSlot) names_.give_back(flow.names);
    flow.names = kNoSlot;
  }

 private:
  struct Names {
    Uid uid;
    CommunityId community_id;
    bool has_uid = false, has_community_id = false;
  };

  [[nodiscard]] Names& of(Flow& flow) {
    if (flow.names == kNoSlot) {
      flow.names = names_.take();
      names_[flow.names].has_uid = names_[flow.names].has_community_id = false;
    }
    return names_[flow.names];
  }

  Pool<Names> names_;
  CommunityIdHasher hasher_;
};

}  // namespace nw::network
