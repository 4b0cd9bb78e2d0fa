# LVS_TRY_CFLAG(FLAG): append FLAG to LVS_CFLAGS if the compiler takes it.
AC_DEFUN([LVS_TRY_CFLAG], [
	AS_VAR_PUSHDEF([cache], [lvs_cv_cflag_$1])
	AC_CACHE_CHECK([whether $CC takes $1], [cache],
		[lvs_save="$CFLAGS"
		 CFLAGS="$CFLAGS -Werror $1"
		 AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
			[AS_VAR_SET([cache], [yes])],
			[AS_VAR_SET([cache], [no])])
		 CFLAGS="$lvs_save"])
	AS_VAR_IF([cache], [yes], [LVS_CFLAGS="$LVS_CFLAGS $1"])
	AS_VAR_POPDEF([cache])
])

# LVS_TRY_LDFLAG(FLAG): append FLAG to LVS_LDFLAGS if the linker takes it.
AC_DEFUN([LVS_TRY_LDFLAG], [
	AS_VAR_PUSHDEF([cache], [lvs_cv_ldflag_$1])
	AC_CACHE_CHECK([whether the linker takes $1], [cache],
		[lvs_save="$LDFLAGS"
		 LDFLAGS="$LDFLAGS $1"
		 AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
			[AS_VAR_SET([cache], [yes])],
			[AS_VAR_SET([cache], [no])])
		 LDFLAGS="$lvs_save"])
	AS_VAR_IF([cache], [yes], [LVS_LDFLAGS="$LVS_LDFLAGS $1"])
	AS_VAR_POPDEF([cache])
])

# LVS_FORTIFY: _FORTIFY_SOURCE 3, or 2 where 3 is unknown; nothing when the
# user's CFLAGS do not optimise (the macro warns there).
AC_DEFUN([LVS_FORTIFY], [
	AC_CACHE_CHECK([which _FORTIFY_SOURCE works], [lvs_cv_fortify],
		[lvs_cv_fortify=no
		 for level in 3 2; do
			lvs_save="$CFLAGS"
			CFLAGS="$CFLAGS -Werror -U_FORTIFY_SOURCE"
			CFLAGS="$CFLAGS -D_FORTIFY_SOURCE=$level"
			AC_COMPILE_IFELSE([AC_LANG_PROGRAM(
				[[#include <string.h>]], [[]])],
				[lvs_cv_fortify=$level])
			CFLAGS="$lvs_save"
			test "$lvs_cv_fortify" = no || break
		 done])
	AS_IF([test "$lvs_cv_fortify" != no],
		[LVS_CFLAGS="$LVS_CFLAGS -U_FORTIFY_SOURCE"
		 LVS_CFLAGS="$LVS_CFLAGS -D_FORTIFY_SOURCE=$lvs_cv_fortify"])
])
