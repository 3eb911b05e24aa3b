#include "bind/bind_tensor_unlocked.h"
#include "tensor/fft.h"

namespace cne::bind {

namespace {

using tensor::FftKind;
using tensor::Value;

template <FftKind kind>
Value fft(const Value& x, int64_t axis, int64_t length, double scale) {
  const tensor::FftParams params = {kind, axis, length, scale};
  return unlocked([&](const Value& each) { return tensor::fft(params, each); }, x);
}

}  // namespace

void bind_tensor_fft(nb::module_& m) {
  m.def("fft_forward", &fft<FftKind::kForward>);
  m.def("fft_backward", &fft<FftKind::kBackward>);
  m.def("fft_to_half", &fft<FftKind::kToHalf>);
  m.def("fft_from_half", &fft<FftKind::kFromHalf>);
}

}  // namespace cne::bind
