#pragma once

#include "bind/bind_tensor.h"
#include "tensor/indexing.h"

namespace cne::bind {

/// What the key of an index selects, in the manner of NumPy: a block of the array, of which axes of
/// integers go and new ones come, and of this what arrays of indices name.
struct Selection {
  tensor::Dims starts;  // the block, by axis of the array
  tensor::Dims steps;
  tensor::Dims counts;
  tensor::Dims seen;  // the block's shape with axes that went and came
  bool has_arrays = false;
  tensor::Values indices;  // of one shape and type
  tensor::IndexAxes axes;
  bool unique = false;  // no place is named twice
  tensor::Dims shape;   // of what is selected

  /// Whether the block is the array.
  bool is_whole(const tensor::Dims& array_shape) const;
};

/// Throws IndexError of Python, or TracedError for truth inside jit or vmap.
Selection selection_of(const tensor::Value& array, nb::handle key);
/// The block as arrays of indices see it.
tensor::Value seen_block(const tensor::Value& array, const Selection& of);

/// What a key with arrays selects. Throws as `selection_of` does, and IndexError for what is not
/// there.
tensor::Value get_by_key(const tensor::Value& array, nb::handle key);

/// Indices as int32 or int64. Throws TypeError naming `function` for others than integers.
tensor::Value index_of(const tensor::Value& value, const char* function);
/// What is written into an array, as its type. Throws TypeError naming `function` for a type that
/// does not go into it.
tensor::Value update_of(nb::handle value, tensor::Element element, const char* function);
/// Without axes of the extent 1 in front that are more than `rank`.
tensor::Value without_ones(const tensor::Value& value, int rank);

}  // namespace cne::bind
