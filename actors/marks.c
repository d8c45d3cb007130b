/* One table for how every reply is counted; a reply that has no reason of its own takes the
 * closest. */
#include "actors/marks.h"

struct ending {
    enum ehr_outcome outcome;
    enum ehr_reason reason;
};

/* REFUSED: somebody said no as the protocol demands. FAILED: it could not be carried out. */
static struct ending ending_of(enum ehr_reply reply)
{
#define EHR_REFUSED(reason) ((struct ending){EHR_OUTCOME_REFUSED, EHR_REASON_##reason})
#define EHR_FAILED(reason)  ((struct ending){EHR_OUTCOME_FAILED, EHR_REASON_##reason})
    switch (reply) {
    case EHR_REPLY_OK:
    case EHR_REPLY_DUPLICATE:
        return (struct ending){EHR_OUTCOME_OK, EHR_REASON_NONE};
    case EHR_REPLY_BAD_EVIDENCE:
        return EHR_REFUSED(BAD_EVIDENCE);
    case EHR_REPLY_UNKNOWN_DOCTOR:
        return EHR_REFUSED(UNKNOWN_DOCTOR);
    case EHR_REPLY_REVOKED_DOCTOR:
        return EHR_REFUSED(REVOKED_DOCTOR);
    case EHR_REPLY_REUSED_PSEUDONYM:
        return EHR_REFUSED(REUSED_PSEUDONYM);
    case EHR_REPLY_REUSED_LABEL:
        return EHR_REFUSED(REUSED_LABEL);
    case EHR_REPLY_WRONG_CARD:
        return EHR_REFUSED(WRONG_CARD);
    case EHR_REPLY_BAD_DRAFT:
        return EHR_REFUSED(DRAFT_REJECTED);
    case EHR_REPLY_TAMPERED:
        return EHR_REFUSED(TAMPERED_CIPHERTEXT);
    case EHR_REPLY_FOREIGN_TRAPDOOR:
        return EHR_REFUSED(FOREIGN_TRAPDOOR);
    case EHR_REPLY_QUERY_REPLAY:
        return EHR_REFUSED(QUERY_REPLAY);
    case EHR_REPLY_QUERY_EXPIRED:
        return EHR_REFUSED(QUERY_EXPIRED);
    case EHR_REPLY_NOT_FOUND:
        return EHR_FAILED(NOT_FOUND);
    case EHR_REPLY_BEHIND:
        return EHR_FAILED(NODE_UNREACHABLE);
    case EHR_REPLY_NO_GRANT:
    case EHR_REPLY_BAD_GRANT:
        return EHR_REFUSED(NO_GRANT);
    case EHR_REPLY_EXPIRED_GRANT:
        return EHR_REFUSED(EXPIRED_GRANT);
    case EHR_REPLY_REVOKED_GRANT:
        return EHR_REFUSED(REVOKED_GRANT);
    case EHR_REPLY_TOO_FEW_SHARES:
        return EHR_REFUSED(TOO_FEW_SHARES);
    case EHR_REPLY_FORGED_SHARE:
        return EHR_REFUSED(FORGED_SHARE);
    case EHR_REPLY_STALE_COMMITTEE:
        return EHR_REFUSED(STALE_COMMITTEE);
    case EHR_REPLY_WRONG_MERKLE_PATH:
        return EHR_REFUSED(WRONG_MERKLE_PATH);
    case EHR_REPLY_WRONG_CERTIFICATE:
        return EHR_REFUSED(WRONG_CERTIFICATE);
    case EHR_REPLY_NO_HEADER:
        return EHR_REFUSED(NO_HEADER);
    case EHR_REPLY_FORK_PROOF:
        return EHR_REFUSED(FORK_PROOF);
    case EHR_REPLY_SUSPENDED:
        return EHR_REFUSED(HOSPITAL_SUSPENDED);
    case EHR_REPLY_CONSENT_DENIED:
        return EHR_REFUSED(CONSENT_DENIED);
    case EHR_REPLY_CONSENT_TIMEOUT:
        return EHR_FAILED(CONSENT_TIMEOUT);
    case EHR_REPLY_HOSPITAL_UNREACHABLE:
        return EHR_FAILED(HOSPITAL_UNREACHABLE);
    case EHR_REPLY_PATIENT_OFFLINE:
        return EHR_FAILED(PATIENT_OFFLINE);
    case EHR_REPLY_NODE_UNREACHABLE:
        return EHR_FAILED(NODE_UNREACHABLE);
    case EHR_REPLY_RECORD_MISMATCH:
        return EHR_FAILED(RECORD_MISMATCH);
    case EHR_REPLY_MALFORMED:
        return EHR_REFUSED(MALFORMED);
    case EHR_REPLY_INVALID:
    case EHR_REPLY_COUNT:
        break;
    }
    /* a number that no reply has can only come from a peer */
    return EHR_FAILED(MALFORMED);
#undef EHR_REFUSED
#undef EHR_FAILED
}

enum ehr_outcome ehr_reply_outcome(enum ehr_reply reply)
{
    return ending_of(reply).outcome;
}

enum ehr_reason ehr_reply_reason(enum ehr_reply reply)
{
    return ending_of(reply).reason;
}
