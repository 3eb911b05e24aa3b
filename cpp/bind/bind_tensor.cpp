#include "bind/bind_tensor.h"

namespace cne::bind {

void bind_tensor(nb::module_& m) {
  bind_tensor_dtype(m);
  auto array = bind_tensor_array(m);
  bind_tensor_elementwise(m, array);
  bind_tensor_fft(m);
  bind_tensor_matmul(m, array);
  bind_tensor_random(m);
  bind_tensor_conv(m);
  bind_tensor_linalg(m);
  bind_tensor_reduce(m);
  bind_tensor_view(m, array);
  bind_tensor_index(m, array);
  bind_tensor_order(m);
  bind_tensor_neural(m);
  bind_tensor_trace(m);
  bind_tensor_cuda(m);
  bind_tensor_composite(m);
  bind_tensor_control(m);
  bind_tensor_tree(m);
  bind_tensor_batch_loader(m);
  bind_tensor_parallel(m);
}

}  // namespace cne::bind
