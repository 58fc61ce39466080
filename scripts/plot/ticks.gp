# ticks.gp - labelled ticks for a logarithmic axis of nanoseconds, in `ticks`
#
# Reads from, to and room, how many decades leave room for 2 and 5 between them.

ns_text(v) = v < 1e3 ? sprintf('%g ns', v) : v < 1e6 ? sprintf('%g us', v / 1e3) : \
	v < 1e9 ? sprintf('%g ms', v / 1e6) : sprintf('%g s', v / 1e9)
ticks = ''
steps = log10(1.0 * to / from) < room ? '1 2 5' : '1'
do for [e = 0:13] {
	do for [s in steps] {
		at = s * 10**e
		ticks = ticks . sprintf("%s'%s' %g", ticks eq '' ? '' : ', ', ns_text(at), at)
	}
}
