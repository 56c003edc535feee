#include "ingest/logs/transports/packed_file.h"

#include "unit/ingest/logs/transports/file_tail_test_support.h"

namespace nw::logs {
namespace {

using State = PackedFile::State;

struct Unpacked {
  std::string text;
  State state = State::broken;
};

Unpacked unpack(const std::string& packed, std::size_t step = 7) {
  TempDir dir;
  append(dir.file("x"), packed);
  const auto file = PackedFile::open(FileHandle{::open(dir.file("x").c_str(), O_RDONLY | O_CLOEXEC)});
  if (!file) return {};
  Unpacked out;
  std::string buffer(step, '\0');
  while (file->state() == State::more) out.text.append(buffer.data(), file->read(buffer.data(), buffer.size()));
  out.state = file->state();
  return out;
}

std::string text_of(int lines) {
  std::string out;
  for (int i = 0; i < lines; ++i) out += "line " + std::to_string(i * 7919) + "\n";
  return out;
}

TEST(PackedFile, Unpacks) {
  const std::string a = text_of(5000), b = text_of(10);
  const std::string empty_gzip = gzip(""), empty_zstd = zstd("");
  const struct {
    const char* name;
    std::string packed, want;
  } cases[] = {
      {"gzip", gzip(a), a},
      {"gzip, two members", gzip(a) + gzip(b), a + b},
      {"gzip, padded", gzip(b) + std::string(3000, '\0'), b},
      {"gzip, nothing in it", empty_gzip, ""},
      {"zstd", zstd(a), a},
      {"zstd, two frames", zstd(a) + zstd(b), a + b},
      {"zstd, a frame to skip", zstd(a) + std::string{"\x50\x2a\x4d\x18\x03\0\0\0xyz", 11} + zstd(b), a + b},
      {"zstd, nothing in it", empty_zstd, ""},
      {"xz", xz(a), a},
      {"xz, two streams with padding", xz(a) + std::string(8, '\0') + xz(b), a + b},
      {"xz, nothing in it", xz(""), ""},
      {"bzip2", bzip2(a), a},
      {"bzip2, two streams", bzip2(a) + bzip2(b), a + b},
  };
  for (const auto& c : cases) {
    for (const std::size_t step : {1UL, 100UL, 1UL << 20U}) {
      SCOPED_TRACE(c.name);
      const Unpacked got = unpack(c.packed, step);
      EXPECT_EQ(got.text == c.want, true);
      EXPECT_EQ(got.state, State::ended);
    }
  }
}

TEST(PackedFile, EveryCut) {
  const std::string text = text_of(60);
  for (const std::string& packed : {gzip(text), zstd(text), xz(text), bzip2(text)}) {
    for (std::size_t size = 10; size < packed.size(); ++size) {
      SCOPED_TRACE(size);
      const Unpacked got = unpack(packed.substr(0, size), 64);
      EXPECT_EQ(got.state, State::cut);
      EXPECT_TRUE(text.starts_with(got.text));
    }
  }
}

// It is still in the writing.
TEST(PackedFile, GoesOnAfterACut) {
  TempDir dir;
  const std::string text = text_of(3000), packed = gzip(text);
  append(dir.file("x"), packed.substr(0, packed.size() / 2));
  const auto file = PackedFile::open(FileHandle{::open(dir.file("x").c_str(), O_RDONLY | O_CLOEXEC)});
  ASSERT_TRUE(file);
  std::string got, buffer(1000, '\0');
  const auto read_on = [&] {
    while (file->state() == State::more) got.append(buffer.data(), file->read(buffer.data(), buffer.size()));
  };
  read_on();
  ASSERT_EQ(file->state(), State::cut);
  append(dir.file("x"), packed.substr(packed.size() / 2));
  file->look_again();
  read_on();
  EXPECT_EQ(file->state(), State::ended);
  EXPECT_EQ(got == text, true);
}

TEST(PackedFile, RefusesWhatIsNone) {
  EXPECT_EQ(unpack("").state, State::broken);
  EXPECT_EQ(unpack("plain text\n").state, State::broken);
  EXPECT_EQ(unpack(std::string{"\x1f\x8b\x08"} + std::string(100, '\xff')).state, State::broken);
  EXPECT_EQ(unpack(gzip("x") + "garbage").text, "x");
  EXPECT_EQ(packing_of(std::string_view{"\xfd\x37zXZ\0", 6}), Packing::xz);
  EXPECT_EQ(packing_of("BZh91AY&SY"), Packing::bzip2);
  EXPECT_EQ(packing_of("BZh is text"), Packing::none);
}

TEST(PackedFile, Head) {
  TempDir dir;
  const std::string text = text_of(500);
  append(dir.file("x"), gzip(text));
  const FileHandle file{::open(dir.file("x").c_str(), O_RDONLY | O_CLOEXEC)};
  EXPECT_EQ(head_of_packed(file.get(), 100), text.substr(0, 100));
  EXPECT_EQ(head_of_packed(file.get(), 100'000), text);
}

}  // namespace
}  // namespace nw::logs
