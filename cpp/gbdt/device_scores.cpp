#include "gbdt/device_scores.h"

namespace cne::gbdt {

GradientUnits fix_gradients(const DeviceQueue& queue, const LossRows& rows,
                            const DerivativeBounds* known, DeviceArray<uint64_t>& room,
                            Gradient* out) {
  DerivativeBounds bounds;
  if (known != nullptr) {
    bounds = *known;
  } else {
    uint64_t most[2];
    room.reserve(queue, 2);
    queue.clear(room.data(), sizeof most);
    cne::run(queue, FindLargest{rows, room.data()}, {score_blocks(rows.rows), 1});
    queue.download(room.data(), sizeof most, most);
    bounds = {detail::of_bits(most[0]), detail::of_bits(most[1])};
  }
  const GradientUnits units = units_for(bounds);
  cne::run(queue, FixGradients{rows, 1.0 / units.gradient, 1.0 / units.hessian, out},
           {score_blocks(rows.rows), 1});
  return units;
}

}  // namespace cne::gbdt
