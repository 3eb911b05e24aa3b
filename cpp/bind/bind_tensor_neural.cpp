#include <nanobind/stl/optional.h>

#include "bind/bind_tensor_unlocked.h"
#include "tensor/attention.h"
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

Value attention(const Value& query, const Value& key, const Value& value,
                const std::optional<Value>& mask, double scale, bool is_causal) {
  return unlocked([&](const Value& q, const Value& k, const Value& v,
                      const Value& m) { return tensor::attention(q, k, v, m, {scale, is_causal}); },
                  query, key, value, mask.value_or(Value()));
}

}  // namespace

void bind_tensor_neural(nb::module_& m) {
  m.def("attention", &attention, nb::arg("query"), nb::arg("key"), nb::arg("value"),
        nb::arg("mask").none(), nb::arg("scale"), nb::arg("is_causal"));
  m.def("softmax_cross_entropy", &softmax_cross_entropy);
}

}  // namespace cne::bind
