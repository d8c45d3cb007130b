# Where the time of a request goes: one bar per flow, from phases-<flow>.dat (blocks of a heading and
# a row: begin, end). Every bar has a scale of its own, as consent takes hours and a search
# milliseconds.
# ARG6 mean latencies (quoted words), ARG7 units, ARG8 blocks per flow, ARG9 phases per flow.
height = 70 + 150 * words(ARG4)
load "common.gp"
array pattern[7] = [3, 4, 3, 2, 5, 3, 0]
array shade[7] = ["#08306b", "#d95f02", "#9ecae1", "#1b9e77", "#54278f", "#d9d9d9", "#606060"]
style(i, j) = j > int(word(ARG9, i)) ? 7 : j
set multiplot
set label 1 ARG3 at screen 0.01, screen 1.0 - 18.0 / height left noenhanced \
    textcolor rgb "#606060"
set border 1
unset ytics
set yrange [0:1]
set key outside right center vertical Left reverse noenhanced samplen 2 spacing 1.15
set lmargin screen 0.03
set rmargin screen 0.66
do for [i = 1:rows] {
    top = 1.0 - (40.0 + 150.0 * (i - 1)) / height
    set tmargin screen top - 22.0 / height
    set bmargin screen top - 92.0 / height
    set title sprintf("%s: mean latency %s, n = %s", word(ARG4, i), word(ARG6, i), word(ARG5, i)) \
        offset 0, -0.5 noenhanced
    set xlabel "mean time per request [" . word(ARG7, i) . "]" offset 0, 0.6
    set xrange [0:*]
    plot for [j = 1:int(word(ARG8, i))] "phases-" . word(ARG4, i) . ".dat" index j - 1 \
        using (($1 + $2) / 2):(0.5):1:2:(0.08):(0.92) with boxxyerror \
        fillstyle pattern pattern[style(i, j)] border linecolor rgb "#303030" \
        fillcolor rgb shade[style(i, j)] title columnheader(1)
    unset label 1
}
unset multiplot
