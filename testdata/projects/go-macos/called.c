#include "called.h"
#include "_cgo_export.h"

int sum_of_squares(int count) {
    int sum = 0;
    for (int n = 1; n <= count; n++) {
        sum += goSquare(n);
    }
    return sum;
}
