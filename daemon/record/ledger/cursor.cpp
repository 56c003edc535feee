// A reader's place, as one line of JSON that ends with its own checksum:
//   {"v":1,"next":42,"state":"...","crc32c":"0123abcd"}
// The checksum covers what stands before `,"crc32c"`: a flipped digit in `next` would skip entries in silence.
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <fcntl.h>
#include <utility>

#include "base/text.h"
#include "record/ledger/crc32c.h"
#include "record/ledger/durable_file.h"
#include "record/ledger/ledger.h"

namespace nw::record {

namespace {

constexpr std::size_t kSealBytes = sizeof(R"(,"crc32c":"01234567"})") - 1;
// A state's byte takes at most six in JSON.
constexpr std::size_t kFileBytesMax = 6 * Cursor::kStateBytesMax + 128;

std::string seal(std::string_view body) {
  std::array<char, kSealBytes + 1> text{};
  std::snprintf(text.data(), text.size(), R"(,"crc32c":"%08x"})", static_cast<unsigned>(crc32c(body)));
  return text.data();
}

std::string to_line(std::uint64_t next, std::string_view state) {
  std::string line = R"({"v":1,"next":)" + std::to_string(next) + R"(,"state":)";
  append_json_string(state, line);
  return line + seal(line) + '\n';
}

// False when the line is not what to_line() writes.
bool from_line(std::string_view line, std::uint64_t& next, std::string& state) {
  if (line.size() < kSealBytes + 1 || line.back() != '\n') return false;
  line.remove_suffix(1);
  const std::string_view body = line.substr(0, line.size() - kSealBytes);
  if (line.substr(body.size()) != seal(body)) return false;
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(line, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return false;
  const auto* version = object->if_contains("v");
  const auto* place = object->if_contains("next");
  const auto* text = object->if_contains("state");
  if (version == nullptr || place == nullptr || text == nullptr || *version != 1 || !text->is_string()) return false;
  if (const auto* u = place->if_uint64())
    next = *u;
  else if (const auto* i = place->if_int64(); i != nullptr && *i >= 0)
    next = static_cast<std::uint64_t>(*i);
  else
    return false;
  state = std::string_view{text->get_string()};
  return true;
}

}  // namespace

Result<Cursor> Cursor::open(const std::filesystem::path& file) {
  Cursor cursor;
  cursor.file_ = file;
  FileOps& ops = system_files();
  const auto fd = open_existing(ops, file, O_RDONLY);
  if (!fd && fd.error().code == Errc::not_found) return cursor;
  if (!fd) return fd.error();
  std::string line(kFileBytesMax + 1, '\0');
  const auto got = read_at(ops, *fd, line.data(), line.size(), 0, file.string());
  if (!got) return got.error();
  line.resize(*got);
  if (line.size() > kFileBytesMax || !from_line(line, cursor.next_, cursor.state_))
    return Error{Errc::malformed, file.string() +
                                      ": this place in the ledger is damaged. Delete the file to begin again "
                                      "at entry 0: everything is delivered once more, nothing is lost"};
  return cursor;
}

Result<> Cursor::save(std::uint64_t next, std::string state) {
  if (state.size() > kStateBytesMax)
    return Error{Errc::invalid_argument, file_.string() + ": a state of " + std::to_string(state.size()) +
                                             " bytes; at most " + std::to_string(kStateBytesMax) + " fit"};
  if (auto replaced = replace_file(system_files(), file_, to_line(next, state)); !replaced) return replaced;
  next_ = next;
  state_ = std::move(state);
  return {};
}

}  // namespace nw::record
