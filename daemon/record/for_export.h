// What outputs may tell: the one door through which alerts and folds leave the ledger for others. Of a secret asset
// they say that there is one ("undisclosed"), and what was observed; nothing that only the register knows. Everything
// else passes as it is.
#pragma once

#include "record/alert.h"
#include "record/fold.h"

namespace nw::record {

Alert for_export(Alert alert);
Fold for_export(Fold fold);

}  // namespace nw::record
