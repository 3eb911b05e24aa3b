#pragma once

#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/fault.h"
#include "core/file.h"

namespace cne {

/// A new directory that goes away with the test, and the fault plan with it.
struct Scratch {
  std::string path;
  Scratch() {
    path = (std::filesystem::temp_directory_path() / "cne_XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no scratch directory");
  }
  ~Scratch() {
    set_fault_plan(std::nullopt);
    remove_tree(path);
  }
  std::string at(const char* name) const { return path + "/" + name; }
};

}  // namespace cne
