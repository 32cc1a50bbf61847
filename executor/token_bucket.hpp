#pragma once
#include <algorithm>

#include "shm_wrapper/clock.hpp"

namespace runtime::executor {

/// Bounds how often something may happen: `rate` times a second in the long run, `burst` times at once.
/// Pure: time comes in, and never goes back.
class TokenBucket {
  public:
    TokenBucket(double rate, double burst) noexcept : rate_(rate), burst_(burst), tokens_(burst) {}

    void refill(Nanoseconds time) noexcept {
        if (refilled_ != 0)
            tokens_ = std::min(burst_, tokens_ + static_cast<double>(time - refilled_) * rate_ / second);
        refilled_ = time;
    }
    /// Takes one token, if at least `needed` are there.
    bool take(double needed = 1) noexcept {
        if (tokens_ < needed)
            return false;
        tokens_ -= 1;
        return true;
    }
    double tokens() const noexcept { return tokens_; }
    /// When there will be `needed` tokens, as of the last refill.
    Nanoseconds time_of(double needed) const noexcept {
        if (tokens_ >= needed)
            return refilled_;
        return refilled_ + static_cast<Nanoseconds>((needed - tokens_) * second / rate_) + 1;
    }

  private:
    double rate_;
    double burst_;
    double tokens_;
    Nanoseconds refilled_ = 0;
};

}  // namespace runtime::executor
