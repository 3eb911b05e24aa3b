#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "core/arrow_memory.h"
#include "core/error.h"

namespace cne::arrow {

namespace {

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f;
  uint32_t mantissa = half & 0x3ff;
  uint32_t bits;
  if (exponent == 0x1f) {
    bits = sign | 0x7f800000 | (mantissa << 13);
  } else if (exponent == 0 && mantissa == 0) {
    bits = sign;
  } else {
    if (exponent == 0) {
      exponent = 1;
      for (; (mantissa & 0x400) == 0; mantissa <<= 1) --exponent;
      mantissa &= 0x3ff;
    }
    bits = sign | ((exponent + 112) << 23) | (mantissa << 13);
  }
  float out;
  std::memcpy(&out, &bits, 4);
  return out;
}

/// Element `i` of a string-view array: 16 bytes, the text itself up to 12 bytes, else a buffer's
/// number and an offset into it. The array's last buffer holds the sizes of those buffers.
std::string_view read_view(const Source& source, int64_t i) {
  const ArrowArray& array = source.array;
  const auto* view = static_cast<const uint8_t*>(array.buffers[1]) + (array.offset + i) * 16;
  int32_t size;
  std::memcpy(&size, view, 4);
  if (size < 0) throw_malformed(source, "a view's size is negative");
  if (size <= 12) return {reinterpret_cast<const char*>(view) + 4, static_cast<size_t>(size)};
  int32_t place[2];
  std::memcpy(place, view + 8, 8);
  const int64_t buffers = array.n_buffers - 3;
  if (place[0] < 0 || place[0] >= buffers)
    throw_malformed(source, "a view is of a buffer that does not exist");
  const void* data = array.buffers[2 + place[0]];
  const auto* sizes = static_cast<const int64_t*>(array.buffers[array.n_buffers - 1]);
  if (data == nullptr || sizes == nullptr || place[1] < 0 ||
      int64_t{place[1]} + size > sizes[place[0]])
    throw_malformed(source, "a view is past the end of its buffer");
  return {static_cast<const char*>(data) + place[1], static_cast<size_t>(size)};
}

template <typename Offset, typename Get>
Column copy_strings(DType id, int64_t rows, int64_t bytes, Buffer validity, const Get& get) {
  Buffer offsets = Buffer::allocate(static_cast<size_t>(rows + 1) * sizeof(Offset));
  Buffer data = Buffer::allocate(static_cast<size_t>(bytes));
  auto* ends = offsets.mutable_as<Offset>();
  size_t at = 0;
  ends[0] = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const std::string_view text = get(i);
    if (!text.empty()) std::memcpy(data.mutable_data() + at, text.data(), text.size());
    at += text.size();
    ends[i + 1] = static_cast<Offset>(at);
  }
  return Column::strings(id, rows, std::move(offsets), std::move(data), std::move(validity));
}

/// Copies strings that `get(i)` gives; rows without validity must give an empty string.
template <typename Get>
Column gather_strings(bool text, int64_t rows, Buffer validity, const Get& get) {
  int64_t bytes = 0;
  for (int64_t i = 0; i < rows; ++i) bytes += static_cast<int64_t>(get(i).size());
  if (bytes > std::numeric_limits<int32_t>::max())
    return copy_strings<int64_t>(text ? DType::kLargeUtf8 : DType::kLargeBinary, rows, bytes,
                                 std::move(validity), get);
  return copy_strings<int32_t>(text ? DType::kUtf8 : DType::kBinary, rows, bytes,
                               std::move(validity), get);
}

Buffer realigned_bits(const Buffer& bits, int64_t offset, int64_t length) {
  Buffer out = Buffer::zeros(static_cast<size_t>((length + 7) / 8));
  for (int64_t i = 0; i < length; ++i)
    if (get_bit(bits.data(), offset + i)) set_bit(out.mutable_data(), i);
  return out;
}

Buffer own_validity(const Source& source) {
  const Buffer bits = view_validity(source);
  return bits ? realigned_bits(bits, source.array.offset, source.array.length) : Buffer();
}

bool is_valid(const Buffer& validity, int64_t i) {
  return !validity || get_bit(validity.data(), i);
}

Column convert_views(const Source& source) {
  const Buffer validity = own_validity(source);
  return gather_strings(source.format() == "vu", source.array.length, validity, [&](int64_t i) {
    return is_valid(validity, i) ? read_view(source, i) : std::string_view();
  });
}

Column convert_date64(const Source& source) {
  const int64_t rows = source.array.length, day = 86'400'000;
  Buffer days = Buffer::zeros(static_cast<size_t>(rows) * 4);
  const Buffer validity = own_validity(source);
  const auto* ms = source.values<int64_t>(1);
  for (int64_t i = 0; i < rows; ++i) {
    if (!is_valid(validity, i)) continue;
    const int64_t number = ms[i] / day - (ms[i] % day < 0 ? 1 : 0);
    if (number != static_cast<int32_t>(number))
      throw ArgumentError(message(source.function, ": column \"",
                                  source.schema.name ? source.schema.name : "", "\": the date64 ",
                                  ms[i], " ms is out of the range of dates of 32 bits"));
    days.mutable_as<int32_t>()[i] = static_cast<int32_t>(number);
  }
  return Column(DType::kDate, rows, std::move(days), validity);
}

Column convert_float16(const Source& source) {
  const int64_t rows = source.array.length;
  Buffer values = Buffer::allocate(static_cast<size_t>(rows) * 4);
  const auto* halves = source.values<uint16_t>(1);
  for (int64_t i = 0; i < rows; ++i) values.mutable_as<float>()[i] = half_to_float(halves[i]);
  return Column(DType::kFloat32, rows, std::move(values), own_validity(source));
}

Column convert_large_list(const Source& source) {
  const int64_t rows = source.array.length;
  const Field field = import_field(source.schema, source.function);
  check_offsets<int64_t>(source, source.array.children[0]->length);
  Buffer offsets = Buffer::zeros(static_cast<size_t>(rows + 1) * 4);
  if (source.array.buffers[1] != nullptr) {
    const auto* wide = source.values<int64_t>(1);
    if (wide[rows] > std::numeric_limits<int32_t>::max())
      throw TypeError(message(source.function, ": column \"", field.name,
                              "\": a list column holds at most 2^31 items"));
    for (int64_t i = 0; i <= rows; ++i)
      offsets.mutable_as<int32_t>()[i] = static_cast<int32_t>(wide[i]);
  }
  return Column::nested(field.type, rows, std::move(offsets), {import_owned(source.child(0))},
                        own_validity(source));
}

}  // namespace

std::optional<Column> convert_foreign(const Source& source) {
  const std::string_view format = source.format();
  if (format == "n") return Column::nulls(DType::kBool, source.array.length);
  const bool foreign = format == "vu" || format == "vz" || format == "tdm" || format == "e";
  if (!foreign && format != "+L") return std::nullopt;
  if (foreign && source.array.buffers[1] == nullptr) throw_malformed(source, "no values");
  if (format == "tdm") return convert_date64(source);
  if (format == "e") return convert_float16(source);
  if (format == "+L") return convert_large_list(source);
  return convert_views(source);
}

Column decode_dictionary(const Source& source, const Column& codes, const Column& dictionary) {
  const int64_t rows = codes.length();
  if (!is_integer(codes.type().id)) throw_malformed(source, "dictionary codes are not integers");
  Buffer validity = Buffer::zeros(static_cast<size_t>((rows + 7) / 8));
  for (int64_t i = 0; i < rows; ++i) {
    if (!codes.is_valid(i)) continue;
    const int64_t code = integer_at(codes, i);
    if (code < 0 || code >= dictionary.length())
      throw_malformed(source, "a dictionary code is out of range");
    if (dictionary.is_valid(code)) set_bit(validity.mutable_data(), i);
  }
  const bool all = count_bits(validity.data(), 0, rows) == rows;
  const Buffer kept = all ? Buffer() : validity;
  if (is_binary_like(dictionary.type().id)) {
    const StringView text = dictionary.strings();
    return gather_strings(is_string(dictionary.type().id), rows, kept, [&](int64_t i) {
      return get_bit(validity.data(), i) ? text[integer_at(codes, i)] : std::string_view();
    });
  }
  const size_t width = byte_width(dictionary.type().id);
  if (width == 0 && dictionary.type().id != DType::kBool)
    throw TypeError(message(source.function, ": column \"",
                            source.schema.name ? source.schema.name : "", "\" is a dictionary of ",
                            to_string(dictionary.type()), ", which is not supported"));
  Buffer values = Buffer::zeros(width ? static_cast<size_t>(rows) * width
                                      : static_cast<size_t>((rows + 7) / 8));
  for (int64_t i = 0; i < rows; ++i) {
    if (!get_bit(validity.data(), i)) continue;
    const int64_t code = integer_at(codes, i);
    if (width == 0) {
      if (dictionary.bit(code)) set_bit(values.mutable_data(), i);
    } else {
      std::memcpy(values.mutable_data() + static_cast<size_t>(i) * width,
                  dictionary.values_buffer().data() +
                      static_cast<size_t>(dictionary.offset() + code) * width,
                  width);
    }
  }
  return Column(dictionary.type(), rows, std::move(values), kept);
}

}  // namespace cne::arrow
