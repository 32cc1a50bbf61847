#pragma once
/// What `runtime watch` shows and understands. No I/O.
#include <string>
#include <string_view>
#include <vector>

#include "shm_wrapper/runtime/snapshot.hpp"
#include "shm_wrapper/terminal/row.hpp"

namespace runtime::overview {

/// The rows of the screen from the top, `size.rows` of them, each at most `size.columns` characters wide,
/// with colours (SGR sequences) and no other control characters: a head with the keys, then the status report
/// from its row `first_row` on. A long line takes several rows. `first_row` is bounded so that the screen
/// stays full.
std::vector<std::string> watch_rows(const Snapshot& snapshot, ScreenSize size, std::size_t& first_row);

/// What a person at the terminal wants.
struct WatchWish {
    bool quit = false;
    int rows = 0;  ///< to go down; negative: up
};
/// From what a terminal sends: q, Ctrl-C and Ctrl-D quit, the arrows go a row, Page Up and Page Down ten.
WatchWish wish_from(std::string_view typed);

}  // namespace runtime::overview
