# Draws one figure in all its formats. The command writes figure.gp (title, caption, size, marks),
# panel-<n>.gp (place, axes, names of the series) and series-<n>-<m>.dat beside this script.
load "figure.gp"
set encoding utf8
do for [format in formats] {
    if (format eq "svg") {
        set terminal svg size width, height font "DejaVu Sans,13" dynamic noenhanced background rgb "white"
    }
    if (format eq "png") {
        set terminal pngcairo size 1.5*width, 1.5*height font "DejaVu Sans,9.75" fontscale 1.5 \
            linewidth 1.5 pointscale 1.5 noenhanced background rgb "white"
    }
    if (format eq "pdf") {
        set terminal pdfcairo size width/96.0, height/96.0 font "DejaVu Sans,9.75" \
            fontscale 0.75 linewidth 1 noenhanced background rgb "white"
    }
    set output name . "." . format
    load "common.gp"
    set multiplot
    do for [panel = 1:panels] {
        load sprintf("panel-%d.gp", panel)
        load kind . ".gp"
        load "after.gp"
    }
    unset multiplot
    set output
}
