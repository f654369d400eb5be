# Shortens Patroni's fixed waits. A new leader confirms nothing before a standby follows it, so users wait for these, too.
# What another version says otherwise stays as it is: then a switchover takes two seconds longer (test_2_database.py).
# How often it looks whether a leader that hands over has stopped, in seconds.
s/^STOP_POLLING_INTERVAL = 1$/STOP_POLLING_INTERVAL = 0.2/
# Who has not got everything by then is waited for all the same.
s/time\.sleep\(1\)(  # give replicas some more time to catch up)/time.sleep(0.2)\1/
# For somebody to take the lead, before a standby asks whom to follow.
s/time\.sleep\(2\)(  # Give a time to somebody to take the leader lock)/time.sleep(0.3)\1/
# A standby that was not the first to take it leaves the former leader at once, and asks again at once instead of in its next round.
s/^( *)return self\.follow\('demoted self after trying and failing to obtain lock',/\1self.dcs.event.set()\n&/
