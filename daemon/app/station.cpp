#include "app/station.h"

#include <array>
#include <unistd.h>

#include "app/config.h"
#include "base/text.h"
#include "record/privacy/forms.h"

namespace nw::app {

std::string station() {
  std::array<char, 65> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
  std::string out = name[0] == '\0' ? "unnamed" : printable(name.data(), 64);
  const auto id = read_text_file("/etc/machine-id", 4096);
  constexpr std::uint8_t kZero[1] = {0};
  const privacy::Digest digest =
      privacy::sha256({privacy::bytes_of("normwatch-station/v1"), kZero, privacy::bytes_of(id ? trim(*id) : "")});
  return out + '/' + privacy::to_hex(Bytes{digest}.first(4));
}

}  // namespace nw::app
