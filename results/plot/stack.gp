# A category a row, its parts after each other. Columns: begin, end, edges of the bar.
set grid noytics
plot for [i = 1:count] files[i] using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4 with boxxyerror \
        fillstyle pattern pattern[styles[i]] border linecolor rgb "#303030" dashtype solid \
        linewidth 0.8 fillcolor rgb shade[styles[i]] title entries[i]
