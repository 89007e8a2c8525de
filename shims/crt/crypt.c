/* The functions of libcrypt.so.1, which glibc's ports have had since their first version and zig's stubs leave out.
   Only the names are linked against; the library itself is the target's. */
void crypt(void) {}
void crypt_r(void) {}
void encrypt(void) {}
void encrypt_r(void) {}
void setkey(void) {}
void setkey_r(void) {}
