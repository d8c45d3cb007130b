/* Castro and Liskov, "Practical Byzantine Fault Tolerance", OSDI'99, sections 4.4 and 4.5 (and what
 * of 4 concerns views): one case per normative sentence, as in pbft.c. */
#include "tests/paper/pbft_hands.h"

/* 4: the primary of a view is the replica p = v mod |R|. */
static void primary_is_the_view_modulo_n(void)
{
    for (uint16_t replica = 1; replica <= 2; replica++) {
        PUPPET(p, replica);
        ehr_puppet_depart(&p, 3, 6);
        ehr_puppet_depart(&p, 0, 6);
        CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
        CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], replica == 6 % 4);
        ehr_puppet_close(&p);
    }
}

/* 4.4: a backup starts a timer when it receives a request and the timer is not running already. It
 * stops it when it no longer waits to execute the request, and restarts it if it then waits for
 * another. */
static void timer_runs_while_a_request_waits(void)
{
    PUPPET(p, 1);
    pass(&p, 1000);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    pass(&p, 150);
    ehr_cluster_submit_to(p.cluster, 1, 1);
    struct ehr_digest b = block(&p, &none, 0);
    commit_block(&p, 1, &b); /* four messages, 2 ms each */
    CU_ASSERT_EQUAL(p.committed, 1);
    pass(&p, 150);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0); /* 308 ms, but the first was executed */
    pass(&p, 60);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_puppet_close(&p);
}

/* 4.4: between views it goes on accepting checkpoint messages. */
static void checkpoints_are_accepted_between_views(void)
{
    PUPPET(p, 1);
    commit_blocks(&p, none, 1, 4);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    pass(&p, 205);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    struct ehr_digest state = ehr_cluster_state(p.cluster, 1);
    ehr_puppet_send(&p, 2, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    ehr_puppet_send(&p, 3, EHR_ENGINE_CHECKPOINT, 0, 4, &state);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_CHECKPOINT], 1);
    ehr_puppet_close(&p);
}

/* 4.4: P holds a set for each request prepared at the sender above the stable checkpoint; the new
 * primary makes a pre-prepare in the new view for each number that one of the view changes holds
 * prepared, with its digest. (One that is not prepared anywhere is not carried over.) */
static void new_view_carries_over_what_was_prepared_and_nothing_else(void)
{
    PUPPET(p, 1);
    struct ehr_digest b1 = block(&p, &none, 0), b2 = block(&p, &b1, 1);
    prepare_block(&p, 1, &b1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 2, &b2); /* accepted, not prepared */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 2);
    ehr_puppet_depart(&p, 2, 1);
    ehr_puppet_depart(&p, 3, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    CU_ASSERT_EQUAL_FATAL(p.carried_count, 1);
    CU_ASSERT_EQUAL(memcmp(&p.carried[0], &b1, sizeof(b1)), 0);
    ehr_puppet_close(&p);
}

/* 4.4: from there on the protocol goes as in 4.2: the messages between min-s and max-s are agreed
 * upon again in the new view, */
static void what_is_carried_over_is_agreed_upon_again(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    prepare_block(&p, 1, &b);
    ehr_puppet_depart(&p, 2, 1);
    ehr_puppet_depart(&p, 3, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 0, 1, &b); /* the old view counts no more */
    ehr_puppet_send(&p, 3, EHR_ENGINE_COMMIT, 0, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 0);
    ehr_puppet_send(&p, 2, EHR_ENGINE_PREPARE, 1, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_PREPARE, 1, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 2); /* of view 0, and of view 1 */
    ehr_puppet_send(&p, 2, EHR_ENGINE_COMMIT, 1, 1, &b);
    ehr_puppet_send(&p, 3, EHR_ENGINE_COMMIT, 1, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
}

/* 4.4: but they avoid executing again what they have executed. */
static void what_was_executed_is_not_executed_again(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    commit_block(&p, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_depart(&p, 2, 1);
    ehr_puppet_depart(&p, 3, 1);
    CU_ASSERT_EQUAL(p.carried_count, 1);
    for (uint16_t from = 2; from <= 3; from++) {
        ehr_puppet_send(&p, from, EHR_ENGINE_PREPARE, 1, 1, &b);
        ehr_puppet_send(&p, from, EHR_ENGINE_COMMIT, 1, 1, &b);
    }
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
}

/* 4.5.2: faulty replicas cannot force a view change: f of them saying so move nobody. */
static void view_changes_of_f_replicas_move_nobody(void)
{
    PUPPET(p, 1);
    for (uint64_t view = 1; view <= 5; view++)
        ehr_puppet_depart(&p, 2, view);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    struct ehr_digest b = block(&p, &none, 0);
    commit_block(&p, 1, &b);
    CU_ASSERT_EQUAL(p.committed, 1);
    ehr_puppet_close(&p);
}

/* 4.4: when its timer expires in view v a backup begins the change to v+1: it takes no more
 * messages but checkpoints, view changes and new views, and multicasts a VIEW-CHANGE. */
static void backup_stops_accepting_when_its_timer_expires(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 199 * MS);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 2 * MS);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.view, 1);
    ehr_puppet_send(&p, 0, EHR_ENGINE_PRE_PREPARE, 0, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_close(&p);
}

/* 4.4: with 2f valid view changes of others for its view the new primary multicasts a NEW-VIEW. */
static void new_primary_multicasts_new_view_with_2f_others(void)
{
    PUPPET(p, 1);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    ehr_puppet_depart(&p, 2, 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 200 * MS); /* its own */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 0);
    ehr_puppet_depart(&p, 3, 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    CU_ASSERT_EQUAL(p.proposed, 1);
    ehr_puppet_close(&p);
}

/* 4.5.2: f+1 valid view changes of others for views above its own make a replica send one
 * itself, for the smallest of these views, though its timer has not expired. */
static void replica_joins_the_smallest_view_of_f_plus_1(void)
{
    PUPPET(p, 1);
    ehr_puppet_depart(&p, 2, 5);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 0);
    ehr_puppet_depart(&p, 3, 3);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    CU_ASSERT_EQUAL(p.view, 3);
    ehr_puppet_close(&p);
}

/* 4.5.2: who has sent a view change for v+1 waits for 2f+1 of them before it starts its timer
 * with T; if that expires before a valid new view has come, it goes for v+2, and then waits 2T. */
static void timer_of_the_next_view_waits_for_2f_plus_1_and_doubles(void)
{
    PUPPET(p, 3); /* primary of neither view 1 nor 2 */
    ehr_puppet_depart(&p, 0, 1);
    ehr_puppet_depart(&p, 1, 1); /* joins */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 196 * MS);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 4 * MS); /* T */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 2);
    CU_ASSERT_EQUAL(p.view, 2);
    ehr_puppet_depart(&p, 0, 2);
    ehr_puppet_depart(&p, 1, 2);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 390 * MS);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 2);
    ehr_cluster_run(p.cluster, ehr_cluster_now(p.cluster) + 12 * MS); /* 2T */
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_VIEW_CHANGE], 3);
    ehr_puppet_close(&p);
}

/* TOCS'02, on retransmission: it is left to receivers. A replica that waits and gets nowhere says
 * in what state it is, between views too, and does so at intervals. */
static void replica_that_gets_nowhere_says_what_it_lacks(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    ehr_cluster_submit_to(p.cluster, 1, 0);
    pass(&p, 60);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PBFT_STATUS], 0); /* nothing is open */
    prepare_block(&p, 1, &b);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    pass(&p, 40); /* 100 ms, but the block was prepared */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PBFT_STATUS], 0);
    pass(&p, 50); /* 150 ms: no commits came in a quarter of the 200 */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PBFT_STATUS], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    pass(&p, 50);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    pass(&p, 60);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PBFT_STATUS], 2);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_VIEW_CHANGE], 1);
    ehr_puppet_close(&p);
}

static void ask(struct ehr_puppet *p, uint16_t from, uint64_t view, uint64_t height, uint8_t lacks)
{
    struct ehr_engine_message message = {.type = EHR_ENGINE_PBFT_STATUS,
                                         .sender = from,
                                         .view = view,
                                         .height = height,
                                         .body = &lacks,
                                         .body_length = 1};
    ehr_cluster_inject(p->cluster, p->replica, &message);
    pass(p, 2);
}

/* TOCS'02, on retransmission: who receives a status sends again those of its messages that the
 * sender lacks: what it voted, nothing new, and not to whom has it. */
static void status_is_answered_with_what_its_sender_lacks(void)
{
    PUPPET(p, 1);
    struct ehr_digest b = block(&p, &none, 0);
    prepare_block(&p, 1, &b);
    ehr_puppet_reset(&p);
    ask(&p, 3, 0, 1, 4); /* commits */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 0);
    ask(&p, 3, 0, 1, 4); /* too soon */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 1);
    ask(&p, 2, 0, 1, 1 | 2 | 4);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT], 2);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PREPARE], 1);
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_PRE_PREPARE], 0); /* the primary's */
    ask(&p, 0, 0, 2, 1 | 2 | 4);                        /* never voted for */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_COMMIT] + p.sent[EHR_ENGINE_PREPARE], 3);
    CU_ASSERT_EQUAL(p.persisted[EHR_ENGINE_COMMIT] + p.persisted[EHR_ENGINE_PREPARE], 0);
    ehr_puppet_depart(&p, 0, 1);
    ehr_puppet_depart(&p, 2, 1); /* it joins them and, as primary, opens view 1 */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 1);
    pass(&p, 40);
    ask(&p, 3, 1, 0, 1 | 2 | 4); /* between views: who has left is known, the new view is not */
    CU_ASSERT_EQUAL(p.sent[EHR_ENGINE_NEW_VIEW], 2);
    ehr_puppet_close(&p);
}

static const struct ehr_unit_case cases[] = {
    {"primary_is_the_view_modulo_n", primary_is_the_view_modulo_n},
    {"timer_runs_while_a_request_waits", timer_runs_while_a_request_waits},
    {"checkpoints_are_accepted_between_views", checkpoints_are_accepted_between_views},
    {"new_view_carries_over_what_was_prepared_and_nothing_else",
     new_view_carries_over_what_was_prepared_and_nothing_else},
    {"what_is_carried_over_is_agreed_upon_again", what_is_carried_over_is_agreed_upon_again},
    {"what_was_executed_is_not_executed_again", what_was_executed_is_not_executed_again},
    {"view_changes_of_f_replicas_move_nobody", view_changes_of_f_replicas_move_nobody},
    {"backup_stops_accepting_when_its_timer_expires",
     backup_stops_accepting_when_its_timer_expires},
    {"new_primary_multicasts_new_view_with_2f_others",
     new_primary_multicasts_new_view_with_2f_others},
    {"replica_joins_the_smallest_view_of_f_plus_1", replica_joins_the_smallest_view_of_f_plus_1},
    {"timer_of_the_next_view_waits_for_2f_plus_1_and_doubles",
     timer_of_the_next_view_waits_for_2f_plus_1_and_doubles},
    {"replica_that_gets_nowhere_says_what_it_lacks", replica_that_gets_nowhere_says_what_it_lacks},
    {"status_is_answered_with_what_its_sender_lacks",
     status_is_answered_with_what_its_sender_lacks},
};

EHR_UNIT_MAIN("pbft, OSDI'99, 4.4 and 4.5; TOCS'02, retransmission", cases)
