#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "arrays.h"
#include "tensor/device_random.h"
#include "tensor/random.h"

using namespace cne;
using namespace cne::tensor;

TEST_CASE("a device's random numbers are the CPU's, bit for bit") {
  const Words keys[] = {{0xdeadbeef, 42}, {7, 0}};
  Array key = Array::empty({Element::kUInt32, {2, 2}, {}});
  std::memcpy(key.mutable_data(), keys, sizeof keys);
  const std::pair<RandomKind, std::vector<Element>> kinds[] = {
      {RandomKind::kKeys, {Element::kUInt32}},
      {RandomKind::kBits, {Element::kUInt8, Element::kUInt16, Element::kUInt32, Element::kUInt64}},
      {RandomKind::kUniform,
       {Element::kFloat16, Element::kBFloat16, Element::kFloat32, Element::kFloat64}},
      {RandomKind::kNormal,
       {Element::kFloat16, Element::kBFloat16, Element::kFloat32, Element::kFloat64}}};
  for (const auto& [kind, elements] : kinds)
    for (const Element element : elements)
      for (const int64_t count : {0, 1, 4096, 10001}) {
        const Array want = random(kind, key, {count}, element);
        const auto bytes = static_cast<size_t>(want.size()) * size_of(element);
        std::vector<uint64_t> room(bytes / 8 + 1, 77);
        device_random({}, kind, keys, 2, count, element, room.data());
        CAPTURE(name_of(element));
        CHECK((bytes == 0 || std::memcmp(room.data(), want.as<uint8_t>(), bytes) == 0));
      }
}
