# Requests ended ok per second and transactions committed per second over time, from
# throughput-<n>.dat (beginning of an interval, rate): flows, then chains. ARG4 flows, ARG5 chains,
# ARG6 and ARG7 beginnings and ends of faults ("-": none), ARG8 length of an interval, ARG9 end.
format = ARG1
output_file = ARG2
height = 640
rows = words(ARG5)
load "common.gp"
last = real(ARG9)
set xrange [0:last]
set yrange [0:*]
set grid xtics ytics linetype 1 dashtype solid linecolor rgb "#dcdcdc" linewidth 0.7
known = "register visit retrieve share revoke ordering"
set linetype 1 dashtype solid linewidth 1.2 linecolor rgb "#a6761d"
set linetype 2 dashtype solid linewidth 2.4 linecolor rgb "#08306b"
set linetype 3 dashtype (12, 5) linewidth 2.4 linecolor rgb "#d95f02"
set linetype 4 dashtype (3, 3) linewidth 2.4 linecolor rgb "#1b9e77"
set linetype 5 dashtype (12, 4, 2, 4) linewidth 2 linecolor rgb "#7570b3"
set linetype 6 dashtype (4, 4) linewidth 1.2 linecolor rgb "#000000"
type(name) = sum [k = 1:words(known)] (word(known, k) eq name ? k : 0)
# A fault is a grey band from its beginning to its end, with its number above.
do for [i = 1:words(ARG6)] {
    from = real(word(ARG6, i))
    to = word(ARG7, i) eq "-" ? last : real(word(ARG7, i))
    set object i rectangle from first from, graph 0 to first (to < last ? to : last), graph 1 \
        behind fillcolor rgb "#888888" fillstyle transparent solid 0.18 noborder
    set arrow i from first from, graph 0 to first from, graph 1 nohead back \
        linewidth 1 linecolor rgb "#606060"
    # those that begin together, and so have numbers in a row, share a label
    first = 1
    last_number = i
    do for [k = 1:words(ARG6)] {
        if (word(ARG6, k) eq word(ARG6, i)) {
            if (k < i) { first = 0 }
            if (k > i) { last_number = k }
        }
    }
    numbers = last_number > i ? sprintf("%d-%d", i, last_number) : sprintf("%d", i)
    if (first) {
        set label (i + 1) numbers at first from, graph 1.03 center textcolor rgb "#606060"
    }
}
set lmargin screen 0.08
set rmargin screen 0.80
set key at screen 0.82, graph 1 left top vertical Left reverse noenhanced samplen 3 maxcols 1
set multiplot
set label 1 ARG3 at screen 0.01, screen 0.975 left noenhanced textcolor rgb "#606060"
set tmargin screen 0.92
set bmargin screen 0.56
set ylabel "requests ended ok [1/s]" offset 1, 0
plot for [i = 1:words(ARG4)] "throughput-" . i . ".dat" using 1:2 with steps \
    linetype type(word(ARG4, i)) title word(ARG4, i)
unset label 1
set tmargin screen 0.47
set bmargin screen 0.10
set xlabel "time [s], intervals of " . ARG8 . " s; grey: faults, numbered as in faults.csv"
set ylabel "transactions committed [1/s]" offset 1, 0
set linetype 1 dashtype solid linewidth 2.4 linecolor rgb "#08306b"
set linetype 2 dashtype (12, 5) linewidth 1.6 linecolor rgb "#d95f02"
set linetype 3 dashtype (3, 3) linewidth 1.6 linecolor rgb "#1b9e77"
set linetype 4 dashtype (12, 4, 2, 4) linewidth 1.6 linecolor rgb "#7570b3"
# a run without a block has a panel without a curve
if (words(ARG5) > 0) {
    plot for [i = 1:words(ARG5)] "throughput-" . (i + words(ARG4)) . ".dat" using 1:2 \
        with steps linetype i title word(ARG5, i)
} else {
    plot [0:last] [0:1] -1 notitle
}
unset multiplot
