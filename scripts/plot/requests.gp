# requests.gp - what one flush costs the device, requests and bytes by class
#
# Reads what stacks.gp reads; parts are the classes data, journal, metadata, flush, read,
# discard, other, in this order.

array part_colour[7] = [0x0072b2, 0xe69f00, 0xcc79a7, 0xd55e00, 0x009e73, 0x56b4e9, 0x999999]
array ink[7] = [0xffffff, 0x000000, 0x000000, 0xffffff, 0xffffff, 0x000000, 0x000000]
load scripts . '/stacks.gp'
