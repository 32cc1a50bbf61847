#include "dev_handler/port_scanner.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace runtime::dev_handler;
namespace fs = std::filesystem;

namespace {

struct Directory {
    std::string path = [] {
        std::string name = fs::temp_directory_path() / "ports-XXXXXX";
        return std::string(mkdtemp(name.data()));
    }();

    Directory() = default;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() { fs::remove_all(path); }
    std::string operator/(const std::string& name) const { return path + '/' + name; }
    /// A name that leads to a character device.
    void plug(const std::string& name, const char* device = "/dev/null") const {
        fs::create_symlink(device, *this / name);
    }
};

std::vector<std::string> paths(const std::vector<PortScanner::Found>& ports) {
    std::vector<std::string> list;
    list.reserve(ports.size());
    for (const auto& port : ports)
        list.push_back(port.path);
    return list;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("Ports are the character devices that the patterns match, each under its first name") {
    const Directory directory;
    PortScanner scanner({directory / "by-name/*", directory / "ttyACM*"});
    directory.plug("ttyACM0", "/dev/null");
    directory.plug("ttyACM1", "/dev/zero");
    directory.plug("ttyUSB0", "/dev/full");
    directory.plug("ttyACM2", "/nowhere");
    std::ofstream(directory / "ttyACM3") << "a file";
    CHECK(paths(scanner.scan()) == Paths{directory / "ttyACM0", directory / "ttyACM1"});
    fs::create_directory(directory / "by-name");
    directory.plug("by-name/left-arm", "/dev/zero");
    CHECK(paths(scanner.scan()) == Paths{directory / "by-name/left-arm", directory / "ttyACM0"});
}

TEST_CASE("A port that is replaced under its name has another identity") {
    const Directory directory;
    PortScanner scanner({directory / "ttyACM*"});
    directory.plug("ttyACM0", "/dev/null");
    const auto before = scanner.scan();
    fs::remove(directory / "ttyACM0");
    directory.plug("ttyACM0", "/dev/zero");
    const auto after = scanner.scan();
    REQUIRE(before.size() == 1);
    REQUIRE(after.size() == 1);
    CHECK(before[0].identity != after[0].identity);
    CHECK(scanner.scan()[0].identity == after[0].identity);
}

TEST_CASE("What appears, changes its permissions or vanishes is told, and other names are not") {
    const Directory directory;
    PortScanner scanner({directory / "ttyACM*"});
    const auto touched = [&](const PortScanner::Events& events) {
        CHECK(events.rescan == !events.touched.empty());
        return events.touched;
    };
    CHECK(touched(scanner.read_events()).empty());
    directory.plug("ttyACM0");
    CHECK(touched(scanner.read_events()) == Paths{directory / "ttyACM0"});
    fs::rename(directory / "ttyACM0", directory / "else");
    CHECK(touched(scanner.read_events()) == Paths{directory / "ttyACM0"});
    fs::rename(directory / "else", directory / "ttyACM5");
    CHECK(touched(scanner.read_events()) == Paths{directory / "ttyACM5"});
    fs::remove(directory / "ttyACM5");
    CHECK(touched(scanner.read_events()) == Paths{directory / "ttyACM5"});
    std::ofstream(directory / "ttyACM6") << "a file";
    (void)scanner.read_events();
    fs::permissions(directory / "ttyACM6", fs::perms::none);
    CHECK(touched(scanner.read_events()) == Paths{directory / "ttyACM6"});
    directory.plug("ttyUSB0");
    CHECK(touched(scanner.read_events()).empty());
}

TEST_CASE("Directories that appear later, and come again after they were removed, are watched") {
    const Directory directory;
    PortScanner scanner({directory / "robot/*/tty*"});
    for (int round = 0; round < 2; ++round) {
        fs::create_directories(directory / "robot/left");
        CHECK(scanner.read_events().rescan);
        CHECK(scanner.scan().empty());
        (void)scanner.read_events();
        directory.plug("robot/left/tty1");
        CHECK(scanner.read_events().touched == Paths{directory / "robot/left/tty1"});
        CHECK(paths(scanner.scan()) == Paths{directory / "robot/left/tty1"});
        fs::remove_all(directory / "robot");
        CHECK(scanner.read_events().rescan);
        CHECK(scanner.scan().empty());
        (void)scanner.read_events();
    }
}
