// SMB2 and SMB3 on a connection: requests joined to their responses, and what they come to.
#pragma once

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/smb_session.h"

namespace nw::network {

// One frame of one or more messages. `cut`: it goes on behind what is there, with data that nobody reads.
void read_smb2(Bytes frame, bool cut, SmbSession& session, Context& context);
// Is the frame that begins so one whose rest nobody reads: data of a file on a disk?
bool is_smb2_bulk(Bytes head, SmbSession& session);
// How much of a frame is_smb2_bulk() wants to see: the header, the longest body before data, and a PDU's header.
constexpr std::size_t kSmb2BulkHead = 64 + 48 + 16 + 16;

}  // namespace nw::network
