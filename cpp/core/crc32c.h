#pragma once

#include <cstddef>
#include <cstdint>

namespace cne {

/// CRC-32C (Castagnoli, RFC 3720 B.4) of the bytes, continuing from `crc` of the bytes before them.
/// Uses the SSE 4.2 instruction where the processor has it, else tables.
uint32_t crc32c(const void* data, size_t size, uint32_t crc = 0);
/// The same by tables alone, for tests and machines without the instruction.
uint32_t crc32c_portable(const void* data, size_t size, uint32_t crc = 0);

}  // namespace cne
