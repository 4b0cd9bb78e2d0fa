/*
 * Errors in words.
 *
 * The texts are our own, so that they are the same in every C library and
 * locale, and static, so that any thread may ask.
 */
#include "base/base.h"

#define LVS__TEXT(x) #x
#define LVS__VERSION(a, b, c) LVS__TEXT(a) "." LVS__TEXT(b) "." LVS__TEXT(c)

static const struct {
	int error;
	const char *text;
} texts[] = {
	{0, "success"},
	{EPERM, "not permitted"},
	{ENOENT, "no such thing"},
	{EINTR, "interrupted"},
	{EIO, "input or output error"},
	{EBADF, "bad descriptor"},
	{EAGAIN, "not now, try again"},
	{ENOMEM, "out of memory"},
	{EACCES, "access denied"},
	{EBUSY, "in use"},
	{EEXIST, "exists already"},
	{ENOTDIR, "not a directory"},
	{EISDIR, "is a directory"},
	{ENODEV, "no such device"},
	{ENXIO, "device is gone"},
	{EINVAL, "invalid argument"},
	{EMFILE, "too many open descriptors"},
	{ENFILE, "too many open descriptors in the system"},
	{EFBIG, "too large"},
	{ENOSPC, "no room left"},
	{EROFS, "file system is read-only"},
	{ENAMETOOLONG, "name too long"},
	{ENOLCK, "no lock available"},
	{ERANGE, "value out of range"},
	{EPIPE, "the other side is gone"},
	{ELOOP, "nested too deep"},
	{EOVERFLOW, "too large to count"},
	{ENOSYS, "not in this kernel"},
	{EOPNOTSUPP, "not supported"},
	{EAFNOSUPPORT, "address family not supported"},
	{ENOPROTOOPT, "option not in this kernel"},
	{EPROTONOSUPPORT, "protocol or method not supported"},
	{EADDRINUSE, "address in use"},
	{EADDRNOTAVAIL, "address not available"},
	{ENETDOWN, "network is down"},
	{ENETUNREACH, "network unreachable"},
	{EHOSTUNREACH, "host unreachable"},
	{ECONNREFUSED, "connection refused"},
	{ECONNRESET, "connection reset"},
	{ECONNABORTED, "connection aborted"},
	{ENOTCONN, "not connected"},
	{ETIMEDOUT, "timed out"},
	{ENOBUFS, "no buffer space"},
	{EUSERS, "threshold reached"},
	{EMSGSIZE, "message too large"},
	{EPROTO, "protocol error"},
};

LVS_EXPORT const char *lvs_version(void)
{
	return LVS__VERSION(LVS_VERSION_MAJOR, LVS_VERSION_MINOR,
			    LVS_VERSION_PATCH);
}

LVS_EXPORT const char *lvs_strerror(int error)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == error ||
		    (int64_t)texts[i].error == -(int64_t)error)
			return texts[i].text;
	return "unknown error";
}
