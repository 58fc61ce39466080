# latency.gp - p50 and p99 of each case as bars, a panel for each class of survives
#
# Reads repetitions in words; panels; panel[] title, unit[] of its axis, ns if
# logarithmic, class[], rows[], logarithmic[], least[] and most[] drawn, 0 where nothing is; label_chars of the longest label.
# batches: words for the bottom where cases were timed so.
# $latencies: an index a panel, columns row, label, p50, least and most of the
# repetitions, p99 likewise, both as text, trouble. Each panel has its own axis from 0,
# or a logarithmic one where one bar is more than 50 times another: bars of different
# classes are not to be compared.

row = 19
left = 24 + label_chars * 7.6
bars = 440
figures = 170
gap = 62
width = left + bars + figures
rows_all = 0
do for [i = 1:panels] { rows_all = rows_all + rows[i] }
height = 66 + rows_all * row + panels * gap + 22
note = 'dark: p50, light: p99, ' . repetitions . '; whiskers: the least and most, or the axis; -: too few samples' . batches

load scripts . '/common.gp'
set format x '%g'
room = 2.2
crowd = 7

# A share of the bars' room, beyond 1 in that of the figures.
at(share) = log_axis ? low * (high / low)**share : share * high

top = head_height
do for [i = 1:panels] {
	log_axis = logarithmic[i]
	low = log_axis ? 10**floor(log10(least[i] / 1.5)) : 0
	high = most[i] <= 0 ? 1 : log_axis ? most[i] * 1.05 : most[i] * 1.02
	if (log_axis) {
		set logscale x
	} else {
		unset logscale x
	}
	set lmargin at screen X(left)
	set rmargin at screen X(width - 6)
	set tmargin at screen Y(top + 22)
	set bmargin at screen Y(top + 22 + rows[i] * row)
	# A tick on the very edge may be lost to rounding.
	set xrange [low * 0.999:at(1 + (figures - 6.0) / bars)]
	set yrange [rows[i] + 0.5:0.5]
	unset xtics
	unset xlabel
	ticks_look = "nomirror scale 0.5 offset 0,0.3 textcolor rgb '#333333'"
	if (log_axis) {
		from = low
		to = high
		load scripts . '/ticks.gp'
		eval 'set xtics (' . ticks . ') ' . ticks_look
	} else {
		if (most[i] > 0) {
			eval 'set xtics 0,autostep(high),high ' . ticks_look
		}
	}
	if (most[i] > 0) {
		set xlabel op . ' latency, ' . (log_axis ? 'logarithmic' : unit[i]) \
			offset 0,0.8 textcolor rgb '#333333'
	}
	set ytics scale 0
	set label 4 panel[i] at screen X(12),Y(top + 12) left textcolor rgb colour_of(class[i])
	set label 5 'p50' at first at(1.18),screen Y(top + 12) right textcolor rgb grey
	set label 6 'p99' at first at(1.36),screen Y(top + 12) right textcolor rgb grey
	plot $latencies index i - 1 using (low):1:(low):(seen($6, low)):($1 - 0.32):($1 + 0.32):ytic(2) \
			with boxxyerror linecolor rgb light_of(class[i]), \
		'' index i - 1 using (low):1:(low):(seen($3, low)):($1 - 0.2):($1 + 0.2) \
			with boxxyerror linecolor rgb colour_of(class[i]), \
		for [k = 3:6:3] '' index i - 1 using (low):1:(clip(seen(column(k + 1), low))):(clip(seen(column(k + 2), low))):($1 + (k == 3 ? -0.12 : 0.06)):($1 + (k == 3 ? -0.06 : 0.12)) \
			with boxxyerror linecolor rgb '#000000', \
		'' index i - 1 using (at(1.18)):1:9 with labels right, \
		'' index i - 1 using (at(1.36)):1:10 with labels right, \
		'' index i - 1 using (at(0.01)):1:11 with labels left textcolor rgb grey
	top = top + 22 + rows[i] * row + gap - 22
	unset label 1; unset label 2; unset label 3; unset label 7
}
unset multiplot
unset output
