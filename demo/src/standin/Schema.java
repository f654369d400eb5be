package standin;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/** Tables, demo users and opening balances; made once, whichever node comes first. */
final class Schema {
    static final List<String> USERS = List.of("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan",
            "judy", "kevin", "laura", "mallory", "nina", "oscar", "peggy", "quentin", "rosa", "sybil", "trent");
    static final String PASSWORD = "demo";
    /** Not `public`: a release that takes the demo's place finds no tables there. */
    static final String NAME = "standin";
    private static final BigDecimal OPENING = new BigDecimal("1000.00");
    private static final long LOCK = 4_104_2026L;

    private static final String TABLES = """
            CREATE TABLE IF NOT EXISTS users (name text PRIMARY KEY, password text NOT NULL);
            CREATE TABLE IF NOT EXISTS accounts (
                name text PRIMARY KEY,
                balance numeric(20, 2) NOT NULL DEFAULT 0,
                may_be_negative boolean NOT NULL DEFAULT false,
                CHECK (may_be_negative OR balance >= 0));
            CREATE TABLE IF NOT EXISTS transfers (
                id bigserial PRIMARY KEY,
                key text NOT NULL UNIQUE,
                payer text NOT NULL REFERENCES accounts,
                payee text NOT NULL REFERENCES accounts,
                amount numeric(20, 2) NOT NULL CHECK (amount > 0),
                node text NOT NULL,
                at timestamptz NOT NULL DEFAULT now());
            CREATE TABLE IF NOT EXISTS entries (
                transfer bigint NOT NULL REFERENCES transfers,
                account text NOT NULL REFERENCES accounts,
                amount numeric(20, 2) NOT NULL,
                PRIMARY KEY (transfer, account));
            """;

    private final DataSource write;

    Schema(DataSource write) {
        this.write = write;
    }

    void create() throws SQLException {
        try (Connection connection = write.getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
                statement.execute("CREATE SCHEMA IF NOT EXISTS " + NAME);
                statement.execute(TABLES);
            }
            account(connection, "system", true);
            for (String user : USERS) {
                if (account(connection, user, false)) {
                    open(connection, user);
                }
            }
            connection.commit();
        }
    }

    private static boolean account(Connection connection, String name, boolean mayBeNegative) throws SQLException {
        String sql = "INSERT INTO accounts (name, may_be_negative) VALUES (?, ?) ON CONFLICT DO NOTHING";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, name);
            insert.setBoolean(2, mayBeNegative);
            return insert.executeUpdate() == 1;
        }
    }

    private static void open(Connection connection, String user) throws SQLException {
        String sql = "INSERT INTO users (name, password) VALUES (?, ?) ON CONFLICT DO NOTHING";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, user);
            insert.setString(2, Passwords.hash(PASSWORD));
            insert.executeUpdate();
        }
        Booking.book(connection, new Transfer("opening-" + user, "system", user, OPENING), "opening");
    }
}
