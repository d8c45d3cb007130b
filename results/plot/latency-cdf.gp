# Distribution of latency per flow, from latency-<flow>.dat (latency, percent not slower).
# ARG6 medians ("12 ms" as quoted words), ARG7 linear or log, ARG8 unit of the latency.
height = 540
load "common.gp"
set label 1 ARG3 at screen 0.01, screen 0.975 left noenhanced textcolor rgb "#606060"
set xlabel "latency, from request to answer [" . ARG8 . "]"
set ylabel "requests not slower [%]"
set yrange [0:100]
set ytics 10
set grid xtics ytics linecolor rgb "#d0d0d0" linewidth 0.5
if (ARG7 eq "log") {
    set logscale x
    set format x "%g"
    set mxtics 10
} else {
    set xrange [0:*]
}
set key outside right top vertical Left reverse noenhanced samplen 4 spacing 3.2
set lmargin screen 0.08
set rmargin screen 0.74
set tmargin screen 0.93
set bmargin screen 0.12
entry(i) = sprintf("%s\nn = %s\nmedian %s", word(ARG4, i), word(ARG5, i), word(ARG6, i))
plot for [i = 1:rows] "latency-" . word(ARG4, i) . ".dat" using 1:2 with steps \
    linewidth 2 dashtype i linecolor rgb word(colours, i) title entry(i)
