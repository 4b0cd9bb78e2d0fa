# Section 3: a page a header. Section 8: the programs.
dist_man_MANS += man/lvs_monitor.3
dist_man_MANS += man/liblvs.7
dist_man_MANS += man/lvs_base.3
dist_man_MANS += man/lvs_addr.3
dist_man_MANS += man/lvs_packet.3
dist_man_MANS += man/lvs_balancer.3
dist_man_MANS += man/lvs_table.3
dist_man_MANS += man/lvs_ev.3
dist_man_MANS += man/lvs_model.3
dist_man_MANS += man/lvs_config.3
dist_man_MANS += man/lvs_rules.3
dist_man_MANS += man/lvsd.conf.5
dist_man_MANS += man/lvs_director.3
dist_man_MANS += man/lvs_control.3
dist_man_MANS += man/lvs-control.7
dist_man_MANS += man/lvsd.8
dist_man_MANS += man/lvsadm.8
