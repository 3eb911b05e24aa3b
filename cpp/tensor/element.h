#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cne::tensor {

/// The element types of arrays, those of the Python Array API standard with float16 and bfloat16.
/// A bool is a byte of 0 or 1, a complex number its real and its imaginary part.
enum class Element : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat16,
  kBFloat16,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
};
inline constexpr int kElements = 15;

enum class ElementKind : uint8_t { kBool, kSigned, kUnsigned, kFloat, kComplex };

size_t size_of(Element element);
ElementKind kind_of(Element element);
/// "bool", "int8", ..., "complex128".
const char* name_of(Element element);
std::optional<Element> parse_element(std::string_view name);

inline bool is_integer(Element element) {
  const ElementKind kind = kind_of(element);
  return kind == ElementKind::kSigned || kind == ElementKind::kUnsigned;
}
inline bool is_floating(Element element) { return kind_of(element) == ElementKind::kFloat; }
inline bool is_complex(Element element) { return kind_of(element) == ElementKind::kComplex; }
/// Floating or complex.
inline bool is_inexact(Element element) { return kind_of(element) >= ElementKind::kFloat; }

/// The type of the parts of a complex number; others are their own.
Element real_of(Element element);
/// The complex type whose parts have a floating type; float16 and bfloat16 have complex64.
Element complex_of(Element element);

/// What the kind has where nothing is said: float32, complex64, int64 for all integers, bool.
Element default_of(Element element);

/// The type that both go into: the standard's table. What that leaves open is as in torch: booleans
/// go into every type and integers into every float; nothing for uint64 with signed integers.
/// float16 and bfloat16, which the standard does not have, give float32 together.
std::optional<Element> promote(Element a, Element b);

}  // namespace cne::tensor
