#pragma once
#include <cstddef>
#include <deque>
#include <span>

#include "net_handler/protocol/network_list.hpp"

namespace runtime::net {

/// Who shares what there is for connections that have not said who they are: an IPv4 address, or the /64
/// network of an IPv6 address, since a computer has all addresses of such a network.
AddressBytes household_of(const AddressBytes& address) noexcept;

/// Of the connections from these addresses, the oldest first, the one that makes room for others: the oldest
/// of the address that has the most, in the household that has the most, so that one which opens many keeps
/// no other out. `waiting` is not empty.
std::size_t to_make_room(std::span<const AddressBytes> waiting);

/// Households that wait for something take turns, and within one its addresses.
class Turns {
  public:
    /// Which of the connections from these addresses, the oldest first, is next. `waiting` is not empty.
    std::size_t next(std::span<const AddressBytes> waiting);

  private:
    class Served {
      public:
        /// 0: not remembered; 1: served longest ago …
        std::ptrdiff_t rank(const AddressBytes& address) const;
        void add(const AddressBytes& address);

      private:
        std::deque<AddressBytes> addresses_;  // the one that was served longest ago first
    };
    Served households_;
    Served addresses_;
};

}  // namespace runtime::net
