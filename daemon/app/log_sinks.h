// Where the daemon's own log goes: the journal (native, with fields), text, or JSON lines on standard error.
#pragma once

#include "app/config.h"

namespace nw::app {

// automatic: the journal when standard error is connected to it ($JOURNAL_STREAM), else text.
void install_log_sink(LogFormat format, LogLevel least);

}  // namespace nw::app
