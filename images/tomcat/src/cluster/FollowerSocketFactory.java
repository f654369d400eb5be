package cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * The JDBC driver's sockets for read-only queries: to a server that leads, or follows closely enough.
 *
 * <p>The driver takes any server in recovery, however old its data. One that the leader has no WAL for any more would show
 * everybody the balances of last week, until a person comes. Patroni knows how far each one is.
 */
public final class FollowerSocketFactory extends DriverSocketFactory {
    /** More than a standby lacks that replays as it should; a day's transfers of a community currency. */
    private static final String MAY_LACK = "16MB";
    /** As the driver's own connectTimeout: to ask where nobody is takes no longer than to connect there. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
    private static final int YES = 200;
    private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    @Override
    void admit(InetSocketAddress server) throws IOException {
        URI patroni = URI.create("http://" + server.getAddress().getHostAddress() + ":8008/read-only?lag=" + MAY_LACK);
        HttpRequest question =
                HttpRequest.newBuilder(patroni).version(HttpClient.Version.HTTP_1_1).timeout(ANSWER_TIMEOUT).build();
        try {
            int answer = CLIENT.send(question, BodyHandlers.discarding()).statusCode();
            if (answer != YES) {
                throw new ConnectException(server + " does not follow the leader closely enough");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while " + server + " was asked");
        }
    }
}
