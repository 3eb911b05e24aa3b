#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/buffer.h"
#include "tensor/dims.h"
#include "tensor/element.h"

namespace cne::tensor {

/// What is known of an array without its elements.
struct Type {
  Element element = Element::kFloat32;
  Dims shape;
  Device device;

  int64_t size() const { return product(shape); }
  int64_t bytes() const { return size() * static_cast<int64_t>(size_of(element)); }
  bool operator==(const Type&) const = default;
};

/// "float32[2, 5]" or "float32[2, 5] on cuda:0", as error messages name it.
std::string to_string(const Type& type);

[[noreturn]] void throw_not_on_cpu(const Type& type);

/// Elements of one type by axes: a view of a Buffer. A value that never changes: copying shares the
/// bytes, and whoever writes makes another array first, or is the only one who holds this.
class Array {
 public:
  Array() = default;
  /// `offset` is that of the first element in bytes, `strides` are in elements and may be 0 or
  /// negative.
  Array(Type type, Buffer buffer, int64_t offset, Dims strides);

  /// Uninitialised, row by row. Throws ShapeError when the size is out of bounds, DeviceError where
  /// there is no such device.
  static Array empty(const Type& type);
  static Array zeros(const Type& type);
  /// One element without axes, from its bytes.
  static Array scalar(Element element, const void* value);

  explicit operator bool() const { return view_ != nullptr; }
  const Type& type() const { return view_->type; }
  Element element() const { return view_->type.element; }
  const Dims& shape() const { return view_->type.shape; }
  Device device() const { return view_->type.device; }
  int rank() const { return view_->type.shape.size(); }
  int64_t size() const { return view_->size; }
  int64_t bytes() const { return size() * static_cast<int64_t>(size_of(element())); }
  const Dims& strides() const { return view_->strides; }
  const Buffer& buffer() const { return view_->buffer; }
  int64_t offset() const { return view_->offset; }

  /// Where the first element is, on whichever device.
  const uint8_t* address() const { return view_->buffer.data() + view_->offset; }
  /// The first element. Throws UnsupportedError where the CPU cannot read it: what computes on the
  /// CPU never reads another memory as its own.
  const uint8_t* data() const {
    if (!view_->type.device.is_cpu()) throw_not_on_cpu(view_->type);
    return address();
  }
  template <typename T>
  const T* as() const {
    return reinterpret_cast<const T*>(data());
  }
  /// Only for who made it and has not shared it yet.
  uint8_t* mutable_data() {
    if (!view_->type.device.is_cpu()) throw_not_on_cpu(view_->type);
    return view_->buffer.mutable_data() + view_->offset;
  }
  template <typename T>
  T* mutable_as() {
    return reinterpret_cast<T*>(mutable_data());
  }
  /// Whether the elements lie row by row without gaps.
  bool is_contiguous() const { return view_->is_contiguous; }

  /// Whether nobody else holds the bytes, no other Array and no view, and each index has a place of
  /// its own: who has it may write, while nobody else can copy it.
  bool is_sole() const;

  /// The same bytes seen otherwise; the caller has checked that they lie within the buffer.
  Array view(Element element, const Dims& shape, const Dims& strides, int64_t offset) const;

 private:
  struct View {
    Type type;
    Buffer buffer;
    int64_t offset = 0;
    Dims strides;
    int64_t size = 0;
    bool is_contiguous = false;
  };
  std::shared_ptr<View> view_;
};

/// Strides of a shape whose elements lie row by row.
Dims row_major_strides(const Dims& shape);

/// Throws ShapeError naming `function` for a negative extent, too many axes, or more bytes than a
/// process can have.
void check_shape(const Dims& shape, Element element, const char* function);

/// The shape that all are broadcast to. Throws ShapeError naming `function`.
Dims broadcast_shapes(const Dims& a, const Dims& b, const char* function);

/// Strides by which an array is read as if it had `shape`, to which it can be broadcast.
Dims broadcast_strides(const Array& array, const Dims& shape);

}  // namespace cne::tensor
