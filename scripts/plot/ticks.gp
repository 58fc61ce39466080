# ticks.gp - labelled ticks for a logarithmic axis of nanoseconds, in `ticks`
#
# Reads from and to; room, how many decades leave room for 2 and 5 between them; crowd,
# how many there may be with a label each.

ns_text(v) = v < 1e3 ? sprintf('%g ns', v) : v < 1e6 ? sprintf('%g us', v / 1e3) : \
	v < 1e9 ? sprintf('%g ms', v / 1e6) : sprintf('%g s', v / 1e9)
ticks = ''
decades = log10(1.0 * to / from)
steps = decades < 0.5 ? '1 1.2 1.5 2 2.5 3 4 5 6 7 8 9' : decades < room ? '1 2 5' : '1'
do for [e = 0:13:ceil(decades / crowd)] {
	do for [s in steps] {
		at = s * 10**e
		if (at > from * 0.999 && at < to * 1.001) {
			ticks = ticks . sprintf("%s'%s' %g", ticks eq '' ? '' : ', ', ns_text(at), at)
		}
	}
}
