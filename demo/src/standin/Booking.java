package standin;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Double entry inside one transaction of the caller's. */
final class Booking {
    private Booking() {}

    /** True when the transfer was booked now, false when the same one had been before. */
    static boolean book(Connection connection, Transfer wanted, String node) throws SQLException {
        Long id = reserve(connection, wanted, node);
        if (id == null) {
            Transfer stored = find(connection, wanted.key());
            if (stored == null || !wanted.same(stored)) {
                throw new Problem(422, "this key was used for another transfer");
            }
            return false;
        }
        if (balance(connection, wanted.payer(), wanted.payee()).compareTo(wanted.amount()) < 0) {
            throw new Problem(409, "the balance is not enough");
        }
        enter(connection, id, wanted.payer(), wanted.amount().negate());
        enter(connection, id, wanted.payee(), wanted.amount());
        return true;
    }

    /**
     * A transfer that was committed; the caller commits too before it tells anyone.
     *
     * <p>The commit that is found may have lost its wait for the standby, so that only this server has it. The lock is a
     * write: the caller's commit comes later in the log and waits for the standby, and so for the found one as well.
     */
    private static Transfer find(Connection connection, String key) throws SQLException {
        String sql = "SELECT key, payer, payee, amount FROM transfers WHERE key = ? FOR SHARE";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? new Transfer(row.getString(1), row.getString(2), row.getString(3), row.getBigDecimal(4))
                        : null;
            }
        }
    }

    /** The key decides: of two at once the second waits here for the first, and finds its key taken. */
    private static Long reserve(Connection connection, Transfer wanted, String node) throws SQLException {
        String sql = "INSERT INTO transfers (key, payer, payee, amount, node) SELECT ?, ?, ?, ?, ? "
                + "WHERE 2 = (SELECT count(*) FROM accounts WHERE name IN (?, ?)) "
                + "ON CONFLICT (key) DO NOTHING RETURNING id";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, wanted.key());
            insert.setString(2, wanted.payer());
            insert.setString(3, wanted.payee());
            insert.setBigDecimal(4, wanted.amount());
            insert.setString(5, node);
            insert.setString(6, wanted.payer());
            insert.setString(7, wanted.payee());
            try (ResultSet row = insert.executeQuery()) {
                if (row.next()) {
                    return row.getLong(1);
                }
            }
        }
        if (find(connection, wanted.key()) == null) {
            throw new Problem(404, "there is no account named " + wanted.payee());
        }
        return null;
    }

    /** What the payer may spend. Both rows are locked in the order of their names, so that two transfers never wait in a circle. */
    private static BigDecimal balance(Connection connection, String payer, String payee) throws SQLException {
        String sql = "SELECT name, CASE WHEN may_be_negative THEN 1e15 ELSE balance END FROM accounts "
                + "WHERE name IN (?, ?) ORDER BY name FOR NO KEY UPDATE";
        Map<String, BigDecimal> found = new HashMap<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            int parameter = 1;
            for (String name : List.of(payer, payee)) {
                select.setString(parameter++, name);
            }
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.put(row.getString(1), row.getBigDecimal(2));
                }
            }
        }
        return found.get(payer);
    }

    private static void enter(Connection connection, long id, String account, BigDecimal amount) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO entries VALUES (?, ?, ?)");
                PreparedStatement update =
                        connection.prepareStatement("UPDATE accounts SET balance = balance + ? WHERE name = ?")) {
            insert.setLong(1, id);
            insert.setString(2, account);
            insert.setBigDecimal(3, amount);
            insert.executeUpdate();
            update.setBigDecimal(1, amount);
            update.setString(2, account);
            update.executeUpdate();
        }
    }
}
