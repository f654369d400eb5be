package standin;

import com.hazelcast.config.ClasspathXmlConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import java.util.Properties;

/** Cyclos' own cluster: a Hazelcast member that is started aside and never keeps a request waiting. */
final class ClusterMember implements AutoCloseable {
    private volatile HazelcastInstance instance;

    ClusterMember(Configuration configuration) {
        if (configuration.get("cyclos.clusterHandler", "none").equals("hazelcast")) {
            Thread starter = new Thread(this::start, "hazelcast-start");
            starter.setDaemon(true);
            starter.start();
        }
    }

    private void start() {
        try {
            // The file names environment variables, as the product's does: ${CLUSTER_TCPIP}.
            Properties environment = new Properties();
            environment.putAll(System.getenv());
            ClasspathXmlConfig config =
                    new ClasspathXmlConfig(getClass().getClassLoader(), "hazelcast.xml", environment);
            config.setClassLoader(getClass().getClassLoader());
            instance = Hazelcast.newHazelcastInstance(config);
        } catch (RuntimeException e) {
            System.getLogger("standin").log(System.Logger.Level.ERROR, "the cluster member did not start", e);
        }
    }

    /** How many nodes see each other; 0 until this one has joined. */
    int members() {
        HazelcastInstance current = instance;
        try {
            return current == null ? 0 : current.getCluster().getMembers().size();
        } catch (HazelcastInstanceNotActiveException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        if (instance != null) {
            instance.getLifecycleService().terminate();
        }
    }
}
