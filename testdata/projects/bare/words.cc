// C++ without its library: classes, a template, a constructor of a static object is the start's to call.
extern "C" void put(const char *text);

namespace {
struct Shape {
  virtual int corners() const = 0;
};
struct Square final : Shape {
  int corners() const override { return 4; }
};
template <typename T> T twice(T value) { return value + value; }
}

int main() {
  Square square;
  const Shape &shape = square;
  put("hello from C++\n");
  return twice(shape.corners() + 17);
}
