#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "core/error.h"
#include "tensor/fused_source.h"
#include "tensor/fused_texts.h"

namespace cne::tensor {

namespace {

constexpr std::string_view kInclude = "#include \"";

/// Puts files together in the order in which they include each other, each once; NVRTC sees no
/// other header.
class Flattening {
 public:
  Flattening() {
    for (const EmbeddedText& each : embedded_texts()) texts_[each.name] = &each.text;
  }

  void add(const std::string& name) {
    if (!done_.insert(name).second) return;
    const auto found = texts_.find(name);
    if (found == texts_.end())
      throw ArgumentError(message("fused_source: expected ", name, " among the embedded texts"));
    std::string own;
    std::string_view left = *found->second;
    while (!left.empty()) {
      const size_t end = std::min(left.find('\n'), left.size() - 1) + 1;
      add_line(left.substr(0, end), own);
      left.remove_prefix(end);
    }
    out_ += own;
    // What its header declares; it has no header of its own that others include.
    if (name == "tensor/large_angle.h") add("tensor/large_angle.cpp");
  }

  std::string take() { return std::move(out_); }

 private:
  void add_line(std::string_view line, std::string& own) {
    if (line.starts_with(kInclude)) {
      line.remove_prefix(kInclude.size());
      add(std::string(line.substr(0, line.find('"'))));
    } else if (!line.starts_with("#include") && !line.starts_with("#pragma once") &&
               line.find_first_not_of(" \n") != std::string_view::npos &&
               !line.substr(line.find_first_not_of(' ')).starts_with("//")) {
      own += line;
    }
  }

  std::map<std::string, const std::string*> texts_;
  std::set<std::string> done_;
  std::string out_;
};

}  // namespace

const std::string& fused_prelude() {
  static const std::string text = [] {
    Flattening all;
    all.add("../cuda/tensor/fused.cuh");
    return all.take();
  }();
  return text;
}

}  // namespace cne::tensor
