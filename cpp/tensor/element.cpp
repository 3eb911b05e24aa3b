#include "tensor/element.h"

#include <array>
#include <utility>

namespace cne::tensor {

namespace {

struct Facts {
  const char* name;
  uint8_t size;
  ElementKind kind;
};

constexpr std::array<Facts, kElements> kFacts = {{
    {"bool", 1, ElementKind::kBool},
    {"int8", 1, ElementKind::kSigned},
    {"int16", 2, ElementKind::kSigned},
    {"int32", 4, ElementKind::kSigned},
    {"int64", 8, ElementKind::kSigned},
    {"uint8", 1, ElementKind::kUnsigned},
    {"uint16", 2, ElementKind::kUnsigned},
    {"uint32", 4, ElementKind::kUnsigned},
    {"uint64", 8, ElementKind::kUnsigned},
    {"float16", 2, ElementKind::kFloat},
    {"bfloat16", 2, ElementKind::kFloat},
    {"float32", 4, ElementKind::kFloat},
    {"float64", 8, ElementKind::kFloat},
    {"complex64", 8, ElementKind::kComplex},
    {"complex128", 16, ElementKind::kComplex},
}};

constexpr const Facts& facts(Element element) { return kFacts[static_cast<size_t>(element)]; }

/// A signed integer of twice the bytes, where there is one.
std::optional<Element> signed_above(Element element) {
  switch (element) {
    case Element::kUInt8:
      return Element::kInt16;
    case Element::kUInt16:
      return Element::kInt32;
    case Element::kUInt32:
      return Element::kInt64;
    default:
      return std::nullopt;
  }
}

}  // namespace

size_t size_of(Element element) { return facts(element).size; }
ElementKind kind_of(Element element) { return facts(element).kind; }
const char* name_of(Element element) { return facts(element).name; }

std::optional<Element> parse_element(std::string_view name) {
  for (size_t i = 0; i < kFacts.size(); ++i)
    if (name == kFacts[i].name) return static_cast<Element>(i);
  return std::nullopt;
}

Element real_of(Element element) {
  if (element == Element::kComplex64) return Element::kFloat32;
  return element == Element::kComplex128 ? Element::kFloat64 : element;
}

Element default_of(Element element) {
  switch (kind_of(element)) {
    case ElementKind::kBool:
      return Element::kBool;
    case ElementKind::kSigned:
    case ElementKind::kUnsigned:
      return Element::kInt64;
    case ElementKind::kFloat:
      return Element::kFloat32;
    case ElementKind::kComplex:
      return Element::kComplex64;
  }
  return element;
}

Element complex_of(Element element) {
  return element == Element::kFloat64 || element == Element::kComplex128 ? Element::kComplex128
                                                                         : Element::kComplex64;
}

std::optional<Element> promote(Element a, Element b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  const ElementKind kind = kind_of(a);
  const ElementKind other = kind_of(b);
  if (kind == other) {
    if (a == Element::kFloat16 && b == Element::kBFloat16) return Element::kFloat32;
    return b;
  }
  if (kind == ElementKind::kSigned && other == ElementKind::kUnsigned) {
    if (size_of(a) > size_of(b)) return a;
    return signed_above(b);
  }
  if (kind == ElementKind::kFloat && other == ElementKind::kComplex)
    return a == Element::kFloat64 ? Element::kComplex128 : b;
  // Here the standard leaves the result open: bools go into all, integers into any float, as
  // torch's.
  return kind == ElementKind::kBool || is_inexact(b) ? std::optional(b) : std::nullopt;
}

}  // namespace cne::tensor
