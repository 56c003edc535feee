#include "ingest/logs/transports/handed_socket.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <vector>

#include "base/text.h"

namespace nw::logs {

namespace {

enum class Kind : std::uint8_t { stream, datagram, taken, other };

struct Handed {
  int fd = -1;
  std::string name;
  Kind kind = Kind::other;
};

// What is left in the place of a socket that was taken: its number stays in use, so that it cannot come to stand for
// another one.
constexpr const char* kPlaceholder = "/dev/null";
const dev_t kPlaceholderDevice = makedev(1, 3);

Kind kind_of(int fd) {
  if (sd_is_socket_inet(fd, AF_UNSPEC, SOCK_STREAM, 1, 0) > 0) return Kind::stream;
  if (sd_is_socket_inet(fd, AF_UNSPEC, SOCK_DGRAM, -1, 0) > 0) return Kind::datagram;
  struct stat found {};
  const bool taken = ::fstat(fd, &found) == 0 && S_ISCHR(found.st_mode) && found.st_rdev == kPlaceholderDevice;
  return taken ? Kind::taken : Kind::other;
}

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::stream: return "stream";
    case Kind::datagram: return "datagram";
    case Kind::taken: return "another source has it";
    case Kind::other: break;
  }
  return "neither a listening TCP nor a UDP socket";
}

// Names are what the unit's author wrote, or whoever set LISTEN_FDNAMES.
Result<std::vector<Handed>> all_handed() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(0, &names);
  if (count < 0)
    return Error{
        Errc::invalid_argument,
        std::string{"what LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES say is no good: "} + std::strerror(-count)};
  std::vector<Handed> out;
  for (int i = 0; i < count; ++i) {
    const int fd = SD_LISTEN_FDS_START + i;
    out.push_back({fd, names[i], kind_of(fd)});
    std::free(names[i]);
  }
  std::free(names);
  return out;
}

Result<int> take(int fd) {
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, fd);
  const int placeholder = own < 0 ? -1 : ::open(kPlaceholder, O_RDONLY | O_CLOEXEC);
  const bool good = placeholder >= 0 && ::dup3(placeholder, fd, O_CLOEXEC) == fd;
  const int why = errno;
  if (placeholder >= 0) ::close(placeholder);
  if (good) return own;
  if (own >= 0) ::close(own);
  return Error{Errc::io, std::string{"cannot take the socket from systemd: "} + std::strerror(why)};
}

std::string list_of(const std::vector<Handed>& all) {
  std::string out;
  for (const Handed& one : all)
    out += (out.empty() ? "" : ", ") + printable(one.name, 64) + " (" + std::string{word_of(one.kind)} + ')';
  return out;
}

}  // namespace

Result<int> take_handed_socket(std::string_view transport, std::string_view name, int type) {
  const std::string where = std::string{transport} + " systemd:" + std::string{name} + ": ";
  const Kind wanted = type == SOCK_STREAM ? Kind::stream : Kind::datagram;
  const std::string listen = wanted == Kind::stream ? "ListenStream=" : "ListenDatagram=";
  const auto all = all_handed();
  if (!all) return Error{all.error().code, where + all.error().what};
  if (all->empty())
    return Error{Errc::not_found, where +
                                      "systemd handed over no sockets; enable and start the socket unit that has "
                                      "FileDescriptorName=" +
                                      std::string{name} + ", then start this service again"};
  int found = -1;
  bool other_kind = false, taken = false;
  for (const Handed& one : *all) {
    if (one.name != name) continue;
    taken = taken || one.kind == Kind::taken;
    other_kind = other_kind || one.kind != Kind::taken;
    if (one.kind != wanted) continue;
    if (found >= 0)
      return Error{Errc::invalid_argument, where + "systemd handed over several " + std::string{word_of(wanted)} +
                                               " sockets of this name (" + list_of(*all) +
                                               "); give each its own socket unit with its own FileDescriptorName="};
    found = one.fd;
  }
  if (found >= 0) {
    const auto own = take(found);
    if (!own) return Error{own.error().code, where + own.error().what};
    return *own;
  }
  const std::string needs = "its unit needs " + listen + " and FileDescriptorName=" + std::string{name} +
                            ". systemd handed over: " + list_of(*all);
  if (taken && !other_kind)
    return Error{Errc::in_use, where + "what came under this name another source has already; " + needs};
  return Error{other_kind ? Errc::invalid_argument : Errc::not_found,
               where + "no " + std::string{word_of(wanted)} + " socket came under this name; " + needs};
}

std::string handed_sockets_left() {
  auto all = all_handed();
  if (!all) return {};
  std::erase_if(*all, [](const Handed& one) { return one.kind == Kind::taken; });
  return list_of(*all);
}

}  // namespace nw::logs
