package cluster;

import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.catalina.Container;
import org.apache.catalina.Host;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;

/**
 * Ends the JVM when a web app of a host has not started, before the port opens: the engine tries again.
 *
 * <p>Tomcat would go on without it and answer everything with 404, for ever and faster than any other node: what a balancer
 * takes for the best one. A database that is away for longer than the web app waits for it at its start is enough.
 */
public final class EveryAppStarted implements LifecycleListener {
    private static final Logger LOG = Logger.getLogger(EveryAppStarted.class.getName());

    @Override
    public void lifecycleEvent(LifecycleEvent event) {
        if (event.getType().equals(Lifecycle.AFTER_START_EVENT)) {
            Host host = (Host) event.getLifecycle();
            Stream.of(host.findChildren()).filter(app -> !app.getState().isAvailable()).findAny().ifPresent(EveryAppStarted::end);
        }
    }

    private static void end(Container app) {
        LOG.severe("The web app " + app.getName() + " has not started, so this container ends and is started again");
        Runtime.getRuntime().halt(1);
    }
}
