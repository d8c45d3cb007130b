/* Properties of combining shares: any t of n in any order open a record, nothing else does. */
#include <string.h>

#include "tests/properties/sharing.h"

/* All proxies' shares, and those of a set in an order. */
struct shares {
    uint8_t bytes[EHR_GRANT_PROXIES_MAX][EHR_CFRAG_BYTES];
    struct ehr_share list[EHR_GRANT_PROXIES_MAX + 1];
    size_t order[EHR_GRANT_PROXIES_MAX]; /* who gave list[i], from 0 */
};

/* Shares of `count` random proxies, in random order. */
static void shares_make(struct shares *shares, struct sharing *s, size_t count)
{
    property_shuffle(s->c, shares->order, s->n);
    for (size_t i = 0; i < count; i++) {
        sharing_cfrag(s, shares->order[i], shares->bytes[i]);
        shares->list[i] = (struct ehr_share){shares->bytes[i], EHR_CFRAG_BYTES};
    }
}

static void any_t_of_n_shares_open(struct property_case *c)
{
    struct sharing s;
    struct shares shares;
    size_t t, n;
    uint32_t faulty = 99;
    struct ehr_point K, patient;
    sharing_size(c, c->number % 16 == 0 ? EHR_GRANT_PROXIES_MAX : 6, &t, &n);
    if (c->number < 2) { /* the largest committee, with both ends of t */
        n = EHR_GRANT_PROXIES_MAX;
        t = c->number == 0 ? n : 2;
    }
    sharing_make(&s, c, t, n);
    shares_make(&shares, &s, t < n ? t + 1 : t);
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_OK);
    GIVES(c, ehr_combine(&K, &s.data_user, &s.grant, &s.head, shares.list, t, NULL), EHR_OK);
    GIVES(c, ehr_capsule_decap(&patient, &s.keys.q, s.head.capsule), EHR_OK);
    HOLDS(c, ehr_point_equal(&K, &patient));
    /* One more, one fewer, none. */
    if (t < n)
        GIVES(c, sharing_open(&s, shares.list, t + 1, &faulty), EHR_THRESH);
    GIVES(c, sharing_open(&s, shares.list, t - 1, &faulty), EHR_THRESH);
    GIVES(c, sharing_open(&s, shares.list, 0, &faulty), EHR_THRESH);
    HOLDS(c, faulty == 0);
    /* t - 1 are too few whatever is said of t: the polynomial has another value. */
    s.grant.view.threshold--;
    GIVES(c, sharing_open(&s, shares.list, t - 1, &faulty), EHR_COMBINE);
}

/* Every subset of a small committee, against the definition. */
static void exactly_sets_of_t_open(struct property_case *c)
{
    struct sharing s;
    struct shares shares;
    size_t t, n;
    sharing_size(c, c->number % 16 == 0 ? 6 : 3, &t, &n);
    sharing_make(&s, c, t, n);
    for (size_t i = 0; i < n; i++)
        sharing_cfrag(&s, i, shares.bytes[i]);
    for (size_t set = 0; set < (size_t)1 << n; set++) {
        size_t count = 0, order[6], place;
        uint32_t faulty;
        property_shuffle(c, order, n);
        for (size_t i = 0; i < n; i++)
            if ((set >> order[i] & 1) != 0)
                shares.list[count++] = (struct ehr_share){shares.bytes[order[i]], EHR_CFRAG_BYTES};
        GIVES(c, sharing_open(&s, shares.list, count, &faulty), count == t ? EHR_OK : EHR_THRESH);
        if (count < 1 || count == t)
            continue;
        /* With t changed to their number: fewer give another point, more give the same. */
        uint8_t threshold = s.grant.view.threshold;
        s.grant.view.threshold = (uint8_t)count;
        GIVES(c, sharing_open(&s, shares.list, count, &faulty), count < t ? EHR_COMBINE : EHR_OK);
        if (count > t) { /* and one of them altered is seen */
            place = property_between(c, 0, count - 1);
            uint8_t altered[EHR_CFRAG_BYTES];
            memcpy(altered, shares.list[place].bytes, sizeof altered);
            memcpy(altered + 33, shares.list[(place + 1) % count].bytes + 33, 32);
            shares.list[place].bytes = altered;
            GIVES(c, sharing_open(&s, shares.list, count, &faulty), EHR_COMBINE);
            HOLDS(c, faulty == 1U << place);
        }
        s.grant.view.threshold = threshold;
    }
}

static void repeated_shares_are_refused(struct property_case *c)
{
    struct sharing s;
    struct shares shares;
    size_t t, n;
    uint32_t faulty;
    uint8_t again[EHR_CFRAG_BYTES];
    sharing_size(c, 4, &t, &n);
    sharing_make(&s, c, t, n);
    shares_make(&shares, &s, t);
    size_t first = property_between(c, 0, t - 2), second = property_between(c, first + 1, t - 1);
    struct ehr_share held = shares.list[second];
    shares.list[second] = shares.list[first];
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_DUP);
    HOLDS(c, faulty == 1U << second);
    /* The same proxy's share made a second time differs in its proof. */
    sharing_cfrag(&s, shares.order[first], again);
    HOLDS(c, memcmp(again, shares.bytes[first], sizeof again) != 0);
    shares.list[second].bytes = again;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_DUP);
    HOLDS(c, faulty == 1U << second);
    shares.list[second] = held;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_OK);
}

static void foreign_shares_are_refused(struct property_case *c)
{
    struct sharing s;
    struct shares shares;
    size_t t, n;
    uint32_t faulty;
    uint8_t foreign[EHR_CFRAG_BYTES];
    sharing_size(c, 3, &t, &n);
    sharing_make(&s, c, t, n);
    size_t place = property_between(c, 0, t - 1);
    /* Of another record of the visit, under the same grant: only the proof tells. */
    shares_make(&shares, &s, t);
    memcpy(foreign, shares.bytes[place], sizeof foreign);
    sharing_record_again(&s);
    for (size_t i = 0; i < t; i++)
        sharing_cfrag(&s, shares.order[i], shares.bytes[i]);
    shares.list[place].bytes = foreign;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_COMBINE);
    HOLDS(c, faulty == 1U << place);
    /* Of another grant of the visit to the same data user. */
    memcpy(foreign, shares.bytes[place], sizeof foreign);
    sharing_grant_again(&s);
    for (size_t i = 0; i < t; i++)
        sharing_cfrag(&s, shares.order[i], shares.bytes[i]);
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_CFRAG);
    HOLDS(c, faulty == 1U << place);
    /* The other grant's share under this grant's id. */
    memcpy(foreign, shares.bytes[place], 32);
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_COMBINE);
    HOLDS(c, faulty == 1U << place);
    /* Another proxy's point under this index. */
    memcpy(foreign, shares.bytes[(place + 1) % t], sizeof foreign);
    foreign[32] = shares.bytes[place][32];
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_COMBINE);
    HOLDS(c, faulty == 1U << place);
    shares.list[place].bytes = shares.bytes[place];
    /* Cut short. */
    shares.list[place].len = property_between(c, 0, EHR_CFRAG_BYTES - 1);
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_LEN);
    HOLDS(c, faulty == 1U << place);
    shares.list[place].len = EHR_CFRAG_BYTES;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_OK);
    /* Another data user: its own key, and the right public half with its own secret. */
    struct ehr_dh_key other;
    property_dh_key(c, &other);
    s.data_user.secret = other.secret;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_COMBINE);
    s.data_user = other;
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_POLICY);
    HOLDS(c, faulty == 0);
}

/* E1 + D and V1 - hD pass the final equation with another K: the commitment, then the proof, tell.
 */
static void shares_forged_for_the_equation_are_blamed(struct property_case *c)
{
    struct sharing s;
    struct shares shares;
    size_t t, n;
    uint32_t faulty, expected = 0;
    sharing_size(c, 4, &t, &n);
    sharing_make(&s, c, t, n);
    shares_make(&shares, &s, t);
    size_t forgers = property_between(c, 1, t);
    for (size_t i = 0; i < forgers; i++) {
        struct ehr_dh_key D;
        struct ehr_point point, hD;
        struct ehr_scalar h;
        property_dh_key(c, &D);
        GIVES(c, ehr_capsule_challenge(&h, s.head.capsule, s.head.label), EHR_OK);
        GIVES(c, ehr_point_mul(&hD, &h, &D.public), EHR_OK);
        GIVES(c, ehr_point_import(&point, shares.bytes[i] + 33), EHR_OK);
        GIVES(c, ehr_point_add(&point, &point, &D.public), EHR_OK);
        memcpy(shares.bytes[i] + 33, point.bytes, 32);
        GIVES(c, ehr_point_import(&point, shares.bytes[i] + 65), EHR_OK);
        GIVES(c, ehr_point_sub(&point, &point, &hD), EHR_OK);
        memcpy(shares.bytes[i] + 65, point.bytes, 32);
        expected |= 1U << i;
    }
    struct ehr_point K;
    GIVES(c, ehr_combine(&K, &s.data_user, &s.grant, &s.head, shares.list, t, NULL), EHR_OK);
    GIVES(c, sharing_open(&s, shares.list, t, &faulty), EHR_KCOM);
    HOLDS(c, faulty == expected);
}

/* ---- altered shares and records on the data user's side ---- */

struct opening {
    struct sharing s;
    struct shares shares;
    size_t place;
};

static enum ehr_status opening_share(void *context, const uint8_t *bytes, size_t length)
{
    struct opening *o = context;
    uint32_t faulty;
    o->shares.list[o->place] = (struct ehr_share){bytes, length};
    enum ehr_status status = sharing_open(&o->s, o->shares.list, o->s.t, &faulty);
    if (status != EHR_OK)
        HOLDS(o->s.c, (faulty & 1U << o->place) != 0);
    return status;
}

static void altered_shares_are_refused_or_harmless(struct property_case *c)
{
    static struct opening o;
    struct property_object object;
    uint8_t share[EHR_CFRAG_BYTES];
    size_t t = 3, n = 5;
    static const char *const why = "not looked at unless the commitment fails (optimistic path)";
    if (c->number != 0)
        sharing_size(c, 4, &t, &n);
    sharing_make(&o.s, c, t, n);
    shares_make(&o.shares, &o.s, t);
    o.place = t - 1; /* the last, so that its index is the one found twice */
    memcpy(share, o.shares.bytes[o.place], sizeof share);
    property_object(&object, "share when combined", share, sizeof share, opening_share, &o);
    property_field(&object, "grant_id", 32, AS(CFRAG));
    property_field(&object, "j", 1, AS(CFRAG) | AS(DUP) | AS(COMBINE));
    property_point(&object, "E1", AS(POINT) | AS(COMBINE), EHR_POINT);
    property_point(&object, "V1", AS(POINT) | AS(COMBINE), EHR_POINT);
    property_harmless(&object, "e", 256, why);
    property_harmless(&object, "z", 256, why);
    property_refused(c, &object);
}

static enum ehr_status opening_record(void *context, const uint8_t *bytes, size_t length)
{
    struct opening *o = context;
    uint8_t opened[SHARING_SEALED + 64];
    size_t opened_length;
    uint32_t faulty;
    enum ehr_status status =
        ehr_combine_open(opened, sizeof opened, &opened_length, &o->s.data_user, &o->s.grant,
                         o->shares.list, o->s.t, bytes, length, &faulty);
    if (status != EHR_OK) { /* the shares are good: nobody is blamed */
        HOLDS(o->s.c, opened_length == 0 && faulty == 0);
        HOLDS(o->s.c, property_is_zero(opened, SHARING_PLAINTEXT));
    }
    return status;
}

static void altered_records_are_refused_by_data_users(struct property_case *c)
{
    static struct opening o;
    struct property_object object;
    sharing_make(&o.s, c, 2, 3);
    shares_make(&o.shares, &o.s, 2);
    property_object(&object, "record opened with shares", o.s.sealed, sizeof o.s.sealed,
                    opening_record, &o);
    property_field(&object, "magic, suite, reserved", 8, AS(LEN));
    property_point(&object, "P", AS(POINT) | AS(POLICY), EHR_POINT);
    property_point(&object, "E", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_point(&object, "V", AS(POINT) | AS(CAPSULE), EHR_POINT);
    property_scalar(&object, "s", AS(SCALAR) | AS(CAPSULE), EHR_SCALAR);
    property_field(&object, "key commitment", 32, AS(KCOM));
    property_field(&object, "body length", 8, AS(LEN));
    property_field(&object, "body", sizeof o.s.sealed - EHR_RECORD_HEAD_BYTES, AS(AEAD));
    property_refused(c, &object);
}

static const struct property list[] = {
    {"any_t_of_n_shares_open", any_t_of_n_shares_open},
    {"exactly_sets_of_t_open", exactly_sets_of_t_open},
    {"repeated_shares_are_refused", repeated_shares_are_refused},
    {"foreign_shares_are_refused", foreign_shares_are_refused},
    {"shares_forged_for_the_equation_are_blamed", shares_forged_for_the_equation_are_blamed},
    {"altered_shares_are_refused_or_harmless", altered_shares_are_refused_or_harmless},
    {"altered_records_are_refused_by_data_users", altered_records_are_refused_by_data_users},
};

int main(int argc, char **argv)
{
    return property_main("share", list, sizeof list / sizeof list[0], argc, argv);
}
