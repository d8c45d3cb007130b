/* The office of an issuer of certificates: revokes them at given times. The root's office orders
 * its revocations on the alliance chain; a hospital's then also on its private chain, where they
 * stop its doctors. It issues nothing: certificates are genesis state. Source: crypto.md a,
 * protocol.md G. */
#ifndef EHR_ACTORS_REGISTRAR_H
#define EHR_ACTORS_REGISTRAR_H

#include "actors/directory.h"
#include "sim/network/node.h"

struct ehr_registrar_order {
    uint64_t at_ns;             /* simulated time; lost if it passes while the office is down */
    uint8_t reason;             /* ehr_cert_revoke_make */
    const uint8_t *certificate; /* EHR_CERT_BYTES, issued by this office; borrowed */
};

struct ehr_registrar_config {
    const struct ehr_directory *directory;    /* borrowed */
    uint32_t hospital;                        /* UINT32_MAX: the root's office */
    struct ehr_sign_key sign;                 /* the issuer's */
    const struct ehr_registrar_order *orders; /* borrowed */
    uint32_t order_count;
};

/* `config` is copied, with the key; release with ehr_registrar_free. `name` is borrowed. */
struct ehr_node *ehr_registrar_new(const char *name, const struct ehr_registrar_config *config);
/* Accepts NULL. Wipes the key. */
void ehr_registrar_free(struct ehr_node *node);

#endif /* EHR_ACTORS_REGISTRAR_H */
