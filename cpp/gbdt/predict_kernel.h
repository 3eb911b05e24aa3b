#pragma once

#include <cstdint>

namespace cne::gbdt {

/// A split as a step that all rows take together, whatever their way through the tree: rows in
/// `region` whose code goes left move to region `next`. After all cuts of a tree, parents first,
/// the region of a row tells its leaf. In symmetric trees the cuts of a level are one: rows that go
/// right get bit `next`.
struct Cut {
  uint32_t column;  // of codes
  uint8_t code;     // up to it goes left
  uint8_t region;
  uint8_t next;
  bool categorical;  // columns `column` and `column + 1`; the set is the next of the tree's parts
};

/// Trees whose cuts one row takes together, a byte of a vector for each.
inline constexpr int kLanes = 256;

/// Step number i of kLanes trees.
struct LaneCuts {
  alignas(64) uint8_t column[kLanes];
  alignas(64) uint8_t code[kLanes];
  alignas(64) uint8_t region[kLanes];  // symmetric trees: the bit
};
inline constexpr int kLaneColumns = 128;  // more columns of codes have no lanes

// Two ways to the same bits: with the bytes of AVX-512 (VBMI), and any compiler's vectors.
// Measured on a Zen 5 core, 62 cuts a tree: 0.36 ns a row and tree against 0.75.

/// Whether this processor has what `wide` needs.
bool has_wide();

namespace plain {
void find_regions(const Cut* cuts, int count, bool symmetric, const uint8_t* parts,
                  const uint8_t* codes, int rows, uint8_t* at);
template <typename T>
void add_values(const T* values, int padded, const uint8_t* at, int rows, T* scores);
}  // namespace plain

namespace wide {
/// Regions of `rows` rows, rounded up to 64; `parts` are the 64 bytes of each categorical cut.
void find_regions(const Cut* cuts, int count, bool symmetric, const uint8_t* parts,
                  const uint8_t* codes, int rows, uint8_t* at);
/// scores[i] += values[at[i]]; `padded` values are there, 16, 32, 64 or more.
template <typename T>
void add_values(const T* values, int padded, const uint8_t* at, int rows, T* scores);
/// Regions of one row in kLanes trees; kLaneColumns codes are there.
void find_lanes(const LaneCuts* cuts, int count, bool symmetric, const uint8_t* codes, uint8_t* at);
}  // namespace wide

}  // namespace cne::gbdt
