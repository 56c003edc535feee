#include "ingest/logs/transports/content_coding.h"

#include <gtest/gtest.h>
#include <string>
#include <zlib.h>
#include <zstd.h>

namespace nw::logs {
namespace {

std::string deflated(const std::string& text, int window) {
  z_stream state{};
  EXPECT_EQ(::deflateInit2(&state, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&state, text.size()) + 64, '\0');
  std::string in = text;
  state.next_in = reinterpret_cast<Bytef*>(in.data());
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - state.avail_out);
  ::deflateEnd(&state);
  return out;
}

std::string zstandard(const std::string& text, int window_log = 0) {
  ZSTD_CCtx* state = ::ZSTD_createCCtx();
  (void)::ZSTD_CCtx_setParameter(state, ZSTD_c_windowLog, window_log);
  std::string out(::ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  EXPECT_EQ(::ZSTD_compressStream2(state, &to, &from, ZSTD_e_end), 0U);
  ::ZSTD_freeCCtx(state);
  out.resize(to.pos);
  return out;
}

struct Out {
  std::string text;
  bool good = false;
};

Out undo(ContentCoding coding, std::string_view packed, std::size_t step = 1000) {
  const auto decoder = make_decoder(coding);
  Out out;
  std::string part(step, '\0');
  for (;;) {
    const std::ptrdiff_t got = decoder->decode(packed, part);
    if (got < 0 || (got == 0 && !decoder->complete())) return out;
    if (got == 0 && packed.empty()) break;
    out.text.append(part, 0, static_cast<std::size_t>(got));
  }
  out.good = true;
  return out;
}

struct Case {
  const char* name;
  ContentCoding coding;
  std::string packed;
};

std::vector<Case> cases(const std::string& text) {
  return {{"gzip", ContentCoding::gzip, deflated(text, 15 + 16)},
          {"deflate", ContentCoding::deflate, deflated(text, 15)},
          {"deflate without a header", ContentCoding::deflate, deflated(text, -15)},
          {"zstd", ContentCoding::zstd, zstandard(text)}};
}

TEST(ContentCoding, Undone) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i * 7919) + '\n';
  for (const Case& c : cases(text)) {
    SCOPED_TRACE(c.name);
    for (const std::size_t step : {1UL, 1000UL, 1UL << 20}) {
      const Out out = undo(c.coding, c.packed, step);
      EXPECT_TRUE(out.good);
      EXPECT_EQ(out.text, text);
    }
  }
}

TEST(ContentCoding, OfNothing) {
  for (const Case& c : cases("")) {
    SCOPED_TRACE(c.name);
    const Out out = undo(c.coding, c.packed);
    EXPECT_TRUE(out.good);
    EXPECT_EQ(out.text, "");
  }
}

TEST(ContentCoding, CutAnywhere) {
  for (const Case& c : cases("some text to pack, some text to pack")) {
    SCOPED_TRACE(c.name);
    for (std::size_t size = 0; size < c.packed.size(); ++size) {
      EXPECT_FALSE(undo(c.coding, std::string_view{c.packed}.substr(0, size)).good) << size;
    }
  }
}

TEST(ContentCoding, Broken) {
  for (const Case& c : cases("text")) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(undo(c.coding, "this was never packed").good);
    EXPECT_FALSE(undo(c.coding, c.packed + "and more").good);
  }
}

TEST(ContentCoding, OneAfterAnother) {
  const std::string gzip = deflated("one", 15 + 16) + deflated("two", 15 + 16);
  EXPECT_EQ(undo(ContentCoding::gzip, gzip).text, "onetwo");
  EXPECT_EQ(undo(ContentCoding::zstd, zstandard("one") + zstandard("two")).text, "onetwo");
}

// A window is memory that the sender asks for.
TEST(ContentCoding, LargeWindowsAreRefused) {
  std::string text(20U << 20, '\0');
  std::uint64_t x = 1;
  for (char& c : text) c = static_cast<char>((x = x * 6364136223846793005ULL + 1) >> 56U);
  EXPECT_TRUE(undo(ContentCoding::zstd, zstandard(text, 23), 1U << 20).good);
  EXPECT_FALSE(undo(ContentCoding::zstd, zstandard(text, 24), 1U << 20).good);
}

TEST(ContentCoding, Names) {
  EXPECT_EQ(content_coding(""), ContentCoding::identity);
  EXPECT_EQ(content_coding("identity"), ContentCoding::identity);
  EXPECT_EQ(content_coding(" GZip "), ContentCoding::gzip);
  EXPECT_EQ(content_coding("x-gzip"), ContentCoding::gzip);
  EXPECT_EQ(content_coding("deflate"), ContentCoding::deflate);
  EXPECT_EQ(content_coding("zstd"), ContentCoding::zstd);
  for (const char* name : {"br", "snappy", "gzip, gzip", "gzip;q=1"}) {
    EXPECT_FALSE(content_coding(name)) << name;
  }
}

}  // namespace
}  // namespace nw::logs
