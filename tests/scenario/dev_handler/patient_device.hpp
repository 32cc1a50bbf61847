#pragma once
#include <cstdint>

namespace runtime::test {

inline constexpr std::uint8_t patient_type = 40;
/// Silence never ends a connection to it. For a Robot.
inline constexpr const char* patient_description = R"(
device_types {
  number: 40
  name: "PatientDevice"
  extra_silence_ms: 600000
  parameters { name: "velocity" kind: FLOAT read: true write: true stop: true }
  parameters { name: "encoder" kind: INT read: true }
}
)";

}  // namespace runtime::test
