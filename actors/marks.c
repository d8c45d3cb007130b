/* One table for how every reply is counted; a reply that has no reason of its own takes the
 * closest. */
#include "actors/marks.h"

struct ending {
    enum ehr_outcome outcome;
    enum ehr_reason reason;
};

/* REFUSED: somebody said no as the protocol demands. FAILED: it could not be carried out. */
#define ENDS(reply, how, why) [EHR_REPLY_##reply] = {EHR_OUTCOME_##how, EHR_REASON_##why}

static const struct ending endings[EHR_REPLY_COUNT] = {
    ENDS(OK, OK, NONE),
    ENDS(DUPLICATE, OK, NONE),
    ENDS(BAD_EVIDENCE, REFUSED, BAD_EVIDENCE),
    ENDS(UNKNOWN_DOCTOR, REFUSED, UNKNOWN_DOCTOR),
    ENDS(REVOKED_DOCTOR, REFUSED, REVOKED_DOCTOR),
    ENDS(REUSED_PSEUDONYM, REFUSED, REUSED_PSEUDONYM),
    ENDS(REUSED_LABEL, REFUSED, REUSED_LABEL),
    ENDS(WRONG_CARD, REFUSED, WRONG_CARD),
    ENDS(BAD_DRAFT, REFUSED, DRAFT_REJECTED),
    ENDS(TAMPERED, REFUSED, TAMPERED_CIPHERTEXT),
    ENDS(FOREIGN_TRAPDOOR, REFUSED, FOREIGN_TRAPDOOR),
    ENDS(QUERY_REPLAY, REFUSED, QUERY_REPLAY),
    ENDS(QUERY_EXPIRED, REFUSED, QUERY_EXPIRED),
    ENDS(NOT_FOUND, FAILED, NOT_FOUND),
    ENDS(BEHIND, FAILED, NODE_UNREACHABLE),
    ENDS(NO_GRANT, REFUSED, NO_GRANT),
    ENDS(BAD_GRANT, REFUSED, NO_GRANT),
    ENDS(EXPIRED_GRANT, REFUSED, EXPIRED_GRANT),
    ENDS(REVOKED_GRANT, REFUSED, REVOKED_GRANT),
    ENDS(TOO_FEW_SHARES, REFUSED, TOO_FEW_SHARES),
    ENDS(FORGED_SHARE, REFUSED, FORGED_SHARE),
    ENDS(STALE_COMMITTEE, REFUSED, STALE_COMMITTEE),
    ENDS(WRONG_MERKLE_PATH, REFUSED, WRONG_MERKLE_PATH),
    ENDS(WRONG_CERTIFICATE, REFUSED, WRONG_CERTIFICATE),
    ENDS(NO_HEADER, REFUSED, NO_HEADER),
    ENDS(FORK_PROOF, REFUSED, FORK_PROOF),
    ENDS(SUSPENDED, REFUSED, HOSPITAL_SUSPENDED),
    ENDS(CONSENT_DENIED, REFUSED, CONSENT_DENIED),
    ENDS(CONSENT_TIMEOUT, FAILED, CONSENT_TIMEOUT),
    ENDS(HOSPITAL_UNREACHABLE, FAILED, HOSPITAL_UNREACHABLE),
    ENDS(PATIENT_OFFLINE, FAILED, PATIENT_OFFLINE),
    ENDS(NODE_UNREACHABLE, FAILED, NODE_UNREACHABLE),
    ENDS(RECORD_MISMATCH, FAILED, RECORD_MISMATCH),
    ENDS(MALFORMED, REFUSED, MALFORMED),
    ENDS(REVOKED_CERTIFICATE, REFUSED, REVOKED_CERTIFICATE),
    ENDS(OUT_OF_SCOPE, REFUSED, OUT_OF_SCOPE),
    ENDS(EMERGENCY_LIMIT, REFUSED, EMERGENCY_LIMIT),
    ENDS(QUERY_UNLOGGED, REFUSED, QUERY_UNLOGGED),
};

/* A number that no reply has can only come from a peer. */
static struct ending ending_of(enum ehr_reply reply)
{
    const struct ending malformed = {EHR_OUTCOME_FAILED, EHR_REASON_MALFORMED};
    bool known = reply > EHR_REPLY_INVALID && reply < EHR_REPLY_COUNT;
    return known ? endings[reply] : malformed;
}

enum ehr_outcome ehr_reply_outcome(enum ehr_reply reply)
{
    return ending_of(reply).outcome;
}

enum ehr_reason ehr_reply_reason(enum ehr_reply reply)
{
    return ending_of(reply).reason;
}

enum ehr_reply ehr_reply_refusal(uint8_t status)
{
    struct ending ending = ending_of((enum ehr_reply)status);
    bool refuses = status < EHR_REPLY_COUNT && ending.outcome != EHR_OUTCOME_OK;
    return refuses && status != EHR_REPLY_INVALID ? (enum ehr_reply)status : EHR_REPLY_MALFORMED;
}
