#include "tensor/device_adamw.h"

#include "core/error.h"

namespace cne::tensor {

DeviceAdamW::DeviceAdamW(const DeviceQueue& queue, std::span<const AdamWTensor> tensors) {
  std::vector<AdamWPiece> pieces;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].size < 0)
      throw ArgumentError(message("adamw: expected a size of at least 0, got ", tensors[i].size));
    for (int64_t begin = 0; begin < tensors[i].size; begin += AdamWStep::kPiece)
      pieces.push_back({static_cast<int64_t>(i), begin});
  }
  count_ = std::ssize(pieces);
  if (count_ == 0) return;
  tensors_.upload(queue, tensors.data(), std::ssize(tensors));
  pieces_.upload(queue, pieces.data(), count_);
}

void DeviceAdamW::step(const DeviceQueue& queue, const AdamWRates& rates) const {
  cne::run(queue, AdamWStep{tensors_.data(), pieces_.data(), rates}, {count_, 1});
}

}  // namespace cne::tensor
