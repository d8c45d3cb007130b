/* A client that has raw requests ordered by one chain, to study its consensus alone: no hospital,
 * patient or record. It sends real SUBMITs and waits for real REPLYs (client.h) of as many replicas
 * as its quorum asks for. When to ask, and for how many requests at a time, is the workload's
 * (workload_ordering.c): the client starts one for each BEGIN_ORDER, any number side by side. */
#ifndef EHR_ACTORS_ORDERING_H
#define EHR_ACTORS_ORDERING_H

#include "actors/directory.h"
#include "sim/network/node.h"

/* Bytes of a raw transaction without payload: the number of its request, which no other has. */
enum { EHR_ORDERING_NUMBER_BYTES = 8 };

struct ehr_ordering_config {
    const struct ehr_directory *directory; /* borrowed */
    const struct ehr_committee *committee; /* as this client sees it, with its quorum; borrowed */
    uint32_t payload;                      /* bytes of a transaction beside its number, zeros */
};

/* `config` is copied; release with ehr_ordering_client_free. `name` is borrowed. */
struct ehr_node *ehr_ordering_client_new(const char *name,
                                         const struct ehr_ordering_config *config);
/* Accepts NULL. */
void ehr_ordering_client_free(struct ehr_node *node);

#endif /* EHR_ACTORS_ORDERING_H */
