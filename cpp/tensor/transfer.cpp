#include "tensor/transfer.h"

#include <charconv>

#include "core/error.h"
#include "tensor/cuda_device.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

namespace {

/// Where the elements of an array lie in its buffer, in elements before and behind the first one.
struct Reach {
  int64_t low = 0;
  int64_t high = 0;
  int64_t count() const { return high - low + 1; }
};

Reach reach_of(const Array& array) {
  Reach out;
  for (int axis = 0; axis < array.rank(); ++axis) {
    const int64_t far = (array.shape()[axis] - 1) * array.strides()[axis];
    (far < 0 ? out.low : out.high) += far;
  }
  return out;
}

Array upload(const Array& array, Device device) {
  CudaDevice& to = cuda_device(device.index, "to_device");
  const size_t width = size_of(array.element());
  const Type type{array.element(), array.shape(), device};
  if (is_number(array))
    return Array(type, to.constant(array.data(), width), 0, Dims::filled(array.rank(), 0));
  const Array rows = contiguous(array);
  Buffer buffer = to.allocate(static_cast<size_t>(rows.bytes()));
  to.upload(rows.data(), static_cast<size_t>(rows.bytes()), buffer.mutable_data());
  return Array(type, std::move(buffer), 0, row_major_strides(type.shape));
}

/// As they lie, so that no kernel is needed to read an array; but not much that is not of it.
Array download(const Array& array) {
  if (array.size() == 0) return Array::empty({array.element(), array.shape(), {}});
  const Reach reach = reach_of(array);
  if (reach.count() > 4 * array.size() + 64) return download(copy(array));
  const auto width = static_cast<int64_t>(size_of(array.element()));
  Buffer buffer = Buffer::allocate(static_cast<size_t>(reach.count() * width));
  cuda_device(array.device().index, "to_device")
      .download(array.address() + reach.low * width, buffer.size(), buffer.mutable_data());
  return Array({array.element(), array.shape(), {}}, std::move(buffer), -reach.low * width,
               array.strides());
}

}  // namespace

std::string to_string(Device device) {
  return device.is_cpu() ? "cpu" : message("cuda:", device.index);
}

std::optional<Device> parse_device(std::string_view name) {
  if (name == "cpu") return Device{};
  if (name == "cuda") return Device{Device::Kind::kCuda, 0};
  if (!name.starts_with("cuda:")) return std::nullopt;
  Device out{Device::Kind::kCuda, 0};
  const char* const end = name.data() + name.size();
  const auto [at, error] = std::from_chars(name.data() + 5, end, out.index);
  if (error != std::errc() || at != end || out.index < 0) return std::nullopt;
  return out;
}

bool repeats_one(const Array& array) {
  if (array.size() == 0) return false;
  for (int axis = 0; axis < array.rank(); ++axis)
    if (array.shape()[axis] != 1 && array.strides()[axis] != 0) return false;
  return true;
}

bool is_number(const Array& array) { return array.device().is_cpu() && repeats_one(array); }

Device common_device(const char* function, std::span<const Array> arrays) {
  const Array* first = nullptr;
  for (const Array& each : arrays) {
    if (is_number(each)) continue;
    if (first == nullptr) first = &each;
    if (each.device() == first->device()) continue;
    std::string types;
    for (const Array& other : arrays)
      types += message(types.empty() ? "" : ", ", to_string(other.type()),
                       other.device().is_cpu() ? " on cpu" : "");
    throw ArgumentError(message(function, ": expected arrays on one device, got ", types,
                                "; to_device copies them"));
  }
  return first == nullptr ? Device{} : first->device();
}

Array to_device(const Array& array, Device device) {
  if (array.device() == device) return array;
  if (device.is_cpu()) return download(array);
  return upload(array.device().is_cpu() ? array : download(array), device);
}

}  // namespace cne::tensor
