#include "tests/lab/ordering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "actors/chain_node.h"
#include "crypto/drbg.h"
#include "sim/contract/chain.h"
#include "tests/lab/heap.h"
#include "sim/consensus/registry.h"

/* ---- the client ---- */

struct lab_client {
    struct ehr_node node;
    const struct ehr_committee *committee;
    const struct ehr_lab_config *config;
    struct ehr_lab_result *result;
    uint64_t sent;
    uint16_t *replies; /* per request */
    uint64_t *sent_ns;
    struct ehr_kernel *kernel;
};

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t messages_out(const struct ehr_kernel *kernel, uint32_t nodes)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < nodes; i++)
        sum += ehr_kernel_counters(kernel, i)->messages_out;
    return sum;
}

/* Begins to count what the second half costs (`sign` -1), or ends it. */
static void late_mark(struct lab_client *self, int sign)
{
    struct ehr_lab_result *result = self->result;
    result->late_heap_calls += (uint64_t)sign * ehr_heap_calls();
    result->late_messages +=
        (uint64_t)sign * messages_out(self->kernel, self->config->replicas + 1);
    result->late_cpu_s += sign * seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static bool to_all(const struct ehr_lab_config *config)
{
    const struct ehr_engine_config engine = {.fixed_leader = config->fixed_leader};
    return ehr_engine_requests_of(ehr_engine_find(config->engine), &engine) ==
           EHR_ENGINE_REQUESTS_ALL;
}

static void client_send(struct lab_client *self, struct ehr_fx *fx)
{
    uint8_t body[8];
    struct ehr_msg_submit *submit = EHR_NEW(submit, SUBMIT);
    uint64_t number = self->sent++;
    ehr_le64(body, number);
    self->sent_ns[number] = ehr_fx_now(fx);
    submit->request = number;
    submit->tx = ehr_tx_new(EHR_TX_RAW, body, sizeof body, self->node.id, 0, number);
    struct ehr_message *message = ehr_message_seal(&submit->head);
    if (to_all(self->config))
        ehr_fx_broadcast(fx, self->committee->group, message);
    else
        ehr_fx_send(fx, (struct ehr_address){self->committee->members[0].node, 0}, message);
}

static void client_on_start(struct ehr_node *node, struct ehr_fx *fx,
                            const struct ehr_journal *saved)
{
    struct lab_client *self = (struct lab_client *)(void *)node;
    (void)saved;
    for (uint32_t i = 0; i < self->config->outstanding && self->sent < self->config->requests; i++)
        client_send(self, fx);
}

static void client_on_message(struct ehr_node *node, struct ehr_fx *fx,
                              const struct ehr_delivery *d)
{
    struct lab_client *self = (struct lab_client *)(void *)node;
    const struct ehr_msg_reply *reply = EHR_AS(reply, d->message);
    if (d->message->type != EHR_MSG_REPLY || reply->request >= self->sent ||
        ++self->replies[reply->request] != self->committee->client_quorum)
        return;
    if (reply->request < EHR_LAB_BLOCKS_KEPT)
        self->result->latency_ns[reply->request] = ehr_fx_now(fx) - self->sent_ns[reply->request];
    self->result->answered++;
    self->result->sim_ns = ehr_fx_now(fx);
    if (self->result->answered == self->config->requests / 2)
        late_mark(self, -1);
    if (self->result->answered == self->config->requests)
        late_mark(self, 1);
    if (self->sent < self->config->requests)
        client_send(self, fx);
    else if (self->result->answered == self->config->requests && self->config->linger_ns > 0)
        ehr_fx_timer(fx, 1, 1, self->config->linger_ns);
}

static void client_on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                            uint64_t generation)
{
    struct lab_client *self = (struct lab_client *)(void *)node;
    (void)fx, (void)lane, (void)id, (void)generation;
    ehr_kernel_stop(self->kernel);
}

static const struct ehr_node_type client_type = {"client", client_on_start, client_on_message,
                                                 client_on_timer};

/* ---- the world around it ---- */

struct lab {
    struct ehr_lab_result *result;
    struct ehr_committee committee;
    struct ehr_directory directory;
    struct ehr_chain *chain;
    struct ehr_node **nodes;
    struct ehr_drbg rng;
    struct ehr_effects effects;
};

static void lab_on_mark(void *context, uint64_t now_ns, uint32_t node, const struct ehr_mark *mark)
{
    struct lab *lab = context;
    struct ehr_lab_result *result = lab->result;
    if (mark->kind == EHR_MARK_VIEW && mark->value > result->view_changes)
        result->view_changes = mark->value;
    if (mark->kind == EHR_MARK_COMMITTED && mark->value > result->blocks)
        result->blocks = mark->value;
    if (mark->value == 0 || mark->value > EHR_LAB_BLOCKS_KEPT)
        return;
    if (mark->kind == EHR_MARK_PROPOSED)
        result->proposed_ns[mark->value - 1] = now_ns;
    if (mark->kind == EHR_MARK_COMMITTED && node == lab->committee.members[0].node)
        result->committed_ns[mark->value - 1] = now_ns;
    if (mark->kind != EHR_MARK_COMMITTED)
        return;
    if (result->committed_first_ns[mark->value - 1] == 0)
        result->committed_first_ns[mark->value - 1] = now_ns;
    result->committed_last_ns[mark->value - 1] = now_ns;
}

/* Counts consensus messages by type; every delivery and every send passes. */
static void lab_inspect(void *context, uint64_t now_ns, uint32_t from, uint32_t to,
                        const struct ehr_message *message)
{
    struct lab *lab = context;
    (void)now_ns, (void)from, (void)to;
    if (message->type == EHR_MSG_CONSENSUS)
        lab->result->phase_sent[EHR_AS(consensus, message)->phase]++;
}

/* Hosts in pairs of links: one way = 2 x lat, in practice unlimited bandwidth. */
static bool platform_write(char *path, const struct ehr_lab_config *config)
{
    int descriptor = mkstemps(path, 4);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL)
        return false;
    fprintf(file,
            "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
            "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">\n"
            "<cluster id=\"lab\" prefix=\"h\" suffix=\"\" radical=\"0-%u\" speed=\"1Gf\" "
            "bw=\"1e18Bps\" lat=\"%lluns\"/>\n</platform>\n",
            config->replicas, (unsigned long long)(config->one_way_ns / 2));
    return fclose(file) == 0;
}

static void members_make(struct lab *lab, const struct ehr_lab_config *config)
{
    struct ehr_committee *committee = &lab->committee;
    committee->members = calloc(config->replicas, sizeof *committee->members);
    committee->count = config->replicas;
    committee->client_quorum = ehr_engine_faults(config->replicas) + 1;
    committee->certificate_quorum = ehr_engine_quorum(config->replicas);
    for (uint32_t i = 0; i < config->replicas; i++)
        committee->members[i].node = i;
    lab->directory.alliance = *committee;
}

static struct ehr_chain_node_config node_config(struct lab *lab,
                                                const struct ehr_lab_config *config, uint32_t i)
{
    struct ehr_chain_node_config node = {
        .directory = &lab->directory,
        .committee = &lab->committee,
        .replica = i,
        .chain = lab->chain,
        .engine = ehr_engine_find(config->engine),
        .engine_config = {.replicas = (uint16_t)config->replicas,
                          .self = (uint16_t)i,
                          .batch_max = config->batch,
                          .batch_timeout_ns = 50000000,
                          .request_timeout_ns = 2000000000,
                          .checkpoint_interval = config->checkpoint_interval,
                          .window = 2 * config->checkpoint_interval,
                          .votes = config->votes,
                          .two_chain = config->two_chain,
                          .fixed_leader = config->fixed_leader,
                          .signatures = config->signatures},
        .effects = &lab->effects,
        .rng = &lab->rng.rng,
        .bare = true};
    uint8_t seed[32];
    ehr_rng_fill(&lab->rng.rng, seed, sizeof seed);
    ehr_sign_key_init(&node.secrets.sign, seed);
    memcpy(lab->committee.members[i].cert.ed_pk, node.secrets.sign.public, 32);
    return node;
}

static void nodes_make(struct lab *lab, const struct ehr_lab_config *config,
                       struct ehr_kernel *kernel)
{
    static char names[EHR_ENGINE_REPLICAS_MAX][24];
    uint32_t *ids = calloc(config->replicas, sizeof *ids);
    lab->nodes = calloc(config->replicas, sizeof(struct ehr_node *));
    for (uint32_t i = 0; i < config->replicas; i++) {
        struct ehr_chain_node_config node = node_config(lab, config, i);
        if (lab->effects.item == NULL) {
            lab->effects.capacity = node.engine->effects_max(&node.engine_config);
            lab->effects.item = calloc(lab->effects.capacity, sizeof *lab->effects.item);
        }
        snprintf(names[i], sizeof names[i], "replica-%u", i);
        lab->nodes[i] = ehr_chain_node_new(names[i], &node);
        ids[i] = ehr_kernel_node_add(kernel, lab->nodes[i], i, EHR_NODE_REPLICA, 0);
    }
    lab->committee.group = ehr_kernel_group_add(kernel, ids, config->replicas);
    free(ids);
}

static void counters_add(struct ehr_lab_result *result, const struct ehr_kernel *kernel,
                         uint32_t nodes)
{
    result->messages = messages_out(kernel, nodes);
    for (uint32_t i = 0; i < nodes; i++) {
        const struct ehr_kernel_counters *c = ehr_kernel_counters(kernel, i);
        for (uint32_t t = 0; t < EHR_MESSAGE_TYPES; t++)
            result->type_sent[t] += c->type_messages_out[t];
    }
}

bool ehr_lab_run(const struct ehr_lab_config *config, struct ehr_lab_result *result)
{
    char path[] = "/tmp/ehrgrid-lab-XXXXXX.xml", error[512] = "";
    char name[] = "lab", *arguments[] = {name, NULL};
    int count = 1;
    struct lab lab = {.result = result};
    struct lab_client client = {.node = {&client_type, "client", 0},
                                .committee = &lab.committee,
                                .config = config,
                                .result = result};
    struct ehr_kernel_config kernel_config = {.fidelity = config->fidelity,
                                              .overhead_bytes = 66,
                                              .loopback_ns = 10000,
                                              .costs = config->costs ? ehr_cost_table_default()
                                                                     : ehr_cost_table_zero(),
                                              .message_types = EHR_MESSAGE_TYPES};
    bool inspect = config->requests <= 1000; /* a bench pays for no hook */
    struct ehr_kernel_hooks hooks = {
        .context = &lab, .mark = lab_on_mark, .inspect = inspect ? lab_inspect : NULL};
    memset(result, 0, sizeof *result);
    ehr_crypto_init();
    if (!platform_write(path, config) ||
        !ehr_platform_load(path, &kernel_config, &count, arguments, error, sizeof error)) {
        fprintf(stderr, "lab: %s\n", error);
        return false;
    }
    unlink(path);
    ehr_drbg_init(&lab.rng, 1, 0, "lab", EHR_DRBG_CRYPTO);
    members_make(&lab, config);
    lab.chain = ehr_chain_new(0, lab.committee.chain_id, 0, config->replicas,
                              ehr_contract_alliance_new(NULL, 0, lab.committee.chain_id));
    ehr_contract_raw_allow(lab.chain->contract);
    struct ehr_kernel *kernel = ehr_kernel_new(&kernel_config, &hooks);
    client.kernel = kernel;
    nodes_make(&lab, config, kernel);
    client.replies = calloc(config->requests, sizeof *client.replies);
    client.sent_ns = calloc(config->requests, sizeof *client.sent_ns);
    ehr_kernel_node_add(kernel, &client.node, config->replicas, EHR_NODE_ROLE, 0);
    double start = seconds(CLOCK_MONOTONIC);
    result->end = ehr_kernel_run(kernel);
    result->wall_s = seconds(CLOCK_MONOTONIC) - start;
    counters_add(result, kernel, config->replicas + 1);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    result->peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024;
    for (uint32_t i = 0; i < config->replicas; i++)
        ehr_chain_node_free(lab.nodes[i]);
    ehr_kernel_free(kernel);
    ehr_chain_free(lab.chain);
    free(lab.nodes);
    free(lab.committee.members);
    free(lab.effects.item);
    free(client.replies);
    free(client.sent_ns);
    return true;
}

bool ehr_lab_run_forked(const struct ehr_lab_config *config, struct ehr_lab_result *result)
{
    int pipe_ends[2], status = 0;
    fflush(NULL);
    if (pipe(pipe_ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        bool done = ehr_lab_run(config, result) &&
                    write(pipe_ends[1], result, sizeof *result) == (ssize_t)sizeof *result;
        _exit(done ? 0 : 1);
    }
    close(pipe_ends[1]);
    size_t got = 0;
    for (ssize_t n = 1; child > 0 && n > 0 && got<sizeof *result; got += n> 0 ? (size_t)n : 0)
        n = read(pipe_ends[0], (char *)result + got, sizeof *result - got);
    close(pipe_ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0 && got == sizeof *result;
}
