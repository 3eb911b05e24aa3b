#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_value.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

// What the readers and writers of other libraries' model files share.

/// Where a model comes from, for error messages.
struct ForeignSource {
  const char* function;
  const char* format;  // "XGBoost", ...
  size_t bytes = 0;    // of the file: what memory is measured by

  [[noreturn]] void broken(std::string_view what) const;       // CorruptionError
  [[noreturn]] void unsupported(std::string_view what) const;  // UnsupportedError
  /// A number that memory depends on: at most one for each byte of the file, but for small ones.
  int check_count(int64_t count, std::string_view what) const;
};

/// A place in a document. What does not fit throws CorruptionError that names the place. Both the
/// document and the source must outlive it.
class DocumentPart {
 public:
  DocumentPart(const JsonValue& value, std::string name, const ForeignSource& source)
      : value_(&value), name_(std::move(name)), source_(&source) {}

  const JsonValue& value() const { return *value_; }
  const ForeignSource& source() const { return *source_; }
  bool has(std::string_view name) const { return value_->find(name) != nullptr; }
  DocumentPart at(std::string_view name) const;
  /// Elements of an array.
  size_t size() const;
  DocumentPart item(size_t i) const;

  std::string text() const;
  bool flag() const;
  /// A number, or a text that is one (XGBoost's parameters); finite.
  double number() const;
  int64_t integer(int64_t least, int64_t most) const;
  std::vector<double> numbers() const;  // finite
  std::vector<double> numbers(size_t count) const;
  std::vector<int64_t> integers(int64_t least, int64_t most) const;
  std::vector<std::string> texts() const;

  [[noreturn]] void broken(std::string_view what) const;

 private:
  std::vector<double> any_numbers() const;
  const JsonValue* value_;
  std::string name_;
  const ForeignSource* source_;
};

/// Numbers the categories that foreign splits name: a feature's categories in ascending order.
/// Category sets are bit sets, whose memory a small file could blow up; it is bounded here.
class CategoryTable {
 public:
  CategoryTable(size_t features, const ForeignSource& source)
      : values_(features), source_(&source), words_(8 * source.bytes + 4096) {}

  void add(size_t feature, double value) { values_[feature].push_back(value); }
  /// After all were added: fills the features' `categories`.
  void finish(std::vector<FeatureInfo>& features);
  /// The set of some categories of a feature, which have been added.
  CategorySet make_set(size_t feature, const std::vector<double>& values);

 private:
  std::vector<std::vector<double>> values_;
  const ForeignSource* source_;
  size_t words_;
};

/// Fills each node's `value`: the mean of its leaves by weight, in the tree's first output.
void fill_node_values(Tree& tree);

/// A whole number as text or number of a file; false when it is none.
bool parse_integer(std::string_view text, int64_t* out);
bool parse_number(std::string_view text, double* out);

/// Throws UnsupportedError: `format` cannot hold `what`.
[[noreturn]] void cannot_hold(const char* format, std::string_view what);

}  // namespace cne::gbdt
