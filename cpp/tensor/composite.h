#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "tensor/body.h"

namespace cne::tensor {

class Composite;
using CompositePtr = std::shared_ptr<const Composite>;

/// A program that stands for one operation (a softmax, a norm) in programs that are not traced: it
/// and its derivatives run as fused kernels. Of its values only the inputs are kept for those,
/// which compute the others again: they cost less than to be written and read. Safe by threads.
class Composite {
 public:
  explicit Composite(BodyPtr body) : body_(std::move(body)) {}

  const Body& body() const { return *body_; }

  /// What a transformation makes of the program: another one, and which results it has.
  struct Derived {
    CompositePtr program;
    std::vector<uint8_t> has;
  };
  /// The one that `f`, called with values of these types, computes; made once for each key.
  Derived derived(const std::string& key, std::span<const Type> types,
                  const std::function<Values(ValueSpan)>& f) const;

 private:
  BodyPtr body_;
  mutable std::mutex lock_;
  mutable std::map<std::string, Derived> derived_;
};

/// Runs it; inside jit its operations become those of the program around it.
Values composite(const CompositePtr& program, ValueSpan inputs);

extern const Primitive kComposite;

}  // namespace cne::tensor
