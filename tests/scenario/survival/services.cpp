#include "tests/scenario/survival/services.hpp"

#include <csignal>
#include <stdexcept>

#include "tests/support/driver_station.hpp"

namespace runtime::test {

std::string_view name_of(Daemon daemon) noexcept {
    return daemon == Daemon::dev_handler ? "dev_handler"
           : daemon == Daemon::executor  ? "executor"
                                         : "net_handler";
}

Services::Services(const Robot& robot, std::string ports, std::string student_code, std::string scratch)
    : robot_(robot) {
    arguments_[index(Daemon::dev_handler)] = {"--ports", std::move(ports)};
    arguments_[index(Daemon::executor)] = {"--student-code", std::move(student_code), "--scratch",
                                           std::move(scratch)};
    arguments_[index(Daemon::net_handler)] = {"--port", "0"};
    const Nanoseconds start = now();
    start_what_ended();
    await_ready();
    starting_time_ = now() - start;
}

Services::~Services() {
    std::vector<Process*> daemons;
    for (const Daemon daemon : all_daemons)
        if (ready_[index(daemon)])
            daemons.push_back(&(*this)[daemon]);
    end_well(daemons);
}

void Services::signal(Daemon daemon, int number) {
    Process& process = (*this)[daemon];
    process.signal(number);
    if (number != SIGKILL && number != SIGTERM)
        return;
    const auto status = process.wait();
    if (!status)
        throw std::runtime_error(std::string(name_of(daemon)) + " does not end");
    if (number == SIGTERM && *status != 0)
        throw std::runtime_error("ended with status " + std::to_string(*status) + ": " +
                                 process.last_words());
}

void Services::start(Daemon daemon) {
    const auto made = run({"shm_start", "--instance", robot_.instance(), "--device-types",
                           robot_.device_types(), "--only-missing"});
    if (made.status != 0)
        throw std::runtime_error("shm_start: " + made.output);
    processes_[index(daemon)] = robot_.start(std::string(name_of(daemon)), arguments_[index(daemon)]);
    ready_[index(daemon)] = false;
    ++starts_[index(daemon)];
}

void Services::start_what_ended() {
    for (const Daemon daemon : all_daemons)
        if (auto& process = processes_[index(daemon)]; !process || !process->running())
            start(daemon);
}

void Services::await_ready() {
    for (const Daemon daemon : all_daemons) {
        if (ready_[index(daemon)])
            continue;
        Process& process = (*this)[daemon];
        if (daemon == Daemon::net_handler)
            port_ = port_of(process);
        else if (!process.wait_for_output("ready"))
            throw std::runtime_error(std::string(name_of(daemon)) +
                                     " does not become ready: " + process.output());
        ready_[index(daemon)] = true;
    }
}

}  // namespace runtime::test
