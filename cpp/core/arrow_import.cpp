#include <memory>
#include <string_view>
#include <utility>

#include "core/arrow_memory.h"
#include "core/error.h"

namespace cne::arrow {

namespace {

Column import_strings(const Source& source, const Field& field) {
  const size_t width = is_large(field.type.id) ? 8 : 4;
  if (width == 8)
    check_offsets<int64_t>(source);
  else
    check_offsets<int32_t>(source);
  const int64_t end = source.end();
  Buffer offsets = view_buffer(source, 1, static_cast<size_t>(end + 1) * width);
  const int64_t bytes = StringView(offsets.data(), width == 8, nullptr).start(end);
  if (bytes > 0 && source.array.buffers[2] == nullptr) throw_malformed(source, "no bytes");
  return Column::strings(field.type, source.array.length, std::move(offsets),
                         view_buffer(source, 2, static_cast<size_t>(bytes)), view_validity(source),
                         source.array.offset);
}

Column import_nested(const Source& source, const Field& field) {
  const ArrowArray& array = source.array;
  Buffer offsets;
  if (field.type.id == DType::kList) {
    check_offsets<int32_t>(source, array.children[0]->length);
    offsets = view_buffer(source, 1, static_cast<size_t>(source.end() + 1) * 4);
  }
  std::vector<Column> children;
  for (int64_t c = 0; c < array.n_children; ++c) children.push_back(import_owned(source.child(c)));
  return Column::nested(field.type, array.length, std::move(offsets), std::move(children),
                        view_validity(source), array.offset);
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
  const Source source{schema, array, owner, function};
  check_shape(source, DType::kStruct);
  // A producer may leave the nulls uncounted (-1).
  if (const Buffer valid = view_validity(source);
      valid && count_bits(valid.data(), array.offset, array.length) < array.length)
    throw_malformed(source, "a row as a whole is null");
  if (array.n_children == 0) return Table::with_rows(array.length);
  Table out = Table::with_rows(array.length);
  for (int64_t c = 0; c < array.n_children; ++c) {
    if (!is_chosen(*schema.children[c], choice)) continue;
    Column column = import_owned(source.child(c));
    const char* name = schema.children[c]->name;
    if (array.offset != 0 || column.length() != array.length)
      column = column.slice(array.offset, array.length);
    out.add(name ? name : "", std::move(column));
  }
  return out;
}

}  // namespace

Column import_owned(const Source& source) {
  const ArrowArray& array = source.array;
  if (source.schema.dictionary != nullptr) {
    if (array.dictionary == nullptr) throw_malformed(source, "no dictionary");
    ArrowSchema codes = source.schema;
    codes.dictionary = nullptr;
    return decode_dictionary(source, import_owned({codes, array, source.owner, source.function}),
                             import_owned({*source.schema.dictionary, *array.dictionary,
                                           source.owner, source.function}));
  }
  const Field field = import_field(source.schema, source.function);
  check_shape(source, field.type.id);
  if (array.length == 0 && !is_nested(field.type.id)) return Column::nulls(field.type, 0);
  if (auto converted = convert_foreign(source)) return *converted;
  if (is_binary_like(field.type.id)) return import_strings(source, field);
  if (is_nested(field.type.id)) return import_nested(source, field);
  const size_t width = byte_width(field.type.id);
  const auto end = static_cast<size_t>(source.end());
  return Column(field.type, array.length,
                view_buffer(source, 1, width ? end * width : (end + 7) / 8), view_validity(source),
                array.offset);
}

Column import_column(const ArrowSchema& schema, ArrowArray* array, const char* function) {
  const Owner owner = take(array);
  return import_owned({schema, owner->array, owner, function});
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
