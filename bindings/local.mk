# Python by cffi. pip installs the package: pip install ./bindings/python
EXTRA_DIST += \
	bindings/python/examples/affinity.py \
	bindings/python/examples/bounce.py \
	bindings/python/examples/pick.py \
	bindings/python/examples/watch.py \
	bindings/python/generate.py \
	bindings/python/lvs/__init__.py \
	bindings/python/lvs/_declarations.py \
	bindings/python/lvs/_library.py \
	bindings/python/lvs/backend.py \
	bindings/python/lvs/monitor.py \
	bindings/python/lvs/service.py \
	bindings/python/lvs/table.py \
	bindings/python/pyproject.toml \
	bindings/python/test_lvs.py
dist_check_SCRIPTS += bindings/python/tap.py
# A sanitizer's runtime cannot be loaded late into python.
if !SANITIZED
TESTS += bindings/python/tap.py
endif

# After a change of the public headers.
bindings-update:
	$(PYTHON) $(srcdir)/bindings/python/generate.py $(srcdir)/include \
		> $(srcdir)/bindings/python/lvs/_declarations.py
.PHONY: bindings-update
