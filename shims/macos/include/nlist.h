/* xcc's <nlist.h> for macOS without an SDK: symbols of a file by name.
 * From the manual page nlist(3) and FreeBSD's header of the name (BSD licence). */
#ifndef _NLIST_H_
#define _NLIST_H_

#include <sys/cdefs.h>

struct nlist {
    char *n_name;
    unsigned char n_type;
    char n_other;
    short n_desc;
    unsigned long n_value;
};

#ifndef N_UNDF
#define N_UNDF 0x00
#define N_ABS  0x02
#define N_TEXT 0x04
#define N_DATA 0x06
#define N_BSS  0x08
#define N_COMM 0x12
#define N_FN   0x1e
#define N_EXT  0x01
#define N_TYPE 0x1e
#define N_STAB 0xe0
#endif

__BEGIN_DECLS
int nlist(const char *, struct nlist *);
__END_DECLS

#endif
