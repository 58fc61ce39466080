# shares.gp - where the time of a commit goes, in time and as shares
#
# Reads what stacks.gp reads; parts are device write, device flush, software.

array part_colour[3] = [0x0072b2, 0xd55e00, 0x999999]
array ink[3] = [0xffffff, 0xffffff, 0x000000]
load scripts . '/stacks.gp'
