# Distributions. Columns as of lines.gp.
plot for [i = 1:count] files[i] using 1:4 with lines linetype styles[i] title entries[i]
