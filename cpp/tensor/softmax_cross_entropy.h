#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Of each row of scores the logarithm that the softmax gives to a class, negated:
///
///   losses[i]   = log_sums[i] - logits[i, labels[i]]
///   log_sums[i] = log(sum_c exp(logits[i, c]))
///
/// logits are floats (..., classes), labels whole numbers (...), as both results are. A label that
/// is no class has the loss 0. Rows are read once and nothing of their size is written; derivatives
/// need the logits and log_sums, which are at least float32, alone. Throws TypeError or ShapeError
/// for what does not fit.
struct CrossEntropy {
  Array losses;
  Array log_sums;
};
CrossEntropy softmax_cross_entropy(const Array& logits, const Array& labels);

/// The types of both results; throws as it does.
std::vector<Type> softmax_cross_entropy_types(const Type& logits, const Type& labels);

/// As a primitive, also of values inside transformations: losses and log_sums.
Values softmax_cross_entropy(const Value& logits, const Value& labels);

extern const Primitive kSoftmaxCrossEntropy;

}  // namespace cne::tensor
