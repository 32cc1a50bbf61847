#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/virtual_devices/simulation.hpp"

namespace runtime::virtual_devices {

/// The text commands that change faults and tell what the devices have seen (README.md lists them). Each is
/// answered by one line that begins with "ok" or "error". `await` is answered later; until then no other may
/// be given.
class Commands {
  public:
    explicit Commands(Simulation& simulation) : simulation_(simulation) {}

    /// The answer, or nothing while it has to be awaited.
    std::optional<std::string> execute(const std::string& line, Nanoseconds time);
    /// The answer of what is awaited, once there is one.
    std::optional<std::string> poll(Nanoseconds time);
    bool awaiting() const noexcept { return awaited_.has_value(); }
    /// Whether `quit` was given.
    bool quit() const noexcept { return quit_; }

  private:
    using Words = std::vector<std::string>;
    struct Awaited {
        std::function<double()> measure;
        std::function<bool(double)> holds;
        Nanoseconds until;
    };

    std::string answer(const Words& words, const std::string& line, Nanoseconds time);
    std::string answer_about(std::size_t index, const Words& words, const std::string& line,
                             Nanoseconds time);
    std::string set_value(Link& link, const Words& words) const;
    void await(Link& link, const Words& words, Nanoseconds time);
    std::size_t find_link(const std::string& name) const;

    Simulation& simulation_;
    std::optional<Awaited> awaited_;
    bool quit_ = false;
};

}  // namespace runtime::virtual_devices
