# What all figures have in common: title above, caption below, the legend right of the panels.
reset
set encoding utf8
set datafile missing NaN
set border 3 linecolor rgb "#404040"
set tics nomirror out
set errorbars 0.7
set lmargin screen left
set rmargin screen right
set label 100 title at screen 12.0/width, screen 1-20.0/height left noenhanced font ",15"
set label 101 caption_1 at screen 12.0/width, screen 32.0/height left noenhanced font ",10.5" \
    textcolor rgb "#505050"
set label 102 caption_2 at screen 12.0/width, screen 15.0/height left noenhanced font ",10.5" \
    textcolor rgb "#505050"
set grid xtics ytics linetype 1 dashtype solid linecolor rgb "#dcdcdc" linewidth 0.7
# Told apart by colour, by lightness, by dashes and by points. The ninth is for what is no
# measurement.
set linetype 1 dashtype solid linewidth 2.2 linecolor rgb "#08306b" pointtype 7 pointsize 0.8
set linetype 2 dashtype (12, 5) linewidth 2.2 linecolor rgb "#d95f02" pointtype 4 pointsize 0.9
set linetype 3 dashtype (3, 3) linewidth 2.4 linecolor rgb "#1b7837" pointtype 9 pointsize 1
set linetype 4 dashtype (12, 4, 2, 4) linewidth 2.2 linecolor rgb "#b79fd4" pointtype 13 \
    pointsize 1.1
set linetype 5 dashtype solid linewidth 1.2 linecolor rgb "#000000" pointtype 2 pointsize 0.9
set linetype 6 dashtype (6, 3) linewidth 1.6 linecolor rgb "#56b4e9" pointtype 5 pointsize 0.8
set linetype 7 dashtype (2, 5) linewidth 2.2 linecolor rgb "#8c510a" pointtype 8 pointsize 1
set linetype 8 dashtype (8, 3, 2, 3, 2, 3) linewidth 1.6 linecolor rgb "#c51b7d" pointtype 1 \
    pointsize 0.9
set linetype 9 dashtype (2, 2) linewidth 1.2 linecolor rgb "#707070" pointtype 0
# Fills: steps of lightness and patterns in turn.
array pattern[9] = [3, 4, 3, 1, 5, 2, 6, 7, 0]
array shade[9] = ["#08306b", "#d95f02", "#9ecae1", "#1b9e77", "#54278f", "#a6761d", "#c51b7d", \
    "#303030", "#606060"]
