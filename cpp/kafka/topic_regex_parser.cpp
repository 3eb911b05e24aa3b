#include "kafka/topic_regex_parser.h"

#include <cctype>
#include <utility>

#include "kafka/topic_regex_sets.h"

namespace cne::kafka {

namespace {

using Node = RegexNode;
using NodePtr = std::unique_ptr<Node>;
using Set = RegexSet;

constexpr int kMostRepeats = 1000;  // RE2's
constexpr int kMostDepth = 200;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  NodePtr parse() {
    NodePtr node = choice();
    if (!failed_ && at_ < text_.size()) fail();  // a bracket that was not opened
    return failed_ ? nullptr : std::move(node);
  }

 private:
  struct Flags {
    bool any_case = false;
    bool multiline = false;  // ^ and $ at the ends of lines
    bool dot_all = false;    // . is the end of a line too
  };

  void fail() { failed_ = true; }
  bool more() const { return !failed_ && at_ < text_.size(); }
  char peek() const { return text_[at_]; }
  bool take(std::string_view wanted) {
    if (failed_ || !text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }

  static NodePtr make(Node::Kind kind) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    return node;
  }
  NodePtr set_node(Set set) const {
    if (flags_.any_case)
      for (int c = 'a'; c <= 'z'; ++c) {
        const auto small = static_cast<size_t>(c);
        const auto large = static_cast<size_t>(c - 'a' + 'A');
        if (set[small] || set[large]) set.set(small).set(large);
      }
    NodePtr node = make(Node::Kind::kSet);
    node->set = set;
    return node;
  }
  static NodePtr assertion(char what) {
    NodePtr node = make(Node::Kind::kAssert);
    node->assertion = what;
    return node;
  }

  NodePtr choice() {
    if (++depth_ > kMostDepth) fail();
    const Flags outer = flags_;
    NodePtr node = make(Node::Kind::kChoice);
    do node->parts.push_back(sequence());
    while (take("|"));
    flags_ = outer;
    --depth_;
    return node;
  }

  NodePtr sequence() {
    NodePtr node = make(Node::Kind::kSequence);
    bool quoted = false;  // by \Q up to \E
    while (more() && (quoted || (peek() != '|' && peek() != ')'))) {
      if (take(quoted ? "\\E" : "\\Q")) {
        quoted = !quoted;
        continue;
      }
      if (take("\\E")) continue;
      NodePtr part = quoted ? set_node(regex_one(next_byte())) : atom();
      if (quoted && take("\\E")) quoted = false;
      NodePtr repeated = more() && part && !quoted ? repeat(part) : nullptr;
      if (repeated) {
        part = std::move(repeated);
        // RE2 refuses a repetition of a repetition that is written without brackets.
        if (more() && (peek() == '*' || peek() == '+' || peek() == '?' || is_counted())) fail();
      }
      if (part) node->parts.push_back(std::move(part));
    }
    return node;
  }

  unsigned char next_byte() { return static_cast<unsigned char>(text_[at_++]); }

  /// Whether {n}, {n,} or {n,m} comes; else the brace is itself.
  bool is_counted() const {
    size_t i = at_;
    const auto number = [&] {
      const size_t from = i;
      while (i < text_.size() && std::isdigit(static_cast<unsigned char>(text_[i])) != 0) ++i;
      return i > from;
    };
    if (i >= text_.size() || text_[i++] != '{' || !number()) return false;
    if (i < text_.size() && text_[i] == ',') ++i, number();
    return i < text_.size() && text_[i] == '}';
  }

  int number() {
    int value = 0;
    while (more() && std::isdigit(static_cast<unsigned char>(peek())) != 0) {
      value = value * 10 + (next_byte() - '0');
      if (value > kMostRepeats) fail();
    }
    return value;
  }

  /// Null when no repetition comes.
  NodePtr repeat(NodePtr& part) {
    int least = 0;
    int most = Node::kNoLimit;
    if (take("*")) {
    } else if (take("+")) {
      least = 1;
    } else if (take("?")) {
      most = 1;
    } else if (is_counted()) {
      take("{");
      least = most = number();
      if (take(",")) most = more() && peek() != '}' ? number() : Node::kNoLimit;
      take("}");
      if (most != Node::kNoLimit && most < least) fail();
    } else {
      return nullptr;
    }
    take("?");  // which of the matches is preferred does not matter
    NodePtr node = make(Node::Kind::kRepeat);
    node->least = least;
    node->most = most;
    node->parts.push_back(std::move(part));
    return node;
  }

  /// Null for flags of the rest of the group, which match nothing.
  NodePtr atom() {
    const char c = static_cast<char>(next_byte());
    switch (c) {
      case '(':
        return group();
      case '[':
        return set_node(brackets());
      case '.':
        return set_node(flags_.dot_all ? ~Set() : ~regex_one('\n'));
      case '^':
        return assertion(flags_.multiline ? '<' : '^');
      case '$':
        return assertion(flags_.multiline ? '>' : '$');
      case '*':
      case '+':
      case '?':
        fail();
        return nullptr;
      case '\\':
        return escape();
      default:
        return set_node(regex_one(static_cast<unsigned char>(c)));
    }
  }

  NodePtr group() {
    if (!take("?")) return closed();
    if (take("P<") || take("<")) {
      // A name: letters, digits, underscores. (?<= and (?<! look behind, which RE2 does not.
      const size_t from = at_;
      while (more() && regex_words()[static_cast<unsigned char>(peek())]) ++at_;
      if (at_ == from || !take(">")) fail();
      return closed();
    }
    Flags flags = flags_;
    bool on = true;
    while (more()) {
      const char c = static_cast<char>(next_byte());
      if (c == ')' || c == ':') {
        const Flags outer = std::exchange(flags_, flags);
        if (c == ')') return nullptr;
        NodePtr node = closed();
        flags_ = outer;
        return node;
      }
      if (c == '-' && on)
        on = false;
      else if (c == 'i')
        flags.any_case = on;
      else if (c == 'm')
        flags.multiline = on;
      else if (c == 's')
        flags.dot_all = on;
      else if (c != 'U')  // swaps greedy and lazy
        break;
    }
    fail();
    return nullptr;
  }

  NodePtr closed() {
    NodePtr node = choice();
    if (!take(")")) fail();
    return node;
  }

  NodePtr escape() {
    if (!more()) return fail(), nullptr;
    const char c = peek();
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
      ++at_;
      return assertion(c);
    }
    if (const auto set = perl_class(c)) {
      ++at_;
      return set_node(*set);
    }
    return set_node(regex_one(escaped_byte()));
  }

  /// Of the escapes that stand for one character.
  unsigned char escaped_byte() {
    if (!more()) return fail(), '\0';
    const unsigned char c = next_byte();
    switch (c) {
      case 'a':
        return '\a';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      case 'x':
        return hex();
      default:
        break;
    }
    if (c >= '0' && c <= '7') {
      // Octal; one digit that is not 0 would refer back.
      int value = c - '0';
      int count = 1;
      for (; count < 3 && more() && peek() >= '0' && peek() <= '7'; ++count)
        value = value * 8 + (next_byte() - '0');
      if ((c != '0' && count == 1) || value > 127) fail();
      return static_cast<unsigned char>(value);
    }
    if (c < 128 && std::ispunct(c) == 0) fail();
    return c;
  }

  unsigned char hex() {
    const bool braces = take("{");
    int value = 0;
    int count = 0;
    while (more() && std::isxdigit(static_cast<unsigned char>(peek())) != 0 &&
           (braces || count < 2)) {
      const char digit = static_cast<char>(std::tolower(next_byte()));
      value = value * 16 + (digit <= '9' ? digit - '0' : digit - 'a' + 10);
      if (value > 127) fail();  // no character of a topic's name
      ++count;
    }
    if (count == 0 || (!braces && count < 2) || (braces && !take("}"))) fail();
    return static_cast<unsigned char>(value);
  }

  Set brackets() {
    const bool negated = take("^");
    Set set;
    for (bool first = true; more() && (first || peek() != ']'); first = false) {
      if (take("[:")) {
        const size_t end = text_.find(":]", at_);
        if (end == std::string_view::npos) return fail(), set;
        const auto named = posix_class(text_.substr(at_, end - at_));
        if (!named) return fail(), set;
        at_ = end + 2;
        set |= *named;
        continue;
      }
      if (peek() == '\\' && at_ + 1 < text_.size()) {
        if (const auto named = perl_class(text_[at_ + 1])) {
          at_ += 2;
          set |= *named;
          continue;
        }
      }
      const unsigned char from = bracket_byte();
      unsigned char to = from;
      if (more() && peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        to = bracket_byte();
      }
      if (to < from) return fail(), set;
      set |= regex_range(from, to);
    }
    if (!take("]")) fail();
    if (!flags_.any_case || !negated) return negated ? ~set : set;
    // What is not there in any case.
    for (int c = 'a'; c <= 'z'; ++c)
      if (set[static_cast<size_t>(c)] || set[static_cast<size_t>(c - 32)])
        set.set(static_cast<size_t>(c)).set(static_cast<size_t>(c - 32));
    return ~set;
  }

  unsigned char bracket_byte() {
    if (!more()) return fail(), '\0';
    return take("\\") ? escaped_byte() : next_byte();
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  Flags flags_;
};

}  // namespace

std::unique_ptr<RegexNode> parse_regex(std::string_view expression) {
  return Parser(expression).parse();
}

}  // namespace cne::kafka
