#pragma once
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace runtime::dev_handler {

/// Memory for one pending asynchronous operation, so that starting it again and again allocates nothing. Must
/// outlive the operation. One thread.
class HandlerMemory {
  public:
    void* allocate(std::size_t size) {
        if (used_ || size > storage_.size())
            return ::operator new(size);
        used_ = true;
        return storage_.data();
    }
    void deallocate(void* memory) noexcept {
        if (memory == storage_.data())
            used_ = false;
        else
            ::operator delete(memory);
    }

  private:
    alignas(std::max_align_t) std::array<std::byte, 256> storage_{};
    bool used_ = false;
};

/// The allocator that Asio finds in a handler (its associated allocator).
template <class T>
class HandlerAllocator {
  public:
    using value_type = T;
    explicit HandlerAllocator(HandlerMemory& memory) noexcept : memory_(&memory) {}
    template <class U>
    explicit HandlerAllocator(const HandlerAllocator<U>& other) noexcept : memory_(&other.memory()) {}
    T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { memory_->deallocate(memory); }
    HandlerMemory& memory() const noexcept { return *memory_; }
    template <class U>
    friend bool operator==(const HandlerAllocator& a, const HandlerAllocator<U>& b) noexcept {
        return &a.memory() == &b.memory();
    }

  private:
    HandlerMemory* memory_;
};

/// A completion handler whose operation lives in `memory`.
template <class Function>
class PlacedHandler {
  public:
    using allocator_type = HandlerAllocator<Function>;
    PlacedHandler(HandlerMemory& memory, Function function)
        : memory_(&memory), function_(std::move(function)) {}
    allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }
    template <class... Arguments>
    void operator()(Arguments&&... arguments) {
        function_(std::forward<Arguments>(arguments)...);
    }

  private:
    HandlerMemory* memory_;
    Function function_;
};

}  // namespace runtime::dev_handler
