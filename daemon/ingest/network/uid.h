// The flow's identifier, in the form of Zeek's. It follows from the flow alone, so every replay, worker and sensor that
// saw the same first packet gives the same one.
#pragma once

#include <array>
#include <string_view>

#include "ingest/network/flow_key.h"

namespace nw::network {

using Uid = std::array<char, 18>;  // 'C' and 17 base62 digits

// `again` tells flows of one key and start time apart, from 0.
Uid make_uid(const FlowKey& key, Timestamp start, std::uint32_t again) noexcept;
// Of the `number`-th file that the flow of `uid` carries: 'F' and 17 digits.
Uid make_file_uid(std::string_view uid, std::uint32_t number) noexcept;

inline std::string_view text(const Uid& uid) noexcept { return {uid.data(), uid.size()}; }

}  // namespace nw::network
