// What OpenSSH's server says, sentence by sentence: releases 5 to 9.9, whose later ones write it from sshd-session and
// sshd-auth. Inner to this folder.
//
// Names of users, banners and what a client calls its key are chosen by strangers, and may imitate the rest of the
// sentence. Whatever sshd itself puts behind them is therefore looked for from the end.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::logs {

// Views into the message; empty or -1: it names none.
struct SshdText {
  std::string_view outcome, user, method, reason, source, local, key_type, fingerprint, protocol, client_user, level;
  std::int64_t source_port = -1, local_port = -1, code = -1;
  bool invalid_user = false, preauth = false;
};

// `text` without what read_sshd() takes for its level ("error", "fatal") and phase ("[preauth]"): PAM's lines have
// these too.
std::string_view sshd_sentence(std::string_view text, SshdText& out) noexcept;

// False: a sentence that is not known; `out` then has at most its level and phase.
bool read_sshd(std::string_view sentence, SshdText& out) noexcept;

}  // namespace nw::logs
