#include "gbdt/model_attributes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "gbdt/foreign.h"

namespace cne::gbdt {

JsonValue attributes_of(const Model& model) {
  JsonValue none{JsonValue::Object{}};
  if (model.attributes.empty()) return none;
  try {
    JsonValue out = parse_json(model.attributes, "attributes");
    return out.object() != nullptr ? out : none;
  } catch (const CorruptionError&) {
    return none;
  }
}

std::string to_attributes(const JsonValue& object) {
  ByteBuffer out;
  write_json(object, out);
  return std::string(out.view());
}

JsonValue with_member(const JsonValue& object, const char* name, JsonValue value) {
  JsonValue::Object members = *object.object();
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
  if (found != members.end())
    found->second = std::move(value);
  else
    members.emplace_back(name, std::move(value));
  return JsonValue(std::move(members));
}

JsonValue foreign_attributes(const ObjectiveOptions& objective) {
  JsonValue out{JsonValue::Object{}};
  int classes = 0;
  if (objective.kind == Objective::kBinaryLogLoss && objective.outputs == 1) classes = 2;
  if (objective.kind == Objective::kMulticlass || objective.kind == Objective::kMulticlassOva)
    classes = objective.classes;
  if (classes == 0) return out;
  JsonValue::Numbers names;
  for (int i = 0; i < classes; ++i) names.values.push_back(i);
  out.add("classes", std::move(names));
  return out;
}

JsonValue classes_of(const Model& model) {
  const JsonValue attributes = attributes_of(model);
  const JsonValue* classes = attributes.find("classes");
  if (classes == nullptr) return {};
  const auto count = static_cast<size_t>(std::max(2, model.outputs()));
  const bool fits = classes->array() != nullptr ? classes->array()->size() == count
                                                : classes->numbers() != nullptr &&
                                                      classes->numbers()->values.size() == count;
  return fits ? *classes : JsonValue();
}

bool predicts_classes(const Model& model) {
  const JsonValue attributes = attributes_of(model);
  const JsonValue* predicts = attributes.find("predicts");
  return predicts != nullptr && predicts->text() != nullptr && *predicts->text() == "class";
}

std::vector<size_t> category_columns(const JsonValue& attributes, size_t width) {
  std::vector<size_t> out;
  const JsonValue* columns = attributes.find("category_columns");
  if (columns == nullptr || columns->numbers() == nullptr) return out;
  for (const double column : columns->numbers()->values)
    if (column >= 0 && column < static_cast<double>(width) && column == std::floor(column))
      out.push_back(static_cast<size_t>(column));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<uint8_t> listed_features(const Model& model, const char* format) {
  std::vector<uint8_t> out;
  for (const FeatureInfo& feature : model.features)
    out.push_back(feature.categorical && !feature.levels.empty());
  for (const size_t f : category_columns(attributes_of(model), out.size())) {
    if (!model.features[f].categorical)
      cannot_hold(format, label_of(model, f) +
                              ", a category column of a data frame that is split "
                              "as a number");
    out[f] = 1;
  }
  return out;
}

double code_of(const FeatureInfo& feature, bool listed, size_t number) {
  return listed && feature.levels.empty() ? static_cast<double>(number)
                                          : feature.categories[number];
}

std::string label_of(const Model& model, size_t feature) {
  const std::string& name = model.features[feature].name;
  return name.empty() ? message("feature ", feature) : message("feature \"", name, "\"");
}

}  // namespace cne::gbdt
