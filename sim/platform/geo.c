#include "sim/platform/geo.h"

#include <assert.h>
#include <math.h>

#define PI 3.14159265358979323846

/* Taylor series, |x| <= pi: the term x^35/35! is below 1e-22. */
static double sine(double x)
{
    double term = x, sum = x;
    for (int n = 2; n < 35; n += 2) {
        term *= -x * x / (n * (n + 1));
        sum += term;
    }
    return sum;
}

static double cosine(double x)
{
    return sine(x >= 0 ? PI / 2 - x : PI / 2 + x);
}

/* x >= 0; halves the angle three times, then |x| < 0.2 for the series. */
static double arc_tangent(double x)
{
    for (int i = 0; i < 3; i++)
        x = x / (1 + sqrt(1 + x * x));
    double power = x, sum = x;
    for (int n = 3; n < 31; n += 2) {
        power *= -x * x;
        sum += power / n;
    }
    return 8 * sum;
}

/* The angle of (x, y) in radians, -pi to pi; 0 for the origin. */
static double angle(double y, double x)
{
    double size = fabs(y) <= fabs(x) ? fabs(x) : fabs(y);
    if (size <= 0)
        return 0;
    double a =
        fabs(y) <= fabs(x) ? arc_tangent(fabs(y) / size) : PI / 2 - arc_tangent(fabs(x) / size);
    if (x < 0)
        a = PI - a;
    return y < 0 ? -a : a;
}

struct vector {
    double x, y, z;
};

static struct vector vector_of(struct ehr_geo_point point)
{
    double latitude = point.latitude * PI / 180, longitude = point.longitude * PI / 180;
    return (struct vector){cosine(latitude) * cosine(longitude), cosine(latitude) * sine(longitude),
                           sine(latitude)};
}

/* The angle between two vectors from half the chord and half the length of their sum: exact for
 * neighbours as for antipodes. */
double ehr_geo_distance_km(struct ehr_geo_point a, struct ehr_geo_point b)
{
    struct vector u = vector_of(a), v = vector_of(b);
    double dx = u.x - v.x, dy = u.y - v.y, dz = u.z - v.z;
    double sx = u.x + v.x, sy = u.y + v.y, sz = u.z + v.z;
    return 2 * EHR_GEO_EARTH_RADIUS_KM *
           angle(sqrt(dx * dx + dy * dy + dz * dz), sqrt(sx * sx + sy * sy + sz * sz));
}

bool ehr_geo_middle(const struct ehr_geo_point *points, size_t count, struct ehr_geo_point *middle)
{
    assert(count > 0);
    struct vector sum = {0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        struct vector v = vector_of(points[i]);
        sum.x += v.x;
        sum.y += v.y;
        sum.z += v.z;
    }
    double across = sqrt(sum.x * sum.x + sum.y * sum.y);
    if (sqrt(across * across + sum.z * sum.z) < 1e-9 * (double)count)
        return false;
    middle->latitude = angle(sum.z, across) * 180 / PI;
    middle->longitude = angle(sum.y, sum.x) * 180 / PI;
    return true;
}

uint64_t ehr_geo_fibre_ns(double km)
{
    assert(km >= 0 && km < 1e9);
    return (uint64_t)(km / EHR_GEO_FIBRE_KM_PER_S * 1e6 + 0.5) * 1000;
}
