// What table.cpp takes from each output's file.
#pragma once

#include "export/output.h"

namespace nw::exporter {

OutputKind::Make configure_alertmanager(YamlMap& map);
OutputKind::Make configure_ndjson(YamlMap& map);
OutputKind::Make configure_text(YamlMap& map);

}  // namespace nw::exporter
