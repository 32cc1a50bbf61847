#pragma once
#include <poll.h>

#include <catch2/catch.hpp>
#include <memory>
#include <utility>

#include "dev_handler/device_link.hpp"
#include "tests/support/temporary_block.hpp"
#include "tests/unit/dev_handler/test_types.hpp"

namespace runtime::test {

/// What a link has around it in the daemon; ports are opened as the test says.
class LinkSurroundings : public dev_handler::LinkHost {
  public:
    explicit LinkSurroundings(dev_handler::PortOpener::Open open = dev_handler::open_port)
        : opener_(std::move(open)) {}

    /// Waits for a port that is being opened, and hands it on.
    void deliver() {
        pollfd wait{opener_.descriptor(), POLLIN, 0};
        REQUIRE(poll(&wait, 1, 60'000) == 1);
        opener_.deliver();
    }

    boost::asio::io_context& context() noexcept override { return context_; }
    dev_handler::PortOpener& opener() noexcept override { return opener_; }
    const DeviceTypes& types() const noexcept override { return field_types(); }
    dev_handler::Catalog& catalog() noexcept override { return catalog_; }
    WireBlock& wire() noexcept override { return *wire_; }
    void touch() override {}

  private:
    TemporaryBlock<DevicesBlock> block_;
    BlockWriter<DevicesBlock> devices_{block_.instance()};
    dev_handler::Catalog catalog_{devices_, field_types()};
    std::unique_ptr<WireBlock> wire_ = std::make_unique<WireBlock>();
    boost::asio::io_context context_;
    dev_handler::PortOpener opener_;
};

}  // namespace runtime::test
