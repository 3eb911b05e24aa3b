#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tensor/primitive.h"

namespace cne::tensor {

/// "cpu", "cuda:1".
std::string to_string(Device device);
/// Of "cpu", "cuda" (which is cuda:0), "cuda:1"; nothing for others.
std::optional<Device> parse_device(std::string_view name);

/// Whether all elements are one in memory.
bool repeats_one(const Array& array);
/// Whether it lies on the CPU and is one number, alone or broadcast: such go with arrays of every
/// device, as numbers of Python do.
bool is_number(const Array& array);

/// The device of arrays that are no numbers; of others the CPU. Throws ArgumentError naming
/// `function` and the arrays where these lie on several.
Device common_device(const char* function, std::span<const Array> arrays);

/// The same elements on a device; the array itself where they are there. To the CPU all work
/// before is waited for. Throws DeviceError where there is no such device, or no room on it.
Array to_device(const Array& array, Device device);

/// As a primitive, also of values inside transformations: derivatives go the other way.
Value to_device(const Value& value, Device device);

extern const Primitive kToDevice;

}  // namespace cne::tensor
