package standin;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What the servlets ask of the database. */
final class Ledger {
    private static final long PATIENCE_MILLISECONDS = 40_000;

    private final Pools pools;
    private final String node;

    Ledger(Pools pools, String node) {
        this.pools = pools;
        this.node = node;
    }

    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /**
     * Books a transfer; true when it is new, false when it was booked before. Returns only after the commit.
     *
     * <p>A connection that breaks leaves open whether the commit happened. The key makes it safe to ask again: either the
     * transfer is found, or it is booked now.
     */
    boolean transfer(Transfer wanted) {
        boolean[] before = {false};
        return patiently(pools.write(), connection -> {
            boolean isNew = Booking.book(connection, wanted, node);
            boolean unsure = before[0];
            before[0] = true;
            connection.commit();
            return isNew || unsure;
        });
    }

    Map<String, Object> stored(String key) {
        return patiently(pools.write(), connection -> {
            List<Map<String, Object>> found = rows(connection,
                    "SELECT id, key, payer, payee, amount, node, at::text FROM transfers WHERE key = ?", key);
            if (found.isEmpty()) {
                throw new Problem(404, "no transfer has this key");
            }
            return found.get(0);
        });
    }

    /** Pages through all transfers in the order of their ids: what an audit reads. */
    List<Map<String, Object>> after(long id, int limit) {
        return patiently(pools.write(), connection -> rows(connection,
                "SELECT t.id, key, payer, payee, t.amount, node, (SELECT count(*) FROM entries WHERE transfer = t.id) AS entries, "
                        + "(SELECT sum(amount) FROM entries WHERE transfer = t.id) AS sum "
                        + "FROM transfers t WHERE t.id > ? ORDER BY t.id LIMIT ?", id, limit));
    }

    /** Accounts, last transfers and the check that nothing was made or lost; from a standby where there is one. */
    Map<String, Object> overview() {
        return patiently(pools.readOnly(), connection -> {
            Map<String, Object> ledger = new LinkedHashMap<>();
            ledger.put("accounts", rows(connection, "SELECT name, balance FROM accounts ORDER BY name"));
            ledger.put("transfers", rows(connection,
                    "SELECT id, payer, payee, amount, node, at::text FROM transfers ORDER BY id DESC LIMIT 20"));
            Map<String, Object> sums = rows(connection, "SELECT (SELECT sum(balance) FROM accounts) AS total, "
                    + "pg_is_in_recovery() AS standby").get(0);
            ledger.putAll(sums);
            connection.commit();
            return ledger;
        });
    }

    boolean knows(String user, String password) {
        return patiently(pools.write(), connection -> {
            List<Map<String, Object>> found =
                    rows(connection, "SELECT password FROM users WHERE name = ?", user);
            connection.commit();
            return !found.isEmpty() && Passwords.matches(password, (String) found.get(0).get("password"));
        });
    }

    /** True when the leader answers and would take a write. */
    boolean answers() throws SQLException {
        try (Connection connection = pools.write().getConnection()) {
            boolean writable = rows(connection, "SELECT NOT pg_is_in_recovery() AS writable").get(0).get("writable").equals(true);
            connection.commit();
            return writable;
        }
    }

    /** Repeats what failed only because of where the database was; gives up with 503, which asks the client to repeat. */
    private static <T> T patiently(DataSource pool, Work<T> work) {
        long deadline = System.currentTimeMillis() + PATIENCE_MILLISECONDS;
        while (true) {
            try {
                return once(pool, work);
            } catch (SQLException e) {
                if (!passes(e) || System.currentTimeMillis() > deadline) {
                    System.getLogger("standin").log(System.Logger.Level.WARNING, "database: {0} ({1})", e.getMessage(), e.getSQLState());
                    throw new Problem(503, "the database does not answer; send the same again");
                }
                pause();
            }
        }
    }

    private static <T> T once(DataSource pool, Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            try {
                return work.in(connection);
            } catch (SQLException | Problem e) {
                rollback(connection);
                throw e;
            }
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException ignored) {
            // The connection is broken: the server rolls back by itself.
            return;
        }
    }

    /** A broken connection, a server that stops or is a standby by now, a deadlock, a conflict of two transactions. */
    private static boolean passes(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return e instanceof SQLTransientConnectionException || state.startsWith("08") || state.startsWith("57P")
                || state.equals("25006") || state.equals("40001") || state.equals("40P01");
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(503, "this node stops; send the same again");
        }
    }

    private static List<Map<String, Object>> rows(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                List<Map<String, Object>> found = new ArrayList<>();
                while (row.next()) {
                    Map<String, Object> columns = new LinkedHashMap<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        columns.put(row.getMetaData().getColumnLabel(i), row.getObject(i));
                    }
                    found.add(columns);
                }
                return found;
            }
        }
    }
}
