// `normwatch evidence`: what an outsider gets of an incident, and how it is checked. One file and one row each.
#include <array>

#include "app/commands.h"

namespace nw::app {

extern const Command kEvidenceExport, kEvidenceVerify, kEvidenceShow, kEvidenceAccept;

namespace {

std::span<const Command> evidence_commands() {
  static const std::array kCommands{kEvidenceExport, kEvidenceVerify, kEvidenceShow, kEvidenceAccept};
  return kCommands;
}

constexpr CommandSpec kSpec{
    "evidence", "", "make a bundle of an incident that anyone can check offline; check one, show it, sign for it",
    "",         {}, 0,
    0};

}  // namespace

const Command kEvidence{&kSpec, nullptr, evidence_commands};

}  // namespace nw::app
