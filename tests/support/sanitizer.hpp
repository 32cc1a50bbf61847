#pragma once

namespace runtime::test {

/// What the daemons that a scenario starts are built with (test::program); the test itself has none.
enum class Sanitizer { none, address, thread };

Sanitizer sanitizer();

/// Whether everything takes many times as long.
inline bool sanitized() {
    return sanitizer() != Sanitizer::none;
}

}  // namespace runtime::test
