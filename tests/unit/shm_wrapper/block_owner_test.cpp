#include <catch2/catch.hpp>

#include "shm_wrapper/block_owner.hpp"
#include "shm_wrapper/layout.hpp"
#include "shm_wrapper/log_ring.hpp"
#include "shm_wrapper/wire_ring.hpp"

using namespace runtime;

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
    CHECK(writer_of("something else").empty());
}
