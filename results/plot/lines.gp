# Points with their intervals, joined. Columns: x, x low, x high, y, low, high.
plot for [i = 1:count] files[i] using 1:4 with lines linetype styles[i] notitle, \
    for [i = 1:count] files[i] using 1:4:5:6 with yerrorbars linetype styles[i] dashtype solid \
        linewidth 1.2 pointtype 0 notitle, \
    for [i = 1:count] files[i] using 1:4:2:3 with xerrorbars linetype styles[i] dashtype solid \
        linewidth 1.2 pointtype 0 notitle, \
    for [i = 1:count] files[i] using 1:4 with points linetype styles[i] dashtype solid notitle, \
    for [i = 1:count] NaN with linespoints linetype styles[i] title entries[i]
