/* Bodies of the messages: fixed widths, little-endian, flags 0 or 1. */
#include "sim/consensus/raft/raft.h"

static void put_u64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static bool flag_get(uint8_t byte, bool *flag)
{
    *flag = byte == 1;
    return byte <= 1;
}

/* Terms, heights: sums of one and a length have to fit. */
static bool sane(uint64_t value)
{
    return value <= UINT64_MAX / 2;
}

uint32_t ehr_raft_append_encode(uint8_t *body, const struct ehr_raft_append *append)
{
    put_u64(body, append->prev_term);
    put_u64(body + 8, append->commit);
    put_u64(body + 16, append->end_term);
    body[24] = append->answer;
    for (int i = 0; i < 4; i++)
        body[25 + i] = (uint8_t)(append->count >> (8 * i));
    return EHR_RAFT_APPEND_BYTES + append->count * EHR_RAFT_ENTRY_BYTES;
}

void ehr_raft_entry_encode(uint8_t *at, uint64_t term, const struct ehr_digest *block)
{
    put_u64(at, term);
    memcpy(at + 8, block->bytes, sizeof(block->bytes));
}

void ehr_raft_entry_decode(const uint8_t *at, uint64_t *term, struct ehr_digest *block)
{
    *term = get_u64(at);
    memcpy(block->bytes, at + 8, sizeof(block->bytes));
}

bool ehr_raft_append_decode(const struct ehr_engine_message *m, struct ehr_raft_append *append)
{
    const uint8_t *body = m->body;
    if (m->body_length < EHR_RAFT_APPEND_BYTES || !sane(m->height) || !sane(m->view))
        return false;
    append->prev_term = get_u64(body);
    append->commit = get_u64(body + 8);
    append->end_term = get_u64(body + 16);
    append->count = 0;
    for (int i = 0; i < 4; i++)
        append->count |= (uint32_t)body[25 + i] << (8 * i);
    append->entries = body + EHR_RAFT_APPEND_BYTES;
    uint32_t rest = m->body_length - EHR_RAFT_APPEND_BYTES;
    if (!flag_get(body[24], &append->answer) || rest % EHR_RAFT_ENTRY_BYTES != 0 ||
        rest / EHR_RAFT_ENTRY_BYTES != append->count)
        return false;
    uint64_t term = append->prev_term; /* never falls along a log, nor passes its leader's */
    for (uint32_t i = 0; i < append->count; i++) {
        uint64_t next = get_u64(append->entries + (size_t)i * EHR_RAFT_ENTRY_BYTES);
        if (next < term)
            return false;
        term = next;
    }
    return term <= append->end_term && append->end_term <= m->view;
}

uint32_t ehr_raft_reply_encode(uint8_t *body, const struct ehr_raft_append_reply *reply)
{
    body[0] = reply->success;
    put_u64(body + 1, reply->term);
    put_u64(body + 9, reply->prev);
    return 17;
}

bool ehr_raft_reply_decode(const struct ehr_engine_message *m, struct ehr_raft_append_reply *reply)
{
    if (m->body_length != 17 || !sane(m->height) || !sane(m->view))
        return false;
    reply->term = get_u64(m->body + 1);
    reply->prev = get_u64(m->body + 9);
    return flag_get(m->body[0], &reply->success);
}

uint32_t ehr_raft_ballot_encode(uint8_t *body, const struct ehr_raft_ballot *ballot)
{
    body[0] = ballot->granted;
    put_u64(body + 1, ballot->term);
    return 9;
}

bool ehr_raft_ballot_decode(const struct ehr_engine_message *m, struct ehr_raft_ballot *ballot)
{
    if (m->body_length != 9 || !sane(m->height) || !sane(m->view))
        return false;
    ballot->term = get_u64(m->body + 1);
    return flag_get(m->body[0], &ballot->granted);
}

uint32_t ehr_raft_point_encode(uint8_t *body, const struct ehr_raft_point *point)
{
    put_u64(body, point->term);
    memcpy(body + 8, point->block.bytes, sizeof(point->block.bytes));
    memcpy(body + 40, point->state.bytes, sizeof(point->state.bytes));
    return EHR_RAFT_SNAPSHOT_BYTES;
}

bool ehr_raft_point_decode(const struct ehr_engine_message *m, struct ehr_raft_point *point)
{
    if (m->body_length != EHR_RAFT_SNAPSHOT_BYTES || !sane(m->height) || !sane(m->view))
        return false;
    point->height = m->height;
    point->term = get_u64(m->body);
    memcpy(point->block.bytes, m->body + 8, sizeof(point->block.bytes));
    memcpy(point->state.bytes, m->body + 40, sizeof(point->state.bytes));
    return point->term <= m->view;
}
