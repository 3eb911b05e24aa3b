#pragma once

#include "bind/bind_tensor.h"

namespace cne::bind {

/// What f gives; without the interpreter's lock where it computes with arrays, with it where it is
/// traced. Copies of the inputs are used: an array of Python may be told others meanwhile.
template <typename F, typename... Values>
auto unlocked(const F& f, Values... inputs) {
  if ((inputs.is_traced() || ...)) return f(inputs...);
  const ReleaseInterpreter released;
  return f(inputs...);
}

}  // namespace cne::bind
