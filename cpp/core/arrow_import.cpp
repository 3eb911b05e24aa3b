#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/arrow.h"
#include "core/error.h"

namespace cne::arrow {

namespace {

/// The released array's memory, kept alive by every buffer that views it.
struct ImportedArray {
  ArrowArray array;
  ~ImportedArray() {
    if (array.release != nullptr) array.release(&array);
  }
};
using Owner = std::shared_ptr<const ImportedArray>;

[[noreturn]] void throw_malformed(const char* function, const ArrowSchema& schema,
                                  const char* what) {
  throw ArgumentError(message(function, ": the Arrow data of column \"",
                              schema.name ? schema.name : "", "\" is malformed: ", what));
}

Buffer view_buffer(const ArrowArray& array, int64_t i, size_t size, const Owner& owner) {
  const void* data = array.buffers[i];
  if (data == nullptr) return Buffer::zeros(size);
  return Buffer::wrap(data, size, owner);
}

Buffer view_validity(const ArrowArray& array, const Owner& owner) {
  if (array.n_buffers < 1 || array.buffers[0] == nullptr || array.null_count == 0) return Buffer();
  return Buffer::wrap(array.buffers[0], static_cast<size_t>((array.offset + array.length + 7) / 8),
                      owner);
}

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
/// number and an offset into it.
std::string_view read_view(const ArrowArray& array, int64_t i) {
  const auto* view = static_cast<const uint8_t*>(array.buffers[1]) + (array.offset + i) * 16;
  int32_t size;
  std::memcpy(&size, view, 4);
  if (size <= 12) return {reinterpret_cast<const char*>(view) + 4, static_cast<size_t>(size)};
  int32_t place[2];
  std::memcpy(place, view + 8, 8);
  return {static_cast<const char*>(array.buffers[2 + place[0]]) + place[1],
          static_cast<size_t>(size)};
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

Column import_owned(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner,
                    const char* function);

int64_t index_at(const Column& codes, int64_t i) {
  switch (codes.type().id) {
    case DType::kInt8:
      return codes.values<int8_t>()[i];
    case DType::kUInt8:
      return codes.values<uint8_t>()[i];
    case DType::kInt16:
      return codes.values<int16_t>()[i];
    case DType::kUInt16:
      return codes.values<uint16_t>()[i];
    case DType::kInt32:
      return codes.values<int32_t>()[i];
    case DType::kUInt32:
      return codes.values<uint32_t>()[i];
    default:
      return codes.values<int64_t>()[i];
  }
}

/// Replaces the codes of a dictionary column by the values they stand for.
Column decode_dictionary(const ArrowSchema& schema, const Column& codes, const Column& dictionary,
                         const char* function) {
  const int64_t rows = codes.length();
  if (!is_integer(codes.type().id))
    throw_malformed(function, schema, "dictionary codes are not integers");
  Buffer validity = Buffer::zeros(static_cast<size_t>((rows + 7) / 8));
  for (int64_t i = 0; i < rows; ++i) {
    if (!codes.is_valid(i)) continue;
    const int64_t code = index_at(codes, i);
    if (code < 0 || code >= dictionary.length())
      throw_malformed(function, schema, "a dictionary code is out of range");
    if (dictionary.is_valid(code)) set_bit(validity.mutable_data(), i);
  }
  const bool all = count_bits(validity.data(), 0, rows) == rows;
  const Buffer kept = all ? Buffer() : validity;
  if (is_binary_like(dictionary.type().id)) {
    const StringView text = dictionary.strings();
    return gather_strings(is_string(dictionary.type().id), rows, kept, [&](int64_t i) {
      return get_bit(validity.data(), i) ? text[index_at(codes, i)] : std::string_view();
    });
  }
  const size_t width = byte_width(dictionary.type().id);
  if (width == 0 && dictionary.type().id != DType::kBool)
    throw TypeError(message(function, ": column \"", schema.name ? schema.name : "",
                            "\" is a dictionary of ", to_string(dictionary.type()),
                            ", which is not supported"));
  Buffer values = Buffer::zeros(width ? static_cast<size_t>(rows) * width
                                      : static_cast<size_t>((rows + 7) / 8));
  for (int64_t i = 0; i < rows; ++i) {
    if (!get_bit(validity.data(), i)) continue;
    const int64_t code = index_at(codes, i);
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

/// The types whose layout differs from ours: copied into ours.
std::optional<Column> convert_foreign(std::string_view format, const ArrowSchema& schema,
                                      const ArrowArray& array, const Owner& owner,
                                      const char* function) {
  const int64_t rows = array.length;
  if (format == "n") return Column::nulls(DType::kBool, rows);
  const auto own_validity = [&]() -> Buffer {
    const Buffer bits = view_validity(array, owner);
    return bits ? realigned_bits(bits, array.offset, rows) : Buffer();
  };
  if (format == "vu" || format == "vz") {
    const Buffer validity = own_validity();
    return gather_strings(format == "vu", rows, validity, [&](int64_t i) {
      return !validity || get_bit(validity.data(), i) ? read_view(array, i) : std::string_view();
    });
  }
  if (format == "tdm") {
    Buffer days = Buffer::allocate(static_cast<size_t>(rows) * 4);
    const auto* ms = static_cast<const int64_t*>(array.buffers[1]) + array.offset;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t day = 86'400'000;
      days.mutable_as<int32_t>()[i] = static_cast<int32_t>(ms[i] / day - (ms[i] % day < 0 ? 1 : 0));
    }
    return Column(DType::kDate, rows, std::move(days), own_validity());
  }
  if (format == "e") {
    Buffer values = Buffer::allocate(static_cast<size_t>(rows) * 4);
    const auto* halves = static_cast<const uint16_t*>(array.buffers[1]) + array.offset;
    for (int64_t i = 0; i < rows; ++i) values.mutable_as<float>()[i] = half_to_float(halves[i]);
    return Column(DType::kFloat32, rows, std::move(values), own_validity());
  }
  if (format == "+L") {
    const Field field = import_field(schema, function);
    const auto* wide = static_cast<const int64_t*>(array.buffers[1]) + array.offset;
    if (rows > 0 && wide[rows] > std::numeric_limits<int32_t>::max())
      throw TypeError(message(function, ": column \"", field.name,
                              "\": a list column holds at most 2^31 items"));
    Buffer offsets = Buffer::zeros(static_cast<size_t>(rows + 1) * 4);
    for (int64_t i = 0; rows > 0 && i <= rows; ++i)
      offsets.mutable_as<int32_t>()[i] = static_cast<int32_t>(wide[i]);
    Column child = import_owned(*schema.children[0], *array.children[0], owner, function);
    return Column::nested(field.type, rows, std::move(offsets), {std::move(child)}, own_validity());
  }
  return std::nullopt;
}

Column import_owned(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner,
                    const char* function) {
  const std::string_view format = schema.format;
  if (array.length < 0 || array.offset < 0) throw_malformed(function, schema, "negative length");
  if (schema.dictionary != nullptr) {
    if (array.dictionary == nullptr) throw_malformed(function, schema, "no dictionary");
    ArrowSchema codes = schema;
    codes.dictionary = nullptr;
    return decode_dictionary(schema, import_owned(codes, array, owner, function),
                             import_owned(*schema.dictionary, *array.dictionary, owner, function),
                             function);
  }
  const Field field = import_field(schema, function);
  const int64_t buffers = format == "n" ? 0 : field.type.id == DType::kStruct ? 1 : 2;
  if (array.n_buffers < buffers + (is_binary_like(field.type.id) && format[0] != 'v' ? 1 : 0))
    throw_malformed(function, schema, "too few buffers");
  if (array.length == 0 && !is_nested(field.type.id)) return Column::nulls(field.type, 0);
  if (auto converted = convert_foreign(format, schema, array, owner, function)) return *converted;

  const auto end = static_cast<size_t>(array.offset + array.length);
  Buffer validity = view_validity(array, owner);
  if (is_binary_like(field.type.id)) {
    const size_t width = is_large(field.type.id) ? 8 : 4;
    Buffer offsets = view_buffer(array, 1, (end + 1) * width, owner);
    const StringView view(offsets.data(), width == 8, nullptr);
    const int64_t bytes = view.start(static_cast<int64_t>(end));
    if (bytes < view.start(array.offset)) throw_malformed(function, schema, "offsets fall");
    return Column::strings(field.type, array.length, std::move(offsets),
                           view_buffer(array, 2, static_cast<size_t>(bytes), owner),
                           std::move(validity), array.offset);
  }
  if (is_nested(field.type.id)) {
    if (array.n_children != schema.n_children)
      throw_malformed(function, schema, "children differ from the schema's");
    std::vector<Column> children;
    for (int64_t c = 0; c < array.n_children; ++c)
      children.push_back(import_owned(*schema.children[c], *array.children[c], owner, function));
    Buffer offsets;
    if (field.type.id == DType::kList) offsets = view_buffer(array, 1, (end + 1) * 4, owner);
    return Column::nested(field.type, array.length, std::move(offsets), std::move(children),
                          std::move(validity), array.offset);
  }
  const size_t width = byte_width(field.type.id);
  return Column(field.type, array.length,
                view_buffer(array, 1, width ? end * width : (end + 7) / 8, owner),
                std::move(validity), array.offset);
}

Owner take(ArrowArray* array) {
  auto owner = std::make_shared<ImportedArray>();
  owner->array = *array;
  array->release = nullptr;
  return owner;
}

bool is_chosen(const ArrowSchema& schema, const Choice& choice) {
  const std::string_view name = schema.name ? schema.name : "";
  if (choice.take && !choice.take(name)) return false;
  if (!choice.need || choice.need(name)) return true;
  try {
    import_field(schema, "");
    return true;
  } catch (const TypeError&) {
    return false;
  }
}

Table to_table(const ArrowSchema& schema, const ArrowArray& array, const Owner& owner,
               const char* function, const Choice& choice) {
  if (array.n_children != schema.n_children)
    throw_malformed(function, schema, "children differ from the schema's");
  if (array.null_count > 0) throw_malformed(function, schema, "a row as a whole is null");
  if (array.n_children == 0) return Table::with_rows(array.length);
  Table out = Table::with_rows(array.length);
  for (int64_t c = 0; c < array.n_children; ++c) {
    if (!is_chosen(*schema.children[c], choice)) continue;
    Column column = import_owned(*schema.children[c], *array.children[c], owner, function);
    const char* name = schema.children[c]->name;
    if (array.offset != 0 || column.length() != array.length)
      column = column.slice(array.offset, array.length);
    out.add(name ? name : "", std::move(column));
  }
  return out;
}

}  // namespace

Column import_column(const ArrowSchema& schema, ArrowArray* array, const char* function) {
  const Owner owner = take(array);
  return import_owned(schema, owner->array, owner, function);
}

Table import_table(const ArrowSchema& schema, ArrowArray* array, const char* function,
                   const Choice& choice) {
  const Owner owner = take(array);
  return to_table(schema, owner->array, owner, function, choice);
}

std::vector<Table> import_stream(ArrowArrayStream* stream, const char* function,
                                 const Choice& choice) {
  const std::unique_ptr<ArrowArrayStream, void (*)(ArrowArrayStream*)> closer(
      stream, [](ArrowArrayStream* s) {
        if (s->release != nullptr) s->release(s);
      });
  const auto check = [&](int code) {
    if (code == 0) return;
    const char* why = stream->get_last_error(stream);
    throw ArgumentError(
        message(function, ": reading the Arrow stream failed: ", why ? why : "no reason given"));
  };
  ArrowSchema raw_schema{};
  check(stream->get_schema(stream, &raw_schema));
  const std::unique_ptr<ArrowSchema, void (*)(ArrowSchema*)> schema(&raw_schema,
                                                                    [](ArrowSchema* s) {
                                                                      if (s->release != nullptr)
                                                                        s->release(s);
                                                                    });
  const bool record = std::string_view(schema->format) == "+s";
  Schema fields;
  for (int64_t c = 0; record && c < schema->n_children; ++c)
    if (is_chosen(*schema->children[c], choice))
      fields.push_back(import_field(*schema->children[c], function));
  if (!record) fields.push_back(import_field(*schema, function));
  std::vector<Table> out;
  for (;;) {
    ArrowArray array{};
    check(stream->get_next(stream, &array));
    if (array.release == nullptr) break;
    if (record)
      out.push_back(import_table(*schema, &array, function, choice));
    else
      out.push_back(Table({fields[0].name}, {import_column(*schema, &array, function)}));
  }
  if (out.empty()) out.push_back(Table::empty(fields));
  return out;
}

}  // namespace cne::arrow
