#pragma once
#include <string>

#include "shm_wrapper/runtime/log_filter.hpp"

namespace runtime::overview {

struct LogOrders {
    LogFilter filter;
    bool json = false;
    bool follow = false;
};

/// `runtime logs`: writes what the rings hold to standard output and, to follow, what comes, also from rings
/// that are yet to be made; it sleeps until something does. The exit status: 0; 1 if a ring could not be read
/// (what is wrong is said on standard error), or if standard output is gone. Throws std::system_error.
int print_logs(const std::string& instance, const LogOrders& orders);

}  // namespace runtime::overview
