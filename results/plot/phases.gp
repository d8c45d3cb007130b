# Where the time of a request goes: one bar per flow, from phases-<flow>.dat (a row per phase: begin,
# end, entry of the legend). Every bar has a scale of its own, as consent takes hours and a search
# milliseconds.
# ARG6 mean latencies (quoted words), ARG7 units, ARG8 rows per flow, ARG9 phases per flow: a row
# more than phases is the time that no phase accounts for.
format = ARG1
output_file = ARG2
panel = 160.0
height = 50 + panel * words(ARG4)
rows = words(ARG4)
load "common.gp"
array pattern[7] = [3, 4, 3, 1, 5, 2, 0]
array shade[7] = ["#08306b", "#d95f02", "#9ecae1", "#1b9e77", "#54278f", "#a6761d", "#606060"]
style(i, j) = j > int(word(ARG9, i)) ? 7 : j
file(i) = "phases-" . word(ARG4, i) . ".dat"
set multiplot
set label 1 ARG3 at screen 0.01, screen 1.0 - 16.0 / height left noenhanced \
    textcolor rgb "#606060"
unset key
unset ytics
do for [i = 1:rows] {
    top = 1.0 - (40.0 + panel * (i - 1)) / height
    count = int(word(ARG8, i))
    # The bar.
    set border 1
    set xtics nomirror out
    set lmargin screen 0.03
    set rmargin screen 0.66
    set tmargin screen top - 26.0 / height
    set bmargin screen top - 104.0 / height
    set label 2 sprintf("%s: mean latency %s, n = %s", word(ARG4, i), word(ARG6, i), \
        word(ARG5, i)) at screen 0.03, screen top - 13.0 / height left noenhanced
    set xlabel "mean time per request [" . word(ARG7, i) . "]" offset 0, 0.4
    set xrange [0:*]
    set yrange [0:1]
    plot for [j = 1:count] file(i) every ::(j - 1)::(j - 1) \
        using (($1 + $2) / 2):(0.5):1:2:(0.1):(1.0) with boxxyerror \
        fillstyle pattern pattern[style(i, j)] border linecolor rgb "#303030" \
        fillcolor rgb shade[style(i, j)]
    unset label
    # Its legend.
    unset border
    unset xtics
    unset xlabel
    set lmargin screen 0.69
    set rmargin screen 0.99
    set bmargin screen top - (26.0 + 7 * 18.0) / height
    set xrange [0:1]
    set yrange [7:0]
    plot for [j = 1:count] file(i) every ::(j - 1)::(j - 1) \
        using (0.05):(j - 0.5):(0.0):(0.1):(j - 0.85):(j - 0.15) with boxxyerror \
        fillstyle pattern pattern[style(i, j)] border linecolor rgb "#303030" \
        fillcolor rgb shade[style(i, j)], \
        for [j = 1:count] file(i) every ::(j - 1)::(j - 1) \
        using (0.13):(j - 0.5):3 with labels left noenhanced
}
unset multiplot
