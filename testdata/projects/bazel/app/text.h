#include <string>

std::string counted(const std::string &text);
