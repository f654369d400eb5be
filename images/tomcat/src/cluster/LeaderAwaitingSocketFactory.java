package cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
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

/**
 * The JDBC driver's sockets to the database: they connect to the server that leads as soon as one does, and wait until then.
 *
 * <p>HikariCP tries to connect more and more rarely while that fails, up to ten seconds apart, so a new leader would be
 * noticed late. An attempt that waits does not fail. An attempt to connect to any other server fails at once, and the driver
 * goes on to the next one: a server that sleeps would accept a connection and not say a word for seconds.
 */
public final class LeaderAwaitingSocketFactory extends DriverSocketFactory {
    /** Then the driver may try all the same. Shorter than the pool's own patience with an attempt, 30 s by default. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
    private static final long PAUSE_MILLISECONDS = 200;
    private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(ANSWER_TIMEOUT).build();

    private final List<HttpRequest> questions;

    /** @param addresses of the database servers, comma-separated */
    public LeaderAwaitingSocketFactory(String addresses) {
        questions = Stream.of(addresses.split(",")).map(LeaderAwaitingSocketFactory::question).toList();
    }

    @Override
    void admit(InetSocketAddress server) throws IOException {
        String leader = awaitLeader();
        if (leader != null && !leader.equals(server.getAddress().getHostAddress())) {
            throw new ConnectException(server + " does not lead the database, " + leader + " does");
        }
    }

    /** Its address; nothing when patience has come to an end. */
    private String awaitLeader() throws IOException {
        BlockingQueue<String> leaders = new LinkedBlockingQueue<>();
        String leader = null;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (leader == null && System.nanoTime() - deadline < 0) {
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
}
