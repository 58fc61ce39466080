# latency.gp - p50 and p99 of each case as bars, a panel for each class of survives
#
# Reads panels; panel[] title, unit[] of its axis, class[], rows[], logarithmic[],
# least[] and most[] drawn, 0 where nothing is; label_chars of the longest label. $rows: an index a panel,
# columns label, p50, least and most of the repetitions, p99 likewise, both as text,
# trouble. Each panel has its own axis from 0, or a logarithmic one where one bar is
# more than 50 times another: bars of different classes are not to be compared.

row = 19
left = 24 + label_chars * 7.2
bars = 440
figures = 170
gap = 62
width = left + bars + figures
rows_all = 0
do for [i = 1:panels] { rows_all = rows_all + rows[i] }
height = 66 + rows_all * row + panels * gap + 22

load scripts . '/common.gp'

note = 'dark: p50, light: p99, medians of the repetitions; whiskers: the least and most of them'
set label 7 note at screen X(12),Y(height - 12) left textcolor rgb grey

set format x '%g'

# A share of the bars' room, beyond 1 in that of the figures.
at(share) = log_axis ? low * (high / low)**share : share * high

top = head_height
do for [i = 1:panels] {
	log_axis = logarithmic[i]
	low = log_axis ? 10**floor(log10(least[i])) : 0
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
	set xrange [low:at(1 + (figures - 6.0) / bars)]
	set yrange [rows[i] + 0.5:0.5]
	unset xtics
	unset xlabel
	if (most[i] > 0) {
		set xtics low,(log_axis ? 10 : autostep(high)),high nomirror scale 0.5 offset 0,0.3
		set xlabel sprintf('%s latency, %s%s', op, unit[i], log_axis ? ', logarithmic' : '') \
			offset 0,0.8 textcolor rgb '#333333'
	}
	set ytics scale 0
	set label 4 panel[i] at screen X(12),Y(top + 12) left textcolor rgb colour_of(class[i])
	set label 5 'p50' at first at(1.18),screen Y(top + 12) right textcolor rgb grey
	set label 6 'p99' at first at(1.36),screen Y(top + 12) right textcolor rgb grey
	plot $rows index i - 1 using (low):($0 + 1):(low):(known($5, low)):($0 + 0.68):($0 + 1.32):ytic(1) \
			with boxxyerror linecolor rgb light_of(class[i]), \
		'' index i - 1 using (low):($0 + 1):(low):(known($2, low)):($0 + 0.8):($0 + 1.2) \
			with boxxyerror linecolor rgb colour_of(class[i]), \
		for [k = 2:5:3] '' index i - 1 using (low):($0 + 1):(known(column(k + 1), low)):(known(column(k + 2), low)):($0 + 0.97):($0 + 1.03) \
			with boxxyerror linecolor rgb '#000000', \
		'' index i - 1 using (at(1.18)):($0 + 1):8 with labels right, \
		'' index i - 1 using (at(1.36)):($0 + 1):9 with labels right, \
		'' index i - 1 using (at(0.01)):($0 + 1):10 with labels left textcolor rgb grey
	top = top + 22 + rows[i] * row + gap - 22
	unset label 1; unset label 2; unset label 3; unset label 7
}
unset multiplot
unset output
