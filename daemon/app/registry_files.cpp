#include "app/registry_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "app/config.h"
#include "app/embedded.h"
#include "app/snapshot.h"
#include "context/registry/read.h"

namespace nw::app {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEmbeddedRegister = "config/registry.yaml";

bool is_register_name(std::string_view name) {
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

}  // namespace

std::vector<std::string> list_registry_files(const std::string& path, Diagnostics& diagnostics) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};  // what is no file is said when it is read
  std::vector<std::string> files;
  fs::directory_iterator at{path, error}, end;
  // Whatever bears such a name is listed: a link that leads nowhere must not lose assets without a word.
  for (; !error && at != end && files.size() <= context::kRegisterFilesMax; at.increment(error))
    if (is_register_name(at->path().filename().string())) files.push_back(at->path().filename().string());
  std::sort(files.begin(), files.end());
  for (std::string& file : files) file = (fs::path{path} / file).string();
  if (error)
    diagnostics.error(path, {}, "unreadable", "the register: cannot list the folder: " + error.message(),
                      "make it readable for this user");
  else if (files.empty())
    diagnostics.error(path, {}, "no-register", "the folder of the register has no *.yaml or *.yml file",
                      "put the register's files there, or leave 'registry' out for the embedded one");
  else if (files.size() > context::kRegisterFilesMax)
    diagnostics.error(path, {}, "too-many-files",
                      "the register has more than " + std::to_string(context::kRegisterFilesMax) + " files",
                      "join some of them");
  return files;
}

std::optional<std::vector<context::RegisterText>> read_registry_files(const std::string& path,
                                                                      Diagnostics& diagnostics) {
  std::vector<context::RegisterText> texts;
  if (path.empty()) {
    texts.push_back({std::string{kEmbeddedRegister} + " (embedded)", std::string{embedded_file(kEmbeddedRegister)}});
    return texts;
  }
  const std::size_t errors_before = diagnostics.errors();
  const std::vector<std::string> files = list_registry_files(path, diagnostics);
  if (diagnostics.errors() != errors_before) return std::nullopt;
  const bool folder = files.front() != path;
  std::size_t left = context::kRegisterBytesMax;
  for (const std::string& file : files) {
    std::error_code error;
    // A pipe in a folder would be waited for; one that is named itself is meant.
    if (folder && fs::exists(file, error) && !fs::is_regular_file(file, error)) {
      diagnostics.error(file, {}, "unreadable", "the register: this is no regular file", "move it out of the folder");
      continue;
    }
    const std::uintmax_t size = fs::file_size(file, error);
    if (folder && !error && size > left) {
      diagnostics.error(
          file, {}, "too-large",
          "the register's files are larger than " + std::to_string(context::kRegisterBytesMax >> 20U) + " MiB together",
          "leave out what is not designated");
      break;
    }
    auto text = read_text_file(file, left);
    if (!text) {
      diagnostics.error(file, {}, "unreadable", "the register: " + text.error().what,
                        folder ? "make it readable for this user, or move it out of the folder"
                               : "correct the path in the configuration, or leave the key out for the embedded one");
      continue;
    }
    left -= text->size();
    texts.push_back({file, std::move(*text)});
  }
  if (diagnostics.errors() != errors_before) return std::nullopt;
  return texts;
}

std::string list_register(std::span<const context::RegisterText> files) {
  std::string list;
  if (files.size() == 1) return list;
  for (const context::RegisterText& file : files)
    list += sha256_hex(file.text) + "  " + fs::path{file.file}.filename().string() + '\n';
  return list;
}

std::string hash_register(std::span<const context::RegisterText> files) {
  return sha256_hex(files.size() == 1 ? files.front().text : list_register(files));
}

bool is_registry_file(const std::string& registry, const std::string& file) {
  if (registry.empty()) return false;
  return file == registry || file.starts_with(registry.ends_with('/') ? registry : registry + '/');
}

}  // namespace nw::app
