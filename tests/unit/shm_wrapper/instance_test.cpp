#include "shm_wrapper/instance.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/wire_ring.hpp"
#include "tests/support/temporary_block.hpp"

using namespace runtime;

namespace {

std::string writer_of(std::string_view block) {
    const auto blocks = all_blocks();
    const auto found =
        std::find_if(blocks.begin(), blocks.end(), [&](const auto& kind) { return kind.block == block; });
    return found == blocks.end() ? "no such block" : found->writer;
}

}  // namespace

TEST_CASE("each block has the writer that the design gives it") {
    CHECK(writer_of(TypesBlock::name).empty());
    CHECK(writer_of(DevicesBlock::name) == "dev_handler");
    CHECK(writer_of(WireBlock::name) == "dev_handler");
    CHECK(writer_of(RobotBlock::name) == "net_handler");
    CHECK(writer_of(InputsBlock::name) == "net_handler");
    CHECK(writer_of(StudentBlock::name) == "executor");
    // The student process is executor's, and its user too.
    CHECK(writer_of(CommandsBlock::name) == "executor");
    CHECK(writer_of(CustomDataBlock::name) == "executor");
    for (const auto process : logging_processes)
        CHECK(writer_of(log_block_name(process)) == process);
    // Nothing else: what is new has a writer to be named here.
    CHECK(all_blocks().size() == 8 + logging_processes.size());
}

TEST_CASE("device types are not used before they are filled in") {
    const test::TemporaryBlock<TypesBlock> block;
    CHECK_THROWS_WITH(TypesReader(block.instance()), Catch::Contains(block.name() + ": is not finished"));
    BlockWriter<TypesBlock>(block.instance())->filled = 1;
    CHECK_NOTHROW(TypesReader(block.instance()));
}
