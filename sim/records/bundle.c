/* One FHIR bundle -> records. The tree lives only as long as the call. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "sim/records/assemble.h"
#include "sim/records/date.h"
#include "sim/records/keywords.h"
#include "sim/records/report.h"

/* An Encounter of the bundle. */
struct visit {
    const cJSON *entry;
    const cJSON *resource;
    const char *id;
    const char *start;
    int64_t start_s;
};

/* What a reference may say to mean an Encounter: its fullUrl or "Encounter/<id>". */
struct address {
    char *text;
    size_t visit;
};

/* A resource that refers to a visit; order is that of the bundle. */
struct link {
    size_t visit;
    size_t order;
    const cJSON *entry;
};

struct parser {
    const char *name;
    struct ehr_record_errors *errors;
    bool without_texts;
    bool no_memory;
    bool bad;
    struct visit *visits;
    size_t visit_count;
    struct address *addresses;
    size_t address_count;
    struct link *links;
    size_t link_count;
    size_t link_capacity;
    struct ehr_record_keywords keywords;
};

static const char *string_of(const cJSON *object, const char *member)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
}

static const char *type_of(const cJSON *entry)
{
    const char *type =
        string_of(cJSON_GetObjectItemCaseSensitive(entry, "resource"), "resourceType");
    return type == NULL ? "" : type;
}

static void report_member(struct parser *parser, size_t entry, const char *member,
                          const char *found, const char *allowed)
{
    char shown[48];
    parser->bad = true;
    ehr_record_report(parser->errors, "%s: entry[%zu].%s: %s: %s", parser->name, entry, member,
                      found == NULL ? "absent" : ehr_record_shown(found, shown), allowed);
}

/* FHIR id: 1..64 letters, digits, '-' and '.'. */
static bool id_is_valid(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.");
    return length >= 1 && length <= 64 && id[length] == '\0';
}

static int compare_addresses(const void *a, const void *b)
{
    return strcmp(((const struct address *)a)->text, ((const struct address *)b)->text);
}

static void add_address(struct parser *parser, const char *prefix, const char *text, size_t visit)
{
    size_t prefix_bytes = strlen(prefix), text_bytes = strlen(text);
    char *copy = malloc(prefix_bytes + text_bytes + 1);
    if (copy == NULL) {
        parser->no_memory = true;
        return;
    }
    memcpy(copy, prefix, prefix_bytes);
    memcpy(copy + prefix_bytes, text, text_bytes + 1);
    parser->addresses[parser->address_count++] = (struct address){copy, visit};
}

static void take_encounter(struct parser *parser, size_t index, const cJSON *entry)
{
    const cJSON *resource = cJSON_GetObjectItemCaseSensitive(entry, "resource");
    const cJSON *period = cJSON_GetObjectItemCaseSensitive(resource, "period");
    struct visit visit = {entry, resource, string_of(resource, "id"), string_of(period, "start"),
                          0};
    bool ok = true;
    if (visit.id == NULL || !id_is_valid(visit.id)) {
        report_member(parser, index, "resource.id", visit.id, "1 to 64 of A-Z a-z 0-9 - .");
        ok = false;
    }
    if (visit.start == NULL || !ehr_record_date_parse(visit.start, &visit.start_s)) {
        report_member(parser, index, "resource.period.start", visit.start, "a FHIR dateTime");
        ok = false;
    }
    if (!ok)
        return;
    const char *full_url = string_of(entry, "fullUrl");
    if (full_url != NULL)
        add_address(parser, "", full_url, parser->visit_count);
    add_address(parser, "Encounter/", visit.id, parser->visit_count);
    parser->visits[parser->visit_count++] = visit;
}

/* First pass: the encounters, and what may refer to them. */
static void take_encounters(struct parser *parser, const cJSON *entries)
{
    size_t count = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, entries) count += strcmp(type_of(entry), "Encounter") == 0;
    if (count == 0) {
        parser->bad = true;
        ehr_record_report(parser->errors, "%s: entry: no Encounter: at least one", parser->name);
        return;
    }
    parser->visits = calloc(count, sizeof(*parser->visits));
    parser->addresses = calloc(2 * count, sizeof(*parser->addresses));
    if (parser->visits == NULL || parser->addresses == NULL) {
        parser->no_memory = true;
        return;
    }
    size_t index = 0;
    cJSON_ArrayForEach(entry, entries)
    {
        if (strcmp(type_of(entry), "Encounter") == 0)
            take_encounter(parser, index, entry);
        index++;
    }
    qsort(parser->addresses, parser->address_count, sizeof(*parser->addresses), compare_addresses);
    for (size_t i = 1; i < parser->address_count; i++)
        if (compare_addresses(&parser->addresses[i - 1], &parser->addresses[i]) == 0) {
            char shown[48];
            parser->bad = true;
            ehr_record_report(parser->errors, "%s: Encounter: %s twice: distinct id and fullUrl",
                              parser->name, ehr_record_shown(parser->addresses[i].text, shown));
        }
}

static void add_link(struct parser *parser, const cJSON *entry, size_t order,
                     const cJSON *reference)
{
    const char *text = string_of(reference, "reference");
    if (text == NULL || parser->address_count == 0)
        return;
    struct address key = {(char *)text, 0};
    const struct address *found =
        bsearch(&key, parser->addresses, parser->address_count, sizeof(key), compare_addresses);
    if (found == NULL)
        return; /* an encounter outside the bundle */
    if (parser->link_count == parser->link_capacity) {
        size_t capacity = parser->link_capacity == 0 ? 256 : parser->link_capacity * 2;
        struct link *grown = realloc(parser->links, capacity * sizeof(*grown));
        if (grown == NULL) {
            parser->no_memory = true;
            return;
        }
        parser->links = grown;
        parser->link_capacity = capacity;
    }
    parser->links[parser->link_count++] = (struct link){found->visit, order, entry};
}

/* A Reference, or an array of them. */
static void add_links(struct parser *parser, const cJSON *entry, size_t order,
                      const cJSON *references)
{
    const cJSON *reference;
    if (!cJSON_IsArray(references)) {
        add_link(parser, entry, order, references);
        return;
    }
    cJSON_ArrayForEach(reference, references) add_link(parser, entry, order, reference);
}

/* Second pass: which resource belongs to which encounter. */
static void take_links(struct parser *parser, const cJSON *entries)
{
    size_t order = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, entries)
    {
        const char *type = type_of(entry);
        order++;
        if (strcmp(type, "Encounter") == 0 || strcmp(type, "Claim") == 0 ||
            strcmp(type, "ExplanationOfBenefit") == 0)
            continue;
        const cJSON *resource = cJSON_GetObjectItemCaseSensitive(entry, "resource");
        const cJSON *context = cJSON_GetObjectItemCaseSensitive(resource, "context");
        add_links(parser, entry, order, cJSON_GetObjectItemCaseSensitive(resource, "encounter"));
        add_links(parser, entry, order, context);
        add_links(parser, entry, order, cJSON_GetObjectItemCaseSensitive(context, "encounter"));
    }
}

static int compare_links(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->visit != y->visit)
        return x->visit < y->visit ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void take_coding(struct parser *parser, const cJSON *object)
{
    const char *uri = string_of(object, "system"), *code = string_of(object, "code");
    if (uri == NULL || code == NULL)
        return;
    enum ehr_record_system system = ehr_record_system_of(uri);
    if (system == EHR_RECORD_SYSTEM_NONE)
        return;
    size_t length = strlen(code);
    if (length < 1 || length > EHR_RECORD_CODE_BYTES_MAX) {
        parser->bad = true;
        ehr_record_report(parser->errors, "%s: code of %s: %zu bytes: 1 to %d bytes", parser->name,
                          uri, length, EHR_RECORD_CODE_BYTES_MAX);
    } else if (!ehr_record_keywords_add(&parser->keywords, system, code)) {
        parser->no_memory = true;
    }
}

/* Every Coding below `item`, in the order of the text: most stand in an array "coding", some
 * alone (ImagingStudy.modality). The parser bounds the depth (CJSON_NESTING_LIMIT). */
static void take_codings(struct parser *parser, const cJSON *item)
{
    if (cJSON_IsObject(item))
        take_coding(parser, item);
    const cJSON *child;
    cJSON_ArrayForEach(child, item)
    {
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            take_codings(parser, child);
    }
}

/* Appends {"fullUrl":...,"resource":...}; the bytes are those of cJSON's unformatted text. */
static void append_text(struct ehr_record_text *text, const cJSON *entry, const cJSON *resource,
                        struct ehr_record_facts *facts)
{
    const cJSON *full_url = cJSON_GetObjectItemCaseSensitive(entry, "fullUrl");
    ehr_record_text_string(text, facts->resource_count > 0 ? ",{" : "{");
    if (cJSON_IsString(full_url)) {
        char *printed = cJSON_PrintUnformatted(full_url);
        ehr_record_text_string(text, "\"fullUrl\":");
        ehr_record_text_string(text, printed == NULL ? "" : printed);
        ehr_record_text_string(text, ",");
        text->failed |= printed == NULL;
        cJSON_free(printed);
    }
    ehr_record_text_string(text, "\"resource\":");
    char *printed = cJSON_PrintUnformatted(resource);
    size_t length = printed == NULL ? 0 : strlen(printed);
    ehr_record_text_append(text, printed, length);
    text->failed |= printed == NULL;
    cJSON_free(printed);
    ehr_record_text_string(text, "}");
    facts->clinical_bytes += length;
}

static void take_entry(struct parser *parser, struct ehr_record_text *text, const cJSON *entry,
                       struct ehr_record_facts *facts)
{
    const cJSON *resource = cJSON_GetObjectItemCaseSensitive(entry, "resource");
    if (!parser->without_texts)
        append_text(text, entry, resource, facts);
    facts->resource_count++;
    take_codings(parser, resource);
}

/* `links` are those of this visit and after. */
static void make_record(struct parser *parser, const struct visit *visit, const struct link *links,
                        size_t link_count, struct ehr_record *record)
{
    const char *class_code =
        string_of(cJSON_GetObjectItemCaseSensitive(visit->resource, "class"), "code");
    struct ehr_record_text text = {0};
    struct ehr_record_facts facts = {.encounter = visit->id,
                                     .start = visit->start,
                                     .start_s = visit->start_s,
                                     .class_code = class_code == NULL ? "" : class_code};
    ehr_record_keywords_clear(&parser->keywords);
    if (!parser->without_texts)
        ehr_record_text_string(&text, EHR_RECORD_OPENING);
    take_entry(parser, &text, visit->entry, &facts);
    for (size_t i = 0; i < link_count; i++)
        if (i == 0 || links[i].entry != links[i - 1].entry) /* refers to it twice */
            take_entry(parser, &text, links[i].entry, &facts);
    if (!parser->without_texts)
        ehr_record_text_string(&text, EHR_RECORD_CLOSING);
    if (!ehr_record_assemble(&text, &facts, &parser->keywords, record))
        parser->no_memory = true;
}

static int compare_records(const void *a, const void *b)
{
    const struct ehr_record *x = a, *y = b;
    if (x->start_s != y->start_s)
        return x->start_s < y->start_s ? -1 : 1;
    return strcmp(x->encounter, y->encounter);
}

static void make_records(struct parser *parser, struct ehr_patient_bundle *bundle)
{
    /* calloc(0) may return NULL without being out of memory. */
    size_t count = parser->visit_count > 0 ? parser->visit_count : 1;
    bundle->records = calloc(count, sizeof(*bundle->records));
    if (bundle->records == NULL) {
        parser->no_memory = true;
        return;
    }
    if (parser->link_count > 0)
        qsort(parser->links, parser->link_count, sizeof(*parser->links), compare_links);
    size_t first = 0;
    for (size_t i = 0; i < parser->visit_count && !parser->no_memory; i++) {
        size_t end = first;
        while (end < parser->link_count && parser->links[end].visit == i)
            end++;
        const struct link *links = parser->links == NULL ? NULL : parser->links + first;
        make_record(parser, &parser->visits[i], links, end - first, &bundle->records[i]);
        bundle->record_count++;
        first = end;
    }
    qsort(bundle->records, bundle->record_count, sizeof(*bundle->records), compare_records);
}

static void name_bundle(struct parser *parser, const cJSON *entries,
                        struct ehr_patient_bundle *bundle)
{
    const char *patient = NULL;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, entries)
    {
        if (patient == NULL && strcmp(type_of(entry), "Patient") == 0)
            patient = string_of(cJSON_GetObjectItemCaseSensitive(entry, "resource"), "id");
    }
    if (patient == NULL)
        patient = string_of(cJSON_GetObjectItemCaseSensitive(parser->visits[0].resource, "subject"),
                            "reference");
    const char *slash = strrchr(parser->name, '/');
    const char *name = slash == NULL ? parser->name : slash + 1;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".json") == 0)
        length -= 5;
    bundle->name = strndup(name, length);
    bundle->patient = patient == NULL ? strndup(name, length) : strdup(patient);
    if (bundle->name == NULL || bundle->patient == NULL)
        parser->no_memory = true;
}

static void parse_tree(struct parser *parser, const cJSON *root, struct ehr_patient_bundle *bundle)
{
    const char *type = string_of(root, "resourceType");
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(root, "entry");
    char shown[48];
    if (type == NULL || strcmp(type, "Bundle") != 0) {
        parser->bad = true;
        ehr_record_report(parser->errors, "%s: resourceType: %s: Bundle", parser->name,
                          type == NULL ? "absent" : ehr_record_shown(type, shown));
        return;
    }
    if (!cJSON_IsArray(entries)) {
        parser->bad = true;
        ehr_record_report(parser->errors, "%s: entry: %s: an array", parser->name,
                          entries == NULL ? "absent" : "not an array");
        return;
    }
    take_encounters(parser, entries);
    if (parser->bad || parser->no_memory)
        return;
    take_links(parser, entries);
    name_bundle(parser, entries, bundle);
    if (!parser->no_memory)
        make_records(parser, bundle);
}

/* The tree of the whole text, or NULL after a report of where it stops being JSON. */
static cJSON *parse_json(const char *name, const char *bytes, size_t length,
                         struct ehr_record_errors *errors)
{
    const char *end = bytes;
    cJSON *root = length == 0 ? NULL : cJSON_ParseWithLengthOpts(bytes, length, &end, false);
    size_t at = (size_t)(end - bytes);
    while (root != NULL && at < length && memchr(" \t\r\n", bytes[at], 4) != NULL)
        at++;
    if (root != NULL && at == length)
        return root;
    /* The parser points at the last byte both where that is wrong and where one is missing. */
    if (root == NULL && at + 1 >= length)
        ehr_record_report(errors, "%s:%zu: JSON text: ends at offset %zu: one whole JSON value",
                          name, ehr_record_line_of(bytes, length, length), length);
    else
        ehr_record_report(errors, "%s:%zu: JSON text: 0x%02x at offset %zu: one JSON value", name,
                          ehr_record_line_of(bytes, length, at), (unsigned char)bytes[at], at);
    cJSON_Delete(root);
    return NULL;
}

static enum ehr_record_status bundle_read(const char *name, const char *bytes, size_t length,
                                          bool without_texts, struct ehr_patient_bundle *bundle,
                                          struct ehr_record_errors *errors)
{
    *bundle = (struct ehr_patient_bundle){0};
    if (!ehr_record_bytes_check(name, bytes, length, errors))
        return EHR_RECORD_BAD_INPUT;
    cJSON *root = parse_json(name, bytes, length, errors);
    if (root == NULL)
        return EHR_RECORD_BAD_INPUT;

    struct parser parser = {.name = name, .errors = errors, .without_texts = without_texts};
    parse_tree(&parser, root, bundle);
    cJSON_Delete(root);
    for (size_t i = 0; i < parser.address_count; i++)
        free(parser.addresses[i].text);
    free(parser.addresses);
    free(parser.visits);
    free(parser.links);
    ehr_record_keywords_close(&parser.keywords);
    if (!parser.bad && !parser.no_memory)
        return EHR_RECORD_OK;
    ehr_record_bundle_close(bundle);
    if (!parser.no_memory)
        return EHR_RECORD_BAD_INPUT;
    ehr_record_report(errors, "%s: memory: exhausted: enough for the bundle", name);
    return EHR_RECORD_BAD_ENVIRONMENT;
}

enum ehr_record_status ehr_record_bundle_parse(const char *name, const char *bytes, size_t length,
                                               struct ehr_patient_bundle *bundle,
                                               struct ehr_record_errors *errors)
{
    return bundle_read(name, bytes, length, false, bundle, errors);
}

enum ehr_record_status ehr_record_bundle_index(const char *name, const char *bytes, size_t length,
                                               struct ehr_patient_bundle *bundle,
                                               struct ehr_record_errors *errors)
{
    return bundle_read(name, bytes, length, true, bundle, errors);
}

void ehr_record_bundle_close(struct ehr_patient_bundle *bundle)
{
    if (bundle == NULL)
        return;
    for (size_t i = 0; i < bundle->record_count; i++)
        ehr_record_close(&bundle->records[i]);
    free(bundle->records);
    free(bundle->name);
    free(bundle->patient);
    *bundle = (struct ehr_patient_bundle){0};
}
