// Names to demangle, section groups, and virtual tables.
namespace sample {
struct Shape {
    virtual ~Shape();
    virtual int area(int scale) const;
};
Shape::~Shape() {}
int Shape::area(int scale) const { return scale; }
template <class T, unsigned long N> T nth(const T (&values)[N], unsigned long at) { return values[at % N]; }
namespace {
int counter;
}
inline int once(int step) {
    static int sum;
    return sum += step;
}
int use(const Shape &shape, unsigned long at) {
    const int values[] = {1, 2, 3};
    return shape.area(2) + nth(values, at) + once(1) + ++counter;
}
}
