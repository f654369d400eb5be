package standin;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Properties;
import javax.sql.DataSource;

/** Two connection pools: one to whoever leads, one for read-only queries. Both may start before the database does. */
final class Pools implements AutoCloseable {
    private final HikariDataSource write;
    private final HikariDataSource readOnly;

    Pools(Configuration configuration) {
        Properties source = configuration.below(Configuration.WRITE + "dataSource.");
        write = pool("write", configuration, source);
        if (configuration.has(Configuration.READ_ONLY)) {
            Properties other = new Properties();
            other.putAll(source);
            other.putAll(configuration.below(Configuration.READ_ONLY + "dataSource."));
            readOnly = pool("read-only", configuration, other);
        } else {
            readOnly = write;
        }
    }

    DataSource write() {
        return write;
    }

    DataSource readOnly() {
        return readOnly;
    }

    private static HikariDataSource pool(String name, Configuration configuration, Properties source) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSourceClassName(configuration.get(Configuration.WRITE + "dataSourceClassName", null));
        config.setDataSourceProperties(source);
        config.setMaximumPoolSize(Integer.parseInt(configuration.get(Configuration.WRITE + "maximumPoolSize", "20")));
        config.setConnectionTimeout(Long.parseLong(configuration.get(Configuration.WRITE + "connectionTimeout", "30000")));
        config.setValidationTimeout(2000);
        config.setKeepaliveTime(30_000);
        // No connection at start is no error: the database may be electing a leader.
        config.setInitializationFailTimeout(-1);
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }

    @Override
    public void close() {
        write.close();
        readOnly.close();
    }
}
