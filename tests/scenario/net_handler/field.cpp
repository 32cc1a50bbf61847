#include "tests/scenario/net_handler/field.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/listening_port.hpp"

namespace runtime::test {
namespace {

std::vector<std::string> with_free_port(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--port", "0"});
    return arguments;
}

bool is_told(const std::vector<std::string>& arguments, const std::string& option) {
    return std::find(arguments.begin(), arguments.end(), option) != arguments.end();
}

}  // namespace

Field::Field(const std::vector<std::string>& arguments)
    : devices_(robot_.instance()),
      custom_data_(robot_.instance()),
      dev_handler_log_(robot_.instance(), "dev_handler"),
      executor_log_(robot_.instance(), "executor"),
      robot_block_(robot_.instance()),
      inputs_block_(robot_.instance()),
      types_(robot_.instance()),
      net_handler_(robot_.start("net_handler", with_free_port(arguments))),
      port_(is_told(arguments, "--log-level") ? listening_port_of(net_handler_.pid())
                                              : port_of(net_handler_)) {}

bool Field::wait_for_state(const std::function<bool(const RobotState&)>& wanted) const {
    return wait_until([&] { return wanted(state()); }, robot_block_->state.sequence_word());
}

bool Field::wait_for_inputs(const std::function<bool(const Inputs&)>& wanted) const {
    return wait_until([&] { return wanted(inputs()); }, inputs_block_->inputs.sequence_word());
}

bool Field::wait_for_mode(runtime::RunMode mode) const {
    return wait_for_state([&](const RobotState& state) { return state.mode == mode; });
}

std::size_t Field::unacknowledged_bytes(const DriverStation& client) const {
    sockaddr_in own{};
    sockaddr_in other{};
    socklen_t size = sizeof own;
    getsockname(client.descriptor(), reinterpret_cast<sockaddr*>(&own), &size);
    getpeername(client.descriptor(), reinterpret_cast<sockaddr*>(&other), &size);
    const auto has_port = [](const std::string& address, const sockaddr_in& of) {
        return std::stoi(address.substr(address.rfind(':') + 1), nullptr, 16) == ntohs(of.sin_port);
    };
    std::ifstream lines("/proc/net/tcp6");
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string number, local, remote, state, queues;
        words >> number >> local >> remote >> state >> queues;
        if (has_port(local, other) && has_port(remote, own))
            return std::stoul(queues, nullptr, 16);
    }
    return 0;
}

void Field::cut_off(const DriverStation& client) const {
    if (!wait_until([&] { return unacknowledged_bytes(client) == 0; }))
        throw std::runtime_error("what was sent to the client is never acknowledged");
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    if (setsockopt(client.descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
        throw std::runtime_error("the kernel has no socket filters");
}

const DeviceType& Field::type(const std::string& name) const {
    for (std::size_t i = 0; i < types_->types.count; ++i)
        if (types_->types.list[i].name() == name)
            return types_->types.list[i];
    throw std::out_of_range(name);
}

void Field::connect(std::size_t slot, const DeviceType& type, std::uint64_t uid, std::vector<Value> values) {
    auto& cells = devices_->slots[slot];
    DeviceIdentity identity = cells.identity.read();
    ++identity.generation;
    identity.uid = uid;
    identity.since = now();
    identity.type = type.number;
    identity.connected = true;
    DeviceData data{};
    data.time = now();
    data.generation = identity.generation;
    data.received = type.bitmap(&ParameterType::read);
    for (std::size_t i = 0; i < values.size() && i < data.values.size(); ++i)
        data.values[i] = values[i];
    cells.data.publish(data);
    cells.identity.publish(identity);
}

void Field::disconnect(std::size_t slot) {
    auto& cells = devices_->slots[slot];
    DeviceIdentity identity = cells.identity.read();
    identity.connected = false;
    cells.identity.publish(identity);
}

void Field::log_values(const std::vector<std::pair<std::string, Value>>& values, ParameterKind kind) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        CustomValue entry{};
        values[i].first.copy(entry.key.data(), custom_key_size - 1);
        entry.kind = kind;
        entry.value = values[i].second;
        custom_data_->values[i].publish(entry);
    }
    custom_data_->extent.publish({state().run_id, values.size()});
}

}  // namespace runtime::test
