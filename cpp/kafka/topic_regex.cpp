#include "kafka/topic_regex.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "kafka/topic_regex_parser.h"

namespace cne::kafka {

namespace {

constexpr size_t kMostBytes = 4096;
constexpr size_t kMostSteps = 20'000;
constexpr size_t kMostWork = 100'000;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool holds(char assertion, std::string_view name, size_t at) {
  const bool begins = at == 0;
  const bool ends = at == name.size();
  switch (assertion) {
    case '^':
    case 'A':
      return begins;
    case '$':
    case 'z':
      return ends;
    case '<':
      return begins || name[at - 1] == '\n';
    case '>':
      return ends || name[at] == '\n';
    default: {
      const bool before = !begins && is_word(name[at - 1]);
      const bool after = !ends && is_word(name[at]);
      return (before != after) == (assertion == 'b');
    }
  }
}

}  // namespace

/// Builds the steps from behind: each part knows what follows it.
class RegexCompiler {
 public:
  explicit RegexCompiler(TopicRegex& out) : out_(out) {}

  bool run(const RegexNode& root) {
    const uint32_t end = add({});
    out_.start_ = build(root, end);
    return !too_large_;
  }

 private:
  using Step = TopicRegex::Step;

  uint32_t add(Step step) {
    if (out_.steps_.size() >= kMostSteps) {
      too_large_ = true;
      return 0;
    }
    out_.steps_.push_back(step);
    return static_cast<uint32_t>(out_.steps_.size() - 1);
  }
  uint32_t split(uint32_t next, uint32_t other) {
    Step step;
    step.kind = Step::Kind::kSplit;
    step.next = next;
    step.other = other;
    return add(step);
  }

  uint32_t build(const RegexNode& node, uint32_t next) {
    if (++work_ > kMostWork) too_large_ = true;
    if (too_large_) return 0;
    switch (node.kind) {
      case RegexNode::Kind::kEmpty:
        return next;
      case RegexNode::Kind::kSet: {
        Step step;
        step.kind = Step::Kind::kBytes;
        step.next = next;
        const auto found = std::find(out_.sets_.begin(), out_.sets_.end(), node.set);
        step.set = static_cast<uint32_t>(found - out_.sets_.begin());
        if (found == out_.sets_.end()) out_.sets_.push_back(node.set);
        return add(step);
      }
      case RegexNode::Kind::kAssert: {
        Step step;
        step.kind = Step::Kind::kAssert;
        step.assertion = node.assertion;
        step.next = next;
        return add(step);
      }
      case RegexNode::Kind::kSequence:
        for (size_t i = node.parts.size(); i-- > 0;) next = build(*node.parts[i], next);
        return next;
      case RegexNode::Kind::kChoice: {
        uint32_t first = build(*node.parts.back(), next);
        for (size_t i = node.parts.size() - 1; i-- > 0;)
          first = split(build(*node.parts[i], next), first);
        return first;
      }
      case RegexNode::Kind::kRepeat:
        return repeat(node, next);
    }
    return next;
  }

  uint32_t repeat(const RegexNode& node, uint32_t next) {
    const RegexNode& part = *node.parts[0];
    if (node.most == RegexNode::kNoLimit) {
      const uint32_t loop = split(0, next);
      const uint32_t body = build(part, loop);
      if (too_large_) return 0;
      out_.steps_[loop].next = body;
      next = loop;
    } else {
      const uint32_t end = next;
      for (int i = node.least; i < node.most && !too_large_; ++i)
        next = split(build(part, next), end);
    }
    for (int i = 0; i < node.least && !too_large_; ++i) next = build(part, next);
    return next;
  }

  TopicRegex& out_;
  size_t work_ = 0;  // repetitions of nothing make no steps
  bool too_large_ = false;
};

std::optional<TopicRegex> TopicRegex::compile(std::string_view expression) {
  if (expression.size() > kMostBytes) return std::nullopt;
  const auto root = parse_regex(expression);
  if (!root) return std::nullopt;
  TopicRegex regex;
  if (!RegexCompiler(regex).run(*root)) return std::nullopt;
  return regex;
}

/// Adds the steps of a state that need no byte, without following one twice at a place.
void TopicRegex::follow(uint32_t step, std::string_view name, size_t at,
                        std::vector<uint32_t>& states, std::vector<uint32_t>& seen,
                        uint32_t mark) const {
  std::vector<uint32_t> open{step};
  while (!open.empty()) {
    const uint32_t i = open.back();
    open.pop_back();
    if (seen[i] == mark) continue;
    seen[i] = mark;
    const Step& each = steps_[i];
    if (each.kind == Step::Kind::kSplit) {
      open.push_back(each.other);
      open.push_back(each.next);
    } else if (each.kind == Step::Kind::kAssert) {
      if (holds(each.assertion, name, at)) open.push_back(each.next);
    } else {
      states.push_back(i);
    }
  }
}

bool TopicRegex::matches(std::string_view name) const {
  std::vector<uint32_t> seen(steps_.size(), 0);
  std::vector<uint32_t> states;
  std::vector<uint32_t> next;
  follow(start_, name, 0, states, seen, 1);
  for (size_t at = 0; at < name.size(); ++at) {
    next.clear();
    const auto mark = static_cast<uint32_t>(at + 2);
    for (const uint32_t i : states) {
      const Step& step = steps_[i];
      if (step.kind == Step::Kind::kBytes && sets_[step.set][static_cast<unsigned char>(name[at])])
        follow(step.next, name, at + 1, next, seen, mark);
    }
    states.swap(next);
    if (states.empty()) return false;
  }
  return std::any_of(states.begin(), states.end(),
                     [this](uint32_t i) { return steps_[i].kind == Step::Kind::kMatch; });
}

}  // namespace cne::kafka
