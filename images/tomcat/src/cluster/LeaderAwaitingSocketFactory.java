package cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.SocketFactory;

/**
 * The JDBC driver's sockets to the database: they connect to the server that leads as soon as one does, and wait until then.
 *
 * <p>HikariCP tries to connect more and more rarely while that fails, up to ten seconds apart, so a new leader would be
 * noticed late. An attempt that waits does not fail. An attempt to connect to any other server fails at once, and the driver
 * goes on to the next one: a server that sleeps would accept a connection and not say a word for seconds.
 */
public final class LeaderAwaitingSocketFactory extends SocketFactory {
    /** Then the driver may try all the same. Shorter than the pool's own patience with an attempt, 30 s by default. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
    private static final long PAUSE_MILLISECONDS = 200;
    private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();

    private final List<HttpRequest> questions;

    /** @param addresses of the database servers, comma-separated; none where no leader is needed */
    public LeaderAwaitingSocketFactory(String addresses) {
        questions = Stream.ofNullable(addresses)
                .flatMap(list -> Stream.of(list.split(",")))
                .filter(address -> !address.isBlank())
                .map(LeaderAwaitingSocketFactory::question)
                .toList();
    }

    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress endpoint, int timeout) throws IOException {
                String leader = awaitLeader();
                if (leader != null && !leader.equals(((InetSocketAddress) endpoint).getAddress().getHostAddress())) {
                    throw new ConnectException(endpoint + " does not lead the database, " + leader + " does");
                }
                super.connect(endpoint, timeout);
            }
        };
    }

    /** Its address; nothing where none is needed, or when patience has come to an end. */
    private String awaitLeader() throws IOException {
        BlockingQueue<String> leaders = new LinkedBlockingQueue<>();
        String leader = null;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!questions.isEmpty() && leader == null && System.nanoTime() - deadline < 0) {
                ask(leaders);
                leader = leaders.poll(PAUSE_MILLISECONDS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while no database server leads");
        }
        return leader;
    }

    /** All at once, and again after each pause: where nobody is, an answer takes its time, and nobody waits for it. */
    private void ask(BlockingQueue<String> leaders) {
        for (HttpRequest question : questions) {
            CLIENT.sendAsync(question, BodyHandlers.ofString()).thenAccept(answer -> {
                if (leads(answer)) {
                    leaders.add(question.uri().getHost());
                }
            });
        }
    }

    private static HttpRequest question(String address) {
        URI patroni = URI.create("http://" + address + ":8008/primary");
        return HttpRequest.newBuilder(patroni).version(HttpClient.Version.HTTP_1_1).timeout(ANSWER_TIMEOUT).build();
    }

    /** Patroni answers 200 for a leader whose PostgreSQL is down, too; it tells the start time only when PostgreSQL told it. */
    private static boolean leads(HttpResponse<String> answer) {
        return answer.statusCode() == 200 && answer.body().contains("\"postmaster_start_time\"");
    }

    // The driver makes unconnected sockets only.

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }
}
