/* A digest, and a signature with a fresh key. */
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>
#include <stdio.h>

int main(void)
{
    unsigned char digest[32], signature[64];
    unsigned n;
    size_t length = sizeof signature;
    if (!EVP_Digest("abc", 3, digest, &n, EVP_sha256(), NULL)) return 1;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!key || !EVP_DigestSignInit(context, NULL, NULL, NULL, key)) return 2;
    if (!EVP_DigestSign(context, signature, &length, digest, n)) return 3;
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    if (!tls) return 4;
    printf("%s: %02x%02x..., signature of %zu\n", OPENSSL_VERSION_TEXT, digest[0], digest[1], length);
    SSL_CTX_free(tls);
    return 0;
}
