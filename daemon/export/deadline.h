// with_deadline(): Asio 1.26 (Boost 1.81) has no cancel_after, so the race is spelled out here, once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "base/result.h"

namespace nw {

// What `op` throws (a cancelled wait, no memory) becomes an Error: a throwing loser would keep the race open.
template <class T>
boost::asio::awaitable<Result<T>> without_throw(boost::asio::awaitable<Result<T>> op) {
  try {
    Result<T> result = co_await std::move(op);
    co_return result;
  } catch (const std::exception& e) {
    co_return Error{Errc::io, e.what()};
  }
}

// The result of `op`, or Errc::timed_out after `limit`. The loser is cancelled (terminal) and has ended on return.
template <class T>
boost::asio::awaitable<Result<T>> with_deadline(boost::asio::awaitable<Result<T>> op,
                                                std::chrono::steady_clock::duration limit) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor};
  timer.expires_after(limit);
  auto caught = without_throw<T>(std::move(op));
  auto race = std::move(caught) || timer.async_wait(boost::asio::use_awaitable);
  auto first = co_await std::move(race);
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return Error{Errc::timed_out, "no end within the time allowed"};
}

}  // namespace nw
