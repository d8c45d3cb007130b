/* EHRGrid: blockchains of hospitals for electronic health records, simulated on SimGrid.
 *
 * Three ways to use it, all of them through this header:
 *  - the command: ehr_command_main is the program `ehrgrid` as a function;
 *  - a plugin of a SimGrid program: the roles become actor functions (ehr.hospital, ehr.chain_node,
 *    ...) that any deployment file places, next to the program's own actors;
 *  - hooks: what happens is told to the program, which may submit requests, read metrics, and bring
 *    its own workload, consensus engine and adversaries.
 *
 *     simgrid_init(&argc, argv);
 *     struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
 *     config.out = "results/mine";
 *     if (ehr_plugin_init(&config) != EHR_EXIT_DONE) return 2;
 *     simgrid_load_platform("platform.xml");
 *     if (ehr_plugin_load_deployment("deployment.xml") != EHR_EXIT_DONE) return 2;
 *     simgrid_run();
 *     return ehr_plugin_close();
 *
 * Times are nanoseconds of simulated time, sizes bytes. Strings that are handed out belong to the
 * library and are good until ehr_plugin_close, unless said. One simulation per process, as SimGrid
 * is process-wide; nothing here may be called from two threads. Structs that begin with `size` may
 * grow: a program that was built with an older header still runs. All others stay as they are while
 * the soname does. Roles, their arguments and
 * properties: ehrgrid-deployment(5), docs/plugin.md. */
#ifndef EHRGRID_H
#define EHRGRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "sim/consensus/engine.h" /* the installed header has its text in this place */

/* Exit statuses of the command, and results of ehr_plugin_*. The worse is the larger. */
enum ehr_exit {
    EHR_EXIT_DONE = 0,
    EHR_EXIT_WRONG = 1,       /* the run ended wrongly: invariant broken, liveness lost */
    EHR_EXIT_INPUT = 2,       /* bad usage, scenario or deployment, or a file it names is */
    EHR_EXIT_ENVIRONMENT = 3, /* disk full, unwritable output, read error */
};

/* ---- the command ---- */

/* Carries out one command line, argv[0] included, as the program `ehrgrid` does; writes to stdout
 * and stderr and returns the exit status (enum ehr_exit). argv may be permuted. */
EHR_API int ehr_command_main(int argc, char **argv);

/* "0.1.0"; static. */
EHR_API const char *ehr_version(void);

/* ---- what happens ---- */

/* A block is committed: the first correct replica has executed it. */
struct ehr_block_event {
    const char *chain; /* as in blocks.csv: "alliance", or the id of a hospital */
    uint64_t height;
    uint64_t view;
    const char *proposer; /* node; NULL if unknown */
    uint32_t transactions;
    uint64_t bytes;
    uint64_t proposed_ns;  /* UINT64_MAX: unknown */
    uint64_t committed_ns; /* now */
    struct ehr_digest hash;
};

/* A request, as in requests.csv. */
struct ehr_request_event {
    uint32_t request;     /* 1, 2, 3, ... */
    const char *flow;     /* "register", "visit", "retrieve", "share", "revoke", "ordering" */
    const char *hospital; /* NULL: none */
    const char *outcome;  /* "ok", "refused", "failed", "timeout", "unfinished" (open when the run
                           * ended); NULL while it is open */
    const char *reason;   /* of what is not ok; "" else */
    uint64_t start_ns;
    uint64_t end_ns; /* 0 while it is open */
    bool identical;  /* the record was opened byte for byte as it had been written */
};

/* A party refused a request, or a contract a transaction: every replica that refuses one before it
 * is ordered tells, and the first correct one that executes it. */
struct ehr_refusal_event {
    uint32_t request;   /* the request, or whose transaction it is; 0: nobody's */
    const char *chain;  /* of the transaction; NULL: it is the request that was refused */
    const char *node;   /* that reports it; NULL: nobody does */
    const char *reason; /* "consent_denied" */
    uint64_t now_ns;
};

/* A replica entered a view because the one before was given up. */
struct ehr_view_event {
    const char *chain;
    const char *node;
    uint64_t view;
    uint64_t now_ns;
};

/* All may be NULL. They are called at the simulated time of what they tell, when nothing is half
 * done: a hook may call everything below except ehr_request_wait, and of SimGrid what does not
 * block (release a semaphore, say). Events are borrowed for the call. */
struct ehr_hooks {
    size_t size; /* of this struct: EHR_HOOKS_INIT */
    void *context;
    void (*ready)(void *context); /* every node stands; no message has been sent */
    void (*block)(void *context, const struct ehr_block_event *event);
    void (*request)(void *context, const struct ehr_request_event *event); /* has ended */
    void (*refusal)(void *context, const struct ehr_refusal_event *event);
    void (*view_change)(void *context, const struct ehr_view_event *event);
    void (*done)(void *context); /* the run is over; SimGrid may go on with others' actors */
};
#define EHR_HOOKS_INIT                                                                             \
    {                                                                                              \
        sizeof(struct ehr_hooks), 0, 0, 0, 0, 0, 0, 0                                              \
    }

/* ---- the plugin ---- */

enum ehr_plugin_model {
    EHR_PLUGIN_MODEL_CM02 = 0, /* latency means latency: what ehrgrid run sets */
    EHR_PLUGIN_MODEL_LV08,     /* SimGrid's factors for TCP on a LAN */
    EHR_PLUGIN_MODEL_HOST,     /* SimGrid's settings stay as the program made them */
};

enum {
    EHR_PLUGIN_HOST_ENERGY = 1U << 0, /* SimGrid plugins to load; their figures: resources.csv */
    EHR_PLUGIN_LINK_ENERGY = 1U << 1,
    EHR_PLUGIN_HOST_LOAD = 1U << 2,
    EHR_PLUGIN_LINK_LOAD = 1U << 3,
};

/* Begin with EHR_PLUGIN_CONFIG_INIT. Borrowed until ehr_plugin_close. */
struct ehr_plugin_config {
    size_t size;             /* of this struct, in the program's version of it */
    const char *out;         /* folder of results, must not exist; NULL: none is written */
    const char *const *sets; /* PATH=VALUE, as for ehrgrid run --set: over the deployment's */
    size_t set_count;
    const struct ehr_hooks *hooks;
    enum ehr_plugin_model model;
    unsigned resources;   /* EHR_PLUGIN_HOST_ENERGY | ... */
    uint32_t replication; /* as ehrgrid run --replication */
    bool quiet;           /* no warnings and notices */
};
#define EHR_PLUGIN_CONFIG_INIT                                                                     \
    {                                                                                              \
        sizeof(struct ehr_plugin_config), 0, 0, 0, 0, EHR_PLUGIN_MODEL_CM02, 0, 0, 0               \
    }

/* After simgrid_init and before the platform is loaded: makes the settings of SimGrid that the
 * model needs, and registers the roles as actor functions. NULL: all defaults. */
EHR_API int ehr_plugin_init(const struct ehr_plugin_config *config);

/* As simgrid_load_platform and simgrid_load_deployment, but a bad file is a message with its line
 * on stderr and EHR_EXIT_INPUT, where SimGrid ends the process; and the files go into run.json.
 * Functions of the program's own may stand in the deployment, if they are registered before. Using
 * SimGrid's calls instead is allowed: then mistakes of a deployment are found when the simulation
 * starts; ehr_plugin_close returns EHR_EXIT_INPUT. */
EHR_API int ehr_plugin_load_platform(const char *path);
EHR_API int ehr_plugin_load_deployment(const char *path);

/* After simgrid_run: ends a run that has not ended, writes what is not written, and frees all.
 * Returns how the run went. */
EHR_API int ehr_plugin_close(void);

/* Ends the run now, from an actor or a hook, as if its duration had passed and all had been done.
 * Nothing happens where no run goes on. */
EHR_API void ehr_plugin_stop(void);

/* Simulated time; 0 before the world is made and after ehr_plugin_close. */
EHR_API uint64_t ehr_now_ns(void);

/* ---- requests of the program's own ---- */

/* What somebody asks for now. Members that the flow does not need are ignored. */
struct ehr_submission {
    size_t size;           /* of this struct: EHR_SUBMISSION_INIT */
    const char *flow;      /* as in struct ehr_request_event */
    uint32_t patient;      /* register, visit: 0, 1, 2 .. over all hospitals, as placed */
    const char *hospital;  /* register, visit, retrieve: where; NULL: where the patient belongs, to
                            * retrieve at the next hospital after that */
    uint32_t of;           /* retrieve, share: request of a visit that is shared; revoke: of a share
                            * that has ended ok */
    const char *data_user; /* share: its id */
    const char *client;    /* ordering: its node, as in nodes.csv */
};
#define EHR_SUBMISSION_INIT                                                                        \
    {                                                                                              \
        sizeof(struct ehr_submission), 0, 0, 0, 0, 0, 0                                            \
    }

/* From an actor or a hook, while the run lasts; an actor that asks before hook `ready` waits for
 * it, at the same instant. Returns the request's number, or 0: then `error` (may be NULL) says why.
 * The workload registers every patient in the first twentieth of the run, at most 10 s, unless
 * workload/@enrol is "no"; a patient without a card of the hospital is refused (wrong_card). A
 * visit waits while a registration or another visit of its patient is open or, at home, still to
 * come from the workload; retrieve and share wait until one second after the end of their visit.
 * Waiting counts: start_ns is now. A run whose workload asks for nothing lasts until its duration
 * (run/@duration), or until ehr_plugin_stop; any other until what was asked for has ended, as a
 * scenario's. */
EHR_API uint32_t ehr_submit(const struct ehr_submission *submission, char *error,
                            size_t error_size);

/* Waits for the end of a request, at most `timeout_s` seconds (negative: for ever); only from an
 * actor of the program's own. True: it has ended, and *event (may be NULL) tells how; all requests
 * have when the run is over. False: not yet, or there is none of this number. */
EHR_API bool ehr_request_wait(uint32_t request, double timeout_s, struct ehr_request_event *event);

/* How a request stands now; false: there is none of this number. */
EHR_API bool ehr_request_read(uint32_t request, struct ehr_request_event *event);

/* ---- metrics ---- */

/* The value of a metric now: "visit_ok", "alliance_blocks", ... (all of them: docs/hooks.md); NaN:
 * it has none yet. False: there is none of the name, or no run. Counts begin with the run, warm-up
 * included. */
EHR_API bool ehr_metric(const char *name, double *value);
/* All of them, NULL-terminated; none where there is no run. */
EHR_API const char *const *ehr_metric_names(void);

/* ---- a consensus engine of the program's own ---- */

/* Before the deployment is loaded: deployments and scenarios may name it as `consensus`. The struct
 * is copied; what it points at is borrowed for the life of the process. EHR_EXIT_INPUT, with a
 * message: the name is taken or cannot stand in a scenario, or a member is not what is said there.
 */
EHR_API int ehr_engine_register(const struct ehr_engine_type *type);

/* ---- an adversary of the program's own ---- */

/* A message that `from` is about to send. */
struct ehr_message_view {
    uint64_t now_ns;
    const char *from;
    const char *to;
    const char *type; /* as in messages.csv */
    const char
        *consensus;       /* the engine's name of it, as in consensus.csv; NULL: not of an engine */
    const uint8_t *bytes; /* canonical encoding */
    size_t length;
};

enum ehr_verdict {
    EHR_VERDICT_SEND = 1,
    EHR_VERDICT_DROP,
    EHR_VERDICT_DELAY,   /* by delay_ns: it leaves so much later, unless the node crashes */
    EHR_VERDICT_REPLACE, /* by `bytes`, delay_ns later. What is no message reaches the receiver as
                          * one of type "garbled", 6 bytes longer, and is dropped there */
};

struct ehr_interference {
    enum ehr_verdict verdict; /* SEND when the hook is called */
    uint64_t delay_ns;
    const uint8_t *bytes; /* the hook's, until it is called again */
    size_t length;
};

/* Called for each receiver of each message, a copy of a broadcast too, when it is about to leave:
 * in the middle of things. It decides, and calls nothing else of this header or of SimGrid. */
typedef void ehr_adversary_hook(void *context, const struct ehr_message_view *message,
                                struct ehr_interference *interference);

/* In hook `ready`: from now on `hook` decides on every message of the node; later it may be changed
 * or ended (NULL). Any node may be one, a doctor or a population of patients too. The node counts
 * as Byzantine for the whole run: what it reports of its chain is not taken, and it executes on a
 * chain of its own. EHR_EXIT_INPUT, with a message: there is no such node, or hook `ready` is over.
 */
EHR_API int ehr_adversary_set(const char *node, ehr_adversary_hook *hook, void *context);

#ifdef __cplusplus
}
#endif

#endif /* EHRGRID_H */
