#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/json_value.h"
#include "gbdt/model.h"

namespace cne::gbdt {

// Model::attributes is JSON of the caller, of which native code reads and writes these members:
//
//   classes           the labels of a classifier, in order
//   predicts          "class": predictions are numbers of classes, as with XGBoost's multi:softmax
//   category_columns  positions of the features that data frames hold as categories that are no
//                     text; in LightGBM's files also those that are text

/// The attributes as an object; an empty one where the caller keeps something else there.
JsonValue attributes_of(const Model& model);

/// JSON for Model::attributes.
std::string to_attributes(const JsonValue& object);

/// The object with the member, in place of the one of that name.
JsonValue with_member(const JsonValue& object, const char* name, JsonValue value);

/// What is known of a model of another library: the classes 0 .. n-1 of a classifier.
JsonValue foreign_attributes(const ObjectiveOptions& objective);

/// The list `classes` of the model's attributes where there is one for its outputs, else null.
JsonValue classes_of(const Model& model);

/// Whether predictions are numbers of classes.
bool predicts_classes(const Model& model);

/// The positions in `category_columns` that are below `width`, ascending.
std::vector<size_t> category_columns(const JsonValue& attributes, size_t width);

/// By feature, whether a format that lists categories has to list its: those of text, and those of
/// a category column of a data frame, whose codes count in that list. Others go by value. Throws
/// UnsupportedError that names `format` and a feature that is such a column, but split as a number.
std::vector<uint8_t> listed_features(const Model& model, const char* format);

/// The number by which a foreign format knows a feature's category `number`: its value, or, where a
/// list says which values there are (`listed`), the place in that list.
double code_of(const FeatureInfo& feature, bool listed, size_t number);

/// `feature "name"`, or `feature 3` where it has no name.
std::string label_of(const Model& model, size_t feature);

}  // namespace cne::gbdt
