package standin;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;

/** Transactions that outlive a change of the leading database server. */
final class Patience {
    // No new attempt after this: longer than the wait for an answer (20 s). With the last one's wait for a connection (30 s) it
    // is shorter than the balancer's patience (75 s).
    private static final long MILLISECONDS = 40_000;
    private static final long PAUSE_MILLISECONDS = 200;

    private Patience() {}

    interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Repeats what failed only because of where the database was; gives up with 503, which asks the client to repeat. */
    static <T> T patiently(HikariDataSource pool, Work<T> work) {
        long deadline = System.nanoTime() + MILLISECONDS * 1_000_000;
        while (true) {
            try {
                return once(pool, work);
            } catch (SQLException e) {
                if (!passes(e) || System.nanoTime() - deadline > 0) {
                    System.getLogger("standin").log(System.Logger.Level.WARNING, "database: {0} ({1})", e.getMessage(), e.getSQLState());
                    throw new Problem(503, "the database does not answer; send the same again");
                }
                pause();
            }
        }
    }

    /** One attempt; the work commits by itself, or is rolled back. */
    static <T> T once(HikariDataSource pool, Work<T> work) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            try {
                return work.in(connection);
            } catch (SQLException | Problem e) {
                if (e instanceof SQLException failure && isReadOnly(failure)) {
                    // It leads to a server that is no longer the leader, and would be handed out again.
                    pool.evictConnection(connection);
                } else {
                    rollback(connection);
                }
                throw e;
            }
        }
    }

    /**
     * Commits, or says that the outcome is unknown.
     *
     * <p>PostgreSQL confirms a commit whose wait for the standby was cancelled, with a warning: such a commit is on the
     * leader only, and a failover would lose it.
     */
    static void commit(Connection connection) throws SQLException {
        connection.clearWarnings();
        connection.commit();
        SQLWarning warning = connection.getWarnings();
        if (warning != null) {
            throw new SQLException(warning.getMessage(), "08007", warning);
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
        String state = state(e);
        return e instanceof SQLTransientConnectionException || state.startsWith("08") || state.startsWith("57P")
                || isReadOnly(e) || state.equals("40001") || state.equals("40P01");
    }

    private static boolean isReadOnly(SQLException e) {
        return state(e).equals("25006");
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(503, "this node stops; send the same again");
        }
    }
}
