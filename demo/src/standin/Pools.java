package standin;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Properties;

/** Two connection pools: one to whoever leads, one for read-only queries. Both may start before the database does. */
final class Pools implements AutoCloseable {
    private final HikariDataSource write;
    private final HikariDataSource readOnly;

    Pools(Configuration configuration) {
        Properties source = configuration.below(Configuration.WRITE + "dataSource.");
        write = new HikariDataSource(config("write", configuration, source));
        if (configuration.has(Configuration.READ_ONLY)) {
            Properties other = new Properties();
            other.putAll(source);
            other.putAll(configuration.below(Configuration.READ_ONLY + "dataSource."));
            readOnly = new HikariDataSource(readOnly(config("read-only", configuration, other)));
        } else {
            readOnly = write;
        }
    }

    HikariDataSource write() {
        return write;
    }

    HikariDataSource readOnly() {
        return readOnly;
    }

    private static HikariConfig readOnly(HikariConfig config) {
        config.setReadOnly(true);
        // When no standby is left, these connections are the leader's, too: three nodes' pools must fit into its 100.
        config.setMaximumPoolSize(Math.min(config.getMaximumPoolSize(), 10));
        // Short lives: back to a standby soon after it has come back.
        config.setMaxLifetime(60_000);
        config.setIdleTimeout(30_000);
        return config;
    }

    private static HikariConfig config(String name, Configuration configuration, Properties source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSourceClassName(configuration.get(Configuration.WRITE + "dataSourceClassName", null));
        config.setDataSourceProperties(source);
        config.addDataSourceProperty("currentSchema", Schema.NAME);
        // Shown by pg_stat_activity.
        config.addDataSourceProperty("ApplicationName", name);
        config.setMaximumPoolSize(Integer.parseInt(configuration.get(Configuration.WRITE + "maximumPoolSize", "20")));
        config.setMinimumIdle(Math.min(config.getMaximumPoolSize(), 5));
        config.setConnectionTimeout(Long.parseLong(configuration.get(Configuration.WRITE + "connectionTimeout", "30000")));
        config.setValidationTimeout(2000);
        config.setKeepaliveTime(30_000);
        // No connection at start is no error: the database may be electing a leader.
        config.setInitializationFailTimeout(-1);
        config.setAutoCommit(false);
        return config;
    }

    @Override
    public void close() {
        write.close();
        readOnly.close();
    }
}
