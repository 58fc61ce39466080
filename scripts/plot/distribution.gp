# distribution.gp - how the latencies of each case are spread, a row a case
#
# Reads rows, headings included; label_chars; classes, class[], class_name[] and
# class_row[] of each; case_class[] of each case; from and to nanoseconds. $outlines: an
# index a case, columns nanoseconds, base line and outline in rows. $spreads: columns row,
# class, label, p50, p99, trouble. The fullest bin of a case is one row high, so shapes
# compare, not counts. batches: words for the bottom where cases were timed so.

row = 25
left_chars = label_chars
do for [i = 1:classes] {
	left_chars = strlen(class_name[i]) > left_chars ? strlen(class_name[i]) : left_chars
}
left = 24 + left_chars * 7.6
plot_width = 620
width = left + plot_width + 30
height = 66 + rows * row + 62
note = 'line: p50, triangle: p99; all repetitions together, each case as high as its fullest bin' . batches

load scripts . '/common.gp'
room = 2.2
crowd = 9
do for [i = 1:classes] {
	set label 10 + i class_name[i] at screen X(12),Y(66 + (class_row[i] - 0.42) * row) left \
		textcolor rgb colour_of(class[i])
}

load scripts . '/ticks.gp'
set lmargin at screen X(left)
set rmargin at screen X(left + plot_width)
set tmargin at screen Y(66)
set bmargin at screen Y(66 + rows * row)
set logscale x
set xrange [from:to]
set yrange [rows + 0.5:0.5]
eval 'set xtics (' . ticks . ') nomirror scale 0.5 offset 0,0.3'
set ytics scale 0
set xlabel op . ' latency, logarithmic' offset 0,0.8 textcolor rgb '#333333'
cases = rows - classes
plot $spreads using (from):1:ytic(3) with points pointtype 0 linecolor rgb '#ffffff', \
	for [i = 1:cases] $outlines index i - 1 using 1:2:3 with filledcurves \
		linecolor rgb light_of(case_class[i]), \
	for [i = 1:cases] '' index i - 1 using 1:3 with lines linecolor rgb colour_of(case_class[i]), \
	$spreads using (known($4, 1e-9)):($1 + 0.4):(0):(-0.8) with vectors nohead linewidth 2 linecolor rgb '#000000', \
	'' using (known($5, 1e-9)):($1 + 0.3) with points pointtype 9 pointsize 0.9 linecolor rgb '#000000', \
	'' using (from * (to / from)**0.01):1:6 with labels left textcolor rgb grey
unset multiplot
unset output
