#pragma once

#include <span>
#include <vector>

#include "tensor/fused.h"

namespace cne::tensor {

/// Registers that have the same element for all places: uniform inputs, and what is computed of
/// them alone. A row's steps may read them, too.
struct Uniform {
  std::vector<uint8_t> registers;
  std::vector<int> steps;  // that compute them, in order
};
Uniform find_uniform(const FusedKernel& kernel);

/// What a thread holds of its places where a later phase reads it: inputs, and the results of
/// costly operations. The others are computed again from these.
struct Held {
  std::vector<uint8_t> registers;
  int64_t bytes = 0;  // the most at once, of one place
};
Held find_held(const FusedKernel& kernel);

/// How a kernel goes over its places on a GPU, chosen from the shape and from how the arrays lie.
///
/// Axes are joined where all arrays run on from one to the next. Threads take `width` places at a
/// time that lie one behind the other. Without reductions a thread goes on to the next group of
/// places that nobody has; else a row belongs to `row_threads` threads, which walk through it in
/// `rounds`: a part of a warp, a warp, or a block. What `held` names stays in registers
/// where it fits, else each phase computes it again from the inputs. Few long rows of one phase are
/// shared by several blocks, whose parts a second kernel puts together in order.
struct FusedLayout {
  /// `arrays` are those of the kernel.
  FusedLayout(const FusedKernel& kernel, std::span<const Array> arrays);

  /// The elements of an input that are `width` places: along memory, one for all, or apart.
  enum class Access : uint8_t { kPack, kSame, kApart };
  struct Input {
    Dims row_strides;
    Dims column_strides;
    Access access = Access::kApart;
    int64_t step() const { return column_strides.empty() ? 0 : column_strides.back(); }
  };

  bool has_rows = false;  // there are reductions
  int64_t rows = 1;
  int64_t columns = 1;  // of all places where there are no rows
  Dims row_extents;     // of the joined axes
  Dims column_extents;
  std::vector<Input> inputs;  // by input of the kernel
  int width = 1;
  int64_t tail = 0;  // places at the end that are less than a group
  int row_threads = 1;
  int block_threads = 256;
  int64_t rounds = 1;
  Held held;
  bool is_held = false;
  int64_t splits = 1;    // blocks that share a row
  bool is_wide = false;  // places are counted by 64 bits

  int64_t block_rows() const { return block_threads / row_threads; }

 private:
  void join_axes(const FusedKernel& kernel, std::span<const Array> arrays);
  void choose_width(const FusedKernel& kernel, std::span<const Array> arrays);
  void choose_threads(const FusedKernel& kernel);
};

}  // namespace cne::tensor
