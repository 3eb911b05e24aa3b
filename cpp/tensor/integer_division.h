#pragma once

#include <cstdint>

namespace cne::tensor {

// integer_floor_divide of `n` pairs of integers that lie one behind the other, or with `rest`
// integer_remainder; the first argument says of which type.
void divide_integers(int8_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(int16_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(int32_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(int64_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(uint8_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(uint16_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(uint32_t, bool rest, const void* const* in, void* out, int64_t n);
void divide_integers(uint64_t, bool rest, const void* const* in, void* out, int64_t n);

}  // namespace cne::tensor
