/*
 * Interfaces by name and number, as rtnetlink lists them.
 */
#include "backend/host/device.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct device_search {
	const struct lvs__backend_config *config;
	struct lvs__devices *devices; /* in the order of the config */
	bool too_many;
};

static const char *text_of(const struct nlattr *attribute, char *text,
			   size_t size)
{
	size_t length;

	text[0] = '\0';
	if (attribute == NULL)
		return text;
	length = strnlen(mnl_attr_get_payload(attribute),
			 mnl_attr_get_payload_len(attribute));
	if (length < size) {
		memcpy(text, mnl_attr_get_payload(attribute), length);
		text[length] = '\0';
	}
	return text;
}

/* A port of a bridge or bond; a member of a VRF works for itself. */
static bool works_for_another(const struct nlattr **attributes)
{
	const struct nlattr *inside[IFLA_INFO_MAX + 1];
	char kind[16];

	if (attributes[IFLA_MASTER] == NULL)
		return false;
	if (attributes[IFLA_LINKINFO] == NULL)
		return true;
	lvs__netlink_nested(mnl_attr_get_payload(attributes[IFLA_LINKINFO]),
			    mnl_attr_get_payload_len(attributes[IFLA_LINKINFO]),
			    inside, IFLA_INFO_MAX);
	text_of(inside[IFLA_INFO_SLAVE_KIND], kind, sizeof(kind));
	return strcmp(kind, "vrf") != 0;
}

/* The place of an interface, NULL if it is not one to use. */
static struct lvs__device *place_for(struct device_search *search,
				     const char *name)
{
	const struct lvs__backend_config *config = search->config;
	struct lvs__devices *devices = search->devices;

	for (size_t i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i], name) == 0)
			return &devices->entries[i];
	if (config->interface_count > 0)
		return NULL;
	if (devices->count == LVS__BACKEND_INTERFACES) {
		search->too_many = true;
		return NULL;
	}
	return &devices->entries[devices->count++];
}

static int read_device(const struct nlmsghdr *message, void *user)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_LINKINFO + 1];
	struct device_search *search = user;
	struct lvs__device *device;
	char name[IFNAMSIZ];

	if (message->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return 0;
	lvs__netlink_attributes(message, sizeof(*info), attributes,
				IFLA_LINKINFO);
	text_of(attributes[IFLA_IFNAME], name, sizeof(name));
	if (name[0] == '\0')
		return 0;
	if (search->config->interface_count == 0 &&
	    ((info->ifi_flags & IFF_LOOPBACK) != 0 ||
	     works_for_another(attributes)))
		return 0;
	device = place_for(search, name);
	if (device != NULL) {
		device->ifindex = (uint32_t)info->ifi_index;
		strcpy(device->name, name);
	}
	return 0;
}

int lvs__devices_read(struct lvs__devices *devices,
		      struct lvs__netlink *netlink,
		      const struct lvs__backend_config *config, char *message,
		      size_t size)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *request =
		lvs__netlink_begin(buffer, RTM_GETLINK, NLM_F_DUMP);
	struct device_search search = {.config = config, .devices = devices};
	int result;

	memset(devices, 0, sizeof(*devices));
	devices->count = config->interface_count;
	(void)mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	result = lvs__netlink_dump(netlink, request, read_device, &search);
	if (result < 0)
		return lvs__message_error(message, size, result,
					  "cannot list the interfaces");
	for (size_t i = 0; i < config->interface_count; i++)
		if (devices->entries[i].ifindex == 0)
			return lvs__message(message, size, -ENODEV,
					    "there is no interface %s",
					    config->interfaces[i]);
	if (search.too_many)
		return lvs__message(
			message, size, -ERANGE,
			"more than %d interfaces: name those to use",
			LVS__BACKEND_INTERFACES);
	return 0;
}

static int read_name(const struct nlmsghdr *message, void *name)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_IFNAME + 1];

	if (message->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return 0;
	lvs__netlink_attributes(message, sizeof(*info), attributes,
				IFLA_IFNAME);
	text_of(attributes[IFLA_IFNAME], name, IFNAMSIZ);
	return 0;
}

int lvs__device_name(struct lvs__netlink *netlink, uint32_t ifindex, char *name)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *request = lvs__netlink_begin(buffer, RTM_GETLINK, 0);
	struct ifinfomsg *info =
		mnl_nlmsg_put_extra_header(request, sizeof(*info));
	int result;

	info->ifi_index = (int)ifindex;
	name[0] = '\0';
	result = lvs__netlink_dump(netlink, request, read_name, name);
	return result < 0 ? result : name[0] == '\0' ? -ENODEV : 0;
}
