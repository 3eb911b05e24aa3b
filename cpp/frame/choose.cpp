#include "frame/choose.h"

#include <string>
#include <utility>

#include "core/error.h"
#include "frame/dispatch.h"
#include "frame/strings.h"

namespace cne::frame {

namespace {

uint64_t side_valid(const Operand& side, int64_t at, int64_t n) {
  if (side.scalar) return side.column.is_valid(0) ? ~uint64_t{0} : 0;
  return valid_bits(side.column, at, n);
}

uint64_t side_value(const Operand& side, int64_t at, int64_t n) {
  if (side.scalar) return side.column.bit(0) ? ~uint64_t{0} : 0;
  return value_bits(side.column, at, n);
}

template <typename T>
Buffer choose_values(const Buffer& mask, const Operand& a, const Operand& b, int64_t n) {
  Buffer out = Buffer::allocate(static_cast<size_t>(n) * sizeof(T));
  T* to = out.mutable_as<T>();
  const T* x = a.column.values<T>();
  const T* y = b.column.values<T>();
  const int64_t step_x = a.scalar ? 0 : 1;
  const int64_t step_y = b.scalar ? 0 : 1;
  for (int64_t i = 0; i < n; ++i) to[i] = get_bit(mask.data(), i) ? x[i * step_x] : y[i * step_y];
  return out;
}

}  // namespace

Column if_else(const Operand& condition, const Operand& a, const Operand& b, int64_t n,
               const DataType& type, const char* function) {
  if (is_nested(type.id))
    throw TypeError(message(function, ": a choice between values of type ", to_string(type),
                            " is not supported"));
  const Buffer mask = make_bitmap(n, [&](int64_t at, int64_t count) {
    return side_valid(condition, at, count) & side_value(condition, at, count);
  });
  Buffer validity;
  if (a.column.may_have_nulls() || b.column.may_have_nulls())
    validity = make_bitmap(n, [&](int64_t at, int64_t count) {
      const uint64_t chosen = load_bits(mask.data(), at, count);
      return (chosen & side_valid(a, at, count)) | (~chosen & side_valid(b, at, count));
    });
  if (is_binary_like(type.id)) {
    const StringView x = a.column.strings();
    const StringView y = b.column.strings();
    return build_strings(type, n, std::move(validity), [&](int64_t i, std::string& out) {
      out += get_bit(mask.data(), i) ? x[a.scalar ? 0 : i] : y[b.scalar ? 0 : i];
    });
  }
  Buffer values;
  if (type.id == DType::kBool)
    values = make_bitmap(n, [&](int64_t at, int64_t count) {
      const uint64_t chosen = load_bits(mask.data(), at, count);
      return (chosen & side_value(a, at, count)) | (~chosen & side_value(b, at, count));
    });
  else
    values =
        visit_fixed(type.id, [&](auto tag) { return choose_values<decltype(tag)>(mask, a, b, n); });
  return Column(type, n, std::move(values), std::move(validity));
}

}  // namespace cne::frame
