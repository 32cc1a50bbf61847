// The API's reference page and its stub, against the API itself.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/scenario/executor/student_robot.hpp"

using namespace runtime;
using runtime::test::StudentRobot;

namespace {

const std::string source = SOURCE_DIRECTORY "/executor/";
const std::string stub = source + "student/stub/__builtins__.pyi";

std::string text_of(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    REQUIRE_FALSE(text.str().empty());
    return text.str();
}

/// The Python examples of a page.
std::vector<std::string> examples_of(const std::string& page) {
    const std::string begin = "```python\n";
    std::vector<std::string> examples;
    for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at)) {
        at += begin.size();
        const std::size_t end = page.find("```", at);
        examples.push_back(page.substr(at, end - at));
        at = end;
    }
    return examples;
}

/// All examples that students are given: those of the page, and the programs beside it.
std::vector<std::string> all_examples() {
    std::vector<std::string> examples = examples_of(text_of(source + "README.md"));
    REQUIRE(examples.size() > 10);
    for (const char* name : {"drive.py", "once.py", "line.py"})
        examples.push_back(text_of(source + "examples/" + name));
    return examples;
}

/// Whether the function of the example that begins so is an endless loop.
bool is_endless(const std::string& example, const std::string& beginning) {
    const std::size_t begin = example.find(beginning);
    const std::string function = example.substr(begin, example.find("\ndef ", begin) - begin);
    return function.find("while True:") != std::string::npos;
}

/// Behind an example: says when a function of a mode has returned for the first time.
constexpr const char* tells_when_it_returns = R"(
def _told(name):
    function, told = globals()[name], []
    def wrapper():
        function()
        if not told:
            told.append(True)
            print(name, "has returned")
    globals()[name] = wrapper
for _name in ("autonomous", "teleop", "autonomous_main", "teleop_main"):
    if _name in globals():
        _told(_name)
)";

/// The devices of the virtual robot that scripts/run.sh starts (tests/virtual_devices/README.md).
void connect_the_virtual_robot(StudentRobot& robot) {
    const std::pair<std::uint8_t, std::uint64_t> devices[] = {{6, 1}, {4, 2}, {1, 3}, {2, 4},
                                                              {7, 5}, {8, 6}, {5, 7}, {0, 8}};
    std::size_t slot = 0;
    for (const auto& [type, uid] : devices)
        robot.connect(slot++, type, uid);
}

/// What is no fault of an example: a mode that it is not about has nothing to run, and a machine with other
/// work is slow.
constexpr const char* no_fault[] = {"has nothing to run", " takes longer than ", "did not end with its mode",
                                    " is running already"};

/// What went wrong, by the lines of the log: all above INFO.
std::string complaints(StudentRobot& robot, const std::string& until) {
    std::string found;
    while (true) {
        REQUIRE(robot.wait_for_log(""));
        const auto& line = robot.line();
        const bool fault = std::none_of(std::begin(no_fault), std::end(no_fault), [&](const char* text) {
            return line.text.find(text) != std::string::npos;
        });
        if (line.level > LogLevel::info && fault)
            found += line.text + "\n";
        if (line.text.find(until) != std::string::npos)
            return found;
    }
}

void no_complaints(StudentRobot& robot, const std::string& until) {
    const std::string found = complaints(robot, until);
    INFO(found);
    CHECK(found.empty());
}

}  // namespace

TEST_CASE("every example of the API's page passes the check and runs on the virtual robot's devices") {
    const auto examples = all_examples();
    StudentRobot robot("def autonomous():\n    pass\n", test::unhurried);
    connect_the_virtual_robot(robot);
    robot.set_inputs([](Inputs& inputs) {
        inputs.gamepad_connected = true;
        inputs.gamepad_buttons = ~0ULL;
        inputs.keyboard_connected = true;
        inputs.keyboard_keys = ~0ULL;
    });
    // The first check is over.
    complaints(robot, "TELEOP has nothing to run");
    for (const auto& example : examples) {
        INFO(example);
        robot.write_code(example + tells_when_it_returns);
        no_complaints(robot, "new student code");
        int modes = 0;
        for (const auto& [mode, name] :
             {std::pair(RunMode::autonomous, "autonomous"), std::pair(RunMode::teleop, "teleop")}) {
            const std::string once = "def " + std::string(name) + "(";
            const std::string main = "def " + std::string(name) + "_main(";
            const bool loops = example.find(main) != std::string::npos;
            if (!loops && example.find(once) == std::string::npos)
                continue;
            ++modes;
            const bool returns = loops || !is_endless(example, once);
            const auto run = robot.select(mode);
            no_complaints(robot,
                          returns ? std::string(name) + (loops ? "_main" : "") + " has returned" : "started");
            robot.select(RunMode::idle);
            REQUIRE(robot.wait_for(StudentPhase::none, run));
        }
        CHECK(modes > 0);
    }
}

TEST_CASE("the stub names all that the API has, with the same arguments, and nothing else") {
    const std::string program = R"PYTHON(
import ast, inspect

API = {"Robot": Robot, "Gamepad": Gamepad, "Keyboard": Keyboard}


def arguments(function):
    return [(p.name, p.kind.name) for p in inspect.signature(function).parameters.values()]


def arguments_of_stub(node):
    a = node.args
    result = [(p.arg, "POSITIONAL_ONLY") for p in a.posonlyargs] + [(p.arg, "POSITIONAL_OR_KEYWORD") for p in a.args]
    result += [(a.vararg.arg, "VAR_POSITIONAL")] if a.vararg else []
    result += [(p.arg, "KEYWORD_ONLY") for p in a.kwonlyargs]
    result += [(a.kwarg.arg, "VAR_KEYWORD")] if a.kwarg else []
    return [p for p in result if p[0] != "self"]


def differences():
    tree = ast.parse(STUB)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    names = {node.target.id: node.annotation.id for node in tree.body if isinstance(node, ast.AnnAssign)}
    if set(names) | {name for name in classes if not name.startswith("_")} != set(API) | {"DeviceError"}:
        yield f"names: {names} {set(classes)}"
    if ast.unparse(classes["DeviceError"].bases[0]) != DeviceError.__base__.__name__:
        yield "DeviceError"
    for name, api in API.items():
        members = {node.name: node for node in classes[names[name]].body if isinstance(node, ast.FunctionDef)}
        real = {member for member in dir(type(api)) if not member.startswith("_")}
        if set(members) != real:
            yield f"{name}: {set(members) ^ real}"
        for member in set(members) & real:
            node, value = members[member], inspect.getattr_static(type(api), member)
            is_property = any(ast.unparse(d) == "property" for d in node.decorator_list)
            if is_property != isinstance(value, property):
                yield f"{name}.{member} is a property in one of both only"
            elif not is_property and arguments(getattr(api, member)) != arguments_of_stub(node):
                yield f"{name}.{member}: {arguments(getattr(api, member))} {arguments_of_stub(node)}"
            if not inspect.getdoc(value):
                yield f"{name}.{member} has no docstring"


def autonomous():
    found = list(differences())
    for difference in found:
        print("differs:", difference)
    print("differences:", len(found))
)PYTHON";
    StudentRobot robot("STUB = r'''" + text_of(stub) + "'''\n" + program);
    robot.select(RunMode::autonomous);
    const bool compared = robot.wait_for_log("differences:");
    INFO(robot.log());
    REQUIRE(compared);
    CHECK(robot.line().text == "differences: 0");
}

TEST_CASE("every call that the stub names has an example on the API's page") {
    std::string examples;
    for (const auto& example : examples_of(text_of(source + "README.md")))
        examples += example;
    std::string object;
    int calls = 0;
    std::istringstream lines(text_of(stub));
    for (std::string line; std::getline(lines, line);) {
        std::smatch name;
        if (std::regex_search(line, name, std::regex("^class _(\\w+):")))
            object = name[1];
        if (!std::regex_search(line, name, std::regex("^    def (\\w+)\\(")))
            continue;
        const std::string call = object + "." + name[1].str();
        INFO(call);
        CHECK(std::regex_search(examples, std::regex("\\b" + object + "\\." + name[1].str() + "\\b")));
        ++calls;
    }
    CHECK(calls > 10);
}

TEST_CASE("the stub and the programs of the page have types that fit") {
    const char* const mypy = "/usr/bin/mypy";
    if (!std::filesystem::exists(mypy)) {
        WARN("skipped: this machine has no mypy");
        return;
    }
    const test::Robot place;
    const std::string directory = place.directory() + "/types";
    std::filesystem::create_directory(directory);
    // As an editor has it: the names of the stub stand before the program.
    std::filesystem::copy_file(stub, directory + "/api.pyi");
    int number = 0;
    for (const auto& example : all_examples())
        std::ofstream(directory + "/example_" + std::to_string(++number) + ".py")
            << "from api import DeviceError, Gamepad, Keyboard, Robot\n"
            << example;
    const auto result =
        test::run({mypy, "--strict-optional", "--check-untyped-defs", "--cache-dir=/dev/null", directory});
    INFO(result.output);
    CHECK(result.status == 0);
}
