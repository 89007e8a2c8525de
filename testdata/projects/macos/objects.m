// Objective-C without a framework: classes, a category, a protocol, properties, exceptions, blocks, and a lock.
#include <objc/objc.h>
#include <objc/runtime.h>
#include <stdio.h>

__attribute__((objc_root_class))
@interface Root {
    Class isa;
    int value;
}
+ (id)alloc;
- (id)init;
- (int)answer;
@property int count;
@property(copy) int (^step)(int);
@end

@implementation Root
+ (id)alloc {
    return class_createInstance(self, 0);
}
- (id)init {
    value = 40;
    return self;
}
- (int)answer {
    return value;
}
@end

@interface Root (More)
- (int)more;
@end

@implementation Root (More)
- (int)more {
    return 2;
}
@end

@protocol Answers
- (int)answer;
@end

@interface Leaf : Root <Answers>
@end

@implementation Leaf
- (int)answer {
    return [super answer] + [self more];
}
@end

int main(void) {
    __block int sum = 0;
    Root *object = [[Leaf alloc] init];
#if __has_feature(objc_arc)
    __weak Root *seen = object;
#else
    Root *seen = object;
#endif
    object.step = ^(int by) {
        sum += by;
        return sum;
    };
    @try {
        @throw object;
    } @catch (Root *caught) {
        sum += [caught answer];
    } @catch (...) {
        sum = -1;
    } @finally {
        @synchronized(object) {
            object.count = object.step(1);
        }
    }
    @autoreleasepool {
        printf("%d %d\n", object.count, [seen more]);
    }
    return sum - 43;
}
