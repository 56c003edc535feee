// Blocks of PROFINET's context management (IEC 61158-6-10, section 5.2), one behind the other:
//   | type u16 | length u16, of what follows | version u8, u8 | contents |
// A device may go on behind a block where its length says, or where its layout ends; one that lies is both. Where they
// agree, blocks are read one behind the other. From the first on that lies, or has a request within it, reading goes on
// along both ways, and whatever begins as a block of a command, at any octet, is read as one. So nothing that a device
// could take for a command is passed over; what it does not take is told with it, and the message counts as refused.
#pragma once

#include "ingest/network/protocols/profinet_io_cm_message.h"

namespace nw::network {

// All from the beginning. Targets and values are gathered if `texts`.
void read_io_cm_blocks(Bytes blocks, bool texts, IoCmContents& out);
// What begins somewhere in the middle.
void search_io_cm_blocks(Bytes bytes, bool texts, IoCmContents& out);

}  // namespace nw::network
