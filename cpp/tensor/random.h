#pragma once

#include "tensor/primitive.h"
#include "tensor/random_kind.h"

namespace cne::tensor {

/// Random numbers of keys: uint32 with 2 along the last axis, a key each. For each key an array of
/// `shape`: the result has the shape of the keys without their last axis, then `shape`, and of
/// kKeys then 2.
///
///   block[i] = threefry(key, (i / 2^32, i mod 2^32))     i counts the elements of `shape`
///   keys[i]  = block[i]
///   bits[i]  = first ^ second, its lower 8 or 16 bits, or of 64 bits first * 2^32 + second
///   uniform  = the upper bits of bits[i] as what lies behind the point; of bfloat16 those of 8
///   bits normal   = sqrt(2) erfinv(u), u uniform in (-1, 1); float16 and bfloat16 are rounded ones
///   of
///              float32
///
/// The numbers depend on key and place alone, not on threads or processor. Keys, bits and uniform
/// numbers are those of jax.random with threefry keys. Throws ShapeError for keys without two
/// words, TypeError for keys of another type, or an element type of another kind.
Array random(RandomKind kind, const Array& keys, const Dims& shape, Element element);

/// Keys of keys and numbers of uint32, one for each key: threefry(key, (0, number)). The numbers
/// have the shape of the keys without their last axis.
Array random_fold_in(const Array& keys, const Array& numbers);

// The types that they give; they throw as these do.
Type random_type(RandomKind kind, const Type& keys, const Dims& shape, Element element);
Type random_fold_in_type(const Type& keys, const Type& numbers);

/// As primitives, also of values inside transformations. They have no derivative.
Value random(RandomKind kind, const Value& keys, const Dims& shape, Element element);
Value random_fold_in(const Value& keys, const Value& numbers);

extern const Primitive kRandom;
extern const Primitive kRandomFoldIn;

}  // namespace cne::tensor
