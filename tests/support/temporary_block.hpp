#pragma once
#include <unistd.h>

#include <string>

#include "shm_wrapper/block.hpp"

namespace runtime::test {

/// An instance that holds one block of layout T, removed at the end of its life.
template <class T>
class TemporaryBlock {
  public:
    explicit TemporaryBlock(std::string block = std::string(T::name))
        : instance_("test_" + std::to_string(getpid()) + "_unit"), block_(std::move(block)) {
        unlink_block(name());
        create(name(), T::layout_version, sizeof(T));
    }
    ~TemporaryBlock() { unlink_block(name()); }
    TemporaryBlock(const TemporaryBlock&) = delete;
    TemporaryBlock& operator=(const TemporaryBlock&) = delete;

    const std::string& instance() const noexcept { return instance_; }
    std::string name() const { return block_name(instance_, block_); }

  private:
    std::string instance_;
    std::string block_;
};

}  // namespace runtime::test
