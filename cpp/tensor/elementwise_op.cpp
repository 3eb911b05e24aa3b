#include "tensor/elementwise_op.h"

#include <array>

namespace cne::tensor {

namespace {

// Kinds that an operation takes.
constexpr uint8_t kB = 1;  // bool
constexpr uint8_t kI = 2;  // signed and unsigned integers
constexpr uint8_t kF = 4;
constexpr uint8_t kC = 8;
constexpr uint8_t kNumbers = kI | kF | kC;
constexpr uint8_t kAll = kB | kNumbers;
constexpr uint8_t kRealNumbers = kI | kF;

enum class Result : uint8_t { kSame, kBool, kReal };

struct Facts {
  const char* name;
  uint8_t kinds;
  Result result = Result::kSame;
};

constexpr std::array<Facts, kElementOps> kFacts = {{
    {"negative", kNumbers},
    {"abs", kNumbers, Result::kReal},
    {"sign", kNumbers},
    {"square", kNumbers},
    {"sqrt", kF | kC},
    {"rsqrt", kF},
    {"exp", kF | kC},
    {"expm1", kF | kC},
    {"log", kF | kC},
    {"log1p", kF | kC},
    {"log2", kF | kC},
    {"log10", kF | kC},
    {"sin", kF | kC},
    {"cos", kF | kC},
    {"tan", kF | kC},
    {"asin", kF | kC},
    {"acos", kF | kC},
    {"atan", kF | kC},
    {"sinh", kF | kC},
    {"cosh", kF | kC},
    {"tanh", kF | kC},
    {"asinh", kF | kC},
    {"acosh", kF | kC},
    {"atanh", kF | kC},
    {"sigmoid", kF},
    {"erf", kF},
    {"erfc", kF},
    {"erfinv", kF},
    {"lgamma", kF},
    {"digamma", kF},
    {"floor", kRealNumbers},
    {"ceil", kRealNumbers},
    {"trunc", kRealNumbers},
    {"round", kNumbers},
    {"conj", kNumbers},
    {"real", kNumbers, Result::kReal},
    {"imag", kC, Result::kReal},
    {"isnan", kNumbers, Result::kBool},
    {"isinf", kNumbers, Result::kBool},
    {"isfinite", kNumbers, Result::kBool},
    {"signbit", kF, Result::kBool},
    {"invert", kB | kI},
    {"add", kNumbers},
    {"subtract", kNumbers},
    {"multiply", kNumbers},
    {"divide", kF | kC},
    {"floor_divide", kRealNumbers},
    {"remainder", kRealNumbers},
    {"power", kNumbers},
    {"atan2", kF},
    {"hypot", kF},
    {"copysign", kF},
    {"nextafter", kF},
    {"polygamma", kF},
    {"maximum", kRealNumbers},
    {"minimum", kRealNumbers},
    {"logaddexp", kF},
    {"and", kB | kI},
    {"or", kB | kI},
    {"xor", kB | kI},
    {"shift_left", kI},
    {"shift_right", kI},
    {"equal", kAll, Result::kBool},
    {"not_equal", kAll, Result::kBool},
    {"less", kRealNumbers, Result::kBool},
    {"less_equal", kRealNumbers, Result::kBool},
    {"greater", kRealNumbers, Result::kBool},
    {"greater_equal", kRealNumbers, Result::kBool},
}};

constexpr const Facts& facts(ElementOp op) { return kFacts[static_cast<size_t>(op)]; }

uint8_t bit_of(ElementKind kind) {
  switch (kind) {
    case ElementKind::kBool:
      return kB;
    case ElementKind::kSigned:
    case ElementKind::kUnsigned:
      return kI;
    case ElementKind::kFloat:
      return kF;
    case ElementKind::kComplex:
      return kC;
  }
  return 0;
}

}  // namespace

const char* name_of(ElementOp op) { return facts(op).name; }

std::optional<ElementOp> parse_element_op(std::string_view name) {
  for (size_t i = 0; i < kFacts.size(); ++i)
    if (name == kFacts[i].name) return static_cast<ElementOp>(i);
  return std::nullopt;
}

bool takes(ElementOp op, Element element) {
  return (facts(op).kinds & bit_of(kind_of(element))) != 0;
}

Element result_of(ElementOp op, Element element) {
  switch (facts(op).result) {
    case Result::kBool:
      return Element::kBool;
    case Result::kReal:
      return real_of(element);
    case Result::kSame:
      break;
  }
  return element;
}

}  // namespace cne::tensor
