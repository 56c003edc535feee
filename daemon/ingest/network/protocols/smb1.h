// SMB1 on a connection: requests joined to their responses, and what they come to.
#pragma once

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/smb_session.h"

namespace nw::network {

// One frame, which is one message with one or, by AndX, more commands. `cut`: it goes on behind what is there.
void read_smb1(Bytes frame, bool cut, SmbSession& session, Context& context);

}  // namespace nw::network
