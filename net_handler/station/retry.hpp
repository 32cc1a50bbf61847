#pragma once
#include <algorithm>

#include "shm_wrapper/clock.hpp"

namespace runtime::station {

/// How long to wait before the next attempt to connect: longer each time, and from the beginning again after
/// a connection that has lasted. So two stations that throw each other out, since a robot has one, do it ever
/// less often. No I/O.
class Retry {
  public:
    static constexpr Nanoseconds first = 1 * second;
    static constexpr Nanoseconds longest = 8 * second;
    static constexpr Nanoseconds steady = 10 * second;

    /// The connection stands.
    void connected(Nanoseconds time) noexcept { connected_ = time; }
    /// The attempt has failed, or the connection has ended. How long to wait.
    Nanoseconds ended(Nanoseconds time) noexcept {
        if (connected_ != 0 && time - connected_ > steady)
            next_ = first;
        connected_ = 0;
        const Nanoseconds wait = next_;
        next_ = std::min(2 * wait, longest);
        return wait;
    }

  private:
    Nanoseconds next_ = first;
    Nanoseconds connected_ = 0;  ///< 0: it does not stand
};

}  // namespace runtime::station
