#include "gbdt/lightgbm_text.h"

#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

std::string_view next_word(std::string_view& text, char separator) {
  const size_t begin = text.find_first_not_of(separator);
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  const size_t end = std::min(text.find(separator, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::string_view next_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

LightgbmBlock::LightgbmBlock(std::string_view& text, const ForeignSource& source)
    : source_(&source) {
  while (!text.empty()) {
    std::string_view rest = text;
    const std::string_view line = next_line(rest);
    if (!lines_.empty() && (line.empty() || line.substr(0, 5) == "Tree=")) return;
    text = rest;
    if (line.empty()) continue;
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      lines_.emplace_back(line, std::string_view());
    else
      lines_.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
}

const std::string_view* LightgbmBlock::find(std::string_view key) const {
  for (const auto& [known, value] : lines_)
    if (known == key) return &value;
  return nullptr;
}

std::string_view LightgbmBlock::text(std::string_view key) const {
  if (const std::string_view* found = find(key)) return *found;
  source_->broken(message("expected a line \"", key, "=\""));
}

int64_t LightgbmBlock::integer(std::string_view key, int64_t least, int64_t most) const {
  int64_t out = 0;
  if (!parse_integer(text(key), &out) || out < least || out > most)
    source_->broken(message("expected an integer in [", least, ", ", most, "] in \"", key, "\""));
  return out;
}

std::vector<double> LightgbmBlock::numbers(std::string_view key, size_t count,
                                           bool infinite) const {
  std::vector<double> out;
  std::string_view rest = text(key);
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    double number = 0;
    if (!parse_number(word, &number) || std::isnan(number) || (std::isinf(number) && !infinite))
      source_->broken(message("expected numbers in \"", key, "\""));
    out.push_back(number);
  }
  if (out.size() != count)
    source_->broken(message("expected ", count, " numbers in \"", key, "\", got ", out.size()));
  return out;
}

std::vector<int64_t> LightgbmBlock::integers(std::string_view key, size_t count, int64_t least,
                                             int64_t most) const {
  std::vector<int64_t> out;
  for (const double number : numbers(key, count)) {
    if (number != std::floor(number) || std::abs(number) > 0x1p53 ||
        number < static_cast<double>(least) || number > static_cast<double>(most))
      source_->broken(message("expected integers in [", least, ", ", most, "] in \"", key, "\""));
    out.push_back(static_cast<int64_t>(number));
  }
  return out;
}

}  // namespace cne::gbdt
