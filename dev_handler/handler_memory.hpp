#pragma once
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace runtime::dev_handler {

/// Memory for one pending asynchronous operation, so that starting it again and again allocates nothing; also
/// while the one before, cancelled, still waits for its handler. Must outlive the operation. One thread.
class HandlerMemory {
  public:
    void* allocate(std::size_t size) {
        for (Place& place : places_)
            if (!place.used && size <= place.storage.size()) {
                place.used = true;
                return place.storage.data();
            }
        return ::operator new(size);
    }
    void deallocate(void* memory) noexcept {
        for (Place& place : places_)
            if (memory == place.storage.data()) {
                place.used = false;
                return;
            }
        ::operator delete(memory);
    }

  private:
    struct Place {
        alignas(std::max_align_t) std::array<std::byte, 256> storage{};
        bool used = false;
    };
    std::array<Place, 2> places_{};
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
