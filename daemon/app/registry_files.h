// The register on disk: one file, or a folder of them (an `assets.d`).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "context/registry/registry.h"

namespace nw::app {

// The files that `path` stands for: itself, or of a folder every *.yaml and *.yml in it, in the order of their names;
// hidden ones, folders below and other names are not read. Errors: unreadable, no-register, too-many-files.
std::vector<std::string> list_registry_files(const std::string& path, Diagnostics& diagnostics);

// Their texts; of no path, the embedded register. Nothing after an error.
std::optional<std::vector<context::RegisterText>> read_registry_files(const std::string& path,
                                                                      Diagnostics& diagnostics);

// SHA-256 of the register, hex. Of one file it is the file's own. Of several it covers each one's hash and name, and
// anybody can make it again, in the folder: sha256sum *.yaml | sha256sum (with LC_ALL=C, and *.yml among them by name).
std::string hash_register(std::span<const context::RegisterText> files);
// The list that it is the hash of; empty for one file.
std::string list_register(std::span<const context::RegisterText> files);

// Whether `file` is the register or one of its files.
bool is_registry_file(const std::string& registry, const std::string& file);

}  // namespace nw::app
