#include "bind/bind_tensor_unlocked.h"
#include "tensor/softmax_cross_entropy.h"

namespace cne::bind {

namespace {

using tensor::Value;

nb::tuple softmax_cross_entropy(const Value& logits, const Value& labels) {
  const tensor::Values out =
      unlocked([](const Value& x, const Value& y) { return tensor::softmax_cross_entropy(x, y); },
               logits, labels);
  return nb::make_tuple(out[0], out[1]);
}

}  // namespace

void bind_tensor_neural(nb::module_& m) { m.def("softmax_cross_entropy", &softmax_cross_entropy); }

}  // namespace cne::bind
