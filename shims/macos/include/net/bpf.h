/* xcc's <net/bpf.h> for macOS without an SDK: the Berkeley packet filter.
 * From the manual page bpf(4), McCanne's paper, Go's package syscall and FreeBSD's header of the name (BSD licence), and the
 * Tcpdump group's registry of link types. */
#ifndef _NET_BPF_H_
#define _NET_BPF_H_

#include <stdint.h>
#include <sys/_types/_timeval32.h>
#include <sys/cdefs.h>
#include <sys/ioccom.h>
#include <sys/param.h>
#include <sys/time.h>
#include <sys/types.h>

#define BPF_RELEASE 199606

typedef int32_t bpf_int32;
typedef uint32_t bpf_u_int32;

#define BPF_ALIGNMENT    sizeof(int32_t)
#define BPF_WORDALIGN(x) (((x) + (BPF_ALIGNMENT - 1)) & ~(BPF_ALIGNMENT - 1))

#define BPF_MAXINSNS   512
#define BPF_MAXBUFSIZE 0x80000
#define BPF_MINBUFSIZE 32

struct bpf_insn {
    unsigned short code;
    unsigned char jt, jf;
    bpf_u_int32 k;
};

struct bpf_program {
    unsigned int bf_len;
    struct bpf_insn *bf_insns;
};

struct bpf_stat {
    unsigned int bs_recv, bs_drop;
};

struct bpf_version {
    unsigned short bv_major, bv_minor;
};

#define BPF_MAJOR_VERSION 1
#define BPF_MINOR_VERSION 1

/* The kernel writes seconds of 32 bits in front of every packet. */
#define BPF_TIMEVAL timeval32

struct bpf_hdr {
    struct BPF_TIMEVAL bh_tstamp;
    bpf_u_int32 bh_caplen;
    bpf_u_int32 bh_datalen;
    unsigned short bh_hdrlen;
};

#pragma pack(push, 4)
struct bpf_dltlist {
    uint32_t bfl_len;
    union {
        uint32_t *bflu_list;
        uint64_t bflu_pad;
    } bfl_u;
};
#pragma pack(pop)
#define bfl_list bfl_u.bflu_list

#define BIOCGBLEN     _IOR('B', 102, unsigned int)
#define BIOCSBLEN     _IOWR('B', 102, unsigned int)
#define BIOCSETF      _IOW('B', 103, struct bpf_program)
#define BIOCFLUSH     _IO('B', 104)
#define BIOCPROMISC   _IO('B', 105)
#define BIOCGDLT      _IOR('B', 106, unsigned int)
#define BIOCGETIF     _IOR('B', 107, struct ifreq)
#define BIOCSETIF     _IOW('B', 108, struct ifreq)
#define BIOCSRTIMEOUT _IOW('B', 109, struct timeval)
#define BIOCGRTIMEOUT _IOR('B', 110, struct timeval)
#define BIOCGSTATS    _IOR('B', 111, struct bpf_stat)
#define BIOCIMMEDIATE _IOW('B', 112, unsigned int)
#define BIOCVERSION   _IOR('B', 113, struct bpf_version)
#define BIOCGRSIG     _IOR('B', 114, unsigned int)
#define BIOCSRSIG     _IOW('B', 115, unsigned int)
#define BIOCGHDRCMPLT _IOR('B', 116, unsigned int)
#define BIOCSHDRCMPLT _IOW('B', 117, unsigned int)
#define BIOCGSEESENT  _IOR('B', 118, unsigned int)
#define BIOCSSEESENT  _IOW('B', 119, unsigned int)
#define BIOCSDLT      _IOW('B', 120, unsigned int)
#define BIOCGDLTLIST  _IOWR('B', 121, struct bpf_dltlist)
#define BIOCSETFNR    _IOW('B', 126, struct bpf_program)

#define DLT_NULL                          0
#define DLT_EN10MB                        1
#define DLT_EN3MB                         2
#define DLT_AX25                          3
#define DLT_PRONET                        4
#define DLT_CHAOS                         5
#define DLT_IEEE802                       6
#define DLT_ARCNET                        7
#define DLT_SLIP                          8
#define DLT_PPP                           9
#define DLT_FDDI                          10
#define DLT_ATM_RFC1483                   11
#define DLT_RAW                           12
#define DLT_SLIP_BSDOS                    15
#define DLT_PPP_BSDOS                     16
#define DLT_PFSYNC                        18
#define DLT_ATM_CLIP                      19
#define DLT_PPP_SERIAL                    50
#define DLT_PPP_ETHER                     51
#define DLT_SYMANTEC_FIREWALL             99
#define DLT_C_HDLC                        104
#define DLT_CHDLC                         DLT_C_HDLC
#define DLT_IEEE802_11                    105
#define DLT_FRELAY                        107
#define DLT_LOOP                          108
#define DLT_ENC                           109
#define DLT_LINUX_SLL                     113
#define DLT_LTALK                         114
#define DLT_ECONET                        115
#define DLT_IPFILTER                      116
#define DLT_PFLOG                         117
#define DLT_CISCO_IOS                     118
#define DLT_PRISM_HEADER                  119
#define DLT_AIRONET_HEADER                120
#define DLT_IP_OVER_FC                    122
#define DLT_SUNATM                        123
#define DLT_IEEE802_11_RADIO              127
#define DLT_ARCNET_LINUX                  129
#define DLT_APPLE_IP_OVER_IEEE1394        138
#define DLT_MTP2_WITH_PHDR                139
#define DLT_MTP2                          140
#define DLT_MTP3                          141
#define DLT_SCCP                          142
#define DLT_DOCSIS                        143
#define DLT_LINUX_IRDA                    144
#define DLT_USER0                         147
#define DLT_USER1                         148
#define DLT_USER2                         149
#define DLT_USER3                         150
#define DLT_USER4                         151
#define DLT_USER5                         152
#define DLT_USER6                         153
#define DLT_USER7                         154
#define DLT_USER8                         155
#define DLT_USER9                         156
#define DLT_USER10                        157
#define DLT_USER11                        158
#define DLT_USER12                        159
#define DLT_USER13                        160
#define DLT_USER14                        161
#define DLT_USER15                        162
#define DLT_IEEE802_11_RADIO_AVS          163
#define DLT_PPP_PPPD                      166
#define DLT_GPRS_LLC                      169
#define DLT_LINUX_LAPD                    177
#define DLT_USB                           186
#define DLT_BLUETOOTH_HCI_H4              187
#define DLT_USB_LINUX                     189
#define DLT_PPI                           192
#define DLT_IEEE802_15_4                  195
#define DLT_ERF                           197
#define DLT_BLUETOOTH_HCI_H4_WITH_PHDR    201
#define DLT_USB_LINUX_MMAPPED             220
#define DLT_CAN_SOCKETCAN                 227
#define DLT_IPV4                          228
#define DLT_IPV6                          229
#define DLT_IEEE802_15_4_NOFCS            230
#define DLT_DBUS                          231
#define DLT_NFLOG                         239
#define DLT_USB_DARWIN                    266

#define BPF_CLASS(code) ((code) & 0x07)
#define BPF_LD   0x00
#define BPF_LDX  0x01
#define BPF_ST   0x02
#define BPF_STX  0x03
#define BPF_ALU  0x04
#define BPF_JMP  0x05
#define BPF_RET  0x06
#define BPF_MISC 0x07

#define BPF_SIZE(code) ((code) & 0x18)
#define BPF_W 0x00
#define BPF_H 0x08
#define BPF_B 0x10

#define BPF_MODE(code) ((code) & 0xe0)
#define BPF_IMM 0x00
#define BPF_ABS 0x20
#define BPF_IND 0x40
#define BPF_MEM 0x60
#define BPF_LEN 0x80
#define BPF_MSH 0xa0

#define BPF_OP(code) ((code) & 0xf0)
#define BPF_ADD  0x00
#define BPF_SUB  0x10
#define BPF_MUL  0x20
#define BPF_DIV  0x30
#define BPF_OR   0x40
#define BPF_AND  0x50
#define BPF_LSH  0x60
#define BPF_RSH  0x70
#define BPF_NEG  0x80
#define BPF_JA   0x00
#define BPF_JEQ  0x10
#define BPF_JGT  0x20
#define BPF_JGE  0x30
#define BPF_JSET 0x40

#define BPF_SRC(code) ((code) & 0x08)
#define BPF_K 0x00
#define BPF_X 0x08

#define BPF_RVAL(code) ((code) & 0x18)
#define BPF_A 0x10

#define BPF_MISCOP(code) ((code) & 0xf8)
#define BPF_TAX 0x00
#define BPF_TXA 0x80

#define BPF_MEMWORDS 16

#define BPF_STMT(code, k)         { (unsigned short)(code), 0, 0, k }
#define BPF_JUMP(code, k, jt, jf) { (unsigned short)(code), jt, jf, k }

#endif
