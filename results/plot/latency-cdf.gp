# Distribution of latency per flow, from latency-<flow>.dat (latency, percent not slower).
# ARG6 medians ("12 ms", as quoted words), ARG7 linear or log, ARG8 unit of the latency.
format = ARG1
output_file = ARG2
height = 540
rows = words(ARG4)
load "common.gp"
# Dashes tell the curves apart in grey. A flow looks the same in every figure.
known = "register visit retrieve share revoke ordering"
set linetype 1 dashtype solid linewidth 1.2 linecolor rgb "#a6761d"
set linetype 2 dashtype solid linewidth 2.4 linecolor rgb "#08306b"
set linetype 3 dashtype (12, 5) linewidth 2.4 linecolor rgb "#d95f02"
set linetype 4 dashtype (3, 3) linewidth 2.4 linecolor rgb "#1b9e77"
set linetype 5 dashtype (12, 4, 2, 4) linewidth 2 linecolor rgb "#7570b3"
set linetype 6 dashtype (4, 4) linewidth 1.2 linecolor rgb "#000000"
type(name) = sum [k = 1:words(known)] (word(known, k) eq name ? k : 0)
entry(i) = sprintf("%s\nmedian %s, n = %s", word(ARG4, i), word(ARG6, i), word(ARG5, i))
set label 1 ARG3 at screen 0.01, screen 0.97 left noenhanced textcolor rgb "#606060"
set xlabel "latency, from request to answer [" . ARG8 . "]"
set ylabel "requests not slower [%]" offset 1, 0
set yrange [0:100]
set ytics 10
set grid xtics ytics linetype 1 dashtype solid linecolor rgb "#dcdcdc" linewidth 0.7
if (ARG7 eq "log") {
    set logscale x
    set format x "%g"
    set mxtics 10
} else {
    set xrange [0:*]
    set offsets 0, graph 0.03, 0, 0
}
set key at screen 0.70, screen 0.93 left top vertical Left reverse noenhanced samplen 5 \
    spacing 2.6 maxcols 1
set lmargin screen 0.08
set rmargin screen 0.68
set tmargin screen 0.93
set bmargin screen 0.12
plot for [i = 1:rows] "latency-" . word(ARG4, i) . ".dat" using 1:2 with lines \
    linetype type(word(ARG4, i)) title entry(i)
