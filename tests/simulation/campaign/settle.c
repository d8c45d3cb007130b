/* The liveness phase: no faults but the Byzantine, messages arrive within a known time, some may
 * stay away. The others have to execute everything submitted before, at every one of them. Clients
 * try again, everywhere; and requests keep coming, so that whoever fell behind hears of
 * checkpoints: what was committed since the last one reaches it by the node's block
 * synchronisation, which is not the engine's. */
#include "tests/simulation/campaign/inside.h"

#include <inttypes.h>

#define PATIENCE_NS (UINT64_C(400) * 1000000000)

static void tell(struct ehr_world *w, uint32_t request)
{
    for (uint16_t i = 0; i < w->instance_count; i++) {
        if (!w->instances[i].up)
            continue;
        ehr_node_submit(w, &w->instances[i], request);
        ehr_node_pool(w, &w->instances[i]);
    }
}

static void submit(struct ehr_world *w)
{
    if (w->submitted + 1 >= EHR_REQUESTS_MAX)
        return;
    uint32_t request = w->submitted++;
    w->words = w->submitted / 64 + 1;
    tell(w, request);
}

/* How many may stay away: f with the Byzantine, or less than a majority. */
static uint32_t absent_max(const struct ehr_world *w)
{
    uint32_t n = w->setup.config.replicas;
    return strcmp(w->setup.type->trust, "bft") == 0 ? (n - 1) / 3 - w->setup.liars : (n - 1) / 2;
}

static uint32_t absent_draw(struct ehr_world *w)
{
    uint32_t away = 0, n = w->setup.config.replicas;
    if (w->setup.rate[EHR_FAULT_ABSENT] == 0)
        return 0;
    for (uint64_t left = ehr_tape_draw(&w->tape, absent_max(w) + 1); left > 0; left--) {
        uint32_t who = (uint32_t)ehr_tape_draw(&w->tape, n);
        while ((away >> who & 1U) != 0 || w->instances[who].byzantine)
            who = (who + 1) % n;
        away |= 1U << who;
        w->tally.absent++;
    }
    return away;
}

void ehr_settle_begin(struct ehr_world *w)
{
    uint32_t away = absent_draw(w);
    w->settling = true;
    w->settled_from_ns = w->now_ns;
    w->settled_by_ns = w->now_ns + PATIENCE_NS;
    memset(w->cut, 0, sizeof(w->cut));
    memset(w->oneway, 0, sizeof(w->oneway));
    ehr_network_forget(w);
    for (uint16_t k = 0; k < w->instance_count && !w->verdict.broken; k++) {
        struct ehr_instance *i = &w->instances[k];
        i->crash_at = i->slow_until_ns = i->exiled_until_ns = 0;
        i->crash_type = 0;
        if ((away >> k & 1U) != 0) {
            if (i->up)
                ehr_node_crash(w, i);
            continue;
        }
        if (!i->up)
            ehr_node_start(w, i);
        if (!i->byzantine)
            w->healed |= 1U << k;
    }
    if (w->trace != NULL)
        fprintf(w->trace, "%8.3f ms the faults are over\n", (double)w->now_ns / 1e6);
    for (uint32_t k = 0; k < 3; k++)
        submit(w);
    w->owed = w->submitted;
    for (uint32_t request = 0; request < w->owed && !w->verdict.broken; request++)
        tell(w, request);
    w->round = 0;
    ehr_world_push(w, w->setup.delay_min_ns, EHR_HAPPENING_ROUND, 0, 0, 0);
}

static uint32_t missing(const struct ehr_world *w, const struct ehr_instance *i)
{
    uint32_t count = 0;
    for (uint32_t k = 0; 64 * k < w->owed; k++) {
        uint64_t wanted = w->owed - 64 * k >= 64 ? UINT64_MAX : (UINT64_C(1) << w->owed % 64) - 1;
        count += ehr_host_members(wanted & ~i->done[k]);
    }
    return count;
}

static bool settled(const struct ehr_world *w)
{
    for (uint16_t k = 0; k < w->instance_count; k++)
        if ((w->healed >> k & 1U) != 0 && missing(w, &w->instances[k]) > 0)
            return false;
    return true;
}

static void complain(struct ehr_world *w)
{
    char text[400] = "";
    size_t length = 0;
    for (uint16_t k = 0; k < w->instance_count && length < sizeof(text); k++) {
        const struct ehr_instance *i = &w->instances[k];
        int more = snprintf(text + length, sizeof(text) - length,
                            " r%u%s v%" PRIu64 " h%" PRIu64 " lacks %u;", i->replica,
                            i->byzantine ? (k >= w->setup.config.replicas ? "' byz" : " byz")
                            : i->up      ? ""
                                         : " down",
                            i->view, i->executed, missing(w, i));
        length += more > 0 ? (size_t)more : 0;
    }
    ehr_world_broken(w, "liveness", "of %u requests%s", w->owed, text);
}

void ehr_settle_round(struct ehr_world *w)
{
    if (settled(w)) {
        w->done = true;
        w->tally.settling_ns = w->now_ns - w->settled_from_ns;
        return;
    }
    if (w->now_ns >= w->settled_by_ns) {
        complain(w);
        return;
    }
    w->round++;
    for (uint16_t k = 0; k < w->instance_count; k++) /* who waits in vain asks its peers */
        if (w->setup.rate[EHR_FAULT_SYNC] != 0 && w->round % 32 == 16 && w->instances[k].up)
            ehr_world_push(w, 0, EHR_HAPPENING_SYNC, k, 0, 0);
    uint32_t pace = w->round < 256 ? 8 : 64;
    if (w->round % pace == 0)
        submit(w);
    uint64_t pause = w->setup.delay_min_ns + (w->setup.delay_range_ns >> 3);
    if (w->round >= 64)
        pause = 100 * UINT64_C(1000000);
    ehr_world_push(w, pause, EHR_HAPPENING_ROUND, 0, 0, 0);
}
