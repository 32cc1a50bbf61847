#include "net_handler/protocol/fairness.hpp"

#include <algorithm>
#include <utility>

namespace runtime::net {
namespace {

constexpr AddressBytes ipv4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t ipv4_prefix = 12;
constexpr std::size_t ipv6_network = 8;
/// Those whose last turn is remembered; more than wait at any time.
constexpr std::size_t max_served = 64;

}  // namespace

AddressBytes household_of(const AddressBytes& address) noexcept {
    if (std::equal(address.begin(), address.begin() + ipv4_prefix, ipv4_mapped.begin()))
        return address;
    AddressBytes household{};
    std::copy_n(address.begin(), ipv6_network, household.begin());
    return household;
}

std::size_t to_make_room(std::span<const AddressBytes> waiting) {
    // Of the household, and of the address itself.
    const auto counts = [&](const AddressBytes& address) {
        const AddressBytes household = household_of(address);
        return std::pair(std::count_if(waiting.begin(), waiting.end(),
                                       [&](const auto& other) { return household_of(other) == household; }),
                         std::count(waiting.begin(), waiting.end(), address));
    };
    // The first of the largest: max_element keeps the earliest of equals.
    const auto found =
        std::max_element(waiting.begin(), waiting.end(),
                         [&](const auto& left, const auto& right) { return counts(left) < counts(right); });
    return static_cast<std::size_t>(found - waiting.begin());
}

std::ptrdiff_t Turns::Served::rank(const AddressBytes& address) const {
    const auto found = std::find(addresses_.begin(), addresses_.end(), address);
    return found == addresses_.end() ? 0 : 1 + (found - addresses_.begin());
}

void Turns::Served::add(const AddressBytes& address) {
    addresses_.erase(std::remove(addresses_.begin(), addresses_.end(), address), addresses_.end());
    addresses_.push_back(address);
    if (addresses_.size() > max_served)
        addresses_.pop_front();
}

std::size_t Turns::next(std::span<const AddressBytes> waiting) {
    const auto ranks = [&](const AddressBytes& address) {
        return std::pair(households_.rank(household_of(address)), addresses_.rank(address));
    };
    const auto chosen =
        std::min_element(waiting.begin(), waiting.end(),
                         [&](const auto& left, const auto& right) { return ranks(left) < ranks(right); });
    households_.add(household_of(*chosen));
    addresses_.add(*chosen);
    return static_cast<std::size_t>(chosen - waiting.begin());
}

}  // namespace runtime::net
