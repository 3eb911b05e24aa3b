#include "bind/bind_tensor_unlocked.h"
#include "tensor/random.h"

namespace cne::bind {

namespace {

using tensor::RandomKind;
using tensor::Value;

template <RandomKind kind>
Value random(const Value& keys, const std::vector<int64_t>& shape, const DTypeObject& dtype) {
  const tensor::Dims dims = dims_of(shape, "random");
  return unlocked([&](const Value& x) { return tensor::random(kind, x, dims, dtype.element); },
                  keys);
}

}  // namespace

void bind_tensor_random(nb::module_& m) {
  m.def("random_bits", &random<RandomKind::kBits>);
  m.def("random_uniform", &random<RandomKind::kUniform>);
  m.def("random_normal", &random<RandomKind::kNormal>);
  m.def("random_split", [](const Value& keys, const std::vector<int64_t>& shape) {
    return random<RandomKind::kKeys>(keys, shape, {tensor::Element::kUInt32});
  });
  m.def("random_fold_in", [](const Value& keys, const Value& numbers) {
    return tensor::random_fold_in(keys, numbers);
  });
}

}  // namespace cne::bind
