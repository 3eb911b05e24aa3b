#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"
#include "core/table.h"

namespace cne::feature {

/// What a feature view is: its name, the columns that name an entity, its features, how long a row
/// lives and whether all writes are kept. A value.
struct ViewSpec {
  std::string name;
  std::vector<std::string> entities;  // one or several
  /// One type an entity column; empty until the first write when the view was created without.
  std::vector<DataType> entity_types;
  Schema features;
  /// A row is live while t - event_time < ttl_ns; 0: forever.
  int64_t ttl_ns = 0;
  bool history = true;

  bool typed() const { return !entity_types.empty(); }
  /// Position of a feature, or -1.
  int find(std::string_view feature) const;
  bool operator==(const ViewSpec&) const = default;
};

/// Checks names and types. A field of `schema` that bears an entity's name gives that entity's type
/// and is not a feature; then all entities need one. Throws ArgumentError or TypeError that names
/// the column.
ViewSpec make_view_spec(std::string name, std::vector<std::string> entities, const Schema& schema,
                        int64_t ttl_ns, bool history);

/// bool, integers, floats, utf8, date, timestamp.
bool is_feature_type(DType id);
/// bool, integers, utf8, date, timestamp.
bool is_entity_type(DType id);
/// utf8 for large_utf8, else the same.
DataType canonical_type(const DataType& type);

/// The spec as bytes (u32 lengths, little endian), and back. The parser checks all that it reads:
/// none when the bytes are not a spec.
std::string encode_spec(const ViewSpec& spec);
std::optional<ViewSpec> decode_spec(std::string_view bytes);

}  // namespace cne::feature
