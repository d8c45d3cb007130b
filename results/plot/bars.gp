# A category a row, a bar for each series. Columns: value, low, high, edges of the bar, where its
# text stands, the text. The interval is black on white, to be seen on a dark bar.
set grid noytics
plot for [i = 1:count] files[i] using (0):(($4 + $5) / 2):(0):1:4:5 with boxxyerror \
        fillstyle pattern pattern[styles[i]] border linecolor rgb "#303030" dashtype solid \
        linewidth 0.8 fillcolor rgb shade[styles[i]] title entries[i], \
    for [i = 1:count] files[i] using 1:(($4 + $5) / 2):2:3 with xerrorbars linetype 1 \
        dashtype solid linewidth 4 linecolor rgb "#ffffff" pointtype 0 notitle, \
    for [i = 1:count] files[i] using 1:(($4 + $5) / 2):2:3 with xerrorbars linetype 1 \
        dashtype solid linewidth 1.4 linecolor rgb "#000000" pointtype 0 notitle, \
    for [i = 1:count] files[i] using 6:(($4 + $5) / 2):7 with labels left offset 0.6, 0 \
        noenhanced font ",10" notitle
