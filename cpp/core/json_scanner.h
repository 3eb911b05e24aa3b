#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cne {

/// Reads JSON (RFC 8259) token by token out of memory that the caller keeps alive. Never reads past
/// the end, and never recurses deeper than `max_depth`, whatever the bytes are. The first step that
/// does not fit returns false and leaves the reason in `error()` and the place in `position()`.
class JsonScanner {
 public:
  JsonScanner(std::string_view text, int max_depth) : text_(text), max_depth_(max_depth) {}

  enum class Kind : uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull, kNone };

  /// Skips white space and says what comes next, without eating it; kNone at the end or at a byte
  /// that begins no value.
  Kind peek();
  /// Eats one byte of punctuation after white space.
  bool expect(char c);
  /// The same, but not finding it is no error.
  bool accept(char c);
  /// Eats true, false or null, whichever `peek` has announced.
  bool word(Kind kind);
  /// Eats a string and gives its value: a view of the input, or of scratch memory (valid until the
  /// next call) when it has escapes. Checks UTF-8.
  bool string(std::string_view* out);
  /// Eats a number and gives its text, which has the grammar of RFC 8259. Also NaN, Infinity and
  /// -Infinity, as Python and Java write them.
  bool number(std::string_view* out);
  /// Eats any value.
  bool skip() { return skip_value(0); }
  /// White space to the end.
  bool at_end();

  const char* error() const { return error_; }
  size_t position() const { return at_; }

 private:
  bool fail(const char* reason) {
    if (error_ == nullptr) error_ = reason;
    return false;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  bool skip_value(int depth);
  bool skip_object(int depth);
  bool skip_array(int depth);
  bool unescape(size_t begin, std::string_view* out);
  bool unicode_escape();
  bool hex4(uint32_t* out);
  size_t digits();

  std::string_view text_;
  int max_depth_;
  size_t at_ = 0;
  const char* error_ = nullptr;
  std::string scratch_;
};

}  // namespace cne
