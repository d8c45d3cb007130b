# What a panel must not leave to the next one.
unset label
unset object
unset arrow
unset logscale
set xtics autofreq scale default
set ytics autofreq scale default
set mxtics default
set mytics default
set xrange [*:*]
set yrange [*:*]
