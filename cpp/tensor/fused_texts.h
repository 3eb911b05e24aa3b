#pragma once

#include <string>
#include <vector>

namespace cne::tensor {

/// A file of this project by the name under which it is included, as the build embedded it.
struct EmbeddedText {
  std::string name;
  std::string text;
};

/// The headers that generated GPU source starts with; CMakeLists.txt lists them.
const std::vector<EmbeddedText>& embedded_texts();

}  // namespace cne::tensor
