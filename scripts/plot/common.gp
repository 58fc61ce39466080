# common.gp - what all pictures share: output, fonts, colours, the text above
#
# Reads scripts, format (png, svg), file, title, origin, conditions; note, which stands at
# the bottom; width and height in pixels, the width grown to hold what stands above and
# below. Places are in pixels from the top left: X(px) and Y(px) make them gnuplot's.

longer(a, b) = a > b ? a : b
longest = longer(longer(strlen(origin), strlen(conditions)), strlen(note))
width = longer(width, 24 + longer(strlen(title) * 9.5, longest * 7.2))
if (format eq 'png') {
	set terminal pngcairo noenhanced size width,height font 'Sans,10' background '#ffffff'
} else {
	set terminal svg noenhanced size width,height font 'sans-serif,13' background '#ffffff'
}
set encoding utf8
set output file

X(px) = px / (1.0 * width)
Y(px) = 1 - px / (1.0 * height)

# Colours of Okabe and Ito, which the colour-blind tell apart; by what is survived:
# not known, nothing, process-crash, os-crash, power-loss. The light ones are theirs,
# for areas, the middle ones for lines.
array colour[5] = ['#000000', '#999999', '#cc79a7', '#e69f00', '#0072b2']
array light[5] = ['#bbbbbb', '#dddddd', '#efd3e1', '#f8dfa8', '#a6cfe8']
colour_of(class) = colour[class + 1]
array middle[5] = ['#888888', '#bdbdbd', '#dfa3c3', '#f0bf4d', '#66aad1']
light_of(class) = light[class + 1]
middle_of(class) = middle[class + 1]
array number[5] = [0x000000, 0x999999, 0xcc79a7, 0xe69f00, 0x0072b2]
number_of(class) = number[int(class) + 1]
grey = '#666666'

known(v, instead) = v == v ? v : instead
# What is not known, or too little for the axis, has a bar of no length.
seen(v, low) = v > low ? v : low

head_height = 66
set label 1 title at screen X(12),Y(18) left font ',13' noenhanced
set label 2 origin at screen X(12),Y(36) left textcolor rgb grey
set label 3 conditions at screen X(12),Y(52) left textcolor rgb grey
set label 7 note at screen X(12),Y(height - 12) left textcolor rgb grey

set datafile separator tab
set style fill solid 1 noborder
set border 1 linecolor rgb '#999999'
set tics textcolor rgb '#333333'
set grid xtics linecolor rgb '#e4e4e4' linetype 1
set key off
set multiplot

# A whisker ends with the axis at the latest.
clip(v) = v > high ? high : v

# A round step that cuts an axis up to high in about five.
decade(v) = 10**floor(log10(v))
round_up(v) = (v < 1.5 * decade(v) ? 1 : v < 3.5 * decade(v) ? 2 : v < 7.5 * decade(v) ? 5 : 10) * \
	decade(v)
autostep(high) = round_up(high / 5.0)
