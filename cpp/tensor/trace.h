#pragma once

#include <memory>
#include <string>

#include "core/error.h"
#include "tensor/primitive.h"

namespace cne::tensor {

/// The elements of a value are asked for that a transformation does not know.
class TracedError : public TypeError {
 public:
  using TypeError::TypeError;
};  // TypeError

/// A transformation that is under way: it sees every operation on its values. Of those that are
/// nested the innermost, which began last, sees one first. Used by one thread at a time.
class Trace : public std::enable_shared_from_this<Trace> {
 public:
  explicit Trace(const char* name);
  virtual ~Trace() = default;
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  virtual Values process(const Primitive& primitive, const Params& params, ValueSpan inputs) = 0;
  /// What a value of it is one level further out: nothing where it has no elements of its own.
  virtual Value below(const Tracer& tracer) const = 0;
  /// A number of Python by its value in full (see Value::is_weak), which may be another's.
  virtual Value weakened(const Value& wide) { return wide; }

  /// "grad", "vmap", ...: for error messages.
  const char* name() const { return name_; }
  uint64_t order() const { return order_; }
  /// Values of it must not be used any more.
  void close() { is_closed_ = true; }
  bool is_closed() const { return is_closed_; }
  /// What has happened to a value of it that is used when it is closed.
  virtual std::string over() const;

 private:
  const char* name_;
  uint64_t order_;
  bool is_closed_ = false;
};

/// The tracer if the value belongs to this trace, else null.
template <typename T>
const T* tracer_of(const Value& value, const Trace& trace) {
  if (!value.is_traced() || value.tracer()->trace.get() != &trace) return nullptr;
  return static_cast<const T*>(value.tracer().get());
}

/// A tracer of the type that its kind has by default, as that of a number of Python in full.
template <typename T>
Value weak_value(T settled, std::shared_ptr<const Tracer> wide) {
  settled.wide = std::move(wide);
  return std::make_shared<const T>(std::move(settled));
}

/// The elements of a value, through transformations that know them (grad, jvp). Throws TracedError
/// naming `function` where there are none: under jit and vmap.
Array concrete(const Value& value, const char* function);

/// The innermost transformation that has one of the values. Throws StateError when it is over.
Trace* innermost(ValueSpan values, const char* function);

}  // namespace cne::tensor
