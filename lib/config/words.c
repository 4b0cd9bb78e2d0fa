/*
 * Words that keepalived.conf(5) has and liblvs does not read yet, by block.
 *
 * `later`: to leave them out would change which server serves, or whether it
 * is checked, so they are refused. `ignored`: without effect on balancing, so
 * they are warned of and skipped, with their block. A word that gets built
 * moves from here to its line in keepalived.c. lvsd.conf(5) lists both.
 */
#include "config/reader.h"

const char *const lvs__later_top[] = {
	"bfd_instance",
	"net_namespace",
	"net_namespace_ipvs",
	"static_ipaddress",
	"static_routes",
	"static_rules",
	"track_group",
	"virtual_server_group",
	"vrrp_instance",
	"vrrp_sync_group",
	NULL,
};

const char *const lvs__ignored_top[] = {
	"SSL",
	"child_wait_time",
	"garp_group",
	"instance",
	"interface_up_down_delays",
	"linkbeat_interfaces",
	"linkbeat_use_polling",
	"namespace_with_ipsets",
	"static_track_group",
	"track_file",
	"use_pid_dir",
	"vrrp_script",
	"vrrp_track_file",
	"vrrp_track_process",
	NULL,
};

const char *const lvs__later_global[] = {
	"lvs_sync_daemon",
	"net_namespace",
	"net_namespace_ipvs",
	"nftables_ipvs",
	NULL,
};

const char *const lvs__ignored_global[] = {
	"bfd_cpu_affinity",
	"bfd_no_swap",
	"bfd_priority",
	"bfd_process_name",
	"bfd_rlimit_rttime",
	"bfd_rt_priority",
	"checker_cpu_affinity",
	"checker_log_all_failures",
	"checker_no_swap",
	"checker_priority",
	"checker_process_name",
	"checker_rlimit_rttime",
	"checker_rt_priority",
	"child_wait_time",
	"config_save_dir",
	"data_use_instance",
	"dbus_service_name",
	"default_interface",
	"disable_local_igmp",
	"dynamic_interfaces",
	"enable_dbus",
	"enable_script_security",
	"enable_snmp_checker",
	"enable_snmp_rfc",
	"enable_snmp_rfcv2",
	"enable_snmp_rfcv3",
	"enable_snmp_vrrp",
	"enable_traps",
	"fifo_write_vrrp_states_on_reload",
	"include_check",
	"instance",
	"linkbeat_use_polling",
	"log_unknown_vrids",
	"lvs_flush",
	"lvs_flush_on_stop",
	"lvs_netlink_cmd_rcv_bufs",
	"lvs_netlink_cmd_rcv_bufs_force",
	"lvs_netlink_monitor_rcv_bufs",
	"lvs_netlink_monitor_rcv_bufs_force",
	"lvs_notify_fifo",
	"lvs_notify_fifo_script",
	"max_auto_priority",
	"min_auto_priority_delay",
	"nftables",
	"nftables_counters",
	"nftables_ifindex",
	"nftables_ipvs_priority",
	"nftables_ipvs_start_fwmark",
	"nftables_priority",
	"no_checker_emails",
	"no_email_faults",
	"notification_email",
	"notification_email_from",
	"notify_fifo",
	"notify_fifo_script",
	"process_monitor_rcv_bufs",
	"process_monitor_rcv_bufs_force",
	"process_name",
	"process_names",
	"random_seed",
	"reload_check_config",
	"reload_file",
	"reload_repeat",
	"reload_time_file",
	"router_id",
	"rs_init_notifies",
	"script_user",
	"shutdown_script",
	"shutdown_script_timeout",
	"smtp_alert",
	"smtp_alert_checker",
	"smtp_alert_vrrp",
	"smtp_connect_timeout",
	"smtp_helo_name",
	"smtp_server",
	"snmp_socket",
	"startup_script",
	"startup_script_timeout",
	"tmp_config_directory",
	"umask",
	"use_pid_dir",
	"vmac_addr_prefix",
	"vmac_prefix",
	"vrrp_*", /* every word that begins so */
	NULL,
};

const char *const lvs__later_virtual[] = {
	"flag-1",
	"flag-2",
	"flag-3",
	"ha_suspend",
	"hysteresis",
	"ip_family",
	"mh-fallback",
	"mh-port",
	"ops",
	"persistence_engine",
	"persistence_granularity",
	"persistence_timeout",
	"quorum",
	"sh-fallback",
	"sh-port",
	"sorry_server",
	"sorry_server_inhibit",
	"sorry_server_lvs_method",
	NULL,
};

const char *const lvs__ignored_virtual[] = {
	"omega",     "quorum_down", "quorum_up", "smtp_alert",
	"snmp_name", "virtualhost", NULL,
};

const char *const lvs__later_real[] = {
	"BFD_CHECK",  "DNS_CHECK",  "FILE_CHECK", "HTTP_GET",  "MISC_CHECK",
	"PING_CHECK", "SMTP_CHECK", "SSL_GET",	  "UDP_CHECK", NULL,
};

const char *const lvs__ignored_real[] = {
	"notify_down", "notify_up",   "smtp_alert",
	"snmp_name",   "virtualhost", NULL,
};

const char *const lvs__later_check[] = {
	"bind_if", "bind_port", "bindto", "fwmark", NULL,
};

const char *const lvs__ignored_check[] = {
	"log_all_failures",
	NULL,
};
