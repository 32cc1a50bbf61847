#pragma once
#include "executor/token_bucket.hpp"
#include "shm_wrapper/clock.hpp"

namespace runtime::student {

/// When X_main may run again: as soon as something is new, at most 1000 times in any second, and at least
/// every 20 ms. New inputs may come a few times in quick succession; device data, which flows all the time,
/// leaves room for them. So a button is seen at once also while 32 devices report 1000 times a second. Pure.
class LoopPacer {
  public:
    static constexpr Nanoseconds longest_wait = 20 * millisecond;
    /// rate + burst = 1000: the bound for any second.
    static constexpr double rate = 992;
    static constexpr double burst = 8;
    /// Tokens that device data leaves for inputs.
    static constexpr double reserve = 6;

    /// An iteration begins.
    void begin(Nanoseconds time) noexcept {
        tokens_.refill(time);
        tokens_.take();
        began_ = time;
    }
    /// The earliest begin of the next iteration, if inputs have changed, or only device data.
    Nanoseconds after_inputs(Nanoseconds time) noexcept {
        tokens_.refill(time);
        return tokens_.time_of(1);
    }
    Nanoseconds after_data(Nanoseconds time) noexcept {
        tokens_.refill(time);
        return tokens_.time_of(1 + reserve);
    }
    /// The latest begin of the next iteration.
    Nanoseconds latest() const noexcept { return began_ + longest_wait; }

  private:
    executor::TokenBucket tokens_{rate, burst};
    Nanoseconds began_ = 0;
};

}  // namespace runtime::student
