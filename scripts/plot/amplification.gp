# amplification.gp - write_amp, flush_amp and lines of each case as bars
#
# Reads rows, headings included; label_chars; classes, class[], class_name[] and
# class_row[] of each; ratios, how many there are, and heading[], meaning[], logarithmic[]
# and most[] of each. $ratios: columns row, class, label, of each ratio its median, least
# and most of the repetitions, each as text, trouble. The dashed line is 1: what the
# program asked for. traces: words for the bottom where cases were traced.

row = 19
left_chars = label_chars
do for [i = 1:classes] {
	left_chars = strlen(class_name[i]) > left_chars ? strlen(class_name[i]) : left_chars
}
left = 24 + left_chars * 7.6
bars = 230
figures = 66
width = left + ratios * (bars + figures + 12)
height = 66 + 24 + rows * row + 62
note = "'-': not known, or nothing was asked for; whiskers: least and most of the repetitions, or the axis" . traces

load scripts . '/common.gp'
do for [i = 1:classes] {
	set label 10 + i class_name[i] at screen X(12),Y(90 + (class_row[i] - 0.5) * row) left \
		textcolor rgb colour_of(class[i])
}
set format x '%g'
figure_text(v) = v < 1e3 ? sprintf('%g', v) : v < 1e6 ? sprintf('%gk', v / 1e3) : \
	v < 1e9 ? sprintf('%gM', v / 1e6) : v < 1e12 ? sprintf('%gG', v / 1e9) : sprintf('%gT', v / 1e12)
at(share) = log_axis ? low * (high / low)**share : share * high
ratio(i) = 4 + 3 * (i - 1)

set tmargin at screen Y(90)
set bmargin at screen Y(90 + rows * row)
set yrange [rows + 0.5:0.5]
set ytics scale 0
bars_of_both = "$ratios using (low):1:(low):(clip(seen(column(ratio(i)), low))):($1 - 0.32):($1 + 0.32):(number_of($2))" . \
	" with boxxyerror linecolor rgb variable," . \
	" $ratios using (low):1:(clip(seen(column(ratio(i) + 1), low))):(clip(seen(column(ratio(i) + 2), low))):($1 - 0.03):($1 + 0.03)" . \
	" with boxxyerror linecolor rgb '#000000'," . \
	" $ratios using (at(1 + 0.92 * figures / bars)):1:(strcol(3 + 3 * ratios + i)) with labels right," . \
	" $ratios using (at(0.02)):1:(strcol(4 + 4 * ratios)) with labels left textcolor rgb grey"
do for [i = 1:ratios] {
	log_axis = logarithmic[i]
	low = log_axis ? 0.1 : 0
	high = log_axis ? most[i] * 1.1 : (most[i] < 1.2 ? 1.2 : most[i] * 1.05)
	if (log_axis) {
		set logscale x
	} else {
		unset logscale x
	}
	begin = left + (i - 1) * (bars + figures + 12)
	set lmargin at screen X(begin)
	set rmargin at screen X(begin + bars + figures)
	set xrange [low * 0.999:at(1 + 1.0 * figures / bars)]
	ticks_look = "nomirror scale 0.5 offset 0,0.3 textcolor rgb '#333333'"
	if (log_axis) {
		ticks = ''
		do for [e = -1:ceil(log10(high)):ceil(log10(high / low) / 5)] {
			if (10.0**e < high * 1.001) {
				ticks = ticks . sprintf("%s'%s' %g", ticks eq '' ? '' : ', ', figure_text(10.0**e), 10.0**e)
			}
		}
		unset xtics
		eval 'set xtics (' . ticks . ') ' . ticks_look
	} else {
		eval 'set xtics 0,autostep(high),high ' . ticks_look
	}
	set xlabel meaning[i] offset 0,0.8 textcolor rgb '#333333'
	set label 5 heading[i] . (log_axis ? ', logarithmic' : '') at screen X(begin),Y(80) left \
		textcolor rgb grey
	set arrow 1 from first 1,graph 0 to first 1,graph 1 nohead dashtype 2 \
		linecolor rgb '#666666' front
	if (i == 1) {
		plot $ratios using (low):1:ytic(3) with points pointtype 0 linecolor rgb '#ffffff', \
			@bars_of_both
	} else {
		unset ytics
		plot @bars_of_both
	}
	do for [k = 1:17] { unset label k }
}
unset multiplot
unset output
