# percentiles.gp - latency by percentile, a line a case
#
# Reads panels; panel[] title, class[], first[] and last[] line, least[] and most[]
# nanoseconds, right[] end, 0 and nothing[] why where nothing is drawn; of each line label[]
# and style[].
# $curves: two indices a line, columns 1/(1-p) and nanoseconds: the curve, then p50, p90,
# p99... for its marks. As HdrHistogram plots: each further nine takes the same room, and
# a line ends where no sample lies above. batches: words for the bottom where cases were
# timed so.

lines_all = 0
key_chars = 0
title_chars = 0
array panel_height[panels]
least_height = panels > 60 ? 110 : 170
height = 66 + 26
do for [i = 1:panels] {
	n = last[i] - first[i] + 1
	panel_height[i] = n * 19 + 20 < least_height ? least_height : n * 19 + 20
	height = height + panel_height[i] + 76
	title_chars = strlen(panel[i]) > title_chars ? strlen(panel[i]) : title_chars
	do for [k = first[i]:last[i]] {
		key_chars = strlen(label[k]) > key_chars ? strlen(label[k]) : key_chars
	}
}
left = 74
plot_width = 520
width = left + plot_width + 50 + key_chars * 7.6 + 12
width = width < 24 + title_chars * 7.6 ? 24 + title_chars * 7.6 : width
note = 'marks: p50, p90, p99, p99.9, p99.99; all repetitions together' . batches

load scripts . '/common.gp'
room = 3.3
crowd = 12

array hue[7] = ['#000000', '#e69f00', '#0072b2', '#009e73', '#d55e00', '#56b4e9', '#cc79a7']
array mark[12] = [7, 5, 9, 13, 11, 6, 4, 8, 12, 10, 2, 1]
hue_of(k) = hue[int(style[k] - 1) % 7 + 1]
mark_of(k) = mark[int(style[k] - 1) % 12 + 1]
dash_of(k) = int(style[k] - 1) % 14 < 7 ? 1 : 2

set border 3
set grid xtics ytics
set logscale xy
set xtics scale 0.5 nomirror offset 0,0.3
set xlabel 'percentile of ops' offset 0,0.8
# Lines of SVG are higher; what finds no room in the first column is not drawn at all.
set key at screen 0,0 left top Left reverse samplen 2 width 0 maxcols 1 noenhanced \
	spacing (format eq 'svg' ? 0.95 : 1.1)

top = head_height
do for [i = 1:panels] {
	set label 5 nothing[i] at graph 0.02,graph 0.5 left textcolor rgb grey
	from = least[i] / 1.15
	to = (most[i] < least[i] * 2 ? least[i] * 2 : most[i]) * 1.15
	load scripts . '/ticks.gp'
	eval 'set ytics (' . ticks . ') scale 0.5 nomirror textcolor rgb "#333333"'
	if (right[i] <= 0) {
		unset ytics
	}
	set lmargin at screen X(left)
	set rmargin at screen X(left + plot_width)
	set tmargin at screen Y(top + 24)
	set bmargin at screen Y(top + 24 + panel_height[i])
	set xrange [1:longer(right[i], 10) * 1.1]
	set yrange [from:to]
	# Long names are left out where they would run into each other.
	set xtics ('0' 1, '50' 2, '90' 10, '99' 100, '99.9' 1e3, '99.99' 1e4)
	if (right[i] < 1e7) {
		set xtics add ('99.999' 1e5, '99.9999' 1e6)
	} else {
		set xtics add ('99.9999' 1e6, '99.999999' 1e8, '99.99999999' 1e10)
	}
	set label 4 panel[i] at screen X(12),Y(top + 8) left textcolor rgb colour_of(class[i])
	set key at screen X(left + plot_width + 12),Y(top + 24)
	plot for [k = first[i]:last[i]] $curves index 2 * k - 2 using 1:2 with lines \
			linewidth 1.5 linecolor rgb hue_of(k) dashtype dash_of(k) notitle, \
		for [k = first[i]:last[i]] '' index 2 * k - 1 using 1:2 with points \
			pointtype mark_of(k) pointsize 0.9 linecolor rgb hue_of(k) notitle, \
		for [k = first[i]:last[i]] keyentry with linespoints linewidth 1.5 \
			linecolor rgb hue_of(k) dashtype dash_of(k) pointtype mark_of(k) \
			pointsize 0.9 title label[k]
	top = top + panel_height[i] + 76
	unset label 1; unset label 2; unset label 3; unset label 7
}
unset multiplot
unset output
