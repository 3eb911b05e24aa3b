#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tensor/array.h"

namespace cne::tensor {

class Trace;

/// What stands for an array inside a transformation. Each kind of Trace derives its own.
struct Tracer {
  Tracer(std::shared_ptr<Trace> owner, Type is) : trace(std::move(owner)), type(std::move(is)) {}
  virtual ~Tracer() = default;

  std::shared_ptr<Trace> trace;  // null: only the type is known (see Primitive::keeps)
  Type type;
  // Of a number of Python, which takes the type of what it meets: the number in full, a float64,
  // int64 or complex128 of the same transformation; else null.
  std::shared_ptr<const Tracer> wide;
};

/// What programs compute with: an array, or what stands for one inside a transformation. A value.
class Value {
 public:
  Value() = default;
  Value(Array array) : array_(std::move(array)) {}
  template <std::derived_from<Tracer> T>
  Value(std::shared_ptr<const T> tracer) : tracer_(std::move(tracer)) {}
  /// What has a type and no elements.
  static Value placeholder(const Type& type) {
    return std::make_shared<const Tracer>(nullptr, type);
  }

  /// Whether there is one; derivative rules leave zeros out.
  explicit operator bool() const { return tracer_ != nullptr || static_cast<bool>(array_); }
  bool is_traced() const { return tracer_ != nullptr; }
  /// The array, which must not be traced.
  const Array& array() const { return array_; }
  const std::shared_ptr<const Tracer>& tracer() const { return tracer_; }

  /// Whether it stands for a number of Python, which takes the type of what it meets.
  bool is_weak() const { return tracer_ != nullptr && tracer_->wide != nullptr; }
  /// That number in full; the value itself when it is not weak.
  Value wide() const { return is_weak() ? Value(tracer_->wide) : *this; }

  const Type& type() const { return tracer_ ? tracer_->type : array_.type(); }
  Element element() const { return type().element; }
  const Dims& shape() const { return type().shape; }
  int rank() const { return shape().size(); }
  int64_t size() const { return tracer_ ? tracer_->type.size() : array_.size(); }

 private:
  Array array_;
  std::shared_ptr<const Tracer> tracer_;
};

using Values = std::vector<Value>;
using ValueSpan = std::span<const Value>;

}  // namespace cne::tensor
