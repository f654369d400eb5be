package standin;

import static standin.Patience.patiently;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the servlets ask of the database. */
final class Ledger {
    private static final String AT = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS at";

    private final Pools pools;
    private final String node;

    Ledger(Pools pools, String node) {
        this.pools = pools;
        this.node = node;
    }

    /**
     * Books a transfer; true when it is new, false when it was booked before. Returns only after the commit.
     *
     * <p>A connection that breaks leaves open whether the commit happened. The key makes it safe to ask again: either the
     * transfer is found, or it is booked now.
     */
    boolean transfer(Transfer wanted) {
        boolean[] attempted = {false};
        return patiently(pools.write(), connection -> {
            boolean isNew = Booking.book(connection, wanted, node) || attempted[0];
            attempted[0] = isNew;
            Patience.commit(connection);
            return isNew;
        });
    }

    /** One transfer, shown only when it is as safe as one that was confirmed (see Booking.find). */
    Map<String, Object> stored(String key) {
        return patiently(pools.write(), connection -> {
            List<Map<String, Object>> found = Rows.of(connection,
                    "SELECT id, key, payer, payee, amount, node, " + AT + " FROM transfers WHERE key = ? FOR SHARE", key);
            if (found.isEmpty()) {
                throw new Problem(404, "no transfer has this key");
            }
            Patience.commit(connection);
            return found.get(0);
        });
    }

    /** Pages through all transfers in the order of their ids: what an audit reads. */
    List<Map<String, Object>> after(long id, int limit) {
        return patiently(pools.write(), connection -> Rows.of(connection,
                "SELECT t.id, key, payer, payee, t.amount, node, (SELECT count(*) FROM entries WHERE transfer = t.id) AS entries, "
                        + "(SELECT sum(amount) FROM entries WHERE transfer = t.id) AS sum "
                        + "FROM transfers t WHERE t.id > ? ORDER BY t.id LIMIT ?", id, limit));
    }

    /** Whether the books are right, all in one statement, so that transfers under way cannot blur it. */
    Map<String, Object> audit() {
        return patiently(pools.write(), connection -> Rows.of(connection, """
                WITH posted AS (SELECT account, sum(amount) AS amount FROM entries GROUP BY account)
                SELECT (SELECT count(*) FROM transfers) AS transfers,
                    (SELECT sum(balance) FROM accounts) AS total,
                    (SELECT count(*) FROM (SELECT 1 FROM transfers t LEFT JOIN entries e ON e.transfer = t.id GROUP BY t.id
                        HAVING count(e) <> 2 OR sum(e.amount) <> 0 OR max(e.amount) <> t.amount) AS wrong) AS unbalanced,
                    (SELECT count(*) FROM accounts LEFT JOIN posted ON account = name
                        WHERE balance <> coalesce(amount, 0)) AS differing,
                    (SELECT count(*) FROM accounts WHERE balance < 0 AND NOT may_be_negative) AS negative
                """).get(0));
    }

    /** Accounts, last transfers and the check that nothing was made or lost; from a standby where there is one. */
    Map<String, Object> overview() {
        return patiently(pools.readOnly(), connection -> {
            Map<String, Object> ledger = new LinkedHashMap<>();
            ledger.put("accounts", Rows.of(connection, "SELECT name, balance FROM accounts ORDER BY name"));
            ledger.put("transfers", Rows.of(connection,
                    "SELECT id, payer, payee, amount, node, " + AT + " FROM transfers ORDER BY id DESC LIMIT 20"));
            Map<String, Object> sums = Rows.of(connection, "SELECT (SELECT sum(balance) FROM accounts) AS total, "
                    + "pg_is_in_recovery() AS standby").get(0);
            ledger.putAll(sums);
            connection.commit();
            return ledger;
        });
    }

    boolean knows(String user, String password) {
        List<Map<String, Object>> found = patiently(pools.write(),
                connection -> Rows.of(connection, "SELECT password FROM users WHERE name = ?", user));
        return !found.isEmpty() && Passwords.matches(password, (String) found.get(0).get("password"));
    }

    /** True when the leader answers and would take a write. */
    boolean answers() throws SQLException {
        return Patience.once(pools.write(), connection -> {
            if (Rows.of(connection, "SELECT current_setting('transaction_read_only') AS it").get(0).get("it").equals("on")) {
                throw new SQLException("this server takes no writes", "25006");
            }
            connection.commit();
            return true;
        });
    }
}
