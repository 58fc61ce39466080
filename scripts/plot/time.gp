# time.gp - latency over time, a panel a case
#
# Reads cases; of each label[], trouble[], class[], seconds[] its axis spans, least[] and
# most[] nanoseconds; cases of one class share their axes. $intervals: an index a case,
# columns seconds, p50, p99 and maximum of an interval; repetitions one after another.
# batches: words for the bottom where cases were timed so, which have no p99 and maximum.

panel_height = 92
left = 74
label_chars = 0
do for [i = 1:cases] {
	label_chars = strlen(label[i]) > label_chars ? strlen(label[i]) : label_chars
}
panel_width = 340 < label_chars * 7.6 - 8 ? label_chars * 7.6 - 8 : 340
across = cases > 40 ? 4 : cases > 16 ? 3 : cases > 1 ? 2 : 1
down = (cases + across - 1) / across
width = across * (left + panel_width) + 20
height = 66 + down * (panel_height + 62) + 24
note = 'dark: p50, light: p99, grey dots: maximum of an interval; repetitions one after another' . batches
colours = 'colours: survives power-loss blue, os-crash orange, process-crash pink, nothing grey'
height = height + 16

load scripts . '/common.gp'
set label 8 colours at screen X(12),Y(height - 28) left textcolor rgb grey
room = 2.2
crowd = 6
set border 3
set grid xtics ytics
set logscale y
set xlabel 'measured time, s' offset 0,0.8 textcolor rgb '#333333'

do for [i = 1:cases] {
	begin = left + ((i - 1) % across) * (left + panel_width)
	top = 66 + ((i - 1) / across) * (panel_height + 62)
	from = least[i] / 1.2
	to = (most[i] < least[i] * 10 ? least[i] * 10 : most[i]) * 1.2
	load scripts . '/ticks.gp'
	unset ytics
	if (trouble[i] eq '' || most[i] > 10) {
		eval 'set ytics (' . ticks . ') scale 0.5 nomirror textcolor rgb "#333333"'
	}
	set lmargin at screen X(begin)
	set rmargin at screen X(begin + panel_width)
	set tmargin at screen Y(top + 20)
	set bmargin at screen Y(top + 20 + panel_height)
	set xrange [0:seconds[i]]
	set yrange [from:to]
	set xtics 0,autostep(seconds[i]),seconds[i] scale 0.5 nomirror offset 0,0.3
	set label 4 label[i] at screen X(begin),Y(top + 10) left textcolor rgb colour_of(class[i])
	set label 5 trouble[i] at graph 0.02,graph 0.5 left textcolor rgb grey
	plot $intervals index i - 1 using 1:4 with points pointtype 7 pointsize 0.2 \
			linecolor rgb '#777777', \
		'' index i - 1 using 1:3 with linespoints linewidth 1.5 pointtype 7 pointsize 0.2 \
			linecolor rgb middle_of(class[i]), \
		'' index i - 1 using 1:2 with linespoints linewidth 1.5 pointtype 7 pointsize 0.3 \
			linecolor rgb colour_of(class[i])
	unset label 1; unset label 2; unset label 3; unset label 7; unset label 8
}
unset multiplot
unset output
