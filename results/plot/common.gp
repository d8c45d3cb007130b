# What the figures of a run have in common. Arguments of every script:
# ARG1 svg or png, ARG2 output file, ARG3 caption, ARG4 names of the flows, ARG5 requests per flow.
# `load` takes the arguments away: the script sets format, output_file and height before.
set encoding utf8
if (format eq "svg") {
    set terminal svg size 960,height font "DejaVu Sans,13" dynamic background rgb "white"
} else {
    set terminal pngcairo size 1440,1.5*height font "DejaVu Sans,10" fontscale 1.5 linewidth 1.5 \
        noenhanced background rgb "white"
}
set output output_file
set border 3 linecolor rgb "#404040"
set tics nomirror out
