#include "net_handler/protocol/fairness.hpp"

#include <algorithm>

namespace runtime::net {
namespace {

constexpr AddressBytes ipv4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t ipv4_prefix = 12;
constexpr std::size_t ipv6_network = 8;
/// Households whose last turn is remembered; more than wait at any time.
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
    const auto count = [&](const AddressBytes& address) {
        return std::count_if(waiting.begin(), waiting.end(), [&](const AddressBytes& other) {
            return household_of(other) == household_of(address);
        });
    };
    // The first of the largest: max_element keeps the earliest of equals.
    const auto found =
        std::max_element(waiting.begin(), waiting.end(),
                         [&](const auto& left, const auto& right) { return count(left) < count(right); });
    return static_cast<std::size_t>(found - waiting.begin());
}

std::size_t Turns::next(std::span<const AddressBytes> waiting) {
    // Never served: 0; served longest ago: 1 …
    const auto rank = [&](const AddressBytes& address) {
        const auto found = std::find(served_.begin(), served_.end(), household_of(address));
        return found == served_.end() ? 0 : 1 + (found - served_.begin());
    };
    const auto chosen =
        std::min_element(waiting.begin(), waiting.end(),
                         [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
    const AddressBytes household = household_of(*chosen);
    served_.erase(std::remove(served_.begin(), served_.end(), household), served_.end());
    served_.push_back(household);
    if (served_.size() > max_served)
        served_.pop_front();
    return static_cast<std::size_t>(chosen - waiting.begin());
}

}  // namespace runtime::net
