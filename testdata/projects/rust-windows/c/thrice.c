int thrice(int number) {
    return 3 * number;
}
