package cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.catalina.Session;
import org.apache.catalina.ha.session.DeltaManager;
import org.apache.catalina.ha.session.SessionMessage;
import org.apache.catalina.tribes.ManagedChannel;
import org.apache.catalina.tribes.Member;

/**
 * A session manager that, when it starts, asks every node that serves for its sessions.
 *
 * <p>Tomcat's own asks one node, whatever that does. When two start at the same time they may ask each other: then both begin
 * without a session, although a third one has them all. And a session that another node has just made may not have reached
 * the one that is asked; it would never come, for what changes in an unknown session is ignored.
 */
public final class ServingNodeManager extends DeltaManager {
    /** The port opens when the web app is ready (bindOnInit in server.xml). */
    private static final int PORT = 8080;
    private static final int PATIENCE_MILLISECONDS = 500;

    private Member asked;

    @Override
    public synchronized void getAllClusterSessions() {
        // Goes with every answer to the others. The field is meant for a group of nodes; none is formed here.
        ManagedChannel channel = (ManagedChannel) getCluster().getChannel();
        channel.getMembershipService().setDomain(getJvmRoute().getBytes(StandardCharsets.UTF_8));
        for (Member member : getCluster().getMembers()) {
            if (serves(member)) {
                asked = member;
                super.getAllClusterSessions();
            }
        }
    }

    @Override
    protected Member findSessionMasterMember() {
        return asked;
    }

    /** Where two know a session, the node that served it last knows it best; its route is the end of the id. */
    @Override
    protected void handleALL_SESSION_DATA(SessionMessage message, Member sender) throws ClassNotFoundException, IOException {
        Map<String, Session> known = new HashMap<>(sessions);
        super.handleALL_SESSION_DATA(message, sender);
        String itsOwn = "." + new String(sender.getDomain(), StandardCharsets.UTF_8);
        known.keySet().removeIf(id -> id.endsWith(itsOwn));
        sessions.putAll(known);
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
