# The demo: ./bootstrap demo, or sudo examples/demo/run --build DIR.
EXTRA_DIST += examples/demo/run examples/demo/director.py \
	examples/demo/judge.py examples/demo/load.py examples/demo/served.lua
