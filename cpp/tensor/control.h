#pragma once

#include <functional>
#include <memory>

#include "tensor/body.h"

namespace cne::tensor {

// Operations that are told programs: choices, loops, and programs with derivatives of their own.
// Outside jit, cond, while_loop and scan are run as the Python they are; these stand for them where
// the elements that decide are not known.

/// The results of the first program where the predicate, a bool without axes, is true; else those
/// of the other. Both take the same inputs and give the same types.
Values cond(const Value& predicate, const BodyPtr& on_true, const BodyPtr& on_false,
            ValueSpan inputs);

/// While `test`, which gives one bool, is true of the state, the state becomes what `body` makes of
/// it. The first `constants` inputs are part of every call and do not change. Has no derivative by
/// reverse mode: the number of rounds is not known before.
Values while_loop(const BodyPtr& test, const BodyPtr& body, int constants, ValueSpan inputs);

/// body(constants, state, row of each) -> (state, row of each result), for each of `length` rows in
/// order, or from the last one. The results are the last state and the rows as arrays.
struct ScanShape {
  int constants;
  int states;
  int64_t length;
  bool reverse;
  bool operator==(const ScanShape& other) const = default;
};
Values scan(const BodyPtr& body, const ScanShape& shape, ValueSpan inputs);

/// A program that is run again for its derivative instead of keeping what it computed.
Values checkpoint(const BodyPtr& body, ValueSpan inputs);

/// A program whose derivative is given.
struct CustomRules {
  using Rule = std::function<Values(ValueSpan)>;
  Rule forward;   // inputs -> results, residuals. Null: there is `tangent`.
  Rule backward;  // residuals, derivatives by the results -> those by the inputs
  Rule tangent;   // inputs, changes -> changes of the results
  size_t results;
};
Values custom(const BodyPtr& body, std::shared_ptr<const CustomRules> rules, ValueSpan inputs);

extern const Primitive kCond;
extern const Primitive kWhile;
extern const Primitive kScan;
extern const Primitive kCheckpoint;
extern const Primitive kCustom;

}  // namespace cne::tensor
