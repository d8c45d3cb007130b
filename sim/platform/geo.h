/* Places on the Earth and light in fibre between them. Plain arithmetic and square roots only, so
 * that results are the same on every C library. Not a geodesy library: the Earth is a sphere. */
#ifndef EHR_PLATFORM_GEO_H
#define EHR_PLATFORM_GEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EHR_GEO_EARTH_RADIUS_KM   6371.0088            /* mean radius (IUGG) */
#define EHR_GEO_FIBRE_KM_PER_S    (299792.458 * 2 / 3) /* 2/3 of the speed of light */
#define EHR_GEO_ROUTE_FACTOR_TEXT "1.5"                /* cable / great circle; assumed */

struct ehr_geo_point {
    double latitude;  /* degrees, -90 to 90 */
    double longitude; /* degrees, -180 to 180 */
};

/* Along the great circle. */
double ehr_geo_distance_km(struct ehr_geo_point a, struct ehr_geo_point b);

/* The point in the middle of `count` > 0 points: the direction of the sum of their vectors from the
 * Earth's centre. False if these cancel out. */
bool ehr_geo_middle(const struct ehr_geo_point *points, size_t count, struct ehr_geo_point *middle);

/* One way over `km` of fibre, to the next microsecond. */
uint64_t ehr_geo_fibre_ns(double km);

#endif /* EHR_PLATFORM_GEO_H */
