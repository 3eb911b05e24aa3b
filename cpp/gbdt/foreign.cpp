#include "gbdt/foreign.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

void ForeignSource::broken(std::string_view what) const {
  throw CorruptionError(message(function, ": not a whole ", format, " model: ", what));
}

void ForeignSource::unsupported(std::string_view what) const {
  throw UnsupportedError(
      message(function, ": the ", format, " model has ", what, ", which is not read"));
}

int ForeignSource::check_count(int64_t count, std::string_view what) const {
  constexpr int64_t kSmall = 65536;
  const int64_t most = std::min<int64_t>(kSmall + static_cast<int64_t>(bytes), 1 << 28);
  if (count < 0 || count > most)
    broken(message("expected ", what, " up to ", most, ", got ", count));
  return static_cast<int>(count);
}

void DocumentPart::broken(std::string_view what) const {
  source_->broken(message(what, " in \"", name_, "\""));
}

DocumentPart DocumentPart::at(std::string_view name) const {
  const JsonValue* found = value_->find(name);
  if (found == nullptr) broken(message("expected a member \"", name, "\""));
  return {*found, message(name_, name_.empty() ? "" : ".", name), *source_};
}

size_t DocumentPart::size() const {
  if (const auto* items = value_->array()) return items->size();
  if (const auto* packed = value_->numbers()) return packed->values.size();
  broken("expected an array");
}

DocumentPart DocumentPart::item(size_t i) const {
  const auto* items = value_->array();
  if (items == nullptr || i >= items->size()) broken("expected an array of values");
  return {(*items)[i], message(name_, "[", i, "]"), *source_};
}

std::string DocumentPart::text() const {
  if (const std::string* text = value_->text()) return *text;
  broken("expected a text");
}

bool DocumentPart::flag() const {
  if (const bool* flag = value_->boolean()) return *flag;
  return integer(0, 1) == 1;
}

double DocumentPart::number() const {
  double out = NAN;
  if (const double* real = value_->real()) out = *real;
  if (const int64_t* integer = value_->integer()) out = static_cast<double>(*integer);
  if (const std::string* text = value_->text(); text != nullptr && !parse_number(*text, &out))
    broken("expected a number");
  if (!std::isfinite(out)) broken("expected a finite number");
  return out;
}

int64_t DocumentPart::integer(int64_t least, int64_t most) const {
  int64_t out = 0;
  if (const int64_t* integer = value_->integer()) {
    out = *integer;
  } else if (const std::string* text = value_->text()) {
    if (!parse_integer(*text, &out)) broken("expected an integer");
  } else {
    const double real = number();
    if (real != std::floor(real) || std::abs(real) > 0x1p53) broken("expected an integer");
    out = static_cast<int64_t>(real);
  }
  if (out < least || out > most) broken("a number is out of range");
  return out;
}

std::vector<double> DocumentPart::any_numbers() const {
  if (const auto* packed = value_->numbers()) return packed->values;
  std::vector<double> out;
  for (size_t i = 0; i < size(); ++i) {
    const DocumentPart part = item(i);
    const bool* flag = part.value().boolean();
    out.push_back(flag != nullptr ? static_cast<double>(*flag) : part.number());
  }
  return out;
}

std::vector<double> DocumentPart::numbers() const {
  std::vector<double> out = any_numbers();
  for (const double number : out)
    if (!std::isfinite(number)) broken("expected finite numbers");
  return out;
}

std::vector<double> DocumentPart::numbers(size_t count) const {
  std::vector<double> out = numbers();
  if (out.size() != count) broken(message("expected ", count, " numbers, got ", out.size()));
  return out;
}

std::vector<int64_t> DocumentPart::integers(int64_t least, int64_t most) const {
  std::vector<int64_t> out;
  for (const double number : numbers()) {
    if (number != std::floor(number) || std::abs(number) > 0x1p53) broken("expected integers");
    out.push_back(static_cast<int64_t>(number));
    if (out.back() < least || out.back() > most) broken("a number is out of range");
  }
  return out;
}

std::vector<std::string> DocumentPart::texts() const {
  std::vector<std::string> out;
  for (size_t i = 0; i < size(); ++i) out.push_back(item(i).text());
  return out;
}

void CategoryTable::finish(std::vector<FeatureInfo>& features) {
  for (size_t i = 0; i < values_.size(); ++i) {
    std::vector<double>& values = values_[i];
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    features[i].categories = values;
  }
}

CategorySet CategoryTable::make_set(size_t feature, const std::vector<double>& values) {
  CategorySet out;
  const std::vector<double>& known = values_[feature];
  size_t most = 0;
  std::vector<int64_t> numbers;
  for (const double value : values) {
    numbers.push_back(std::lower_bound(known.begin(), known.end(), value) - known.begin());
    most = std::max(most, static_cast<size_t>(numbers.back()));
  }
  const size_t words = most / 64 + 1;
  if (words > words_) source_->unsupported("more category sets than memory should hold");
  words_ -= words;
  for (const int64_t number : numbers) insert(out, number);
  return out;
}

void fill_node_values(Tree& tree) {
  const auto value_of = [&](int at) {
    return at >= 0 ? tree.nodes[at].value : tree.leaf_values[static_cast<size_t>(~at) * tree.width];
  };
  const auto weight_of = [&](int at) {
    return at >= 0 ? tree.nodes[at].weight : tree.leaf_weights[~at];
  };
  for (size_t i = tree.nodes.size(); i-- > 0;) {
    TreeNode& node = tree.nodes[i];
    const double left = weight_of(node.left);
    const double right = weight_of(node.right);
    const double share = left + right > 0 ? left / (left + right) : 0.5;
    node.value = share * value_of(node.left) + (1 - share) * value_of(node.right);
  }
}

bool parse_integer(std::string_view text, int64_t* out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_number(std::string_view text, double* out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

void cannot_hold(const char* format, std::string_view what) {
  throw UnsupportedError(
      message("save_model: expected a model that the ", format, " format can hold, got ", what));
}

}  // namespace cne::gbdt
