/* A transfer that needs no network, and what the library was built with. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char name[] = "file:///tmp/xcc-no-such-file";
    curl_global_init(CURL_GLOBAL_ALL);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, name);
    CURLcode code = curl_easy_perform(curl);
    curl_version_info_data *about = curl_version_info(CURLVERSION_NOW);
    printf("curl %s with %s, zlib %s: %s\n", about->version, about->ssl_version, about->libz_version, curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return code != CURLE_FILE_COULDNT_READ_FILE;
}
