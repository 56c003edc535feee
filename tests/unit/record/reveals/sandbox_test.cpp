#include "record/reveals/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "record/privacy/ipcrypt.h"
#include "unit/record/reveals/reveals_support.h"

namespace nw::reveals {

namespace {

const auto kNothing = [] {};

using Work = Result<std::string> (*)();

Result<std::string> in_sandbox(Work work, const SandboxOptions& options = {}) {
  return run_in_sandbox(work, kNothing, options);
}

}  // namespace

TEST(RevealSandbox, TellsWhatItComputed) {
  const auto said = in_sandbox([]() -> Result<std::string> { return std::string(3'000'000, 'x'); });
  ASSERT_TRUE(said) << said.error().what;
  EXPECT_EQ(said->size(), 3'000'000U);
  const auto failed = in_sandbox([]() -> Result<std::string> { return Error{Errc::not_found, "nothing there"}; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::not_found);
  EXPECT_EQ(failed.error().what, "nothing there");
}

// Each of these ends the child at once, or fails in it: nothing of it is said.
TEST(RevealSandbox, CanDoNothingElse) {
  struct Case {
    const char* name;
    Work work;
  };
  static constexpr Case kCases[] = {
      {"socket", []() -> Result<std::string> { return std::to_string(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"fork", []() -> Result<std::string> { return std::to_string(::fork()); }},
      {"exec", []() -> Result<std::string> { return std::to_string(::execl("/bin/true", "true", nullptr)); }},
      {"unlink", []() -> Result<std::string> { return std::to_string(::unlink("/nothing/there")); }},
      {"kill", []() -> Result<std::string> { return std::to_string(::kill(1, 0)); }},
      {"read",
       []() -> Result<std::string> {
         char byte = 0;
         return std::to_string(::read(3, &byte, 1));
       }},
  };
  for (const Case& c : kCases) {
    const auto said = in_sandbox(c.work);
    ASSERT_FALSE(said) << c.name << ": " << *said;
    EXPECT_EQ(said.error().code, Errc::io) << c.name;
    EXPECT_NE(said.error().what.find("by signal"), std::string::npos) << c.name << said.error().what;
  }
  const auto opened =
      in_sandbox([]() -> Result<std::string> { return std::to_string(::open("/etc/hostname", O_RDONLY)); });
  ASSERT_TRUE(opened) << opened.error().what;
  EXPECT_EQ(*opened, "-1");
  const auto told = in_sandbox([]() -> Result<std::string> { return std::to_string(::write(1, "x", 1)); });
  ASSERT_TRUE(told);
  EXPECT_EQ(*told, "-1") << "standard output is closed";
}

TEST(RevealSandbox, Bounded) {
  SandboxOptions options;
  options.patience = std::chrono::milliseconds{150};
  const auto late = in_sandbox(
      []() -> Result<std::string> {
        for (volatile bool on = true; on;) continue;
        return std::string{};
      },
      options);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::timed_out);
  options = {};
  options.bytes_max = 1000;
  const auto much = in_sandbox([]() -> Result<std::string> { return std::string(1'000'000, 'x'); }, options);
  ASSERT_FALSE(much);
  EXPECT_EQ(much.error().code, Errc::full);
}

TEST(RevealSandbox, MeanwhileIsCalled) {
  int calls = 0;
  const auto count = [&calls] { ++calls; };
  ASSERT_TRUE(run_in_sandbox([]() -> Result<std::string> { return std::string{"x"}; }, count));
  EXPECT_GT(calls, 0);
}

// The whole work, with the libraries that it needs, under the filter.
TEST(RevealSandbox, OpensValues) {
  test::Scene scene;
  const Approval first = scene.opened(0), second = scene.opened(2);
  const OpeningInput input{&scene.document, &scene.reveal.secret_key, &first, &second, {scene.sealed_values()}};
  const auto work = [&]() -> Result<std::string> {
    const auto opened = open_values(
        input, scene.numbers, [&](std::string_view sealed, const privacy::PublicKey&, const privacy::Key32& secret) {
          return scene.open_object(sealed, secret);
        });
    if (!opened) return opened.error();
    return opened->to_json();
  };
  const auto said = run_in_sandbox(work, kNothing);
  ASSERT_TRUE(said) << said.error().what;
  const auto opened = Opened::from_json(*said);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->revealed, 2U);
  const auto clear = open_result(opened->sealed, scene.requester, opened->commitment);
  ASSERT_TRUE(clear);
  EXPECT_EQ(clear->values[0].clear, test::kAddress);
}

}  // namespace nw::reveals
