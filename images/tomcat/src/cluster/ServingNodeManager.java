package cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.stream.Stream;
import org.apache.catalina.ha.session.DeltaManager;
import org.apache.catalina.tribes.Member;

/**
 * A session manager that, when it starts, asks a node for the sessions that has them: one that serves.
 *
 * <p>Tomcat's own asks any other node. When two start at the same time they may ask each other: then both begin without a
 * session, although a third one has them all.
 */
public final class ServingNodeManager extends DeltaManager {
    /** The port opens when the web app is ready (bindOnInit in server.xml). */
    private static final int PORT = 8080;
    private static final int PATIENCE_MILLISECONDS = 500;

    @Override
    protected Member findSessionMasterMember() {
        return Stream.of(getCluster().getMembers()).filter(ServingNodeManager::serves).findFirst().orElse(null);
    }

    private static boolean serves(Member member) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(member.getHost()), PORT), PATIENCE_MILLISECONDS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
