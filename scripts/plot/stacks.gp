# stacks.gp - bars made of parts, two for each case; requests.gp and shares.gp load it
#
# Reads part_colour[] and ink[], the colours of each part and of a text in it, as numbers;
# rows, headings included; label_chars and total_chars of the longest; classes, class[],
# class_name[] and class_row[] of each; parts, part_name[] and part_there[], 0 where no case
# has it; heading[], meaning[] and most[] of both bars; note; parts_of and totals_of, names
# of two blocks: an index a bar, columns row, begin, end, part, text; and columns row, class,
# label, both totals as text, trouble. Bars of all cases have one axis from 0; a text that
# has no room in its part is left out.

row = 19
left_chars = label_chars
do for [i = 1:classes] {
	left_chars = strlen(class_name[i]) > left_chars ? strlen(class_name[i]) : left_chars
}
left = 24 + left_chars * 7.6
bars = 330
figures = total_chars * 7.2 + 14
begin_of(i) = left + (i - 1) * (bars + figures + 12)
width = begin_of(3)
legend_width = 12
do for [k = 1:parts] {
	if (part_there[k]) {
		legend_width = legend_width + 36 + strlen(part_name[k]) * 7.6
	}
}
width = width > legend_width ? width : legend_width
top = 66 + 26 + 24
height = top + rows * row + 62

load scripts . '/common.gp'
do for [i = 1:classes] {
	set label 10 + i class_name[i] at screen X(12),Y(top + (class_row[i] - 0.5) * row) left \
		textcolor rgb colour_of(class[i])
}
place = 12
do for [k = 1:parts] {
	if (part_there[k]) {
		set object k rectangle from screen X(place),Y(84) to screen X(place + 12),Y(72) \
			fillcolor rgb part_colour[k] fillstyle solid 1 noborder
		set label 30 + k part_name[k] at screen X(place + 18),Y(78) left textcolor rgb grey
		place = place + 36 + strlen(part_name[k]) * 7.6
	}
}

colour_of_part(k) = part_colour[int(k)]
ink_of_part(k) = ink[int(k)]
fits(from, to, text) = (to - from) / high * bars >= strlen(text) * 6.8 + 6
set format x '%g'
set tmargin at screen Y(top)
set bmargin at screen Y(top + rows * row)
set yrange [rows + 0.5:0.5]
set ytics scale 0
stacks = parts_of . " index i - 1 using 2:1:2:3:($1 - 0.32):($1 + 0.32):(colour_of_part($4))" . \
	" with boxxyerror linecolor rgb variable," . \
	" " . parts_of . " index i - 1 using (($2 + $3) / 2):1:(fits($2, $3, strcol(5)) ? strcol(5) : ''):(ink_of_part($4))" . \
	" with labels textcolor rgb variable," . \
	" " . totals_of . " using (high * (1 + 0.96 * figures / bars)):1:(strcol(3 + i)) with labels right," . \
	" " . totals_of . " using (high * 0.01):1:6 with labels left textcolor rgb grey"
do for [i = 1:2] {
	high = most[i] > 0 ? most[i] * 1.02 : 1
	set lmargin at screen X(begin_of(i))
	set rmargin at screen X(begin_of(i) + bars + figures)
	set xrange [0:high * (1 + 1.0 * figures / bars)]
	set xtics 0,autostep(high),high nomirror scale 0.5 offset 0,0.3 textcolor rgb '#333333'
	set xlabel meaning[i] offset 0,0.8 textcolor rgb '#333333'
	set label 5 heading[i] at screen X(begin_of(i)),Y(top - 10) left textcolor rgb grey
	if (i == 1) {
		plot @totals_of using (0):1:ytic(3) with points pointtype 0 linecolor rgb '#ffffff', \
			@stacks
	} else {
		unset ytics
		plot @stacks
	}
	do for [k = 1:40] { unset label k }
	do for [k = 1:parts] { unset object k }
}
unset multiplot
unset output
