#include "feature/materialize.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "feature/coerce.h"

namespace cne::feature {

namespace {

constexpr const char* kWrite = "write";
constexpr int64_t kBatch = 64;

template <typename T>
void pack_values(const Column& column, int64_t start, int64_t rows, const FeatureSlot& slot,
                 uint32_t stride, uint64_t* out) {
  const T* values = column.values<T>() + start;
  for (int64_t i = 0; i < rows; ++i) {
    uint64_t word = 0;
    std::memcpy(&word, values + i, sizeof(T));
    out[i * stride + slot.word] |= word << slot.shift;
  }
}

/// Packs one feature of rows [start, start + rows) into zeroed rows; a text becomes its number.
void pack_feature(const Column& column, int64_t start, int64_t rows, const FeatureSlot& slot,
                  uint32_t stride, uint64_t* out, std::vector<std::string_view>& texts) {
  switch (slot.type) {
    case DType::kUtf8: {
      const StringView strings = column.strings();
      for (int64_t i = 0; i < rows; ++i) {
        out[i * stride + slot.word] = texts.size();
        texts.push_back(column.is_valid(start + i) ? strings[start + i] : std::string_view());
      }
      break;
    }
    case DType::kBool:
      for (int64_t i = 0; i < rows; ++i)
        out[i * stride + slot.word] |= static_cast<uint64_t>(column.bit(start + i)) << slot.shift;
      break;
    default:
      switch (byte_width(slot.type)) {
        case 1:
          pack_values<uint8_t>(column, start, rows, slot, stride, out);
          break;
        case 2:
          pack_values<uint16_t>(column, start, rows, slot, stride, out);
          break;
        case 4:
          pack_values<uint32_t>(column, start, rows, slot, stride, out);
          break;
        default:
          pack_values<uint64_t>(column, start, rows, slot, stride, out);
          break;
      }
  }
  for (int64_t i = 0; i < rows; ++i)
    if (column.is_valid(start + i))
      out[i * stride + slot.valid_word] |= uint64_t{1} << slot.valid_bit;
}

}  // namespace

RowBlock RowBlock::slice(int64_t start, int64_t length) const {
  RowBlock out;
  out.rows = length;
  for (const Column& column : entities) out.entities.push_back(column.slice(start, length));
  out.event_time = event_time.slice(start, length);
  out.created = created.slice(start, length);
  for (const Column& column : features) out.features.push_back(column.slice(start, length));
  return out;
}

RowBlock concat_blocks(const std::vector<RowBlock>& parts) {
  if (parts.size() == 1) return parts[0];
  const auto gather = [&](auto&& pick) {
    std::vector<Column> columns;
    for (const RowBlock& part : parts) columns.push_back(pick(part));
    return concat(columns, "history");
  };
  RowBlock out;
  for (const RowBlock& part : parts) out.rows += part.rows;
  for (size_t c = 0; c < parts[0].entities.size(); ++c)
    out.entities.push_back(gather([c](const RowBlock& part) { return part.entities[c]; }));
  out.event_time = gather([](const RowBlock& part) { return part.event_time; });
  out.created = gather([](const RowBlock& part) { return part.created; });
  for (size_t c = 0; c < parts[0].features.size(); ++c)
    out.features.push_back(gather([c](const RowBlock& part) { return part.features[c]; }));
  return out;
}

std::vector<DataType> infer_entity_types(const ViewSpec& spec, const Table& table) {
  std::vector<DataType> out;
  for (const std::string& name : spec.entities) {
    const DataType type = canonical_type(table.at(name, kWrite).type());
    if (!is_entity_type(type.id))
      throw TypeError(message(kWrite, ": expected bool, an integer, utf8, date or timestamp for ",
                              "entity \"", name, "\" of view \"", spec.name, "\", got ",
                              to_string(type)));
    out.push_back(type);
  }
  return out;
}

RowBlock materialize(const ViewSpec& spec, const Table& table, const std::string& event_time,
                     const std::optional<std::string>& created) {
  RowBlock out;
  out.rows = table.rows();
  for (size_t c = 0; c < spec.entities.size(); ++c) {
    const std::string& name = spec.entities[c];
    const Column& column = table.at(name, kWrite);
    const std::string what = message("entity \"", name, "\" of view \"", spec.name, "\"");
    if (!is_key_compatible(spec.entity_types[c], column.type()) &&
        column.null_count() < column.length())
      throw TypeError(message(kWrite, ": expected ", to_string(spec.entity_types[c]), " for ", what,
                              ", got ", to_string(column.type())));
    for (int64_t i = 0; column.may_have_nulls() && i < column.length(); ++i)
      if (!column.is_valid(i))
        throw ArgumentError(
            message(kWrite, ": expected a value in every row of ", what, ", got null in row ", i));
    out.entities.push_back(coerce(column, spec.entity_types[c], kWrite, what));
  }
  const auto times = [&](const std::string& name, const char* role) {
    return times_ns(table.at(name, kWrite), kWrite,
                    message(role, " column \"", name, "\" for view \"", spec.name, "\""));
  };
  out.event_time = times(event_time, "event_time");
  out.created = created ? times(*created, "created") : out.event_time;
  for (const Field& field : spec.features)
    out.features.push_back(
        coerce(table.at(field.name, kWrite), field.type, kWrite,
               message("feature \"", field.name, "\" of view \"", spec.name, "\"")));
  return out;
}

void put_online(const ViewSpec& spec, const RowBlock& block, OnlineStore& store) {
  const RowLayout& layout = store.layout();
  const uint32_t stride = layout.stride();
  KeyBatch keys;
  encode_keys(spec, block.entities, kWrite, keys);
  std::vector<uint64_t> rows(std::min(kBatch, block.rows) * stride);
  std::vector<std::string_view> texts;
  for (int64_t start = 0; start < block.rows; start += kBatch) {
    const int64_t count = std::min(kBatch, block.rows - start);
    for (int64_t i = 0; i < count; ++i) store.prefetch_bucket(keys.hash[start + i]);
    std::fill(rows.begin(), rows.end(), 0);
    texts.clear();
    for (int64_t i = 0; i < count; ++i) {
      rows[i * stride + kEventWord] = block.event_time.values<uint64_t>()[start + i];
      rows[i * stride + kCreatedWord] = block.created.values<uint64_t>()[start + i];
    }
    for (size_t f = 0; f < block.features.size(); ++f)
      pack_feature(block.features[f], start, count, layout.slots()[f], stride, rows.data(), texts);
    for (int64_t i = 0; i < count; ++i) store.prefetch_row(keys.hash[start + i]);
    for (int64_t i = 0; i < count; ++i)
      store.put(keys.at(start + i), rows.data() + i * stride, texts);
  }
}

}  // namespace cne::feature
