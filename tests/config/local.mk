# The corpus of configurations, good and bad, for tests/unit/test_config.c.
EXTRA_DIST += tests/config/good tests/config/bad
dist_check_SCRIPTS += tests/config/test_words.py
TESTS += tests/config/test_words.py
