#include "core/error.h"

#include <algorithm>
#include <cstdio>

namespace cne {

namespace detail {
void append_part(std::string& out, double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", part);
  out += text;
}
}  // namespace detail

void throw_no_cuda(std::string_view function) {
  throw DeviceError(message(function, ": the data is on a GPU, but this build has no CUDA"));
}

namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string describe_unknown(std::string_view name, const std::vector<std::string>& names) {
  std::string out = message(" \"", name, "\"");
  const std::string* nearest = nullptr;
  size_t best = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string& candidate : names) {
    if (candidate.size() > 256 || name.size() > 256) continue;
    const size_t distance = edit_distance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  if (nearest != nullptr) return message(out, "; did you mean \"", *nearest, "\"?");
  if (names.empty()) return out + "; there are none";
  out += "; there are: ";
  for (size_t i = 0; i < names.size() && i < 20; ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > 20) out += ", ...";
  return out;
}

}  // namespace cne
