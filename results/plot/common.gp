# What the figures of a run have in common. Arguments of every script:
# ARG1 svg or png, ARG2 output file, ARG3 caption, ARG4 names of the flows, ARG5 requests per flow.
set encoding utf8
colours = "#08306b #d95f02 #1b9e77 #7570b3 #a6761d #000000"
rows = words(ARG4)
# The height of the figure is set by each script before it calls this.
if (ARG1 eq "svg") {
    set terminal svg size 960,height font "DejaVu Sans,13" dynamic background rgb "white"
} else {
    set terminal pngcairo size 1440,1.5*height font "DejaVu Sans,10" fontscale 1.5 linewidth 1.5 \
        dashlength 1.2 noenhanced background rgb "white"
}
set output ARG2
set border 3 linecolor rgb "#404040"
set tics nomirror out
