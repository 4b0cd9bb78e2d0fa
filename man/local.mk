# Section 3: a page a header. Section 8: the programs.
dist_man_MANS += man/lvs_monitor.3
