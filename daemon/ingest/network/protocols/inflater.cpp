#include "ingest/network/protocols/inflater.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr int kWindow = 15;  // zlib.h: 32 KiB, the largest that deflate has
constexpr int kGzip = kWindow + 16, kZlib = kWindow, kBare = -kWindow;

bool begins_gzip(Bytes head) noexcept { return head[0] == 0x1f && head[1] == 0x8b; }

// RFC 1950 section 2.2: the method, a window of 32 KiB at most, a check.
bool begins_zlib(Bytes head) noexcept {
  return (head[0] & 0x0fU) == 8 && head[0] >> 4U <= 7 && (head[0] << 8U | head[1]) % 31 == 0;
}

}  // namespace

Inflater::~Inflater() {
  if (made_ready_) ::inflateEnd(&stream_);
}

// zlib asks twice: for its state, and for its window when that is first needed. Both stay.
voidpf Inflater::allocate(voidpf self, uInt items, uInt bytes) {
  auto& inflater = *static_cast<Inflater*>(self);
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  const std::size_t size = (std::size_t{items} * bytes + kAlign - 1) / kAlign * kAlign;
  if (size > kMemoryBytes - inflater.used_) return Z_NULL;
  std::uint8_t* const given = inflater.memory_.data() + inflater.used_;
  inflater.used_ += size;
  return given;
}

void Inflater::begin(Coding coding, Totals& flow) noexcept {
  coding_ = coding;
  flow_ = &flow;
  state_ = State::begins;
  held_ = head_done_ = 0;
  bare_ = false;
  replays_ = coding == Coding::deflate;
  members_ = 0;
  body_made_ = 0;
}

Bytes Inflater::inflate(Bytes& in) noexcept {
  if (state_ == State::begins) {
    while (held_ != kTelling && !in.empty()) {
      head_[held_++] = in.front();
      in = in.subspan(1);
    }
    if (held_ != kTelling || !judge()) return {};
  }
  if (state_ != State::goes_on) return {};
  if (head_done_ == held_) {
    const Bytes offered = in;
    const Bytes made = run(in);
    remember(offered.first(offered.size() - in.size()));
    return again() ? inflate(in) : made;
  }
  Bytes head = Bytes{head_}.first(held_).subspan(head_done_);
  const std::size_t before = head.size();
  const Bytes made = run(head);
  head_done_ += before - head.size();
  return again() ? inflate(in) : made;
}

void Inflater::remember(Bytes taken) noexcept {
  replays_ = replays_ && body_made_ == 0 && taken.size() <= head_.size() - held_;
  if (!replays_) return;
  std::ranges::copy(taken, head_.begin() + static_cast<std::ptrdiff_t>(held_));
  held_ += taken.size();
  head_done_ = held_;
}

// Nothing came of what is called deflate: with a wrapping it may be bare (so browsers and curl see it), and bare it is
// no deflate. True: from its front, at most once.
bool Inflater::again() noexcept {
  if (state_ != State::broken || !replays_ || body_made_ != 0) return false;
  if (bare_) {
    state_ = State::plain;
    return false;
  }
  bare_ = true;
  head_done_ = 0;
  state_ = start(kBare) ? State::goes_on : State::broken;
  return state_ == State::goes_on;
}

// Two octets tell what it is. False: nothing to undo.
bool Inflater::judge() noexcept {
  const bool fits = coding_ == Coding::deflate || begins_gzip(Bytes{head_}.first(kTelling));
  if (!fits) {
    state_ = members_ == 0 ? State::plain : State::over;
    return false;
  }
  head_done_ = 0;
  state_ = State::goes_on;
  const int bits = coding_ == Coding::gzip ? kGzip : begins_zlib(Bytes{head_}.first(kTelling)) ? kZlib : kBare;
  bare_ = bits == kBare;
  if (!start(bits)) state_ = State::broken;
  return state_ == State::goes_on;
}

bool Inflater::start(int window_bits) noexcept {
  if (made_ready_) {
    if (::inflateReset2(&stream_, window_bits) != Z_OK) return false;
  } else {
    stream_.zalloc = &Inflater::allocate;
    stream_.zfree = &Inflater::release;
    stream_.opaque = this;
    if (::inflateInit2(&stream_, window_bits) != Z_OK) return false;
    made_ready_ = true;
  }
  return window_bits < 0 || ::inflateValidate(&stream_, 0) == Z_OK;
}

Bytes Inflater::run(Bytes& in) noexcept {
  const std::size_t offered = in.size();
  stream_.next_in = const_cast<Bytef*>(in.data());  // zlib does not write there; its type is older than const
  stream_.avail_in = static_cast<uInt>(offered);
  stream_.next_out = out_.data();
  stream_.avail_out = static_cast<uInt>(out_.size());
  const int result = ::inflate(&stream_, Z_NO_FLUSH);
  in = in.last(stream_.avail_in);
  const std::size_t made = out_.size() - stream_.avail_out;
  flow_->taken += offered - in.size();
  flow_->made += made;
  body_made_ += made;
  if (result == Z_STREAM_END) {
    ++members_;
    held_ = 0;
    state_ = coding_ == Coding::gzip ? State::begins : State::over;
  } else if (result != Z_OK && result != Z_BUF_ERROR) {
    state_ = State::broken;
  }
  if (body_made_ > kMadeMax || flow_->made > kFree + kRatioMax * flow_->taken) state_ = State::limit;
  return Bytes{out_}.first(made);
}

Inflater* InflaterPool::Lease::get() noexcept {
  if (pool_ == nullptr) return nullptr;
  Slot& slot = pool_->slots_[slot_];
  slot.used = ++pool_->uses_;
  return slot.inflater.get();
}

void InflaterPool::Lease::release() noexcept {
  if (pool_ != nullptr) pool_->slots_[slot_].holder = nullptr;
  pool_ = nullptr;
}

void InflaterPool::lend(Lease& to) {
  to.release();
  auto found = std::ranges::find(slots_, nullptr, &Slot::holder);
  if (found == slots_.end() && slots_.size() < kMax) {
    slots_.push_back({std::make_unique<Inflater>(), nullptr, 0});
    found = slots_.end() - 1;
  } else if (found == slots_.end()) {
    found = std::ranges::min_element(slots_, {}, &Slot::used);
    found->holder->release();
  }
  found->holder = &to;
  found->used = ++uses_;
  to.pool_ = this;
  to.slot_ = static_cast<std::size_t>(found - slots_.begin());
}

}  // namespace nw::network
