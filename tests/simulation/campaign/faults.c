/* The safety phase: requests and faults, round by round. */
#include "tests/simulation/campaign/inside.h"

/* What the bench does to an instance, as a line of the trace. */
static void tell(const struct ehr_world *w, uint16_t index, const char *what)
{
    if (w->trace != NULL)
        fprintf(w->trace, "%8.3f ms r%u %s\n", (double)w->now_ns / 1e6, index, what);
}

static uint64_t draw(struct ehr_world *w, uint64_t below)
{
    return ehr_tape_draw(&w->tape, below);
}

static bool chance(struct ehr_world *w, enum ehr_fault kind)
{
    return ehr_tape_chance(&w->tape, w->setup.rate[kind]);
}

static struct ehr_instance *anybody(struct ehr_world *w)
{
    return &w->instances[draw(w, w->instance_count)];
}

/* ---- who hears whom ---- */

static void cuts_set(struct ehr_world *w)
{
    for (uint16_t a = 0; a < w->instance_count; a++) {
        w->cut[a] = 0;
        for (uint16_t b = 0; b < w->instance_count; b++) {
            bool apart = w->group[a] != w->group[b] ||
                         w->instances[a].exiled_until_ns > w->now_ns ||
                         w->instances[b].exiled_until_ns > w->now_ns;
            w->cut[a] |= (uint32_t)(apart && a != b) << b;
        }
    }
}

static void heal(struct ehr_world *w)
{
    bool apart = false;
    for (uint16_t i = 0; i < w->instance_count; i++)
        apart |= w->group[i] != 0 || w->oneway[i] != 0;
    if (apart)
        tell(w, 0, "hears the others, and they each other, but for exiles");
    memset(w->group, 0, sizeof(w->group));
    memset(w->oneway, 0, sizeof(w->oneway));
}

/* Each of the others hears one copy of a twin, or the other, or both. */
static void twins_divide(struct ehr_world *w)
{
    memset(w->deaf, 0, sizeof(w->deaf));
    uint16_t n = w->setup.config.replicas;
    for (uint16_t second = n; second < w->instance_count; second++) {
        uint16_t first = w->instances[second].replica;
        for (uint16_t other = 0; other < w->instance_count; other++) {
            uint64_t side = draw(w, 5);
            if (w->instances[other].replica == first || side == 0)
                continue;
            uint16_t silent = side % 2 == 0 ? first : second;
            w->deaf[silent] |= 1U << other;
            w->deaf[other] |= 1U << silent;
        }
    }
}

static void split(struct ehr_world *w)
{
    w->tally.partitions++;
    uint64_t groups = 2 + draw(w, 2);
    for (uint16_t i = 0; i < w->instance_count; i++) {
        w->group[i] = (uint16_t)draw(w, groups);
        tell(w, i,
             w->group[i] == 0   ? "is in group 0"
             : w->group[i] == 1 ? "is in group 1"
                                : "is in group 2");
    }
}

static void network_faults(struct ehr_world *w)
{
    if (draw(w, 3) == 2)
        heal(w);
    if (chance(w, EHR_FAULT_PARTITION))
        split(w);
    if (chance(w, EHR_FAULT_ISOLATE)) {
        w->tally.partitions++;
        struct ehr_instance *i = anybody(w);
        w->group[i->index] = (uint16_t)(10 + i->index);
        tell(w, i->index, "is alone");
    }
    if (chance(w, EHR_FAULT_ONEWAY)) {
        w->tally.partitions++;
        uint64_t links = 1 + draw(w, w->setup.config.replicas);
        struct ehr_instance *of =
            anybody(w); /* mostly of one replica: it hears, or says, nothing */
        bool mute = draw(w, 2) == 0;
        tell(w, of->index, mute ? "is not heard by some" : "does not hear some");
        for (uint64_t k = 0; k < links; k++) {
            struct ehr_instance *other = anybody(w);
            if (mute)
                w->oneway[of->index] |= 1U << other->index;
            else
                w->oneway[other->index] |= 1U << of->index;
        }
    }
    if (w->setup.twins > 0 && chance(w, EHR_FAULT_TWINS))
        twins_divide(w);
    if (chance(w, EHR_FAULT_SLOW)) {
        w->tally.slowed++;
        anybody(w)->slow_until_ns = w->now_ns + (1 + draw(w, 6)) * w->setup.round_ns_max;
    }
    if (w->setup.rate[EHR_FAULT_REPLAY] != 0 && draw(w, 4) == 3)
        ehr_network_replay(w);
    cuts_set(w);
}

/* ---- who is down ---- */

static uint32_t down_count(const struct ehr_world *w)
{
    uint32_t count = 0;
    for (uint16_t i = 0; i < w->instance_count; i++)
        count +=
            !w->instances[i].up || w->instances[i].crash_at != 0 || w->instances[i].crash_type != 0;
    return count;
}

/* Between two effects soon, or right behind one that is of a type. */
static void crash_soon(struct ehr_world *w, struct ehr_instance *i)
{
    static const uint32_t types[] = {0, EHR_EFFECT_PERSIST, EHR_EFFECT_SEND, EHR_EFFECT_COMMIT};
    if (!i->up || down_count(w) >= w->setup.down_max)
        return;
    i->crash_type = types[draw(w, 4)];
    if (i->crash_type == 0)
        i->crash_at = i->performed + 1 + draw(w, 12);
}

static void power_cut(struct ehr_world *w)
{
    w->tally.power_cuts++;
    bool at_once = draw(w, 2) == 0;
    for (uint16_t i = 0; i < w->instance_count; i++)
        if (w->instances[i].up)
            ehr_node_crash(w, &w->instances[i]);
    for (uint16_t i = 0; i < w->instance_count && at_once && !w->verdict.broken; i++)
        ehr_node_start(w, &w->instances[i]);
}

static struct ehr_instance *leader(struct ehr_world *w)
{
    const struct ehr_instance *of = NULL;
    for (uint16_t i = 0; i < w->instance_count; i++)
        if (w->instances[i].up && (of == NULL || w->instances[i].view > of->view))
            of = &w->instances[i];
    if (of == NULL)
        return NULL;
    uint16_t replica = w->setup.type->leader(of->engine);
    return replica < w->setup.config.replicas ? &w->instances[replica] : NULL;
}

static void exile(struct ehr_world *w, struct ehr_instance *i)
{
    w->tally.hunted++;
    tell(w, i->index, "is hunted: alone for a while");
    i->exiled_until_ns = w->now_ns + (1 + draw(w, 8)) * w->setup.round_ns_max;
}

/* Most of what can go wrong goes wrong around a leader that fails at the wrong moment. */
static void hunt(struct ehr_world *w)
{
    struct ehr_instance *i = leader(w);
    if (i == NULL)
        return;
    if (draw(w, 2) == 0 || w->setup.rate[EHR_FAULT_CRASH] == 0)
        exile(w, i);
    else
        crash_soon(w, i);
    cuts_set(w);
}

/* ... and who has just committed knows something that others do not. */
void ehr_faults_committed(struct ehr_world *w, struct ehr_instance *i)
{
    if (!ehr_tape_chance(&w->tape, w->setup.rate[EHR_FAULT_HUNT] / 4))
        return;
    uint32_t exiled = 0;
    for (uint16_t k = 0; k < w->instance_count; k++)
        exiled += w->instances[k].exiled_until_ns > w->now_ns;
    if (3 * exiled + 3 >= w->setup.config.replicas && w->setup.down_max < w->instance_count)
        return;
    exile(w, i);
    cuts_set(w);
}

static void node_faults(struct ehr_world *w)
{
    for (uint16_t i = 0; i < w->instance_count && !w->verdict.broken; i++)
        if (!w->instances[i].up && draw(w, 3) == 2) {
            w->tally.restarts++;
            ehr_node_start(w, &w->instances[i]);
        }
    if (w->verdict.broken)
        return;
    if (chance(w, EHR_FAULT_SYNC))
        ehr_world_push(w, 0, EHR_HAPPENING_SYNC, anybody(w)->index, 0, 0);
    if (chance(w, EHR_FAULT_CRASH))
        crash_soon(w, anybody(w));
    if (chance(w, EHR_FAULT_POWER))
        power_cut(w);
    if (chance(w, EHR_FAULT_HUNT))
        hunt(w);
}

/* ---- requests ---- */

static void submit(struct ehr_world *w)
{
    uint32_t request = w->submitted++;
    w->words = w->submitted / 64 + 1;
    uint64_t first = w->setup.everybody_told ? w->instance_count : draw(w, w->instance_count);
    for (uint16_t i = 0; i < w->instance_count; i++) {
        uint64_t delay = draw(w, w->setup.delay_range_ns + 1);
        if (first < w->instance_count && i != first) /* its client tries the others later */
            delay += w->setup.config.request_timeout_ns / 2;
        ehr_world_push(w, delay, EHR_HAPPENING_SUBMIT, i, request, 0);
    }
}

static uint64_t requests_now(struct ehr_world *w)
{
    switch (w->setup.workload) {
    case EHR_WORKLOAD_TRICKLE:
        return draw(w, 8);
    case EHR_WORKLOAD_BURSTS:
        return draw(w, 6) == 5 ? 4 + draw(w, 30) : 0;
    case EHR_WORKLOAD_IDLE:
        break;
    }
    return draw(w, 10) == 9 ? 1 + draw(w, 8) : 0;
}

void ehr_faults_open(struct ehr_world *w)
{
    uint16_t n = w->setup.config.replicas;
    memset(w->cut, 0, sizeof(w->cut));
    memset(w->deaf, 0, sizeof(w->deaf));
    memset(w->link_ns, 0, sizeof(w->link_ns));
    heal(w);
    w->instance_count = (uint16_t)(n + w->setup.twins);
    for (uint16_t i = 0; i < w->instance_count; i++)
        ehr_node_open(w, i, i < n ? i : (uint16_t)(i - n));
    if (w->setup.rate[EHR_FAULT_LINKS] != 0)
        for (uint16_t a = 0; a < w->instance_count; a++)
            for (uint16_t b = 0; b < w->instance_count; b++)
                w->link_ns[a][b] = (uint32_t)draw(w, w->setup.delay_range_ns / 2 + 1);
    if (w->setup.twins > 0)
        twins_divide(w);
    for (uint16_t i = 0; i < w->instance_count && !w->verdict.broken; i++)
        ehr_node_start(w, &w->instances[i]);
    for (uint16_t i = 0; i < w->instance_count && !w->verdict.broken; i++)
        ehr_node_pool(w, &w->instances[i]);
    ehr_world_push(w, 0, EHR_HAPPENING_ROUND, 0, 0, 0);
}

void ehr_faults_round(struct ehr_world *w)
{
    if (++w->round > w->setup.rounds) {
        ehr_settle_begin(w);
        return;
    }
    uint64_t count = requests_now(w);
    while (count-- > 0 && w->submitted < w->setup.requests_max)
        submit(w);
    network_faults(w);
    node_faults(w);
    ehr_world_push(w, 1 + draw(w, w->setup.round_ns_max), EHR_HAPPENING_ROUND, 0, 0, 0);
}
