#include "feature/feature_schema.h"

#include <algorithm>

#include "core/error.h"
#include "feature/byte_io.h"

namespace cne::feature {

namespace {

constexpr const char* kCreate = "create_view";

void check_name(const std::string& name, const char* what) {
  if (name.empty() || name.size() > 255 || name.find(':') != std::string::npos)
    throw ArgumentError(message(kCreate, ": expected a ", what,
                                " name of 1 to 255 bytes without \":\", got \"", name, "\""));
}

void check_entities(const std::vector<std::string>& entities) {
  if (entities.empty())
    throw ArgumentError(message(kCreate, ": expected at least one entity column, got none"));
  for (size_t i = 0; i < entities.size(); ++i) {
    check_name(entities[i], "entity");
    if (std::count(entities.begin(), entities.end(), entities[i]) > 1)
      throw ArgumentError(message(kCreate, ": entity \"", entities[i], "\" is named twice"));
  }
}

void put_type(ByteWriter& out, const DataType& type) {
  out.put(static_cast<uint8_t>(type.id));
  out.put(static_cast<uint8_t>(type.unit));
  out.put_string(type.zone);
}

DataType get_type(ByteReader& in, bool (*allowed)(DType)) {
  DataType out;
  const auto id = in.get<uint8_t>();
  const auto unit = in.get<uint8_t>();
  out.zone = std::string(in.get_string());
  if (id > static_cast<uint8_t>(DType::kTimestamp) || !allowed(static_cast<DType>(id)) ||
      unit > static_cast<uint8_t>(TimeUnit::kNano))
    in.fail();
  else
    out.id = static_cast<DType>(id), out.unit = static_cast<TimeUnit>(unit);
  return out;
}

}  // namespace

int ViewSpec::find(std::string_view feature) const {
  for (size_t i = 0; i < features.size(); ++i)
    if (features[i].name == feature) return static_cast<int>(i);
  return -1;
}

bool is_entity_type(DType id) {
  return id == DType::kBool || is_integer(id) || id == DType::kUtf8 || id == DType::kDate ||
         id == DType::kTimestamp;
}

bool is_feature_type(DType id) { return is_entity_type(id) || is_floating(id); }

DataType canonical_type(const DataType& type) {
  return type.id == DType::kLargeUtf8 ? DataType(DType::kUtf8) : type;
}

ViewSpec make_view_spec(std::string name, std::vector<std::string> entities, const Schema& schema,
                        int64_t ttl_ns, bool history) {
  check_name(name, "view");
  check_entities(entities);
  if (ttl_ns < 0)
    throw ArgumentError(
        message(kCreate, ": expected a ttl above zero or None, got ", ttl_ns, " nanoseconds"));
  ViewSpec out;
  out.entity_types.resize(entities.size());
  size_t typed = 0;
  for (const Field& field : schema) {
    const DataType type = canonical_type(field.type);
    const auto entity = std::find(entities.begin(), entities.end(), field.name);
    const bool is_key = entity != entities.end();
    check_name(field.name, is_key ? "entity" : "feature");
    if (is_key ? !is_entity_type(type.id) : !is_feature_type(type.id))
      throw TypeError(message(kCreate, ": expected ",
                              is_key ? "bool, an integer, utf8, date or timestamp for entity \""
                                     : "bool, a number, utf8, date or timestamp for feature \"",
                              field.name, "\", got ", to_string(field.type)));
    if (is_key) {
      out.entity_types[entity - entities.begin()] = type;
      ++typed;
      continue;
    }
    if (out.find(field.name) >= 0)
      throw ArgumentError(message(kCreate, ": feature \"", field.name, "\" is named twice"));
    out.features.push_back({field.name, type, true});
  }
  if (typed != 0 && typed != entities.size())
    throw ArgumentError(message(kCreate, ": expected the types of all ", entities.size(),
                                " entities in the schema, or of none, got ", typed));
  if (typed == 0) out.entity_types.clear();
  if (out.features.empty())
    throw ArgumentError(message(kCreate, ": expected at least one feature in the schema of view \"",
                                name, "\", got none"));
  out.name = std::move(name);
  out.entities = std::move(entities);
  out.ttl_ns = ttl_ns;
  out.history = history;
  return out;
}

std::string encode_spec(const ViewSpec& spec) {
  ByteWriter out;
  out.put_string(spec.name);
  out.put(static_cast<uint32_t>(spec.entities.size()));
  out.put(static_cast<uint8_t>(spec.typed()));
  for (size_t i = 0; i < spec.entities.size(); ++i) {
    out.put_string(spec.entities[i]);
    if (spec.typed()) put_type(out, spec.entity_types[i]);
  }
  out.put(static_cast<uint32_t>(spec.features.size()));
  for (const Field& field : spec.features) {
    out.put_string(field.name);
    put_type(out, field.type);
  }
  out.put(spec.ttl_ns);
  out.put(static_cast<uint8_t>(spec.history));
  return out.take();
}

std::optional<ViewSpec> decode_spec(std::string_view bytes) {
  ByteReader in(bytes);
  ViewSpec out;
  out.name = std::string(in.get_string());
  const auto entities = in.get<uint32_t>();
  const bool typed = in.get<uint8_t>() != 0;
  for (uint32_t i = 0; i < entities && in.ok(); ++i) {
    out.entities.emplace_back(in.get_string());
    if (typed) out.entity_types.push_back(get_type(in, is_entity_type));
  }
  const auto features = in.get<uint32_t>();
  for (uint32_t i = 0; i < features && in.ok(); ++i) {
    Field field;
    field.name = std::string(in.get_string());
    field.type = get_type(in, is_feature_type);
    out.features.push_back(std::move(field));
  }
  out.ttl_ns = in.get<int64_t>();
  out.history = in.get<uint8_t>() != 0;
  if (!in.ok() || in.left() != 0 || out.entities.empty() || out.features.empty() || out.ttl_ns < 0)
    return std::nullopt;
  return out;
}

}  // namespace cne::feature
