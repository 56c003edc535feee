// What the commands below `normwatch privacy` share.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "app/commands.h"
#include "record/privacy/sealing.h"

namespace nw::app {

inline constexpr OptionSpec kPrivacyByOption{"by", "NAME",
                                             "who does it, as an opaque id of staff; stands in the ledger"};
inline constexpr OptionSpec kPrivacyWhyOption{"why", "TEXT",
                                              "why; stands in the ledger for good, so without names and addresses"};

// Whether every option is there; complains of the first that is not.
bool has_options(const Options& options, std::initializer_list<std::string_view> names);
// Asks the daemon; complains, with the exit status, when nobody answers or it refuses (64 wrong, 66 not there, 78
// refused, 69 not now).
std::optional<std::string> ask_privacy(const Options& options, std::string method, std::string path, std::string body,
                                       ExitCode& code);
// Sends it, and prints what comes.
ExitCode send_privacy(const Options& options, std::string path, const boost::json::object& body);
// A file with the 64 hex digits of a secret key, which nobody else may read; complains. With `make`, one that is not
// there is made.
std::optional<privacy::CustodianKeys> read_key_pair(const std::string& file, bool make, ExitCode& code);

}  // namespace nw::app
