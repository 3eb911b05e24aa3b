#pragma once

#include <cstdint>

#include "core/buffer.h"
#include "tensor/gemm.h"

namespace cne::tensor {

/// A tile of c and the parts of a and b that it is made of.
struct GemmTile {
  const uint8_t* a;
  const uint8_t* b;
  int64_t depth;  // columns of a, rows of b
  int64_t rows;
  int64_t columns;
  uint8_t* c;
  int64_t c_row;  // elements
  bool adds;
  // In elements: from row to row of a, along the depth of a and of b, whose columns lie side by
  // side.
  int64_t a_row;
  int64_t a_depth;
  int64_t b_depth;
  /// What is read next may be fetched into the second cache meanwhile: so many bytes from `fetch`
  /// on for each two columns of a. Nothing needs to be there.
  const uint8_t* fetch;
  int64_t fetch_step;
};

/// How a processor multiplies matrices of one type: in tiles of c that are held in registers, from
/// panels of a and b that are packed in the order in which they are read. Each element of c is
/// added up over `depth` columns of a, one after the other, and these sums in their order: so it
/// does not depend on the shape, on the tile it lies in, nor on the threads.
struct GemmKernel {
  int64_t rows;     // that a tile has at most
  int64_t columns;  // that a tile has at most
  int64_t depth;    // that is packed at a time
  size_t a_width;   // bytes of an element as it lies
  size_t b_width;
  size_t c_width;
  /// Bytes of packed panels of a depth.
  int64_t (*a_bytes)(int64_t depth);
  int64_t (*b_bytes)(int64_t depth);
  /// Pack panels of `rows` rows of a, and of as many columns of b, which is given transposed.
  void (*pack_a)(const MatrixView& part, uint8_t* to, int64_t panel_bytes);
  void (*pack_b)(const MatrixView& part, uint8_t* to, int64_t panel_bytes);
  /// Of packed panels of a, and of an a that lies in any way. Those of b are packed, too, where
  /// there is no direct_tile.
  void (*packed_tile)(const GemmTile& tile);
  void (*direct_tile)(const GemmTile& tile);
};

/// How many columns of a, of so many, are added up to a sum of their own; the last sum has fewer.
int64_t depth_of_sums(const GemmKernel& kernel, int64_t columns);

/// Memory that a thread keeps from one product to the next.
uint8_t* kept_scratch(Buffer& held, int64_t bytes);

/// c = a b, or c + a b, on as many threads as it is worth. c's rows are `c_row` elements apart.
void gemm_packed(const GemmKernel& kernel, const MatrixView& a, const MatrixView& b, bool adds,
                 uint8_t* c, int64_t c_row);

}  // namespace cne::tensor
