/* xcc's <arpa/nameser.h> for macOS without an SDK: messages of the domain name system, RFC 1035 and its followers.
 * From the manual page resolver(3), BIND 8's header of the name (ISC licence), IANA's registry, and the names that published
 * programs for macOS bind in libresolv: each function of BIND has the prefix res_9_ there. */
#ifndef _ARPA_NAMESER_H_
#define _ARPA_NAMESER_H_

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/param.h>
#include <sys/types.h>

#define __NAMESER 20090302

#define NS_PACKETSZ    512
#define NS_MAXDNAME    1025
#define NS_MAXMSG      65535
#define NS_MAXCDNAME   255
#define NS_MAXLABEL    63
#define NS_MAXLABELS   128
#define NS_MAXNNAME    256
#define NS_MAXPADDR    (sizeof "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
#define NS_HFIXEDSZ    12
#define NS_QFIXEDSZ    4
#define NS_RRFIXEDSZ   10
#define NS_INT32SZ     4
#define NS_INT16SZ     2
#define NS_INT8SZ      1
#define NS_INADDRSZ    4
#define NS_IN6ADDRSZ   16
#define NS_CMPRSFLGS   0xc0
#define NS_DEFAULTPORT 53

typedef enum __ns_sect {
    ns_s_qd = 0,
    ns_s_zn = 0,
    ns_s_an = 1,
    ns_s_pr = 1,
    ns_s_ns = 2,
    ns_s_ud = 2,
    ns_s_ar = 3,
    ns_s_max = 4
} ns_sect;

typedef struct __ns_msg {
    const uint8_t *_msg, *_eom;
    uint16_t _id, _flags, _counts[ns_s_max];
    const uint8_t *_sections[ns_s_max];
    ns_sect _sect;
    int _rrnum;
    const uint8_t *_msg_ptr;
} ns_msg;

#define ns_msg_id(handle)             ((handle)._id + 0)
#define ns_msg_base(handle)           ((handle)._msg + 0)
#define ns_msg_end(handle)            ((handle)._eom + 0)
#define ns_msg_size(handle)           ((handle)._eom - (handle)._msg)
#define ns_msg_count(handle, section) ((handle)._counts[section] + 0)

typedef struct __ns_rr {
    char name[NS_MAXDNAME];
    uint16_t type;
    uint16_t rr_class;
    uint32_t ttl;
    uint16_t rdlength;
    const uint8_t *rdata;
} ns_rr;

#define ns_rr_name(rr)  (((rr).name[0] != '\0') ? (rr).name : ".")
#define ns_rr_type(rr)  ((ns_type)((rr).type + 0))
#define ns_rr_class(rr) ((ns_class)((rr).rr_class + 0))
#define ns_rr_ttl(rr)   ((rr).ttl + 0)
#define ns_rr_rdlen(rr) ((rr).rdlength + 0)
#define ns_rr_rdata(rr) ((rr).rdata + 0)

typedef enum __ns_flag {
    ns_f_qr,
    ns_f_opcode,
    ns_f_aa,
    ns_f_tc,
    ns_f_rd,
    ns_f_ra,
    ns_f_z,
    ns_f_ad,
    ns_f_cd,
    ns_f_rcode,
    ns_f_max
} ns_flag;

typedef enum __ns_opcode {
    ns_o_query = 0,
    ns_o_iquery = 1,
    ns_o_status = 2,
    ns_o_notify = 4,
    ns_o_update = 5,
    ns_o_max = 6
} ns_opcode;

typedef enum __ns_rcode {
    ns_r_noerror = 0,
    ns_r_formerr = 1,
    ns_r_servfail = 2,
    ns_r_nxdomain = 3,
    ns_r_notimpl = 4,
    ns_r_refused = 5,
    ns_r_yxdomain = 6,
    ns_r_yxrrset = 7,
    ns_r_nxrrset = 8,
    ns_r_notauth = 9,
    ns_r_notzone = 10,
    ns_r_max = 11,
    ns_r_badvers = 16,
    ns_r_badsig = 16,
    ns_r_badkey = 17,
    ns_r_badtime = 18
} ns_rcode;

typedef enum __ns_type {
    ns_t_invalid = 0,
    ns_t_a = 1,
    ns_t_ns = 2,
    ns_t_md = 3,
    ns_t_mf = 4,
    ns_t_cname = 5,
    ns_t_soa = 6,
    ns_t_mb = 7,
    ns_t_mg = 8,
    ns_t_mr = 9,
    ns_t_null = 10,
    ns_t_wks = 11,
    ns_t_ptr = 12,
    ns_t_hinfo = 13,
    ns_t_minfo = 14,
    ns_t_mx = 15,
    ns_t_txt = 16,
    ns_t_rp = 17,
    ns_t_afsdb = 18,
    ns_t_x25 = 19,
    ns_t_isdn = 20,
    ns_t_rt = 21,
    ns_t_nsap = 22,
    ns_t_nsap_ptr = 23,
    ns_t_sig = 24,
    ns_t_key = 25,
    ns_t_px = 26,
    ns_t_gpos = 27,
    ns_t_aaaa = 28,
    ns_t_loc = 29,
    ns_t_nxt = 30,
    ns_t_eid = 31,
    ns_t_nimloc = 32,
    ns_t_srv = 33,
    ns_t_atma = 34,
    ns_t_naptr = 35,
    ns_t_kx = 36,
    ns_t_cert = 37,
    ns_t_a6 = 38,
    ns_t_dname = 39,
    ns_t_sink = 40,
    ns_t_opt = 41,
    ns_t_apl = 42,
    ns_t_ds = 43,
    ns_t_sshfp = 44,
    ns_t_ipseckey = 45,
    ns_t_rrsig = 46,
    ns_t_nsec = 47,
    ns_t_dnskey = 48,
    ns_t_dhcid = 49,
    ns_t_nsec3 = 50,
    ns_t_nsec3param = 51,
    ns_t_hip = 55,
    ns_t_spf = 99,
    ns_t_tkey = 249,
    ns_t_tsig = 250,
    ns_t_ixfr = 251,
    ns_t_axfr = 252,
    ns_t_mailb = 253,
    ns_t_maila = 254,
    ns_t_any = 255,
    ns_t_zxfr = 256,
    ns_t_dlv = 32769,
    ns_t_max = 65536
} ns_type;

typedef enum __ns_class {
    ns_c_invalid = 0,
    ns_c_in = 1,
    ns_c_2 = 2,
    ns_c_chaos = 3,
    ns_c_hs = 4,
    ns_c_none = 254,
    ns_c_any = 255,
    ns_c_max = 65536
} ns_class;

#define NS_GET16(value, from) \
    do { \
        const uint8_t *_bytes = (const uint8_t *)(from); \
        (value) = (uint16_t)(_bytes[0] << 8 | _bytes[1]); \
        (from) += NS_INT16SZ; \
    } while (0)

#define NS_GET32(value, from) \
    do { \
        const uint8_t *_bytes = (const uint8_t *)(from); \
        (value) = (uint32_t)_bytes[0] << 24 | (uint32_t)_bytes[1] << 16 | (uint32_t)_bytes[2] << 8 | _bytes[3]; \
        (from) += NS_INT32SZ; \
    } while (0)

#define NS_PUT16(value, to) \
    do { \
        uint16_t _value = (uint16_t)(value); \
        uint8_t *_bytes = (uint8_t *)(to); \
        _bytes[0] = (uint8_t)(_value >> 8); \
        _bytes[1] = (uint8_t)_value; \
        (to) += NS_INT16SZ; \
    } while (0)

#define NS_PUT32(value, to) \
    do { \
        uint32_t _value = (uint32_t)(value); \
        uint8_t *_bytes = (uint8_t *)(to); \
        _bytes[0] = (uint8_t)(_value >> 24); \
        _bytes[1] = (uint8_t)(_value >> 16); \
        _bytes[2] = (uint8_t)(_value >> 8); \
        _bytes[3] = (uint8_t)_value; \
        (to) += NS_INT32SZ; \
    } while (0)

#define ns_msg_getflag     res_9_ns_msg_getflag
#define ns_get16           res_9_ns_get16
#define ns_get32           res_9_ns_get32
#define ns_put16           res_9_ns_put16
#define ns_put32           res_9_ns_put32
#define ns_initparse       res_9_ns_initparse
#define ns_skiprr          res_9_ns_skiprr
#define ns_parserr         res_9_ns_parserr
#define ns_sprintrr        res_9_ns_sprintrr
#define ns_sprintrrf       res_9_ns_sprintrrf
#define ns_format_ttl      res_9_ns_format_ttl
#define ns_parse_ttl       res_9_ns_parse_ttl
#define ns_name_ntop       res_9_ns_name_ntop
#define ns_name_pton       res_9_ns_name_pton
#define ns_name_unpack     res_9_ns_name_unpack
#define ns_name_pack       res_9_ns_name_pack
#define ns_name_uncompress res_9_ns_name_uncompress
#define ns_name_compress   res_9_ns_name_compress
#define ns_name_skip       res_9_ns_name_skip
#define ns_samedomain      res_9_ns_samedomain
#define ns_subdomain       res_9_ns_subdomain
#define ns_makecanon       res_9_ns_makecanon
#define ns_samename        res_9_ns_samename

__BEGIN_DECLS
int ns_msg_getflag(ns_msg, int);
unsigned int ns_get16(const uint8_t *);
unsigned long ns_get32(const uint8_t *);
void ns_put16(unsigned int, uint8_t *);
void ns_put32(unsigned long, uint8_t *);
int ns_initparse(const uint8_t *, int, ns_msg *);
int ns_skiprr(const uint8_t *, const uint8_t *, ns_sect, int);
int ns_parserr(ns_msg *, ns_sect, int, ns_rr *);
int ns_sprintrr(const ns_msg *, const ns_rr *, const char *, const char *, char *, size_t);
int ns_sprintrrf(const uint8_t *, size_t, const char *, ns_class, ns_type, unsigned long, const uint8_t *, size_t,
                 const char *, const char *, char *, size_t);
int ns_format_ttl(unsigned long, char *, size_t);
int ns_parse_ttl(const char *, unsigned long *);
int ns_name_ntop(const uint8_t *, char *, size_t);
int ns_name_pton(const char *, uint8_t *, size_t);
int ns_name_unpack(const uint8_t *, const uint8_t *, const uint8_t *, uint8_t *, size_t);
int ns_name_pack(const uint8_t *, uint8_t *, int, const uint8_t **, const uint8_t **);
int ns_name_uncompress(const uint8_t *, const uint8_t *, const uint8_t *, char *, size_t);
int ns_name_compress(const char *, uint8_t *, size_t, const uint8_t **, const uint8_t **);
int ns_name_skip(const uint8_t **, const uint8_t *);
int ns_samedomain(const char *, const char *);
int ns_subdomain(const char *, const char *);
int ns_makecanon(const char *, char *, size_t);
int ns_samename(const char *, const char *);
__END_DECLS

#if defined(BIND_4_COMPAT) || defined(BIND_8_COMPAT)
#include <arpa/nameser_compat.h>
#endif

#endif
