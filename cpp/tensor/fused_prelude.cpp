#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "tensor/fused_source.h"
#include "tensor/fused_texts.h"

namespace cne::tensor {

namespace {

constexpr std::string_view kInclude = "#include \"";

/// What stands for headers of the host, which kernels include for what only it calls.
const std::map<std::string, std::string>& host_headers() {
  static const std::map<std::string, std::string> out = {
      {"core/error.h", ""},
      {"core/kernel.h", "../cuda/core/nvrtc_kernel.cuh"},
      {"tensor/device_element.h", ""},
      {"tensor/element_dispatch.h", ""},
      {"tensor/run_kernel.h", ""},
  };
  return out;
}

/// Puts files together in the order in which they include each other, each once; NVRTC sees no
/// other header.
class Flattening {
 public:
  Flattening() {
    for (const EmbeddedText& each : embedded_texts()) texts_[each.name] = &each.text;
  }

  void add(const std::string& name) {
    if (!done_.insert(name).second) return;
    if (const auto other = host_headers().find(name); other != host_headers().end()) {
      if (!other->second.empty()) add(other->second);
      return;
    }
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

  /// What was added since the last call.
  std::string take() { return std::exchange(out_, ""); }

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

struct Preludes {
  Flattening all;
  std::string functions;
  std::string fragments;
  std::string blocks;
  Preludes() {
    all.add("../cuda/tensor/indexed.cuh");
    all.add("../cuda/tensor/ordered.cuh");
    functions = all.take();
    all.add("tensor/device_fragment.h");
    fragments = all.take();
    all.add("../cuda/core/nvrtc_block.cuh");
    all.add("../cuda/tensor/device_fragment.cuh");
    blocks = all.take();
  }
};

const Preludes& preludes() {
  static const Preludes out;
  return out;
}

}  // namespace

const std::string& fused_prelude() { return preludes().functions; }

const std::string& fragments_prelude() { return preludes().fragments; }

const std::string& blocks_prelude() {
  static const std::string out = preludes().functions + preludes().fragments + preludes().blocks;
  return out;
}

std::string kernel_text(const std::string& header) {
  Flattening own = preludes().all;
  own.add(header);
  return own.take();
}

}  // namespace cne::tensor
