/* xcc's <membership.h> for macOS without an SDK: users, groups and their UUIDs.
 * From the manual page mbr_check_membership(3) and the published Libinfo. */
#ifndef _MEMBERSHIP_H_
#define _MEMBERSHIP_H_

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <uuid/uuid.h>

#define ID_TYPE_UID             0
#define ID_TYPE_GID             1
#define ID_TYPE_SID             3
#define ID_TYPE_USERNAME        4
#define ID_TYPE_GROUPNAME       5
#define ID_TYPE_UUID            6
#define ID_TYPE_GROUP_NFS       7
#define ID_TYPE_USER_NFS        8
#define ID_TYPE_GSS_EXPORT_NAME 10
#define ID_TYPE_X509_DN         11
#define ID_TYPE_KERBEROS        12

#define NTSID_MAX_AUTHORITIES 16

typedef struct {
    uint8_t sid_kind;
    uint8_t sid_authcount;
    uint8_t sid_authority[6];
    uint32_t sid_authorities[NTSID_MAX_AUTHORITIES];
} nt_sid_t;

__BEGIN_DECLS
int mbr_uid_to_uuid(uid_t, uuid_t);
int mbr_gid_to_uuid(gid_t, uuid_t);
int mbr_sid_to_uuid(const nt_sid_t *, uuid_t);
int mbr_identifier_to_uuid(int, const void *, size_t, uuid_t);
int mbr_uuid_to_id(const uuid_t, id_t *, int *);
int mbr_uuid_to_sid(const uuid_t, nt_sid_t *);
int mbr_sid_to_string(const nt_sid_t *, char *);
int mbr_string_to_sid(const char *, nt_sid_t *);
int mbr_check_membership(const uuid_t, const uuid_t, int *);
int mbr_check_service_membership(const uuid_t, const char *, int *);
__END_DECLS

#endif
