# Shortens Patroni's fixed waits. A new leader confirms nothing before a standby follows it, so users wait for these, too.
# What Debian's next version says otherwise stays as it is: then a switchover takes two seconds longer (test_2_database.py).
# How often it looks whether a leader that hands over has stopped, in seconds.
s/^STOP_POLLING_INTERVAL = 1$/STOP_POLLING_INTERVAL = 0.1/
# PostgreSQL itself has waited for its standbys by then.
s/time\.sleep\(1\)(  # give replicas some more time to catch up)/time.sleep(0.2)\1/
# A standby asks who leads too early, and then not again for a second; one that wanted to lead itself asks at once.
s/time\.sleep\(2\)(  # Give a time to somebody to take the leader lock)/time.sleep(0.3)\1/
s/^( *)return self\.follow\('demoted self after trying and failing to obtain lock',/\1time.sleep(0.3)\n&/
