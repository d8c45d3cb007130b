/* A client of a committee: submits one transaction and waits until enough replicas say the same.
 * Used by doctor, hospital and patient. It is not the order of a client's transactions, nor what
 * a reply means for the flow.
 *
 * The presumed primary gets the transaction first, every member on a repetition; where leaders
 * rotate (submit_to_all), every member at once. Done when
 * client_quorum members replied OK with an equal height, or with an equal refusal (a member that
 * refuses before ordering names its own height), or where that is enough one signed refusal of the
 * presumed primary verified. OK and DUPLICATE count as equal: a member that executed the
 * transaction before a repetition may say either. */
#ifndef EHR_ACTORS_CLIENT_H
#define EHR_ACTORS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "actors/directory.h"
#include "actors/resend.h"
#include "sim/ledger/message.h"

/* What one member said last. `view` here and below is the number that replies name: modulo the
 * members it is whom the member takes for the leader, and it grows. */
struct ehr_client_reply {
    uint32_t member;
    uint8_t status;
    uint64_t height;
    uint64_t view;
};

/* Whether the signed refusal of one member, the presumed primary, ends a submission. Another member
 * cannot make itself one by the view it names. */
enum ehr_client_trust { EHR_CLIENT_QUORUM_ONLY = 1, EHR_CLIENT_PRIMARY_MAY_REFUSE };

/* A submission. All zero is idle. */
struct ehr_client {
    struct ehr_patience patience;
    const struct ehr_committee *committee;
    enum ehr_client_trust trust;
    uint64_t view;              /* modulo the members: whose primary is the presumed one */
    struct ehr_message *submit; /* the sealed SUBMIT; every repetition is this one */
    struct ehr_client_reply *replies;
    uint32_t reply_count, reply_capacity;
};

/* How a submission ended. */
struct ehr_client_result {
    enum ehr_reply status; /* never DUPLICATE: that is OK */
    uint64_t height;       /* of the chain, at which it was executed; refused: as stated */
    uint64_t view; /* whom to ask next time: not below the one presumed, and a correct member
                    * has reached it */
};

/* Sends `take_tx` (one reference is taken over) to the presumed primary of `view` and waits with
 * timer (id, generation) as ehr_patience_start. A running submission is stopped. */
void ehr_client_start(struct ehr_client *client, struct ehr_fx *fx,
                      const struct ehr_directory *directory, const struct ehr_committee *committee,
                      struct ehr_tx *take_tx, uint64_t view, enum ehr_client_trust trust,
                      uint32_t id, uint64_t generation);

/* Whether the reply names the transaction of this submission. */
bool ehr_client_wants(const struct ehr_client *client, const struct ehr_msg_reply *reply);

enum ehr_client_verdict {
    EHR_CLIENT_WAITING = 1, /* counted; more are needed */
    EHR_CLIENT_DONE,        /* `result` is set; the caller stops the client */
    EHR_CLIENT_BAD,         /* not of a member, or malformed, or a wrong signature: drop it */
};
/* Takes in a wanted reply that came from kernel node `from`. Charges the verification of a signed
 * refusal. */
enum ehr_client_verdict ehr_client_on_reply(struct ehr_client *client, struct ehr_fx *fx,
                                            uint32_t from, const struct ehr_msg_reply *reply,
                                            struct ehr_client_result *result);

/* The awaited timer expired. True: repeated to all members; false: patience is over. */
bool ehr_client_on_timer(struct ehr_client *client, struct ehr_fx *fx,
                         const struct ehr_directory *directory, uint32_t id);

/* The same where the owner must not give up: repeated to all members, as ehr_patience_insist. */
void ehr_client_insist(struct ehr_client *client, struct ehr_fx *fx,
                       const struct ehr_directory *directory, uint32_t id);

/* The transaction under way; NULL when idle. Borrowed. */
struct ehr_tx *ehr_client_tx(const struct ehr_client *client);

/* Releases everything; idle is fine. */
void ehr_client_stop(struct ehr_client *client);

#endif /* EHR_ACTORS_CLIENT_H */
