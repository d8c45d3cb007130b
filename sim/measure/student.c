#include "sim/measure/student.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

/* The formulas are finite sums in cos(theta), theta = atan(t / sqrt(freedom)):
 *   odd:  2/pi (theta + sin (cos + 2/3 cos^3 + ... + 2 4 ... (v-3) / (1 3 ... (v-2)) cos^(v-2)))
 *   even: sin (1 + 1/2 cos^2 + 1 3 / (2 4) cos^4 + ... + 1 3 ... (v-3) / (2 4 ... (v-2)) cos^(v-2))
 * Sine and cosine follow from t, and only theta itself takes a function of the C library. */
double ehr_student_within(double t, uint64_t freedom)
{
    assert(t >= 0 && freedom >= 1);
    double v = (double)freedom, hypotenuse = sqrt(v + t * t);
    double sine = t / hypotenuse, square = v / (v + t * t);
    bool odd = freedom % 2 == 1;
    double term = odd ? sqrt(square) : 1, sum = freedom > 1 ? term : 0;
    /* a term that adds nothing is followed by smaller ones */
    for (uint64_t k = odd ? 3 : 2; k + 1 < freedom && sum + term > sum; k += 2) {
        term *= square * (double)(k - 1) / (double)k;
        sum += term;
    }
    return odd ? 2 / acos(-1.0) * (atan(t / sqrt(v)) + sine * sum) : sine * sum;
}

/* Bisection: the probability grows with t, and nothing here is in a hurry. */
double ehr_student_quantile(double level, uint64_t freedom)
{
    assert(level >= 0 && level < 1);
    double low = 0, high = 1;
    while (ehr_student_within(high, freedom) < level)
        high *= 2;
    for (int i = 0; i < 100; i++) {
        double middle = low + (high - low) / 2;
        if (ehr_student_within(middle, freedom) < level)
            low = middle;
        else
            high = middle;
    }
    return high;
}
