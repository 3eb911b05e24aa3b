#include "core/json_scanner.h"

#include "core/utf8.h"

namespace cne {

JsonScanner::Kind JsonScanner::peek() {
  skip_space();
  if (at_ >= text_.size()) return Kind::kNone;
  switch (text_[at_]) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case 'n':
      return Kind::kNull;
    case 'N':
    case 'I':
    case '-':
      return Kind::kNumber;
    default:
      return text_[at_] >= '0' && text_[at_] <= '9' ? Kind::kNumber : Kind::kNone;
  }
}

bool JsonScanner::accept(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::expect(char c) {
  if (accept(c)) return true;
  switch (c) {
    case ':':
      return fail("expected ':' after a field name");
    case '{':
      return fail("expected an object");
    case '}':
      return fail("expected ',' or '}' after a field");
    default:
      return fail("expected ',' or ']' after an element");
  }
}

bool JsonScanner::word(Kind kind) {
  const char* text = kind == Kind::kTrue ? "true" : kind == Kind::kFalse ? "false" : "null";
  if (!starts(text)) return fail("expected true, false or null");
  at_ += std::strlen(text);
  return true;
}

bool JsonScanner::string(std::string_view* out) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != '"') return fail("expected a string");
  const size_t begin = ++at_;
  unsigned char high = 0;
  for (; at_ < text_.size(); ++at_) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"') {
      *out = text_.substr(begin, at_ - begin);
      ++at_;
      return high < 0x80 || is_utf8(*out) || fail("a string is not valid UTF-8");
    }
    if (c == '\\') return unescape(begin, out);
    if (c < 0x20) return fail("a control character in a string");
    high |= c;
  }
  return fail("a string does not end");
}

/// The rest of a string from its first backslash on.
bool JsonScanner::unescape(size_t begin, std::string_view* out) {
  scratch_.assign(text_.substr(begin, at_ - begin));
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') {
      *out = scratch_;
      return is_utf8(scratch_) || fail("a string is not valid UTF-8");
    }
    if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
    if (c != '\\') {
      scratch_.push_back(c);
      continue;
    }
    if (at_ >= text_.size()) break;
    constexpr std::string_view kFrom = "\"\\/bfnrt";
    constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    const char escape = text_[at_++];
    if (escape == 'u') {
      if (!unicode_escape()) return false;
    } else if (const size_t i = kFrom.find(escape); i != std::string_view::npos) {
      scratch_.push_back(kTo[i]);
    } else {
      return fail("an unknown escape in a string");
    }
  }
  return fail("a string does not end");
}

bool JsonScanner::hex4(uint32_t* out) {
  if (text_.size() - at_ < 4) return fail("expected four hex digits after \\u");
  *out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return fail("expected four hex digits after \\u");
    *out = *out * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

bool JsonScanner::unicode_escape() {
  uint32_t point, low;
  if (!hex4(&point)) return false;
  if (point >= 0xDC00 && point <= 0xDFFF) return fail("a lone surrogate in a string");
  if (point >= 0xD800 && point <= 0xDBFF) {
    if (!starts("\\u")) return fail("a lone surrogate in a string");
    at_ += 2;
    if (!hex4(&low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail("a lone surrogate in a string");
    point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
  }
  const auto put = [&](uint32_t byte) { scratch_.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6));
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18));
    put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F));
    put(0x80 | (point & 0x3F));
  }
  return true;
}

size_t JsonScanner::digits() {
  const size_t begin = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  return at_ - begin;
}

bool JsonScanner::number(std::string_view* out) {
  skip_space();
  const size_t begin = at_;
  for (const std::string_view special : {"NaN", "Infinity", "-Infinity"}) {
    if (!starts(special)) continue;
    at_ += special.size();
    *out = special;
    return true;
  }
  if (at_ < text_.size() && text_[at_] == '-') ++at_;
  const bool zero = at_ < text_.size() && text_[at_] == '0';
  const size_t whole = digits();
  if (whole == 0) return fail("expected a number");
  if (zero && whole > 1) return fail("a number begins with 0");
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (digits() == 0) return fail("expected digits after the point of a number");
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (digits() == 0) return fail("expected digits in the exponent of a number");
  }
  *out = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonScanner::skip_value(int depth) {
  std::string_view text;
  switch (peek()) {
    case Kind::kObject:
      return skip_object(depth + 1);
    case Kind::kArray:
      return skip_array(depth + 1);
    case Kind::kString:
      return string(&text);
    case Kind::kNumber:
      return number(&text);
    case Kind::kTrue:
      return word(Kind::kTrue);
    case Kind::kFalse:
      return word(Kind::kFalse);
    case Kind::kNull:
      return word(Kind::kNull);
    case Kind::kNone:
      break;
  }
  return fail(at_ < text_.size() ? "expected a value" : "the text ends early");
}

bool JsonScanner::skip_object(int depth) {
  if (depth > max_depth_) return fail("nested too deep");
  if (!expect('{')) return false;
  if (accept('}')) return true;
  std::string_view name;
  do {
    if (!string(&name) || !expect(':') || !skip_value(depth)) return false;
  } while (accept(','));
  return expect('}');
}

bool JsonScanner::skip_array(int depth) {
  if (depth > max_depth_) return fail("nested too deep");
  if (!accept('[')) return fail("expected an array");
  if (accept(']')) return true;
  do {
    if (!skip_value(depth)) return false;
  } while (accept(','));
  return expect(']');
}

bool JsonScanner::at_end() {
  skip_space();
  return at_ >= text_.size() || fail("expected nothing after the object");
}

}  // namespace cne
