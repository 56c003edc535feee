#include "ingest/network/protocols/ics_requests.h"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "fake_context.h"

namespace nw::network {
namespace {

struct Asked {
  Timestamp time{};
  int number = 0;
  std::shared_ptr<int> held{};  // what a request has elsewhere
};

class IcsRequestsTest : public testing::Test {
 protected:
  static constexpr std::size_t kMost = 4;
  using Requests = IcsRequests<Asked, kMost>;

  void add(int number, std::shared_ptr<int> held = nullptr) {
    requests_.add({context_.time, number, std::move(held)}, context_, tell_);
  }
  Asked* find(int number) {
    return requests_.find([&](const Asked& r) { return r.number == number; });
  }
  std::vector<int> left() {
    std::vector<int> all;
    requests_.find([&](const Asked& r) { return all.push_back(r.number), false; });
    return all;
  }

  FakeContext context_{protocol("modbus")};
  std::vector<int> told_;
  std::function<void(const Asked&)> tell_ = [this](const Asked& r) { told_.push_back(r.number); };
  Requests requests_;
};

TEST_F(IcsRequestsTest, StayInOrderWhicheverIsRemoved) {
  for (const int number : {1, 2, 3, 4}) add(number);
  Asked* const last = find(4);
  requests_.remove(find(2));
  EXPECT_EQ(find(4), last) << "a request moved";
  EXPECT_EQ(left(), (std::vector{1, 3, 4}));
  add(5);  // where 2 was
  EXPECT_EQ(left(), (std::vector{1, 3, 4, 5}));
  requests_.remove(find(1));
  requests_.remove(find(5));
  EXPECT_EQ(left(), (std::vector{3, 4}));
  EXPECT_EQ(find(2), nullptr);
  add(6);
  add(7);
  EXPECT_EQ(left(), (std::vector{3, 4, 6, 7}));
  EXPECT_TRUE(told_.empty());
  EXPECT_EQ(context_.refused_total(), 0U);
}

TEST_F(IcsRequestsTest, OldestMakesWayAndIsCounted) {
  for (const int number : {1, 2, 3, 4}) add(number);
  requests_.remove(find(1));
  add(5);
  EXPECT_EQ(context_.refused_count(DecodeError::limit), 0U);
  add(6);
  EXPECT_EQ(told_, (std::vector{2}));
  EXPECT_EQ(left(), (std::vector{3, 4, 5, 6}));
  EXPECT_EQ(context_.refused_count(DecodeError::limit), 1U);
}

TEST_F(IcsRequestsTest, OldOnesAreToldInOrder) {
  add(1);
  add(2);
  context_.time += Requests::kPatience;
  add(3);
  requests_.expire(context_.time, tell_);
  EXPECT_TRUE(told_.empty());
  context_.time += std::chrono::nanoseconds{1};
  requests_.expire(context_.time, tell_);
  EXPECT_EQ(told_, (std::vector{1, 2}));
  EXPECT_EQ(left(), (std::vector{3}));
  context_.time += Requests::kPatience + std::chrono::nanoseconds{1};
  add(4);  // they make way for it
  EXPECT_EQ(told_, (std::vector{1, 2, 3}));
  requests_.finish(tell_);
  EXPECT_EQ(told_, (std::vector{1, 2, 3, 4}));
  EXPECT_TRUE(requests_.empty());
}

TEST_F(IcsRequestsTest, SomeAreGivenUpOthersForgotten) {
  for (const int number : {1, 2, 3, 4}) add(number);
  requests_.give_up_if([](const Asked& r) { return r.number % 2 != 0; }, tell_);
  EXPECT_EQ(told_, (std::vector{1, 3}));
  EXPECT_EQ(left(), (std::vector{2, 4}));
  add(5);
  requests_.forget_if([](const Asked& r) { return r.number == 4; });
  EXPECT_EQ(left(), (std::vector{2, 5}));
  requests_.forget();
  EXPECT_TRUE(requests_.empty());
  requests_.finish(tell_);
  EXPECT_EQ(told_, (std::vector{1, 3}));
}

// Not when the next one takes its place.
TEST_F(IcsRequestsTest, WhatOneHoldsGoesWithIt) {
  const auto held = std::make_shared<int>();
  for (const int number : {1, 2, 3, 4}) add(number, held);
  ASSERT_EQ(held.use_count(), 5);
  requests_.remove(find(2));
  EXPECT_EQ(held.use_count(), 4);
  requests_.give_up_if([](const Asked& r) { return r.number == 1; }, tell_);
  EXPECT_EQ(held.use_count(), 3);
  requests_.forget_if([](const Asked& r) { return r.number == 3; });
  EXPECT_EQ(held.use_count(), 2);
  requests_.finish(tell_);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace nw::network
