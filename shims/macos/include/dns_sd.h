/* xcc's <dns_sd.h> for macOS without an SDK: DNS service discovery (Bonjour).
 * From Apple's documentation of DNSServiceDiscovery and mDNSResponder's header of the name (BSD licence). */
#ifndef _DNS_SD_H
#define _DNS_SD_H 10000000

#include <stdint.h>
#include <sys/cdefs.h>

#ifdef __BLOCKS__
#include <dispatch/dispatch.h>
#endif

#define DNSSD_API

typedef int dnssd_sock_t;
typedef struct _DNSServiceRef_t *DNSServiceRef;
typedef struct _DNSRecordRef_t *DNSRecordRef;
typedef uint32_t DNSServiceFlags;
typedef uint32_t DNSServiceProtocol;
typedef int32_t DNSServiceErrorType;

struct sockaddr;

#define kDNSServiceFlagsMoreComing          0x1u
#define kDNSServiceFlagsAutoTrigger         0x1u
#define kDNSServiceFlagsAdd                 0x2u
#define kDNSServiceFlagsDefault             0x4u
#define kDNSServiceFlagsNoAutoRename        0x8u
#define kDNSServiceFlagsShared              0x10u
#define kDNSServiceFlagsUnique              0x20u
#define kDNSServiceFlagsBrowseDomains       0x40u
#define kDNSServiceFlagsRegistrationDomains 0x80u
#define kDNSServiceFlagsLongLivedQuery      0x100u
#define kDNSServiceFlagsAllowRemoteQuery    0x200u
#define kDNSServiceFlagsForceMulticast      0x400u
#define kDNSServiceFlagsForce               0x800u
#define kDNSServiceFlagsKnownUnique         0x800u
#define kDNSServiceFlagsReturnIntermediates 0x1000u
#define kDNSServiceFlagsShareConnection     0x4000u
#define kDNSServiceFlagsSuppressUnusable    0x8000u
#define kDNSServiceFlagsTimeout             0x10000u
#define kDNSServiceFlagsIncludeP2P          0x20000u
#define kDNSServiceFlagsWakeOnResolve       0x40000u

enum {
    kDNSServiceProtocol_IPv4 = 0x01,
    kDNSServiceProtocol_IPv6 = 0x02,
    kDNSServiceProtocol_UDP = 0x10,
    kDNSServiceProtocol_TCP = 0x20
};

enum { kDNSServiceClass_IN = 1 };

enum {
    kDNSServiceType_A = 1,
    kDNSServiceType_NS = 2,
    kDNSServiceType_CNAME = 5,
    kDNSServiceType_SOA = 6,
    kDNSServiceType_NULL = 10,
    kDNSServiceType_PTR = 12,
    kDNSServiceType_HINFO = 13,
    kDNSServiceType_MX = 15,
    kDNSServiceType_TXT = 16,
    kDNSServiceType_AAAA = 28,
    kDNSServiceType_SRV = 33,
    kDNSServiceType_NAPTR = 35,
    kDNSServiceType_OPT = 41,
    kDNSServiceType_NSEC = 47,
    kDNSServiceType_ANY = 255
};

enum {
    kDNSServiceErr_NoError = 0,
    kDNSServiceErr_Unknown = -65537,
    kDNSServiceErr_NoSuchName = -65538,
    kDNSServiceErr_NoMemory = -65539,
    kDNSServiceErr_BadParam = -65540,
    kDNSServiceErr_BadReference = -65541,
    kDNSServiceErr_BadState = -65542,
    kDNSServiceErr_BadFlags = -65543,
    kDNSServiceErr_Unsupported = -65544,
    kDNSServiceErr_NotInitialized = -65545,
    kDNSServiceErr_AlreadyRegistered = -65547,
    kDNSServiceErr_NameConflict = -65548,
    kDNSServiceErr_Invalid = -65549,
    kDNSServiceErr_Firewall = -65550,
    kDNSServiceErr_Incompatible = -65551,
    kDNSServiceErr_BadInterfaceIndex = -65552,
    kDNSServiceErr_Refused = -65553,
    kDNSServiceErr_NoSuchRecord = -65554,
    kDNSServiceErr_NoAuth = -65555,
    kDNSServiceErr_NoSuchKey = -65556,
    kDNSServiceErr_NATTraversal = -65557,
    kDNSServiceErr_DoubleNAT = -65558,
    kDNSServiceErr_BadTime = -65559,
    kDNSServiceErr_BadSig = -65560,
    kDNSServiceErr_BadKey = -65561,
    kDNSServiceErr_Transient = -65562,
    kDNSServiceErr_ServiceNotRunning = -65563,
    kDNSServiceErr_NATPortMappingUnsupported = -65564,
    kDNSServiceErr_NATPortMappingDisabled = -65565,
    kDNSServiceErr_NoRouter = -65566,
    kDNSServiceErr_PollingMode = -65567,
    kDNSServiceErr_Timeout = -65568
};

#define kDNSServiceMaxServiceName 64
#define kDNSServiceMaxDomainName  1009

#define kDNSServiceInterfaceIndexAny       0
#define kDNSServiceInterfaceIndexLocalOnly ((uint32_t)-1)
#define kDNSServiceInterfaceIndexUnicast   ((uint32_t)-2)
#define kDNSServiceInterfaceIndexP2P       ((uint32_t)-3)

#define kDNSServiceProperty_DaemonVersion "DaemonVersion"

typedef void (*DNSServiceDomainEnumReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType, const char *,
                                          void *);
typedef void (*DNSServiceRegisterReply)(DNSServiceRef, DNSServiceFlags, DNSServiceErrorType, const char *,
                                        const char *, const char *, void *);
typedef void (*DNSServiceBrowseReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType, const char *,
                                      const char *, const char *, void *);
typedef void (*DNSServiceResolveReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType, const char *,
                                       const char *, uint16_t, uint16_t, const unsigned char *, void *);
typedef void (*DNSServiceQueryRecordReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType,
                                           const char *, uint16_t, uint16_t, uint16_t, const void *, uint32_t, void *);
typedef void (*DNSServiceGetAddrInfoReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType,
                                           const char *, const struct sockaddr *, uint32_t, void *);
typedef void (*DNSServiceRegisterRecordReply)(DNSServiceRef, DNSRecordRef, DNSServiceFlags, DNSServiceErrorType,
                                              void *);
typedef void (*DNSServiceNATPortMappingReply)(DNSServiceRef, DNSServiceFlags, uint32_t, DNSServiceErrorType, uint32_t,
                                              DNSServiceProtocol, uint16_t, uint16_t, uint32_t, void *);

/* What a program may look into with the functions below alone. */
typedef union _TXTRecordRef_t {
    char PrivateData[16];
    char *ForceNaturalAlignment;
} TXTRecordRef;

__BEGIN_DECLS
DNSServiceErrorType DNSServiceGetProperty(const char *, void *, uint32_t *);
dnssd_sock_t DNSServiceRefSockFD(DNSServiceRef);
DNSServiceErrorType DNSServiceProcessResult(DNSServiceRef);
void DNSServiceRefDeallocate(DNSServiceRef);
DNSServiceErrorType DNSServiceCreateConnection(DNSServiceRef *);
DNSServiceErrorType DNSServiceEnumerateDomains(DNSServiceRef *, DNSServiceFlags, uint32_t, DNSServiceDomainEnumReply,
                                               void *);
DNSServiceErrorType DNSServiceRegister(DNSServiceRef *, DNSServiceFlags, uint32_t, const char *, const char *,
                                       const char *, const char *, uint16_t, uint16_t, const void *,
                                       DNSServiceRegisterReply, void *);
DNSServiceErrorType DNSServiceAddRecord(DNSServiceRef, DNSRecordRef *, DNSServiceFlags, uint16_t, uint16_t,
                                        const void *, uint32_t);
DNSServiceErrorType DNSServiceUpdateRecord(DNSServiceRef, DNSRecordRef, DNSServiceFlags, uint16_t, const void *,
                                           uint32_t);
DNSServiceErrorType DNSServiceRemoveRecord(DNSServiceRef, DNSRecordRef, DNSServiceFlags);
DNSServiceErrorType DNSServiceBrowse(DNSServiceRef *, DNSServiceFlags, uint32_t, const char *, const char *,
                                     DNSServiceBrowseReply, void *);
DNSServiceErrorType DNSServiceResolve(DNSServiceRef *, DNSServiceFlags, uint32_t, const char *, const char *,
                                      const char *, DNSServiceResolveReply, void *);
DNSServiceErrorType DNSServiceQueryRecord(DNSServiceRef *, DNSServiceFlags, uint32_t, const char *, uint16_t, uint16_t,
                                          DNSServiceQueryRecordReply, void *);
DNSServiceErrorType DNSServiceGetAddrInfo(DNSServiceRef *, DNSServiceFlags, uint32_t, DNSServiceProtocol, const char *,
                                          DNSServiceGetAddrInfoReply, void *);
DNSServiceErrorType DNSServiceRegisterRecord(DNSServiceRef, DNSRecordRef *, DNSServiceFlags, uint32_t, const char *,
                                             uint16_t, uint16_t, uint16_t, const void *, uint32_t,
                                             DNSServiceRegisterRecordReply, void *);
DNSServiceErrorType DNSServiceReconfirmRecord(DNSServiceFlags, uint32_t, const char *, uint16_t, uint16_t, uint16_t,
                                              const void *);
DNSServiceErrorType DNSServiceNATPortMappingCreate(DNSServiceRef *, DNSServiceFlags, uint32_t, DNSServiceProtocol,
                                                   uint16_t, uint16_t, uint32_t, DNSServiceNATPortMappingReply,
                                                   void *);
DNSServiceErrorType DNSServiceConstructFullName(char *, const char *, const char *, const char *);
#ifdef __BLOCKS__
DNSServiceErrorType DNSServiceSetDispatchQueue(DNSServiceRef, dispatch_queue_t);
#endif

void TXTRecordCreate(TXTRecordRef *, uint16_t, void *);
void TXTRecordDeallocate(TXTRecordRef *);
DNSServiceErrorType TXTRecordSetValue(TXTRecordRef *, const char *, uint8_t, const void *);
DNSServiceErrorType TXTRecordRemoveValue(TXTRecordRef *, const char *);
uint16_t TXTRecordGetLength(const TXTRecordRef *);
const void *TXTRecordGetBytesPtr(const TXTRecordRef *);
int TXTRecordContainsKey(uint16_t, const void *, const char *);
const void *TXTRecordGetValuePtr(uint16_t, const void *, const char *, uint8_t *);
uint16_t TXTRecordGetCount(uint16_t, const void *);
DNSServiceErrorType TXTRecordGetItemAtIndex(uint16_t, const void *, uint16_t, uint16_t, char *, uint8_t *,
                                            const void **);
__END_DECLS

#endif
