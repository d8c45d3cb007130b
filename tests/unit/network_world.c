#include "tests/unit/network_world.h"

#include <CUnit/CUnit.h>

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simgrid/actor.h>
#include <simgrid/engine.h>
#include <simgrid/host.h>

#include "sim/ledger/body.h"
#include "sim/ledger/pool.h"

enum { NOTE_BYTES = 42, TRACE_MAX = 1 << 20 };

struct world world;
void (*world_settled)(void *context);
bool world_inside;
void (*world_program)(void);
void (*world_over)(void *context);
bool world_restart;
const char *world_profile;
static const struct plot *plot;
static char *trace;
static size_t trace_length;
static uint32_t node_count;

/* ---- in the child ---- */

void say(uint64_t ns, uint32_t node, const char *format, ...)
{
    va_list list;
    trace_length += (size_t)snprintf(trace + trace_length, TRACE_MAX - trace_length,
                                     "%" PRIu64 " %u ", ns, node);
    va_start(list, format);
    trace_length += (size_t)vsnprintf(trace + trace_length, TRACE_MAX - trace_length, format, list);
    va_end(list);
    trace_length += (size_t)snprintf(trace + trace_length, TRACE_MAX - trace_length, "\n");
    assert(trace_length < TRACE_MAX - 1000);
}

struct ehr_message *note(uint64_t number)
{
    struct ehr_msg_body_get *get = EHR_NEW(body_get, BODY_GET);
    get->height = number;
    assert(ehr_message_seal(&get->head)->size == NOTE_BYTES);
    return &get->head;
}

struct ehr_message *parcel(uint64_t number, uint64_t wire_bytes)
{
    struct ehr_msg_store *store = EHR_NEW(store, STORE);
    store->request = number;
    uint64_t rest = 2 + 8 + 32 + 4 + (uint64_t)world.config.overhead_bytes;
    store->record = ehr_blob_new(NULL, wire_bytes - rest);
    return ehr_message_seal(&store->head);
}

uint64_t number_of(const struct ehr_delivery *d)
{
    if (d->message->type == EHR_MSG_BODY_GET)
        return EHR_AS(body_get, d->message)->height;
    return EHR_AS(store, d->message)->request;
}

void mark(struct ehr_fx *fx, uint64_t number)
{
    ehr_fx_mark(fx, (struct ehr_mark){.value = number});
}

static void on_mark(void *context, uint64_t now_ns, uint32_t node, const struct ehr_mark *m)
{
    (void)context;
    say(now_ns, node, "mark %" PRIu64, m->value);
}

static void on_start(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_journal *saved)
{
    if (plot->start != NULL)
        plot->start(node->id, fx, saved);
}

static void on_message(struct ehr_node *node, struct ehr_fx *fx, const struct ehr_delivery *d)
{
    if (plot->message != NULL)
        plot->message(node->id, fx, d);
    else
        say(ehr_fx_now(fx), node->id, "got %" PRIu64, number_of(d));
}

static void on_timer(struct ehr_node *node, struct ehr_fx *fx, uint32_t lane, uint32_t id,
                     uint64_t generation)
{
    if (plot->timer != NULL)
        plot->timer(node->id, fx, lane, id, generation);
    else
        say(ehr_fx_now(fx), node->id, "timer %u %" PRIu64, id, generation);
}

static const struct ehr_node_type type = {"probe", on_start, on_message, on_timer};

uint32_t node_add(uint32_t host, enum ehr_node_place place, uint32_t lanes)
{
    assert(node_count < WORLD_NODES);
    struct probe *probe = &world.probes[node_count];
    snprintf(probe->name, sizeof probe->name, "probe-%u", node_count);
    probe->host = host;
    probe->inhabited = place != EHR_NODE_CONTROL;
    probe->node = (struct ehr_node){.type = &type, .name = probe->name};
    uint32_t id = ehr_kernel_node_add(world.kernel, &probe->node, host, place, lanes);
    assert(id == node_count);
    node_count++;
    return id;
}

void group_all(void)
{
    uint32_t ids[WORLD_NODES], count = 0;
    for (uint32_t i = 0; i < WORLD_NODES && world.probes[i].name[0] != '\0'; i++)
        ids[count++] = i;
    world.group = ehr_kernel_group_add(world.kernel, ids, count);
}

static void file_write(char path[32], const char *text)
{
    strcpy(path, "/tmp/ehr-platform-XXXXXX");
    int fd = mkstemp(path);
    assert(fd >= 0);
    ssize_t written = write(fd, text, strlen(text));
    assert(written == (ssize_t)strlen(text));
    close(fd);
}

static void on_orphaned(void *context, enum ehr_kernel_end how)
{
    (void)context;
    say(ehr_kernel_now(world.kernel), 99, "orphaned");
    world.end = how;
}

static void world_make(void)
{
    struct ehr_kernel_hooks hooks = {
        .mark = on_mark, .settled = world_settled, .over = world_over, .orphaned = on_orphaned};
    world.kernel = ehr_kernel_new(&world.config, &hooks);
    plot->build();
}

static void world_run(void)
{
    world_make();
    world.end = ehr_kernel_run(world.kernel);
}

void world_node_actor(int argc, char **argv)
{
    (void)argc;
    ehr_kernel_inhabit(world.kernel, (uint32_t)atoi(argv[0]));
}

static void world_actor(int argc, char **argv)
{
    (void)argc, (void)argv;
    ehr_platform_adopt();
    world_make();
    for (uint32_t i = 0; i < node_count; i++)
        if (world.probes[i].inhabited)
            ehr_kernel_inhabited_expect(world.kernel, i);
    for (uint32_t i = node_count; i-- > 0;) {
        if (!world.probes[i].inhabited)
            continue;
        char text[16];
        const char *arguments[] = {text, NULL};
        snprintf(text, sizeof text, "%u", i);
        sg_host_t host = sg_host_by_name(ehr_platform_host_name(world.probes[i].host));
        sg_actor_t actor = sg_actor_init(world.probes[i].name, host);
        sg_actor_start_(actor, world_node_actor, 1, arguments);
        world.probes[i].actor = actor;
        if (world_restart)
            sg_actor_set_auto_restart(actor, 1);
    }
    world.end = ehr_kernel_run(world.kernel);
}

/* A SimGrid program with a world in it. */
static void program_main(const char *path)
{
    static char name[] = "program", quiet[] = "--log=xbt_cfg.threshold:warning";
    static char factory[] = "--cfg=contexts/factory:thread";
    char *arguments[] = {name, quiet, factory, NULL};
    int count = 2;
#ifdef EHR_SANITIZED
    count = 3;
#endif
    simgrid_init(&count, arguments);
    world.config.inside = true;
    ehr_platform_settings_apply(&world.config);
    simgrid_load_platform(path);
    if (world_program != NULL)
        world_program();
    sg_host_t *hosts = sg_host_list();
    sg_actor_t actor = sg_actor_init("world", hosts[0]);
    free(hosts);
    sg_actor_start_(actor, world_actor, 0, NULL);
    simgrid_run();
}

/* SimGrid looks for profiles in the working directory, and for absolute names, too. */
static void profile_place(char path[32], char *text)
{
    char *at = strstr(text, WORLD_PROFILE);
    if (at == NULL)
        return;
    file_write(path, world_profile);
    const char *name = strrchr(path, '/') + 1;
    assert(strlen(name) == strlen(WORLD_PROFILE) && chdir("/tmp") == 0);
    memcpy(at, name, strlen(name));
}

static void files_remove(const char *path, const char *profile)
{
    unlink(path);
    if (profile[0] != '\0')
        unlink(profile);
}

static void child_main(enum ehr_fidelity fidelity)
{
    static struct ehr_cost_table costs;
    costs.entry[EHR_COST_ED_VERIFY].fixed_ns = 1000000;
    costs.entry[EHR_COST_HASH].per_byte_ps = 1000;
    trace = calloc(1, TRACE_MAX);
    world.config = (struct ehr_kernel_config){.fidelity = fidelity,
                                              .overhead_bytes = 1000 - NOTE_BYTES,
                                              .loopback_ns = 10000,
                                              .costs = &costs,
                                              .message_types = EHR_MESSAGE_TYPES};
    if (plot->config != NULL)
        plot->config(&world.config);
    char path[32], profile[32] = "", error[400];
    char *text = malloc(strlen(plot->platform) + 200);
    sprintf(text,
            "<?xml version='1.0'?>\n<!DOCTYPE platform SYSTEM "
            "\"https://simgrid.org/simgrid.dtd\">\n<platform version=\"4.1\">%s</platform>\n",
            plot->platform);
    profile_place(profile, text);
    file_write(path, text);
    free(text);
    if (world_inside) {
        program_main(path);
        files_remove(path, profile);
    } else {
        bool loaded = ehr_platform_load(path, &world.config, NULL, NULL, error, sizeof error);
        files_remove(path, profile);
        if (!loaded) {
            say(0, 0, "%s", error);
            return;
        }
        world_run();
    }
    if (plot->after != NULL)
        plot->after();
    ehr_kernel_free(world.kernel);
    if (ehr_pool_alive() != 0)
        say(0, 0, "left: %" PRIu64 " objects", ehr_pool_alive());
}

/* ---- in the parent ---- */

static char *read_all(int fd)
{
    char *text = calloc(1, TRACE_MAX);
    size_t length = 0;
    ssize_t n;
    while ((n = read(fd, text + length, TRACE_MAX - 1 - length)) > 0)
        length += (size_t)n;
    close(fd);
    return text;
}

static void write_all(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t n = write(fd, text, length);
        if (n <= 0)
            _exit(9);
        text += n;
        length -= (size_t)n;
    }
}

static void status_append(char *text, pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0)
        sprintf(text + strlen(text), "child ended with %d\n", status);
}

char *run(const struct plot *which, enum ehr_fidelity fidelity)
{
    int ends[2];
    fflush(NULL);
    int piped = pipe(ends);
    assert(piped == 0);
    pid_t child = fork();
    if (child == 0) {
        plot = which;
        child_main(fidelity);
        write_all(ends[1], trace);
        _exit(0);
    }
    close(ends[1]);
    char *text = read_all(ends[0]);
    status_append(text, child);
    return text;
}

char *load(const char *text)
{
    int ends[2], noise[2];
    fflush(NULL);
    int piped = pipe(ends) + pipe(noise);
    assert(piped == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(noise[1], STDERR_FILENO);
        struct ehr_kernel_config config = {.fidelity = EHR_FIDELITY_DELAY};
        char path[32] = "/tmp/ehr-no-such-platform/x.xml", error[400] = "loaded";
        if (text != NULL)
            file_write(path, text);
        bool loaded = ehr_platform_load(path, &config, NULL, NULL, error, sizeof error);
        if (text != NULL)
            unlink(path);
        write_all(ends[1], loaded == (strcmp(error, "loaded") == 0) ? error : "contradiction");
        _exit(0);
    }
    close(ends[1]);
    close(noise[1]);
    char *result = read_all(ends[0]), *other = read_all(noise[0]);
    if (other[0] != '\0')
        sprintf(result + strlen(result), "\nstderr: %.300s", other);
    free(other);
    status_append(result, child);
    return result;
}

bool traces_agree(const char *a, const char *b, double relative, uint64_t absolute_ns)
{
    while (*a != '\0' && *b != '\0') {
        char *rest_a, *rest_b;
        uint64_t x = strtoull(a, &rest_a, 10), y = strtoull(b, &rest_b, 10);
        uint64_t difference = x > y ? x - y : y - x;
        if ((double)difference > relative * (double)x + (double)absolute_ns)
            return false;
        size_t length = strcspn(rest_a, "\n");
        if (length != strcspn(rest_b, "\n") || strncmp(rest_a, rest_b, length) != 0)
            return false;
        a = rest_a + length + (rest_a[length] == '\n');
        b = rest_b + length + (rest_b[length] == '\n');
    }
    return *a == *b;
}

/* ---- shared plots ---- */

static const char *const names[] = {"", "flow", "queue", "delay"};

void expect(const struct plot *p, enum ehr_fidelity fidelity, const char *expected)
{
    char *text = run(p, fidelity);
    if (strcmp(text, expected) != 0)
        printf("\n    %s gave\n%s    instead of\n%s", names[fidelity], text, expected);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

void expect_everywhere(const struct plot *p, const char *expected)
{
    for (int f = EHR_FIDELITY_FLOW; f <= EHR_FIDELITY_DELAY; f++)
        expect(p, (enum ehr_fidelity)f, expected);
}

void send(struct ehr_fx *fx, uint32_t to, uint64_t number)
{
    ehr_fx_send(fx, (struct ehr_address){to, 0}, note(number));
}

void build_pair(void)
{
    node_add(0, EHR_NODE_ROLE, 0);
    node_add(1, EHR_NODE_REPLICA, 0);
}

void build_mesh(void)
{
    for (uint32_t i = 0; i < 4; i++)
        node_add(i, EHR_NODE_REPLICA, 0);
    group_all();
}
