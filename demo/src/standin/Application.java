package standin;

import java.sql.SQLException;
import javax.servlet.ServletContext;
import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;

/** Wires the parts when the web app starts. The schema is made aside: the app is up before the database is. */
public final class Application implements ServletContextListener {
    private static final String NAME = Application.class.getName();

    final String node = System.getProperty("jvmRoute", "single");
    Ledger ledger;
    ClusterMember cluster;
    private Pools pools;
    private Thread schema;
    private volatile boolean ready;

    static Application of(ServletContext context) {
        return (Application) context.getAttribute(NAME);
    }

    @Override
    public void contextInitialized(ServletContextEvent event) {
        Configuration configuration = new Configuration();
        pools = new Pools(configuration);
        ledger = new Ledger(pools, node);
        cluster = new ClusterMember(configuration);
        event.getServletContext().setAttribute(NAME, this);
        schema = new Thread(() -> createSchema(configuration), "schema");
        schema.setDaemon(true);
        schema.start();
    }

    /** Whether the schema is there and the database takes writes. */
    boolean works() throws SQLException {
        return ready && ledger.answers();
    }

    private void createSchema(Configuration configuration) {
        while (!ready) {
            try {
                if (configuration.get("cyclos.db.managed", "true").equals("true")) {
                    new Schema(pools.write()).create();
                }
                ready = true;
            } catch (SQLException | RuntimeException e) {
                System.getLogger("standin").log(System.Logger.Level.INFO, "waiting for the database: {0}", e.getMessage());
                try {
                    Thread.sleep(500);
                } catch (InterruptedException stop) {
                    return;
                }
            }
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        schema.interrupt();
        cluster.close();
        pools.close();
    }
}
