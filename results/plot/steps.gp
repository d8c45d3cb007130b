# Rates over time, with marks: a grey band from the beginning of a fault to its end, with its number
# above. Columns as of lines.gp.
do for [i = 1:marks] {
    until = ends[i] < 0 || ends[i] > last ? last : ends[i]
    set object i rectangle from first begins[i], graph 0 to first until, graph 1 \
        behind fillcolor rgb "#888888" fillstyle transparent solid 0.18 noborder
    set arrow i from first begins[i], graph 0 to first begins[i], graph 1 nohead back \
        linewidth 1 linecolor rgb "#606060"
    if (names[i] ne "") {
        set label (300 + i) names[i] at first begins[i], graph 1.05 center textcolor rgb "#606060"
    }
}
plot for [i = 1:count] files[i] using 1:4 with steps linetype styles[i] title entries[i]
