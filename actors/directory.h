/* What everybody knows from the start: who is who, which chains there are, what a client waits for.
 *
 * Genesis state of the consortium. Public facts only; each role keeps its own secrets. Built by
 * sim/app before the run, read-only after. */
#ifndef EHR_ACTORS_DIRECTORY_H
#define EHR_ACTORS_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/cert.h"
#include "crypto/group.h"
#include "crypto/sign.h"

/* An institution, node or person with a certificate. */
struct ehr_member {
    const char *name;                                /* of the node */
    uint32_t node;                                   /* in the kernel */
    uint8_t certificate[EHR_CERT_BYTES];             /* encoded */
    struct ehr_cert cert;                            /* decoded: id, ed_pk, dh_pk */
    uint8_t epoch_certificate[EHR_EPOCH_CERT_BYTES]; /* doctors: index key W; alliance: N */
    struct ehr_point epoch_key;                      /* the key in it */
};

/* Secrets of a member; part of its role's struct. */
struct ehr_secrets {
    struct ehr_sign_key sign;
    struct ehr_dh_key dh;
    struct ehr_dh_key epoch; /* doctors: w; alliance nodes: sealing key */
};

/* One chain and its committee. Replica i is members[i]; the nodes of a committee have consecutive
 * ids, members[0].node first. */
struct ehr_committee {
    uint8_t chain_id[32];
    uint32_t chain; /* 0: alliance; 1 + i: hospital i */
    uint32_t group; /* of the kernel: all replicas */
    struct ehr_member *members;
    uint32_t count;
    uint32_t certificate_quorum; /* signatures that make a block certificate */
    uint32_t client_quorum;      /* matching replies a client waits for */
    bool bodies_broadcast;       /* clients send transactions to all, proposals carry their ids */
    bool submit_to_all;          /* no member is the one to ask: every one needs the requests */
    uint8_t *keys;               /* ed_pk of all members, 32 bytes each */
};

struct ehr_hospital_info {
    const char *id;
    struct ehr_member server; /* server.cert.id is the hid */
    struct ehr_committee committee;
    struct ehr_member *doctors;
    uint32_t doctor_count;
    uint32_t place; /* node where patients are present: their devices' messages start there */
};

/* Whether the commitments of a query are ordered on the alliance chain. */
enum ehr_query_logging {
    EHR_QUERY_LOGGING_NONE = 0,
    EHR_QUERY_LOGGING_ASYNC,  /* beside the search, which does not wait */
    EHR_QUERY_LOGGING_BEFORE, /* nodes answer no query that is not on the chain */
};

struct ehr_directory {
    uint8_t root_certificate[EHR_CERT_BYTES];
    struct ehr_cert root;
    uint32_t epoch;
    struct ehr_committee alliance;
    uint32_t proxies;         /* n of a grant: alliance members 0 .. n-1 are shares 1 .. n */
    uint32_t threshold;       /* t */
    uint8_t committee_id[32]; /* of the proxies */
    struct ehr_hospital_info *hospitals;
    uint32_t hospital_count;
    struct ehr_member *data_users;
    uint32_t data_user_count;
    const uint32_t *patient_home; /* hospital of each patient */
    uint32_t patient_count;
    uint32_t workload;   /* node of the workload */
    bool scan;           /* records carry tags, nodes scan (crypto.md d); else labels */
    bool scope_enforced; /* proxies want to see a trapdoor of a grant's scope */
    bool broadcast;      /* queries go in clear to every alliance node; else sealed */
    enum ehr_query_logging query_logging;
    uint64_t query_expiry_blocks; /* a query is answered up to its height + this */
    uint64_t retry_ns;            /* a client repeats to all after this long, doubling */
    uint64_t give_up_ns;          /* and gives up after this long */
    uint64_t consent_timeout_ns;
    uint64_t orphan_timeout_ns; /* an unreferenced ciphertext is collected after this long */
};

/* The doctor of hospital `h` with this cert_id, or NULL. */
const struct ehr_member *ehr_directory_doctor(const struct ehr_directory *directory, uint32_t h,
                                              const uint8_t cert_id[32]);
/* Index of the hospital with this hid, or UINT32_MAX. */
uint32_t ehr_directory_hospital(const struct ehr_directory *directory, const uint8_t hid[32]);
/* Index of the committee's replica that runs on kernel node `node`, or UINT32_MAX. */
uint32_t ehr_committee_replica(const struct ehr_committee *committee, uint32_t node);

#endif /* EHR_ACTORS_DIRECTORY_H */
